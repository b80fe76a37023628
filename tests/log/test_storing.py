"""The object store gets tiles before the checkpoint, and what it lacks as soon as it is back."""

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, Storage, storages

from audit.log import storing
from audit.log.publishing import publish
from audit.log.signing import get_signer
from tests.log.writing import write_entries
from verify.log import verify_log

BACKENDS = {
    "memory": ("django.core.files.storage.InMemoryStorage", {}),
    "files": ("django.core.files.storage.FileSystemStorage", {"allow_overwrite": True}),
}


@pytest.fixture(params=sorted(BACKENDS), autouse=True)
def _stores(
    request: pytest.FixtureRequest, settings: Any, tmp_path: Path, db: None
) -> Iterator[None]:
    backend, options = BACKENDS[request.param]
    settings.STORAGES = settings.STORAGES | {
        name: {
            "BACKEND": backend,
            "OPTIONS": options | ({"location": tmp_path / name} if options else {}),
        }
        for name in ("log", "log-entries")
    }
    storing._failed.clear()
    return iter([None])


@pytest.fixture
def order(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the names that are put into the stores, in their order."""
    names: list[str] = []
    put = storing._put

    def noting(storage: Storage, name: str, content: bytes, **options: str) -> None:
        put(storage, name, content, **options)
        names.append(name)

    monkeypatch.setattr(storing, "_put", noting)
    return names


def copy(to: Path) -> Path:
    """Take public and private files out of the stores into one folder."""
    shutil.rmtree(to, ignore_errors=True)
    for name in ("log", "log-entries"):
        for path in walk(storages[name], "2026"):
            (to / path).parent.mkdir(parents=True, exist_ok=True)
            with storages[name].open(path) as file:
                (to / path).write_bytes(file.read())
    return to / "2026"


def walk(storage: Storage, folder: str) -> Iterator[str]:
    if not storage.exists(folder):
        return
    folders, files = storage.listdir(folder)
    yield from (f"{folder}/{name}" for name in files)
    for name in folders:
        yield from walk(storage, f"{folder}/{name}")


def entries_in(folder: Path) -> int:
    return verify_log(folder, get_signer("log").verifier).entries


def test_what_lies_in_the_stores_is_the_log(tmp_path: Path, at: datetime, order: list[str]) -> None:
    total = 0
    for count in (3, 300, 700):
        write_entries(count, at, first=total)
        total += count
        order.clear()
        publish(at=at)
        assert entries_in(copy(tmp_path / "copy")) == total
        assert order[-1] == "2026/checkpoint"
    assert not [path for path in walk(storages["log"], "2026") if "entries" in path]
    assert all("tile/entries" in path for path in walk(storages["log-entries"], "2026"))
    order.clear()
    publish(at=at)
    assert order == []


@pytest.mark.parametrize("failing", range(6))
def test_what_a_failure_left_is_copied_later(
    tmp_path: Path, at: datetime, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    write_entries(300, at)
    put, calls = storing._put, 0

    def breaking(storage: Storage, name: str, content: bytes, **options: str) -> None:
        nonlocal calls
        calls += 1
        if calls > failing:
            raise OSError("the store is away")
        put(storage, name, content, **options)

    with monkeypatch.context() as patch:
        patch.setattr(storing, "_put", breaking)
        assert publish(at=at)

    assert not storages["log"].exists("2026/checkpoint")
    publish(at=at + timedelta(seconds=9))
    assert not storages["log"].exists("2026/checkpoint")
    publish(at=at + timedelta(seconds=10))
    assert entries_in(copy(tmp_path / "copy")) == 300


def test_lost_notes_cost_a_copy_and_no_more(tmp_path: Path, at: datetime) -> None:
    write_entries(300, at)
    publish(at=at)
    (Path(django_settings.AUDIT_LOG_DIR) / "2026.stored").unlink()
    write_entries(1, at, first=300)

    publish(at=at)

    assert entries_in(copy(tmp_path / "copy")) == 301


def test_other_bytes_of_a_tile_are_not_written_over(
    at: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    if isinstance(storages["log"], FileSystemStorage):
        pytest.skip("a storage that overwrites takes what it is given")
    storages["log"].save("2026/tile/0/000.p/3", ContentFile(b"other"))
    write_entries(3, at)

    publish(at=at)

    assert "holds other bytes" in caplog.text
    assert not storages["log"].exists("2026/checkpoint")
