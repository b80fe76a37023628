"""What is copied to the object store is noted, and what cannot be copied is tried again."""

import json
import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages

from audit.log import storing
from audit.log.models import Log
from audit.log.publishing import publish
from audit.log.storing import StorageRefused, store_logs
from tests.log.writing import write_entries

MEMORY = {"BACKEND": "django.core.files.storage.InMemoryStorage"}


@pytest.fixture(autouse=True)
def _stores(settings: Any, db: None) -> Iterator[None]:
    settings.STORAGES = settings.STORAGES | {"log": MEMORY, "log-entries": MEMORY}
    storing._failed.clear()
    yield
    storing._failed.clear()


@pytest.fixture
def folder() -> Path:
    return Path(django_settings.AUDIT_LOG_DIR)


@pytest.fixture
def put(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Storage, str, str]]:
    """Return where each file was saved, under which name and as what."""
    saved: list[tuple[Storage, str, str]] = []
    save = type(storages["log"]).save

    def noting(storage: Storage, name: str, content: Any, max_length: int | None = None) -> str:
        saved.append((storage, name, content.content_type))
        return str(save(storage, name, content, max_length))

    monkeypatch.setattr(type(storages["log"]), "save", noting)
    return saved


def content(storage: Storage, name: str) -> bytes:
    with storage.open(name) as file:
        return bytes(file.read())


def test_hashes_are_public_and_entries_are_not(
    folder: Path, at: datetime, put: list[tuple[Storage, str, str]]
) -> None:
    write_entries(3, at)

    publish(at=at)

    octets = "application/octet-stream"
    assert put == [
        (storages["log"], "2026/tile/0/000.p/3", octets),
        (storages["log-entries"], "2026/tile/entries/000.p/3", octets),
        (storages["log"], "2026/checkpoint", "text/plain; charset=utf-8"),
    ]
    for store, name, _kind in put:
        assert content(store, name) == (folder / name).read_bytes()
    shown = (folder / "2026/checkpoint").read_bytes()
    note = json.loads((folder / "2026.stored").read_text())
    assert note == {"size": 3, "sha256": sha256(shown).hexdigest()}
    assert not (folder / "2026.stored-draft").exists()


def test_what_lies_there_already_is_not_sent_again(
    at: datetime, put: list[tuple[Storage, str, str]]
) -> None:
    write_entries(256, at)
    publish(at=at)
    write_entries(300, at, first=256)
    put.clear()

    publish(at=at)

    assert [name for _store, name, _kind in put] == [
        "2026/tile/0/001",
        "2026/tile/entries/001",
        "2026/tile/0/002.p/44",
        "2026/tile/entries/002.p/44",
        "2026/tile/1/000.p/2",
        "2026/checkpoint",
        "2026/checkpoint",  # the storage gave it another name, so the one before makes room
    ]
    store_logs(at=at)
    assert len(put) == 7


@pytest.mark.parametrize(
    "note", ["", "[]", "3", '{"size": 900, "sha256": "x"}', "{", '{"size": 0}']
)
def test_a_damaged_note_costs_a_copy_and_no_more(folder: Path, at: datetime, note: str) -> None:
    write_entries(3, at)
    publish(at=at)
    good = (folder / "2026.stored").read_text()
    (folder / "2026.stored").write_text(note)

    store_logs(at=at)

    assert (folder / "2026.stored").read_text() == good
    assert not storing._failed


def test_without_a_store_nothing_is_copied(settings: Any, folder: Path, at: datetime) -> None:
    settings.STORAGES = {k: v for k, v in settings.STORAGES.items() if k != "log"}
    write_entries(3, at)

    publish(at=at)

    assert not (folder / "2026.stored").exists()
    assert not storing._failed


def test_a_log_without_a_checkpoint_is_left_for_later(folder: Path, at: datetime) -> None:
    Log.objects.create(period="2026", origin="localhost/audit/2026", first=0)

    store_logs(at=at)

    assert not storing._failed
    assert not (folder / "2026.stored").exists()


def test_a_failure_is_logged_and_the_other_logs_are_copied(
    folder: Path, at: datetime, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_entries(3, at)
    publish(at=at)
    later = at + timedelta(days=60)
    put = storing._put

    def breaking(storage: Storage, name: str, data: bytes, **options: str) -> None:
        if name.startswith("2026/"):
            raise OSError("the store is away")
        put(storage, name, data, **options)

    with monkeypatch.context() as patch:
        patch.setattr(storing, "_put", breaking)
        publish(at=later)

    [logged] = [record for record in caplog.records if record.name == "audit.log.storing"]
    assert logged.levelno == logging.ERROR
    assert logged.getMessage() == ("the log of 2026 is not in the object store yet; tried again")
    assert "the store is away" in caplog.text
    assert storing._failed == {"2026": later}
    assert storages["log"].exists("2027/checkpoint")
    old = (folder / "2026/checkpoint").read_bytes()
    store_logs(at=later + timedelta(seconds=10, microseconds=-1))
    assert content(storages["log"], "2026/checkpoint") != old
    store_logs(at=later + timedelta(seconds=10))
    assert content(storages["log"], "2026/checkpoint") == old
    assert storing._failed == {}


def test_after_a_clock_ran_back_it_is_tried_at_once(at: datetime) -> None:
    storing._failed["2026"] = at + timedelta(seconds=1)
    write_entries(1, at)

    publish(at=at)

    assert storages["log"].exists("2026/checkpoint")


def test_a_tile_that_is_gone_here_is_named(
    folder: Path, at: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    write_entries(3, at)
    publish(at=at)
    (folder / "2026.stored").unlink()
    (folder / "2026/tile/entries/000.p/3").unlink()

    store_logs(at=at)

    assert "LogDamaged: tile/entries/000.p/3 of 2026 is missing" in caplog.text


def test_the_same_bytes_under_a_name_are_no_conflict_and_others_are() -> None:
    store = storages["log"]
    for _round in range(2):
        storing._put(store, "2026/tile/0/000", b"one")

    with pytest.raises(StorageRefused) as refused:
        storing._put(store, "2026/tile/0/000", b"two")

    assert str(refused.value) == "2026/tile/0/000 holds other bytes in the object store"
    assert content(store, "2026/tile/0/000") == b"one"
    assert store.listdir("2026/tile/0") == ([], ["000"])


def test_a_checkpoint_takes_the_place_of_the_one_before() -> None:
    store = storages["log"]
    store.save("2026/checkpoint", ContentFile(b"old"))

    storing._put(store, "2026/checkpoint", b"new", kind="text/plain")

    assert content(store, "2026/checkpoint") == b"new"
    assert store.listdir("2026") == ([], ["checkpoint"])
