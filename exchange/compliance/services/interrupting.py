"""How a reading ends that comes to no verdict: it failed, or it waits for its algorithm."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from audit.log.lifecycle import advance
from exchange.catalog.models import Release
from exchange.catalog.services import interrupt_screening
from exchange.compliance.events import ScreeningFailed, ScreeningPutBack
from exchange.compliance.models import Screening
from exchange.compliance.resting import resting_algorithms
from exchange.compliance.states import SCREENING, Outcome

from .verdicts import FILTER


@transaction.atomic
def put_back(screening: Screening, at: datetime) -> Screening:
    """Let a screening wait whose algorithm was suspended while it read; WrongState for a rival."""
    release = Release.objects.select_related("product__provider").get(pk=screening.release_id)
    screening.refresh_from_db()
    put_back = ScreeningPutBack(
        screening=screening.reference,
        release=release.reference,
        product=release.product.reference,
        algorithms=",".join(each.algorithm for each in resting_algorithms()),
    )
    advance(
        screening,
        SCREENING.put_back,
        event=put_back,
        by=FILTER,
        at=at,
        begun_at=None,
        heartbeat_at=None,
        rows_done=0,
    )
    screening.parts.all().delete()
    words = _("An algorithm that the verdict needs was suspended; the release waits.")
    interrupt_screening(release=release, reason=words, by=FILTER, at=at)
    screening.release = release
    return screening


def mark_failed(screening: Screening, failure: str, at: datetime) -> None:
    """Note that the content could not be read; that is a verdict too, and the strictest."""
    failed = ScreeningFailed(
        screening=screening.reference,
        release=screening.release.reference,
        product=screening.release.product.reference,
        reason=failure.partition(":")[0][:200],
    )
    advance(
        screening,
        SCREENING.fail,
        event=failed,
        by=FILTER,
        at=at,
        outcome=Outcome.BLOCK,
        failure=failure[:4000],
        finished_at=at,
    )
