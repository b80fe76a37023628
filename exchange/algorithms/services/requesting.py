"""Asking for a measurement, and giving it up; the work itself is a worker's (`measuring`)."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.disclosure.models import Disclosure
from audit.log.actors import Actor
from audit.log.canonical import canonical
from audit.log.errors import Conflict, DomainError, Invalid, NotAllowed
from audit.log.lifecycle import advance, begin
from audit.log.references import new_reference
from confined.bounds import MIB
from exchange.algorithms import queries, rules
from exchange.algorithms.cards import card_for, check_fit, check_parts
from exchange.algorithms.events import RunCancelled, RunRequested
from exchange.algorithms.models import AlgorithmFile, EvaluationRun, EvaluationSet
from exchange.algorithms.states import EVALUATION_RUN, FileKind, RunKind
from exchange.catalog.queries import get_release_for
from exchange.vault.models import StoredObject

LONGEST_REASON: Final = 500


class TooManyRuns(DomainError):
    """An owner asked a set as often as it may in this period; each answer tells of its rows."""

    code = "evaluation-limit"
    status = 429
    title = gettext_lazy("This set has been asked as often as it may be for now")

    def __init__(self, message: object, wait: int) -> None:
        super().__init__(message)
        self.wait = wait


@dataclass(frozen=True, kw_only=True)
class ModelSource:
    """A model to measure: its bytes in the vault, what was seen in them, where it is from."""

    stored: StoredObject
    seen: Mapping[str, Any]
    reference: str
    owner: str


def model_object_of(actor: Actor, reference: str) -> ModelSource:
    """Return a model by the reference of a file handed in, or of a release of a trained model.

    Raises NotFound, and Invalid where the release is not a model.
    """
    if not reference.startswith("V-"):
        found = queries.get_file_for(actor, reference, FileKind.MODEL)
        owner = found.organization.reference
        return ModelSource(stored=found.stored, seen=found.seen, reference=reference, owner=owner)
    release = get_release_for(actor, reference)
    if not release.is_model:
        raise Invalid({"model": [_("This release is not a trained model.")]})
    return ModelSource(
        stored=release.original,
        seen={"classes_are_numbers": True, **release.model, "trees": None},
        reference=reference,
        owner=release.product.provider.reference,
    )


@transaction.atomic
def request_run(
    *,
    disclosure: Disclosure,
    model: ModelSource,
    evaluation_set: EvaluationSet,
    training: AlgorithmFile | None = None,
    card: Mapping[str, Any],
    by: Actor,
    at: datetime,
) -> EvaluationRun:
    """Queue the measurement of a filed disclosure on a sealed set; the result is public.

    Raises NotAllowed, Invalid with what does not fit, Conflict for a retired set, TooManyRuns.
    """
    if refusal := rules.why_not_measure(by, disclosure):
        raise NotAllowed(refusal)
    _check_owner(model, training, disclosure)
    if refusal := rules.why_not_independent(evaluation_set, disclosure.owner):
        raise NotAllowed(refusal)
    technical = check_parts(card, rehearsal=False)
    held = queries.lock_set(evaluation_set)
    if not held.is_sealed:
        raise Conflict(
            _("The set was retired: %(reason)s Choose another one.")
            % {"reason": held.retire_reason}
        )
    check_fit(card_for(disclosure, technical, held), model.seen, held.columns)
    _check_often(disclosure.owner, held, at)
    return _queue(
        kind=RunKind.SEALED,
        disclosure=disclosure,
        model=model,
        evaluation_set=held,
        own_rows=None,
        training=training,
        technical=technical,
        by=by,
        at=at,
    )


@transaction.atomic
def request_rehearsal(
    *,
    disclosure: Disclosure,
    model: ModelSource,
    rows: AlgorithmFile,
    training: AlgorithmFile | None = None,
    card: Mapping[str, Any],
    by: Actor,
    at: datetime,
) -> EvaluationRun:
    """Queue the same measurement on the owner's own rows; the result is its alone."""
    if refusal := rules.why_not_rehearse(by, disclosure):
        raise NotAllowed(refusal)
    _check_owner(model, training, disclosure)
    if rows.organization.reference != disclosure.owner or rows.kind != FileKind.ROWS:
        raise Invalid({"rows": [_("Hand in rows of your own (Parquet) first.")]})
    technical = check_parts(card, rehearsal=True)
    check_fit(card_for(disclosure, technical, None), model.seen, rows.seen["columns"])
    return _queue(
        kind=RunKind.REHEARSAL,
        disclosure=disclosure,
        model=model,
        evaluation_set=None,
        own_rows=rows,
        training=training,
        technical=technical,
        by=by,
        at=at,
    )


@transaction.atomic
def cancel_run(*, run: EvaluationRun, reason: str, by: Actor, at: datetime) -> EvaluationRun:
    """Give a run up; a model that runs is stopped at its next sign of life."""
    if refusal := rules.why_not_cancel(by, run):
        raise NotAllowed(refusal)
    said = reason.strip()[:LONGEST_REASON]
    if not said:
        raise Invalid({"reason": [_("A reason is needed.")]})
    cancelled = RunCancelled(**named(run), reason=said)
    changes = {"failure": said, "finished_at": at}
    advance(run, EVALUATION_RUN.cancel, event=cancelled, by=by, at=at, **changes)
    return run


def named(run: EvaluationRun) -> dict[str, str]:
    """Return the members by which every event names a run."""
    return {
        "evaluation_run": run.reference,
        "disclosure": run.disclosure.reference,
        "organization": run.owner,
    }


def _check_owner(
    model: ModelSource, training: AlgorithmFile | None, disclosure: Disclosure
) -> None:
    if model.owner != disclosure.owner:
        raise Invalid({"model": [_("The model was handed in by another organization.")]})
    if training is None:
        return
    if training.organization.reference != disclosure.owner or training.kind != FileKind.ROWS:
        raise Invalid({"training": [_("Hand in rows of your own (Parquet) first.")]})


def _check_often(owner: str, evaluation_set: EvaluationSet, at: datetime) -> None:
    """Bound what an owner can learn of sealed rows by asking (docs/decisions/0048)."""
    if queries.runs_left(owner, evaluation_set, at) > 0:
        return
    days = timedelta(days=settings.EVALUATION_RUNS_DAYS)
    oldest = (
        EvaluationRun.objects.filter(
            owner=owner, evaluation_set=evaluation_set, requested_at__gt=at - days
        )
        .order_by("requested_at")
        .values_list("requested_at", flat=True)
        .first()
    )
    free = (oldest or at) + days
    words = _(
        "Your algorithms were measured on this set %(most)s times within %(days)s days, which is "
        "what one owner may ask, because every answer tells something of the sealed rows. Choose "
        "another set, rehearse on rows of your own, or come back on %(day)s."
    ) % {
        "most": settings.EVALUATION_RUNS_MOST,
        "days": settings.EVALUATION_RUNS_DAYS,
        "day": free.date().isoformat(),
    }
    raise TooManyRuns(words, wait=max(int((free - at).total_seconds()), 1))


def _queue(  # noqa: PLR0913  the columns of a run
    *,
    kind: RunKind,
    disclosure: Disclosure,
    model: ModelSource,
    evaluation_set: EvaluationSet | None,
    own_rows: AlgorithmFile | None,
    training: AlgorithmFile | None,
    technical: dict[str, Any],
    by: Actor,
    at: datetime,
) -> EvaluationRun:
    run = EvaluationRun.objects.create(
        reference=new_reference("EU", at),
        kind=kind,
        disclosure=disclosure,
        owner=disclosure.owner,
        model_object=model.stored,
        model_source=model.reference,
        evaluation_set=evaluation_set,
        own_rows=own_rows,
        training=training,
        card=technical,
        limits={
            "seconds": settings.EVALUATION_SECONDS,
            "memory": settings.EVALUATION_MEGABYTES * MIB,
        },
        requested_by=by.id,
        requested_at=at,
    )
    text = canonical({name: _as_text(value) for name, value in technical.items()})
    requested = RunRequested(
        **named(run),
        evaluation_set=evaluation_set.reference if evaluation_set else "",
        kind=kind,
        model_sha256=model.stored.sha256,
        rows_sha256=run.rows_sha256,
        training_sha256=training.sha256 if training else "",
        card_sha256=hashlib.sha256(text).hexdigest(),
    )
    begin(run, event=requested, by=by, at=at)
    return run


def _as_text(value: Any) -> Any:
    """Return a value without floats, which have no canonical form."""
    if isinstance(value, float):
        return repr(value)
    return [_as_text(each) for each in value] if isinstance(value, list) else value
