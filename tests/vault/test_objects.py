"""Keeping, reading and destroying objects, with every place where it can break."""

import hashlib
import io
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import storages
from django.db import IntegrityError, connection, transaction

from audit.log.actors import Actor
from audit.log.errors import Gone, Invalid, NotAllowed, NotFound, WrongState
from audit.log.models import Entry
from exchange.vault import rules
from exchange.vault.models import StoredObject
from exchange.vault.queries import get_object, get_object_for, objects_visible_to
from exchange.vault.services import (
    ObjectDamaged,
    StorageFull,
    destroy_object,
    open_object,
    plaintext_copy,
    store_object,
)
from tests.faults import sweep
from tests.vault.conftest import files_below, use_vault

CONTENT = os.urandom(100_000)
Log = Callable[[], list[tuple[str, str]]]


@pytest.fixture
def stored(vault: Path, provider: Actor, at: datetime) -> StoredObject:
    return store(CONTENT, provider, at)


def store(content: bytes, by: Actor, at: datetime, **changes: Any) -> StoredObject:
    arguments: dict[str, Any] = {
        "source": io.BytesIO(content),
        "filename": "table.csv",
        "purpose": "ORIGINAL",
        "owner": by.organization,
        "by": by,
        "at": at,
    }
    return store_object(**arguments | changes)


def test_an_object_is_kept_sealed_and_comes_back(
    vault: Path, provider: Actor, at: datetime, log: Log
) -> None:
    stored = store(CONTENT, provider, at)

    row = StoredObject.objects.get(reference=stored.reference)
    assert (row.size, row.sha256) == (100_000, hashlib.sha256(CONTENT).hexdigest())
    assert (row.owner, row.purpose, row.status) == ("ORG-PROVIDER", "ORIGINAL", "STORED")
    assert (row.filename, row.media_type, row.key_id) == ("table.csv", "text/csv", "kek-0001")
    assert log() == [("vault.object.stored", stored.reference)]
    sealed = (vault / "objects" / row.path).read_bytes()
    assert CONTENT[:64] not in sealed
    assert (vault / "objects" / row.path).stat().st_mode & 0o077 == 0
    with open_object(row) as reader:
        assert reader.size == 100_000
        assert reader.read() == CONTENT
        assert reader.read(99_990, 50) == CONTENT[99_990:]
        assert b"".join(reader.chunks(5, 70_000)) == CONTENT[5:70_000]
        assert b"".join(reader) == CONTENT


def test_the_log_holds_neither_name_nor_content(stored: StoredObject) -> None:
    entry = Entry.objects.get(subject=stored.reference)

    assert b"table.csv" not in bytes(entry.data)
    assert stored.sha256.encode() in bytes(entry.data)


@pytest.mark.parametrize(
    ("given", "kept", "media_type"),
    [
        ("../../etc/passwd", "passwd", "application/octet-stream"),
        (
            "C:\\data\\表.XLSX",
            "表.XLSX",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
        ("a\r\nSet-Cookie: x.csv", "aSet-Cookie: x.csv", "text/csv"),
        ("\x00\u202e", "file", "application/octet-stream"),
        ("", "file", "application/octet-stream"),
        ("x" * 400 + ".csv", "x" * 251 + ".csv", "text/csv"),
    ],
)
def test_names_are_labels_only(
    stored: StoredObject, provider: Actor, at: datetime, given: str, kept: str, media_type: str
) -> None:
    made = store(b"x", provider, at, filename=given)

    assert (made.filename, made.media_type) == (kept, media_type)
    assert made.path.endswith(made.reference)


def test_an_empty_object(vault: Path, provider: Actor, at: datetime) -> None:
    with open_object(store(b"", provider, at)) as reader:
        assert (reader.size, reader.read()) == (0, b"")


def test_who_may_store(
    vault: Path,
    provider_viewer: Actor,
    stranger: Actor,
    anonymous: Actor,
    at: datetime,
    log: Log,
) -> None:
    for actor in (provider_viewer, stranger, anonymous):
        with pytest.raises(NotAllowed):
            store(CONTENT, actor, at, owner="ORG-PROVIDER")

    assert store(CONTENT, Actor.system("test"), at, owner="ORG-PROVIDER").owner == "ORG-PROVIDER"
    assert len(log()) == 1
    assert len(files_below(vault)) == 1


def test_too_large_leaves_nothing(vault: Path, provider: Actor, at: datetime, log: Log) -> None:
    with pytest.raises(Invalid) as refused:
        store(CONTENT, provider, at, max_bytes=99_999)

    assert "99999" in refused.value.fields["file"][0]
    assert store(CONTENT, provider, at, max_bytes=100_000).size == 100_000
    assert len(log()) == 1
    assert len(files_below(vault)) == 1


def test_an_unknown_purpose_is_a_mistake_of_the_program(
    vault: Path, provider: Actor, at: datetime
) -> None:
    with pytest.raises(ValueError, match="ODD"):
        store(CONTENT, provider, at, purpose="ODD")

    assert files_below(vault) == []


def test_a_full_disk_leaves_nothing_and_recovers(
    settings: Any, small_disk: Path, tmp_path: Path, provider: Actor, at: datetime, log: Log
) -> None:
    use_vault(settings, tmp_path, objects=small_disk / "objects")

    with pytest.raises(StorageFull) as refused:
        store(os.urandom(6_000_000), provider, at)

    assert refused.value.status == 507
    assert files_below(small_disk) == []
    assert (log(), StoredObject.objects.count()) == ([], 0)
    assert store(CONTENT, provider, at).size == 100_000


def test_a_source_that_breaks_off_leaves_nothing(
    vault: Path, provider: Actor, at: datetime, log: Log
) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell():
                raise ConnectionResetError
            return super().read(min(1000, size or 0))

    with pytest.raises(ConnectionResetError):
        store(CONTENT, provider, at, source=Broken(CONTENT))

    assert files_below(vault) == []
    assert log() == []


def test_every_statement_that_fails_leaves_neither_row_nor_bytes(
    vault: Path, provider: Actor, at: datetime, log: Log
) -> None:
    def nothing_is_left(_statement: int) -> None:
        assert files_below(vault) == []
        assert (StoredObject.objects.count(), log()) == (0, [])

    statements = sweep(lambda: store(CONTENT, provider, at), nothing_is_left)

    assert statements >= 2  # PostgreSQL writes the row and its entry in two
    assert len(files_below(vault)) == StoredObject.objects.count() == len(log()) == 1


def test_destroying_erases_the_key_then_the_bytes(
    stored: StoredObject,
    vault: Path,
    provider: Actor,
    at: datetime,
    log: Log,
    django_capture_on_commit_callbacks: Any,
) -> None:
    path = vault / "objects" / stored.path
    kept = path.read_bytes()
    old = StoredObject.objects.get(pk=stored.pk)

    with django_capture_on_commit_callbacks(execute=True):
        destroy_object(stored=stored, reason="personal data found", by=provider, at=at)

    row = StoredObject.objects.get(pk=stored.pk)
    assert (row.status, row.wrapped_key, row.destroyed_at) == ("DESTROYED", "", at)
    assert log()[-2] == ("vault.object.destroyed", stored.reference)
    assert log()[-1][0] == "retention.record.destroyed"
    assert not path.exists()
    path.write_bytes(kept)  # a backup brought back
    for each in (stored, row, old):
        with pytest.raises(Gone):
            open_object(each)
    with pytest.raises(WrongState):
        destroy_object(stored=stored, reason="again", by=provider, at=at)


def test_who_may_destroy(
    stored: StoredObject, provider_viewer: Actor, stranger: Actor, regulator: Actor, at: datetime
) -> None:
    for actor in (provider_viewer, stranger, regulator, Actor.anonymous()):
        with pytest.raises(NotAllowed):
            destroy_object(stored=stored, reason="x", by=actor, at=at)

    with open_object(stored) as reader:
        assert reader.read() == CONTENT


def test_a_row_never_keeps_a_key_it_should_not_have(stored: StoredObject) -> None:
    table = StoredObject._meta.db_table
    for change in ("status = 'DESTROYED'", "wrapped_key = ''", "size = -1", "sha256 = 'short'"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE {table} SET {change}")  # noqa: S608


def test_swapped_or_damaged_bytes_are_an_alarm(
    stored: StoredObject, vault: Path, provider: Actor, at: datetime
) -> None:
    other = store(os.urandom(100_000), provider, at)
    mine, theirs = (vault / "objects" / each.path for each in (stored, other))
    sound = mine.read_bytes()

    mine.write_bytes(theirs.read_bytes())
    with pytest.raises(ObjectDamaged):
        open_object(stored)
    mine.write_bytes(sound[:-16_400])
    with pytest.raises(ObjectDamaged):
        open_object(stored)
    mine.write_bytes(sound[:20_000] + bytes([sound[20_000] ^ 1]) + sound[20_001:])
    with open_object(stored) as reader:
        assert reader.read(0, 100) == CONTENT[:100]
        with pytest.raises(ObjectDamaged):
            reader.read(16_384, 100)
    mine.unlink()
    with pytest.raises(ObjectDamaged):
        open_object(stored)


def test_a_row_that_points_to_other_bytes_opens_nothing(
    stored: StoredObject, provider: Actor, at: datetime
) -> None:
    other = store(CONTENT, provider, at)
    StoredObject.objects.filter(pk=stored.pk).update(
        wrapped_key=other.wrapped_key, key_id=other.key_id
    )

    with pytest.raises(ObjectDamaged):
        open_object(stored)


def test_a_plaintext_copy_lives_as_long_as_its_block(stored: StoredObject, vault: Path) -> None:
    with plaintext_copy(stored) as path:
        assert path.read_bytes() == CONTENT
        assert path.suffix == ".csv"
        assert path.parent.stat().st_mode & 0o077 == 0

    assert not path.parent.exists()


def test_a_plaintext_copy_is_removed_when_its_use_fails(stored: StoredObject) -> None:
    with pytest.raises(ZeroDivisionError), plaintext_copy(stored) as path:
        raise ZeroDivisionError

    assert not path.parent.exists()


def test_objects_are_seen_by_their_owner_only(
    stored: StoredObject, provider_viewer: Actor, stranger: Actor, anonymous: Actor
) -> None:
    assert get_object_for(provider_viewer, stored.reference) == stored
    assert get_object(stored.reference) == stored
    assert objects_visible_to(Actor.system("x")).count() == 1
    for actor in (stranger, anonymous):
        assert list(objects_visible_to(actor)) == []
        with pytest.raises(NotFound):
            get_object_for(actor, stored.reference)
    with pytest.raises(NotFound):
        get_object("OB-2026-NOTTHERE")


def test_reasons_are_sentences(stored: StoredObject, stranger: Actor) -> None:
    assert "own organization" in str(rules.why_not_store(stranger, "ORG-PROVIDER"))
    assert "owns a file" in str(rules.why_not_destroy(stranger, stored))
    assert rules.why_not_rewrap(Actor.system("keys")) is None


def test_a_storage_that_is_not_a_folder_gets_whole_objects(
    settings: Any, tmp_path: Path, provider: Actor, at: datetime
) -> None:
    use_vault(settings, tmp_path)
    settings.STORAGES = settings.STORAGES | {
        "objects": {"BACKEND": "django.core.files.storage.InMemoryStorage"}
    }

    stored = store(CONTENT, provider, at)

    assert storages["objects"].exists(stored.path)
    assert files_below(tmp_path) == []
    with open_object(stored) as reader:
        assert reader.read(70_000, 10) == CONTENT[70_000:70_010]
