"""Sealing rows, retiring them, and the one way in which they come out again."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, BinaryIO

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from audit.disclosure.evaluation.cards import TASKS
from audit.disclosure.evaluation.frames import OTHER, Frame
from audit.disclosure.evaluation.running import read_frame
from audit.disclosure.evaluation.suitability import check_rows
from audit.log.actors import Actor
from audit.log.canonical import canonical
from audit.log.errors import Conflict, Invalid, NotAllowed
from audit.log.lifecycle import advance, begin
from audit.log.references import new_reference
from audit.log.services import record
from exchange.algorithms import rules
from exchange.algorithms.events import SetOpened, SetRetired, SetSealed
from exchange.algorithms.models import EvaluationSet
from exchange.algorithms.states import EVALUATION_SET, SetState
from exchange.parties.models import Organization
from exchange.vault.services.objects import ObjectReader, enter_objects, open_object
from exchange.vault.states import Purpose
from exchange.vault.storage import remove_object

from .files import LOOKING, columns_of, received, sealed_copy, told

LONGEST_REASON = 2000


@dataclass(frozen=True, kw_only=True)
class SetDescription:
    """What whoever seals rows says of them. Empty `features` are all columns but the answers."""

    title: str
    task: str
    target: str
    provenance: str
    licence: str
    features: Sequence[str] = ()
    group_columns: Sequence[str] = ()
    query_column: str = ""
    time_column: str = ""
    positive_class: str = ""


def seal_set(
    *, description: SetDescription, source: BinaryIO, filename: str, by: Actor, at: datetime
) -> EvaluationSet:
    """Read rows in the confined child, encrypt them and put their commitment on record.

    Raises Invalid with what is wrong with rows or description, NotAllowed, and Conflict where the
    same file is sealed already.
    """
    if refusal := rules.why_not_seal(by, at):
        raise NotAllowed(refusal)
    _check_words(description)
    with received(source, settings.UPLOAD_MAX_BYTES) as path:
        folder = path.parent / "columns"
        folder.mkdir()
        frame = told(lambda: read_frame(path, folder=folder, limits=LOOKING))
        _check_frame(frame, description)
        if EvaluationSet.objects.filter(sha256=frame.sha256, status=SetState.SEALED).exists():
            raise Conflict(_("These very rows are sealed already."))
        stored = sealed_copy(
            path,
            filename=filename,
            purpose=Purpose.EVALUATION_SET,
            owner=by.organization,
            at=at,
        )
    salt = secrets.token_hex(32)
    columns = columns_of(frame)
    made = EvaluationSet(
        reference=new_reference("ES", at),
        sealed_by=Organization.objects.get(reference=by.organization),
        columns=columns,
        rows=frame.rows,
        stored=stored,
        sha256=stored.sha256,
        salt=salt,
        sealed_at=at,
        **_described(description, columns),
    )
    made.commitment = commitment_of(made)
    try:
        with transaction.atomic():
            enter_objects([stored], by=by, at=at)
            made.stored = stored
            made.save(force_insert=True)
            sealed = SetSealed(
                evaluation_set=made.reference,
                organization=by.organization,
                object=stored.reference,
                task=made.task,
                rows=made.rows,
                sha256=made.sha256,
                commitment=made.commitment,
            )
            begin(made, event=sealed, by=by, at=at)
    except BaseException:
        remove_object(stored.path)
        raise
    return made


def commitment_of(evaluation_set: EvaluationSet) -> str:
    """Return the SHA-256 of digest and description under the salt; whoever holds both proves it."""
    document = {
        "type": "evaluation-set",
        "v": 1,
        "salt": evaluation_set.salt,
        "sha256": evaluation_set.sha256,
        "rows": evaluation_set.rows,
        "task": evaluation_set.task,
        "target": evaluation_set.target,
        "features": list(evaluation_set.features),
        "group_columns": list(evaluation_set.group_columns),
        "query_column": evaluation_set.query_column,
        "time_column": evaluation_set.time_column,
        "positive_class": evaluation_set.positive_class,
        "columns": list(evaluation_set.columns),
    }
    return hashlib.sha256(canonical(document)).hexdigest()


@transaction.atomic
def retire_set(
    *, evaluation_set: EvaluationSet, reason: str, by: Actor, at: datetime
) -> EvaluationSet:
    """Let nothing more be measured on a set; runs that wait for it are given up by the worker."""
    if refusal := rules.why_not_retire(by, evaluation_set):
        raise NotAllowed(refusal)
    said = reason.strip()[:LONGEST_REASON]
    if not said:
        raise Invalid({"reason": [_("Say why, for instance that the rows became known.")]})
    retired = SetRetired(
        evaluation_set=evaluation_set.reference,
        organization=evaluation_set.sealed_by.reference,
        reason=said,
    )
    changes = {"retired_at": at, "retire_reason": said}
    advance(evaluation_set, EVALUATION_SET.retire, event=retired, by=by, at=at, **changes)
    return evaluation_set


@transaction.atomic
def open_set(
    *, evaluation_set: EvaluationSet, purpose: str, by: Actor, at: datetime
) -> ObjectReader:
    """Hand sealed rows to those who sealed them, and put that on record first."""
    if refusal := rules.why_not_open(by, evaluation_set):
        raise NotAllowed(refusal)
    said = purpose.strip()[:200]
    if not said:
        raise Invalid({"purpose": [_("Say what the copy is for.")]})
    opened = SetOpened(
        evaluation_set=evaluation_set.reference,
        organization=evaluation_set.sealed_by.reference,
        purpose=said,
    )
    record(opened, by=by, at=at)
    return open_object(evaluation_set.stored)


def _check_words(description: SetDescription) -> None:
    faults: dict[str, list[str]] = {}
    for name in ("title", "target", "provenance", "licence"):
        if not str(getattr(description, name)).strip():
            faults[name] = [_("This is needed.")]
    if description.task not in TASKS:
        words = _("Choose one of: %(tasks)s.") % {"tasks": ", ".join(TASKS)}
        faults["task"] = [words]
    if description.task == "ranking" and not description.query_column:
        faults["query_column"] = [_("A ranking needs the column that tells queries apart.")]
    if description.target in (*description.features, *description.group_columns):
        faults["features"] = [_("The column of the answers is neither feature nor group.")]
    if faults:
        raise Invalid(faults)


def _check_frame(frame: Frame, said: SetDescription) -> None:
    columns = [*said.features, *said.group_columns, said.query_column, said.time_column]
    told(
        lambda: check_rows(
            frame,
            task=said.task,
            target=said.target,
            columns=[name for name in columns if name],
            query=said.query_column,
            positive=said.positive_class,
        )
    )


def _described(said: SetDescription, columns: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the description as columns of the row; without features, all that may be one are."""
    apart = {said.target, f"{said.target}_index", said.query_column, said.time_column}
    usable = [row["name"] for row in columns if row["kind"] != OTHER and row["name"] not in apart]
    return asdict(said) | {
        "features": list(said.features) or usable,
        "group_columns": list(said.group_columns),
    }
