"""Recording what was measured of an algorithm."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from audit.disclosure import rules
from audit.disclosure.events import AccuracyMeasured
from audit.disclosure.measuring import SHA256, Metric
from audit.disclosure.models import Disclosure, Measurement
from audit.disclosure.states import STANDING
from audit.log.actors import Actor
from audit.log.canonical import canonical
from audit.log.errors import Conflict, Invalid, NotAllowed
from audit.log.references import new_reference
from audit.log.services import record


@transaction.atomic
def record_measurement(
    *,
    disclosure: Disclosure,
    metrics: Sequence[Metric],
    code_sha256: str,
    by: Actor,
    at: datetime,
) -> list[Measurement]:
    """Keep the figures of one run, with the data and the code they were measured on."""
    if refusal := rules.why_not_measure(by):
        raise NotAllowed(refusal)
    if not metrics:
        raise Invalid({"metrics": [_("A measurement has at least one figure.")]})
    if len({(metric.name, metric.dataset) for metric in metrics}) != len(metrics):
        raise Invalid({"metrics": [_("A figure is given twice for the same data.")]})
    if not SHA256.fullmatch(code_sha256):
        raise Invalid({"code_sha256": [_("The digest of the code is needed.")]})
    if not Disclosure.objects.filter(pk=disclosure.pk, status__in=STANDING).exists():
        raise Conflict(_("Accuracy is recorded on a published disclosure only."))
    run = new_reference("M", at)
    rows = [
        Measurement(
            run=run,
            disclosure=disclosure,
            position=position,
            metric=metric.name,
            value=metric.value,
            ci_low=metric.ci_low,
            ci_high=metric.ci_high,
            n=metric.n,
            dataset=metric.dataset,
            dataset_sha256=metric.dataset_sha256,
            note=metric.note,
            code_sha256=code_sha256,
            measured_at=at,
        )
        for position, metric in enumerate(metrics)
    ]
    Measurement.objects.bulk_create(rows)
    results = canonical({"metrics": [asdict(metric) for metric in metrics]})
    event = AccuracyMeasured(
        measurement=run,
        disclosure=disclosure.reference,
        algorithm=disclosure.algorithm,
        metrics=len(rows),
        code_sha256=code_sha256,
        results_sha256=hashlib.sha256(results).hexdigest(),
    )
    record(event, by=by, at=at)
    return rows
