"""Taking in a provider's file: read it to its end, profile it, keep it and its table."""

import errno
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings

from audit.log.actors import Actor
from audit.log.errors import NotAllowed
from confined.running import Progress
from exchange.vault import rules
from exchange.vault.formats.faults import FaultCode
from exchange.vault.formats.limits import Limits
from exchange.vault.models import StoredObject
from exchange.vault.reading import Reading, Unreadable, profile_file, read_file
from exchange.vault.states import Purpose
from exchange.vault.storage import FULL, remove_object

from .objects import BLOCK, enter_objects, plain_name, seal_object, workdir


@dataclass(frozen=True)
class Ingested:
    """A file that became a table. `sha256` is of the file as it was uploaded.

    Of a model the table holds every word in it, and the profile says what it is.
    """

    original: StoredObject
    table: StoredObject
    format: str
    encoding: str
    rows: int
    columns: list[dict[str, str]]
    profile: dict[str, Any]
    sha256: str
    notes: list[Mapping[str, Any]]
    outside: list[str]


def ingest_file(
    *,
    source: BinaryIO,
    filename: str,
    owner: str,
    by: Actor,
    at: datetime,
    progress: Progress | None = None,
    limits: Limits | None = None,
    is_model: bool = False,
) -> Ingested:
    """Read `source` in the limited child, and keep both the file and the table it holds.

    All slow work is done before the one transaction that enters both objects; call it outside of
    a transaction. Raises Unreadable, StorageFull or NotAllowed, after which nothing is left.
    """
    ingested = prepare_file(
        source=source,
        filename=filename,
        owner=owner,
        by=by,
        at=at,
        progress=progress,
        limits=limits,
        is_model=is_model,
    )
    enter_ingested(ingested, by=by, at=at)
    return ingested


def prepare_file(
    *,
    source: BinaryIO,
    filename: str,
    owner: str,
    by: Actor,
    at: datetime,
    progress: Progress | None = None,
    limits: Limits | None = None,
    is_model: bool = False,
) -> Ingested:
    """Do all of `ingest_file` but the transaction: the bytes are sealed, no row names them yet.

    Who calls it enters them with `enter_ingested` in a transaction of its own, or discards them.
    """
    if refusal := rules.why_not_store(by, owner):
        raise NotAllowed(refusal)
    limits = limits or Limits(bytes=settings.UPLOAD_MAX_BYTES)
    name = plain_name(filename)
    with workdir() as folder:
        path = folder / "original"
        _receive(source, path, limits.bytes)
        reading = read_file(
            path,
            filename=name,
            workdir=folder,
            limits=limits,
            progress=progress,
            is_model=is_model,
        )
        profile = (
            {"model": dict(reading.model)}
            if is_model
            else profile_file(reading.parquet, workdir=folder, limits=limits, progress=progress)
        )
        if progress:
            progress(0, None, "encrypting")
        original, table = _seal(path, reading, name, owner, at)
    return Ingested(
        original=original,
        table=table,
        format=reading.format,
        encoding=reading.encoding,
        rows=reading.rows,
        columns=reading.columns,
        profile=profile,
        sha256=original.sha256,
        notes=reading.notes,
        outside=reading.outside,
    )


def enter_ingested(ingested: Ingested, *, by: Actor, at: datetime) -> None:
    """Save the rows of a prepared file and of its table, with their entries."""
    enter_objects([ingested.original, ingested.table], by=by, at=at)


def discard_ingested(ingested: Ingested) -> None:
    """Remove the bytes of a prepared file that was not entered."""
    for stored in (ingested.original, ingested.table):
        remove_object(stored.path)


def _receive(source: BinaryIO, path: Path, limit: int) -> None:
    """Bring the upload into the work folder, no more of it than the limit."""
    size = 0
    try:
        with path.open("wb") as file:
            while block := source.read(BLOCK):
                size += len(block)
                if size > limit:
                    raise Unreadable(
                        FaultCode.TOO_LARGE, "bytes", {"size": f"> {limit}", "limit": limit}
                    )
                file.write(block)
    except OSError as error:
        if error.errno in FULL or error.errno == errno.ENOMEM:
            raise Unreadable(FaultCode.DISK_FULL, "disk-full", {}) from error
        raise


def _seal(
    path: Path, reading: Reading, name: str, owner: str, at: datetime
) -> tuple[StoredObject, StoredObject]:
    table_name = f"{Path(name).stem}.parquet"
    parts = ((path, name, Purpose.ORIGINAL), (reading.parquet, table_name, Purpose.TABLE))
    sealed: list[StoredObject] = []
    try:
        for part, part_name, purpose in parts:
            with part.open("rb") as file:
                stored = seal_object(
                    source=file,
                    filename=part_name,
                    purpose=purpose,
                    owner=owner,
                    at=at,
                    max_bytes=part.stat().st_size,
                )
            sealed.append(stored)
    except BaseException:
        for stored in sealed:
            remove_object(stored.path)
        raise
    return sealed[0], sealed[1]
