"""Measuring what each source of a joint product contributed to a buyer's task."""

import base64
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import pyarrow.parquet as pq
from django.db import transaction
from django.utils.translation import gettext as _

from audit.decisions.services import record_decision
from audit.log.actors import Actor
from audit.log.canonical import canonical
from audit.log.errors import Conflict, Invalid, NotAllowed
from audit.log.lifecycle import advance, begin
from audit.log.references import new_reference
from audit.log.signing import get_signer
from exchange.catalog.models import Release
from exchange.catalog.states import ReleaseState
from exchange.settlement import events, rules
from exchange.settlement.models import ShareAgreement, ValueMeasurement
from exchange.settlement.states import MEASUREMENT, AgreementState, MeasurementState
from exchange.vault.services import plaintext_copy
from pricing.sharing import contribution_weights
from pricing.valuation.holdouts import read_holdout
from pricing.valuation.measuring import Contribution, Measurement, measure_contributions
from pricing.valuation.refusals import Unmeasurable
from pricing.valuation.tasks import Kind, Method, Metric, Supply, Task
from pricing.value_wording import refusal_text

HOLDOUT_LIMIT: Final = 2**20
"""Characters of the holdout."""

PURPOSE_LIMIT: Final = 2000
CELLS_MOST: Final = 50_000_000
"""Cells of all sources together: 400 MB as numbers."""

SILENCE: Final = timedelta(minutes=30)
"""After so long without a word a worker is taken to be gone."""

DOCUMENT_VERSION: Final = 1
ALGORITHM: Final = "value_measurement"
PARTIES_MOST: Final = 60


@dataclass(frozen=True, kw_only=True)
class TaskStated:
    """What a buyer wants measured: its scenario, the task, and rows of its own as CSV."""

    purpose: str
    task: Task
    holdout: str


@transaction.atomic
def request_measurement(
    *, agreement: ShareAgreement, stated: TaskStated, by: Actor, at: datetime, order: str = ""
) -> ValueMeasurement:
    """Queue a measurement over the releases that the agreement names.

    `order` is the paid order of a buyer, which trading has checked. The parties agreed to this use
    of their releases; the result says nothing of single rows. Invalid for a task or a holdout that
    can be seen to be meaningless before the sources are read.
    """
    if refusal := rules.why_not_measure(by, agreement, order):
        raise NotAllowed(refusal)
    if agreement.status != AgreementState.IN_FORCE:
        raise Conflict(_("Contributions are measured under an agreement in force."))
    if not _releases_of(agreement):
        raise Conflict(_("The agreement names no releases that could be measured."))
    _check(stated)
    task = asdict(stated.task)
    measurement = ValueMeasurement.objects.create(
        reference=new_reference("VM", at),
        agreement=agreement,
        requester=by.organization,
        purpose=stated.purpose.strip(),
        task=task,
        task_sha256=hashlib.sha256(canonical(task)).hexdigest(),
        holdout=stated.holdout,
        holdout_sha256=hashlib.sha256(stated.holdout.encode()).hexdigest(),
        requested_at=at,
    )
    requested = events.MeasurementRequested(
        measurement=measurement.reference,
        agreement=agreement.reference,
        product=agreement.product.reference,
        organization=by.organization,
        task_sha256=measurement.task_sha256,
        holdout_sha256=measurement.holdout_sha256,
    )
    begin(measurement, event=requested, by=by, at=at)
    return measurement


def run_measurement(
    *, measurement: ValueMeasurement, by: Actor, clock: Callable[[], datetime]
) -> ValueMeasurement:
    """Measure, then sign; or say why nothing can be measured. WrongState in other hands.

    The work is done outside of any transaction; its progress shows in the row.
    """
    agreement = measurement.agreement
    names = {"measurement": measurement.reference, "agreement": agreement.reference}
    at = clock()
    started = events.MeasurementStarted(**names)
    advance(measurement, MEASUREMENT.start, event=started, by=by, at=at, started_at=at)
    try:
        found = _measure(measurement)
    except Unmeasurable as refusal:
        refused = events.MeasurementRefused(**names, code=refusal.code)
        reason = {"code": refusal.code, "params": dict(refusal.params)}
        step, at = MEASUREMENT.refuse, clock()
        changes: dict[str, Any] = {"refusal": reason, "done_at": at, "holdout": ""}
        advance(measurement, step, event=refused, by=by, at=at, **changes)
        return measurement
    return _finish(measurement, found, by=by, at=clock())


@transaction.atomic
def _finish(
    measurement: ValueMeasurement, found: Measurement, *, by: Actor, at: datetime
) -> ValueMeasurement:
    """Sign what was found, and keep it as the algorithm's decision."""
    agreement = measurement.agreement
    names = {"measurement": measurement.reference, "agreement": agreement.reference}
    changes = _signed(measurement, found, at)
    finished = events.MeasurementFinished(
        **names,
        product=agreement.product.reference,
        inputs_sha256=found.digest,
        document_sha256=changes["document_sha256"],
    )
    advance(measurement, MEASUREMENT.finish, event=finished, by=by, at=at, **changes)
    record_decision(
        algorithm=ALGORITHM,
        subject=("measurement", measurement.reference),
        concerning=agreement.product.provider.reference,
        inputs={
            "agreement_sha256": agreement.terms_sha256,
            "holdout_sha256": measurement.holdout_sha256,
            "inputs_sha256": found.digest,
            "task": measurement.task,
        },
        output={"total": repr(found.total), "document_sha256": measurement.document_sha256},
        explanation={
            "holdout_rows": found.holdout_rows,
            "parties": [_row(item) for item in found.parties[:PARTIES_MOST]],
        },
        by=by,
        at=at,
    )
    return measurement


def recover_measurements(*, by: Actor, at: datetime) -> list[ValueMeasurement]:
    """Queue again what a worker began and left; return what waits for a worker."""
    left = ValueMeasurement.objects.filter(
        status=MeasurementState.RUNNING, started_at__lt=at - SILENCE
    )
    for measurement in left:
        requeued = events.MeasurementRequeued(
            measurement=measurement.reference, agreement=measurement.agreement.reference
        )
        step = MEASUREMENT.requeue
        advance(measurement, step, event=requeued, by=by, at=at, progress=0)
    waiting = ValueMeasurement.objects.filter(
        status=MeasurementState.QUEUED, requested_at__lt=at - SILENCE
    )
    return list(waiting)


def measured_weights(measurement: ValueMeasurement) -> dict[str, Decimal]:
    """Return the weights that follow from a signed measurement; they add up to 1.

    Conflict where it is not finished, BadShare where nobody contributed.
    """
    if measurement.status != MeasurementState.MEASURED:
        raise Conflict(_("This measurement has no signed result."))
    parties = measurement.result["parties"]
    return contribution_weights({row["name"]: Decimal(row["value"]) for row in parties})


def _check(stated: TaskStated) -> None:
    if not stated.purpose.strip() or len(stated.purpose) > PURPOSE_LIMIT:
        raise Invalid({"purpose": [_("State the scenario, in at most 2,000 characters.")]})
    if len(stated.holdout) > HOLDOUT_LIMIT:
        raise Invalid({"holdout": [_("The holdout is longer than 1,048,576 characters.")]})
    try:
        read_holdout(stated.holdout, stated.task, as_text=True)
    except Unmeasurable as refusal:
        raise Invalid({"holdout": [refusal_text(refusal)]}) from None


def _releases_of(agreement: ShareAgreement) -> list[tuple[str, str]]:
    """Return (release, party) of what the sources supplied, in a fixed order."""
    supplied: Mapping[str, Sequence[str]] = agreement.terms["releases"]
    return [(name, party) for party, names in sorted(supplied.items()) for name in sorted(names)]


def _measure(measurement: ValueMeasurement) -> Measurement:
    task = _task_of(measurement.task)
    supplies = list(_supplies(measurement.agreement, task))
    as_text = any(
        supply.columns[task.target].dtype.kind in "OU"
        for supply in supplies
        if task.target in supply.columns
    )
    holdout = read_holdout(measurement.holdout, task, as_text=as_text)
    told = 0

    def tell(done: int, total: int) -> None:
        nonlocal told
        percent = 100 * done // total
        if percent > told:
            told = percent
            ValueMeasurement.objects.filter(pk=measurement.pk).update(progress=percent)

    return measure_contributions(task, supplies, holdout, progress=tell)


def _task_of(stated: Mapping[str, Any]) -> Task:
    return Task(
        target=stated["target"],
        features=tuple(stated["features"]),
        kind=Kind(stated["kind"]),
        metric=Metric(stated["metric"]),
        method=Method(stated["method"]),
        k=stated["k"],
    )


def _supplies(agreement: ShareAgreement, task: Task) -> Iterator[Supply]:
    """Read the wanted columns of every release; only what the filter let through is read."""
    wanted = {task.target, *task.features}
    named = _releases_of(agreement)
    releases = {
        release.reference: release
        for release in Release.objects.select_related("table").filter(
            reference__in=[name for name, _party in named], status=ReleaseState.CLEARED
        )
    }
    cells = sum(release.rows for release in releases.values()) * len(wanted)
    if cells > CELLS_MOST:
        raise Unmeasurable("too_many_cells", cells=str(cells), most=str(CELLS_MOST))
    for name, party in named:
        if name not in releases:
            raise Unmeasurable("release_not_cleared", release=name)
        if releases[name].is_model:
            raise Unmeasurable("release_is_a_model", release=name)
        with plaintext_copy(releases[name].table) as path:
            present = set(pq.read_schema(path).names)
            table = pq.read_table(path, columns=sorted(wanted & present))
        columns = {
            column: table[column].to_numpy(zero_copy_only=False) for column in table.column_names
        }
        yield Supply(release=name, party=party, columns=columns)


def _signed(measurement: ValueMeasurement, found: Measurement, at: datetime) -> dict[str, Any]:
    """Return the columns of a finished measurement, its document signed by the appraisal key."""
    result = {
        "releases": [_row(item) for item in found.releases],
        "parties": [_row(item) for item in found.parties],
        "total": repr(found.total),
        "orders": found.orders,
        "error_reached": found.reached,
        "holdout_rows": found.holdout_rows,
        "inputs_sha256": found.digest,
    }
    document = {
        "version": DOCUMENT_VERSION,
        "kind": "value-measurement",
        "measurement": measurement.reference,
        "agreement": measurement.agreement.reference,
        "agreement_sha256": measurement.agreement.terms_sha256,
        "product": measurement.agreement.product.reference,
        "requester": measurement.requester,
        "purpose": measurement.purpose,
        "task": measurement.task,
        "holdout_sha256": measurement.holdout_sha256,
        "result": result,
        "measured_at": at.isoformat(),
    }
    text = canonical(document)
    signer = get_signer("appraisal")
    return {
        "result": result,
        "document": text.decode(),
        "document_sha256": hashlib.sha256(text).hexdigest(),
        "signature": base64.b64encode(signer.sign(text)).decode(),
        "signer": signer.verifier_key,
        "progress": 100,
        "done_at": at,
        "holdout": "",
    }


def _row(item: Contribution) -> dict[str, Any]:
    return {
        "name": item.name,
        "party": item.party,
        "rows": item.rows,
        "value": f"{item.exact:f}",
        "standard_error": f"{item.exact_error:f}",
    }
