"""Storing: the log's files are copied to the object store, from where a CDN may serve them.

Tiles go before the checkpoint that needs them, so that whoever reads the store never finds a head
without its tree. Hashes and checkpoint lie in the storage `log`, which is meant to be public;
bundles of entries in `log-entries`, which is not (docs/decisions/0009). What was copied is noted
beside the log's folder; after a failure or a crash the next run copies what is left.
"""

import hashlib
import json
import logging
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages

from verify.checkpoint import parse_body
from verify.note import parse_note
from verify.tile import TILE_LEVELS, WIDTH, tile_path

from .models import Log
from .tiles import CHECKPOINT, LogDamaged, TileStore

logger = logging.getLogger(__name__)

PUBLIC, PRIVATE = "log", "log-entries"
_PAUSE = timedelta(seconds=10)  # after a failure
_failed: dict[str, datetime] = {}  # by period, when this process failed last


class StorageRefused(RuntimeError):
    """The object store holds other bytes than were put there."""


def store_logs(*, at: datetime) -> None:
    """Copy what the object store lacks of every log; failures are logged and tried again later."""
    if PUBLIC not in settings.STORAGES:
        return
    for period in Log.objects.order_by("first").values_list("period", flat=True):
        failed = _failed.get(period)
        if failed and failed <= at < failed + _PAUSE:
            continue
        try:
            _store_log(period)
            _failed.pop(period, None)
        except Exception:
            _failed[period] = at
            logger.exception("the log of %s is not in the object store yet; tried again", period)


def _store_log(period: str) -> None:
    store = TileStore.of_period(period)
    shown = store.read(CHECKPOINT)
    digest = hashlib.sha256(shown or b"").hexdigest()
    noted = _noted(period)
    if shown is None or noted.get("sha256") == digest:
        return
    size = parse_body(parse_note(shown).text).size
    start = min(int(noted.get("size", 0)), size)
    for level, path in _paths(start, size):
        content = store.serve(level, path.split("/", 2)[2])
        if content is None:
            raise LogDamaged(f"{path} of {period} is missing")
        _put(storages[PRIVATE if level == "entries" else PUBLIC], f"{period}/{path}", content)
    _put(storages[PUBLIC], f"{period}/{CHECKPOINT}", shown, kind="text/plain; charset=utf-8")
    _note(period, size=size, digest=digest)


def _paths(start: int, size: int) -> Iterator[tuple[int | str, str]]:
    """Yield level and path of each file that a log of `size` has and one of `start` has not."""
    level = 0
    while hashes := size >> (TILE_LEVELS * level):
        first = (start >> (TILE_LEVELS * level)) // WIDTH
        for index in range(first, -(-hashes // WIDTH)):
            width = min(hashes - WIDTH * index, WIDTH)
            yield level, tile_path(level, index, width)
            if not level:
                yield "entries", tile_path("entries", index, width)
        level += 1


def _put(
    storage: Storage, name: str, content: bytes, *, kind: str = "application/octet-stream"
) -> None:
    """Save under exactly this name; only a checkpoint may take the place of other bytes."""
    saved = storage.save(name, _file(content, kind))
    if saved == name:
        return
    storage.delete(saved)  # a storage that does not overwrite gave it another name
    with storage.open(name) as file:
        there = file.read()
    if there == content:
        return
    if not name.endswith(f"/{CHECKPOINT}"):
        raise StorageRefused(f"{name} holds other bytes in the object store")
    storage.delete(name)
    storage.save(name, _file(content, kind))


def _file(content: bytes, kind: str) -> "ContentFile[bytes]":
    file = ContentFile(content)
    file.content_type = kind  # type: ignore[attr-defined]  # what S3 storages send along
    return file


def _noted(period: str) -> dict[str, str | int]:
    with suppress(FileNotFoundError, ValueError):
        noted = json.loads(_path(period).read_text(encoding="ascii"))
        if isinstance(noted, dict):
            return noted
    return {}


def _note(period: str, *, size: int, digest: str) -> None:
    draft = _path(period).with_suffix(".stored-draft")
    draft.write_text(json.dumps({"size": size, "sha256": digest}), encoding="ascii")
    draft.replace(_path(period))


def _path(period: str) -> Path:
    return Path(settings.AUDIT_LOG_DIR) / f"{period}.stored"
