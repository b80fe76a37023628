"""Models that waited for their disclosure: read again once it is in force."""

from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from audit.log.actors import Actor
from exchange.catalog.models import MODEL_FORMAT, Release
from exchange.catalog.queries import training_of
from exchange.catalog.services import requeue_release
from exchange.catalog.states import ReleaseState
from exchange.compliance.models import Screening

from .screening import queue_screening

WAITING_FOR: Final = frozenset({"R-MODEL-DISCLOSED", "R-MODEL-FILE"})
"""What a disclosure that is published may mend."""


@transaction.atomic
def read_models_again(
    *, algorithm: str, owner: str, disclosure: str, by: Actor, at: datetime
) -> list[Screening]:
    """Line up every held model of an algorithm whose disclosure was published; nothing else."""
    held = Release.objects.select_related("product__provider").filter(
        format=MODEL_FORMAT, status=ReleaseState.IN_REVIEW, product__provider__reference=owner
    )
    queued = []
    for release in held.order_by("pk"):
        stated = training_of(release.product)
        screening = Screening.objects.filter(reference=release.screening).first()
        waits = screening is not None and not WAITING_FOR.isdisjoint(screening.rules)
        if stated is None or stated.algorithm != algorithm or not waits:
            continue
        words = _("The disclosure %(disclosure)s was published; the model is read again.")
        reason = words % {"disclosure": disclosure}
        requeue_release(release=release, reason=reason, by=by, at=at)
        queued.append(queue_screening(release=release, by=by, at=at))
    return queued
