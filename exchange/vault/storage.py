"""Putting sealed bytes into the object storage so that they are there completely or not at all."""

import errno
import os
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, cast

from django.conf import settings
from django.core.files import File
from django.core.files.storage import FileSystemStorage, Storage, storages
from django.utils.translation import gettext_lazy as _

from audit.log.errors import DomainError

from .encryption import RawReader

INCOMING = ".incoming"
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class StorageFull(DomainError):
    """There is no room for the bytes at present; nothing of them was kept."""

    code = "storage-full"
    status = 507
    title = _("The exchange has no room for this file at present. Try again later.")


def get_storage() -> Storage:
    """Return the storage of objects."""
    return storages["objects"]


def place_of(reference: str) -> str:
    """Return the path of an object: spread over folders by the end of its reference."""
    return f"{reference[-2:]}/{reference}"


def put_object(path: str, produce: Callable[[BinaryIO], None]) -> None:
    """Store at `path` what `produce` writes.

    The bytes go to a draft first; only a finished and synced draft gets the name. A crash leaves a
    draft that `drafts` finds, a full disk leaves nothing. Raises StorageFull.
    """
    storage = get_storage()
    local = isinstance(storage, FileSystemStorage)
    folder = Path(storage.path(INCOMING)) if local else Path(settings.VAR) / "tmp"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, name = tempfile.mkstemp(dir=folder, prefix="object-")
    except OSError as error:
        raise _storage_error(error) from error
    draft = Path(name)
    try:
        with os.fdopen(descriptor, "w+b") as file:
            produce(cast(BinaryIO, file))
            file.flush()
            os.fsync(file.fileno())
            if not local:
                file.seek(0)
                storage.save(path, File(file))
        if local:
            _publish(draft, Path(storage.path(path)))
    except OSError as error:
        raise _storage_error(error) from error
    finally:
        draft.unlink(missing_ok=True)


def open_path(path: str) -> RawReader:
    """Open the stored bytes at `path` for reading at any place."""
    return cast(RawReader, get_storage().open(path, "rb"))


def remove_object(path: str) -> None:
    """Remove the bytes at `path`, if they are there."""
    get_storage().delete(path)


def paths_before(moment: datetime) -> Iterator[tuple[str, int]]:
    """Yield path and size of everything stored that was last written before `moment`."""
    storage = get_storage()
    folders = [""]
    while folders:
        folder = folders.pop()
        try:
            inner, names = storage.listdir(folder)
        except FileNotFoundError:
            continue
        folders.extend(f"{folder}/{name}".lstrip("/") for name in inner)
        for name in names:
            path = f"{folder}/{name}".lstrip("/")
            if storage.get_modified_time(path) < moment:
                yield path, storage.size(path)


def _publish(draft: Path, target: Path) -> None:
    """Give a finished draft its name and make the name durable; names are never reused."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.link(draft, target)
    for folder in (target.parent, target.parent.parent):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _storage_error(error: OSError) -> Exception:
    return StorageFull() if error.errno in FULL else error
