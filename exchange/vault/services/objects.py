"""Keeping bytes, reading them again at any place, and destroying them by their key."""

import hashlib
import mimetypes
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import BinaryIO, Self

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.log.actors import Actor
from audit.log.errors import DomainError, Gone, Invalid, NotAllowed
from audit.log.lifecycle import advance, begin
from audit.log.references import new_reference
from audit.retention.services import record_destruction, require_free
from audit.retention.states import DestroyedKind
from exchange.vault import rules
from exchange.vault.encryption import Damaged, Opener, Sealer
from exchange.vault.events import ObjectDestroyed, ObjectStored
from exchange.vault.keys import KeyUnavailable, get_key_ring
from exchange.vault.models import StoredObject
from exchange.vault.states import OBJECT, ObjectState, Purpose
from exchange.vault.storage import StorageFull, open_path, place_of, put_object, remove_object

BLOCK = 1024**2
LONGEST_NAME = 255
WORKDIR = "vault-"

__all__ = ["Impounded", "ObjectDamaged", "ObjectReader", "StorageFull"]


class ObjectDamaged(DomainError):
    """Stored bytes or their key are not what was written; an alarm for the operator."""

    code = "object-damaged"
    status = 500
    title = gettext_lazy("This file cannot be read. The operator has to look into it.")


class Impounded(NotAllowed):
    """The object is sealed as evidence; nobody reads it through the exchange."""

    code = "impounded"
    title = gettext_lazy("This file is sealed; only the authority in charge reads it.")


class ObjectReader:
    """Reads an object's content at any place; nothing unproved comes out."""

    def __init__(self, opener: Opener) -> None:
        self._opener = opener
        self.size = opener.size

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __iter__(self) -> Iterator[bytes]:
        return self.chunks()

    def read(self, offset: int = 0, length: int | None = None) -> bytes:
        """Return `length` bytes from `offset` on, all the rest by default."""
        return b"".join(self.chunks(offset, None if length is None else offset + length))

    def chunks(self, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """Yield the bytes from `start` to `stop`, up to a mebibyte at a time."""
        try:
            yield from self._opener.chunks(start, stop)
        except Damaged as error:
            raise ObjectDamaged from error

    def stream(self) -> Iterator[bytes]:
        """Yield all bytes and let go of the stored ones, at the end or when nobody reads on."""
        with self:
            yield from self.chunks()

    def close(self) -> None:
        """Let go of the stored bytes."""
        self._opener.close()


def store_object(
    *,
    source: BinaryIO,
    filename: str,
    purpose: str,
    owner: str,
    by: Actor,
    at: datetime,
    max_bytes: int | None = None,
    media_type: str = "",
) -> StoredObject:
    """Encrypt what `source` holds under a key of its own and keep it for `owner`.

    The bytes are written before the transaction begins, which only enters them; when it fails,
    they are removed again. Raises Invalid beyond `max_bytes` and StorageFull without room.
    """
    if refusal := rules.why_not_store(by, owner):
        raise NotAllowed(refusal)
    stored = seal_object(
        source=source,
        filename=filename,
        purpose=purpose,
        owner=owner,
        at=at,
        max_bytes=settings.UPLOAD_MAX_BYTES if max_bytes is None else max_bytes,
        media_type=media_type,
    )
    enter_objects([stored], by=by, at=at)
    return stored


def seal_object(
    *,
    source: BinaryIO,
    filename: str,
    purpose: str,
    owner: str,
    at: datetime,
    max_bytes: int,
    media_type: str = "",
) -> StoredObject:
    """Write the bytes sealed into storage and return their row, which is not saved yet."""
    kept_for = Purpose(purpose)
    name = plain_name(filename)
    reference = new_reference("OB", at)
    key, wrapped, key_id = get_key_ring().generate(kept_for, reference)
    digest = hashlib.sha256()
    size = 0

    def produce(sink: BinaryIO) -> None:
        nonlocal size
        sealer = Sealer(sink, key.reveal(), _context(kept_for, reference))
        while block := source.read(BLOCK):
            size += len(block)
            if size > max_bytes:
                words = _("The file has more than %(limit)s bytes, which is what is accepted.")
                raise Invalid({"file": [words % {"limit": max_bytes}]})
            digest.update(block)
            sealer.write(block)
        sealer.close()

    put_object(place_of(reference), produce)
    return StoredObject(
        reference=reference,
        owner=owner,
        purpose=kept_for,
        filename=name,
        media_type=media_type or _media_type(name),
        size=size,
        sha256=digest.hexdigest(),
        wrapped_key=wrapped,
        key_id=key_id,
        path=place_of(reference),
        stored_at=at,
    )


def enter_objects(sealed: list[StoredObject], *, by: Actor, at: datetime) -> None:
    """Save the rows of sealed bytes with their entries, all or none; on failure the bytes go."""
    try:
        with transaction.atomic():
            for stored in sealed:
                stored.save(force_insert=True)
                entry = ObjectStored(
                    object=stored.reference,
                    organization=stored.owner,
                    purpose=stored.purpose,
                    size=stored.size,
                    sha256=stored.sha256,
                    key_id=stored.key_id,
                )
                begin(stored, event=entry, by=by, at=at)
    except BaseException:
        for stored in sealed:
            remove_object(stored.path)
        raise


def open_object(stored: StoredObject, *, impounded: bool = False) -> ObjectReader:
    """Open an object for reading; raises Gone when it was destroyed, ObjectDamaged otherwise.

    The row is read anew, because its key may have been erased or wrapped anew meanwhile. What is
    impounded opens for nobody, but for who says `impounded`: the filter, and an authority whose
    look is on record.
    """
    row = StoredObject.objects.filter(pk=stored.pk).only("status", "wrapped_key", "key_id").first()
    if row is not None and row.status == ObjectState.IMPOUNDED and not impounded:
        raise Impounded
    if row is None or row.status == ObjectState.DESTROYED:
        raise Gone(_("The content of this file was destroyed."))
    try:
        key = get_key_ring().unwrap(row.wrapped_key, row.key_id, stored.purpose, stored.reference)
        source = open_path(stored.path)
    except (KeyUnavailable, FileNotFoundError) as error:
        raise ObjectDamaged from error
    try:
        opener = Opener(source, key.reveal(), _context(stored.purpose, stored.reference))
        if opener.size != stored.size:
            message = f"{opener.size} bytes where {stored.size} were stored"
            raise Damaged(message)  # noqa: TRY301  the same alarm
    except Damaged as error:
        source.close()
        raise ObjectDamaged from error
    return ObjectReader(opener)


@contextmanager
def plaintext_copy(stored: StoredObject, *, impounded: bool = False) -> Iterator[Path]:
    """Give a path to the decrypted content, for as long as the block lasts."""
    with workdir() as folder, open_object(stored, impounded=impounded) as reader:
        path = folder / f"content{_suffix(stored.filename)}"
        digest = hashlib.sha256()
        with path.open("wb") as file:
            for chunk in reader:
                digest.update(chunk)
                file.write(chunk)
        if digest.hexdigest() != stored.sha256:
            raise ObjectDamaged
        yield path


@transaction.atomic
def destroy_object(
    *,
    stored: StoredObject,
    reason: str,
    basis: str = "",
    retention_class: str = "",
    by: Actor,
    at: datetime,
) -> StoredObject:
    """Erase the object's key, so that its bytes cannot be read again, and sign that it was done.

    The bytes themselves follow after the commit (《个人信息保护法》第四十七条: 删除). Raises Held
    while a legal hold is in force on the object or on what it belongs to.
    """
    if refusal := rules.why_not_destroy(by, stored):
        raise NotAllowed(refusal)
    require_free(("object", stored.reference))
    destroyed = ObjectDestroyed(
        object=stored.reference, organization=stored.owner, sha256=stored.sha256, reason=reason
    )
    advance(stored, OBJECT.destroy, event=destroyed, by=by, at=at, wrapped_key="", destroyed_at=at)
    record_destruction(
        kind=DestroyedKind.OBJECT,
        subject=stored.reference,
        what={"purpose": stored.purpose, "size": stored.size, "sha256": stored.sha256},
        reason=reason,
        basis=basis,
        retention_class=retention_class,
        by=by,
        at=at,
    )
    transaction.on_commit(lambda: remove_object(stored.path), robust=True)
    return stored


@contextmanager
def workdir() -> Iterator[Path]:
    """Give a folder that only this process's user can look into, and remove it afterwards."""
    above = Path(settings.VAR) / "tmp"
    above.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(prefix=WORKDIR, dir=above, ignore_cleanup_errors=True) as name:
        yield Path(name)


def plain_name(filename: str) -> str:
    """Return the last part of a file name without control characters, not too long.

    It is a label, never a path: bytes are stored under the object's reference.
    """
    last = PurePosixPath(filename.replace("\\", "/")).name
    kept = "".join(char for char in last if char.isprintable()).strip() or "file"
    suffix = _suffix(kept)
    return kept if len(kept) <= LONGEST_NAME else kept[: LONGEST_NAME - len(suffix)] + suffix


def _suffix(filename: str) -> str:
    suffix = Path(filename).suffix.lower()
    return suffix if suffix[1:].isalnum() and suffix.isascii() and len(suffix) <= BLOCK else ""


def _media_type(filename: str) -> str:
    return MEDIA_TYPES.get(_suffix(filename)) or (
        mimetypes.guess_type(filename)[0] or "application/octet-stream"
    )


def _context(purpose: str, reference: str) -> bytes:
    return f"{purpose}|{reference}".encode()


MEDIA_TYPES = {
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".json": "application/json",
    ".jsonl": "application/x-ndjson",
    ".ndjson": "application/x-ndjson",
    ".geojson": "application/geo+json",
    ".parquet": "application/vnd.apache.parquet",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
