"""What the owner of an algorithm hands in: a model, training rows, rows to rehearse on."""

import hashlib
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.db import transaction

from audit.disclosure.evaluation.graph import ModelFacts
from audit.disclosure.evaluation.running import inspect_model, read_frame
from audit.disclosure.evaluation.techniques import techniques_of
from audit.log.actors import Actor
from audit.log.errors import NotAllowed
from audit.log.references import new_reference
from audit.log.services import record
from exchange.algorithms import rules
from exchange.algorithms.events import FileHandedIn
from exchange.algorithms.models import AlgorithmFile
from exchange.algorithms.states import FileKind
from exchange.parties.models import Organization
from exchange.vault.models import StoredObject
from exchange.vault.services.objects import enter_objects
from exchange.vault.states import ObjectState, Purpose
from exchange.vault.storage import remove_object

from .files import LOOKING, columns_of, received, sealed_copy, told

PURPOSES = {FileKind.MODEL: Purpose.ALGORITHM, FileKind.ROWS: Purpose.OWN_ROWS}


def hand_in_model(*, source: BinaryIO, filename: str, by: Actor, at: datetime) -> AlgorithmFile:
    """Keep an ONNX file after a look into it by the child; nothing of it is executed.

    The same file handed in again is the one that is there. Raises Invalid with the reason for what
    is not ONNX, keeps weights elsewhere, or has operators that are not run here.
    """
    if refusal := rules.why_not_hand_in(by):
        raise NotAllowed(refusal)
    with received(source, min(LOOKING.model, settings.UPLOAD_MAX_BYTES)) as path:
        folder = path.parent / "seen"
        folder.mkdir()
        facts = told(lambda: inspect_model(path, workdir=folder, limits=LOOKING))
        return _keep(path, FileKind.MODEL, seen_in(facts), filename, by, at)


def hand_in_rows(*, source: BinaryIO, filename: str, by: Actor, at: datetime) -> AlgorithmFile:
    """Keep rows of one's own (Parquet): those trained on, or those to rehearse on."""
    if refusal := rules.why_not_hand_in(by):
        raise NotAllowed(refusal)
    with received(source, settings.UPLOAD_MAX_BYTES) as path:
        folder = path.parent / "columns"
        folder.mkdir()
        frame = told(lambda: read_frame(path, folder=folder, limits=LOOKING))
        seen = {"rows": frame.rows, "columns": columns_of(frame)}
        return _keep(path, FileKind.ROWS, seen, filename, by, at)


def seen_in(facts: ModelFacts) -> dict[str, Any]:
    """Return what a look into a model saw, as plain values."""
    seen = asdict(facts)
    seen["operators"] = dict(facts.operators)
    seen["techniques"] = list(techniques_of(facts))
    return seen


def _keep(
    path: Path, kind: FileKind, seen: dict[str, Any], filename: str, by: Actor, at: datetime
) -> AlgorithmFile:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    there = AlgorithmFile.objects.filter(
        organization__reference=by.organization,
        kind=kind,
        sha256=digest,
        stored__status=ObjectState.STORED,
    )
    if (found := there.select_related("stored", "organization").first()) is not None:
        return found
    stored = sealed_copy(
        path, filename=filename, purpose=PURPOSES[kind], owner=by.organization, at=at
    )
    try:
        return _enter(stored, kind, seen, by, at)
    except BaseException:
        remove_object(stored.path)
        raise


@transaction.atomic
def _enter(
    stored: StoredObject, kind: FileKind, seen: dict[str, Any], by: Actor, at: datetime
) -> AlgorithmFile:
    enter_objects([stored], by=by, at=at)
    made = AlgorithmFile.objects.create(
        reference=new_reference("AF", at),
        organization=Organization.objects.get(reference=by.organization),
        kind=kind,
        stored=stored,
        sha256=stored.sha256,
        seen=seen,
        handed_in_at=at,
    )
    handed_in = FileHandedIn(
        algorithm_file=made.reference,
        organization=by.organization,
        object=stored.reference,
        kind=kind,
        sha256=made.sha256,
    )
    record(handed_in, by=by, at=at)
    return made
