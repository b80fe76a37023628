"""Taking in a provider's file: both objects or nothing, whatever breaks."""

import hashlib
import io
import json
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from django.utils import translation

from audit.log.actors import Actor
from audit.log.errors import NotAllowed
from exchange.vault.models import StoredObject
from exchange.vault.reading import Limits, Unreadable, describe_note, read_file
from exchange.vault.services import (
    Ingested,
    StorageFull,
    ingest_file,
    open_object,
    plaintext_copy,
)
from exchange.vault.services.ingesting import _seal
from exchange.vault.services.objects import enter_objects
from tests.faults import sweep
from tests.vault.conftest import files_below, use_vault
from tests.vault.making import workbook

CONTENT = "城市,人口,代码\n北京,2189,010\n上海,2487,021\n广州,NA,020\n".encode("gb18030")
Log = Callable[[], list[tuple[str, str]]]


def ingest(content: bytes, by: Actor, at: datetime, **changes: Any) -> Ingested:
    arguments: dict[str, Any] = {
        "source": io.BytesIO(content),
        "filename": "城市.csv",
        "owner": by.organization,
        "by": by,
        "at": at,
    }
    return ingest_file(**arguments | changes)


def test_a_file_becomes_two_objects_and_a_profile(
    vault: Path, provider: Actor, at: datetime, log: Log
) -> None:
    heard: list[str] = []

    made = ingest(CONTENT, provider, at, progress=lambda _d, _t, what: heard.append(what))

    assert (made.format, made.encoding, made.rows) == ("csv", "gb18030", 3)
    assert made.sha256 == made.original.sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert made.columns == [
        {"name": "城市", "type": "text"},
        {"name": "人口", "type": "integer"},
        {"name": "代码", "type": "text"},
    ]
    assert [describe_note(note) for note in made.notes] == [
        "Cells of column 人口 that hold a word for “missing” (such as NA): 1."
    ]
    assert made.profile["columns"][1]["nulls"] == 1
    json.dumps([made.profile, made.notes, made.outside], allow_nan=False)
    assert (made.original.purpose, made.original.filename) == ("ORIGINAL", "城市.csv")
    assert (made.table.purpose, made.table.filename) == ("TABLE", "城市.parquet")
    assert log() == [
        ("vault.object.stored", made.original.reference),
        ("vault.object.stored", made.table.reference),
    ]
    with open_object(made.original) as reader:
        assert reader.read() == CONTENT
    with plaintext_copy(made.table) as path:
        assert pq.read_table(path).column("代码").to_pylist() == ["010", "021", "020"]
    assert {"decoding", "writing", "profiling", "encrypting"} <= set(heard)
    assert len(files_below(vault)) == 2


def test_text_around_the_table_is_kept_for_the_scan(
    vault: Path, provider: Actor, at: datetime
) -> None:
    content = workbook({"s": [["联系人 13800138000"], ["a", "b", "c"], [1, 2, 3], [4, 5, 6]]})

    made = ingest(content, provider, at, filename="t.xlsx")

    assert made.outside == ["联系人 13800138000"]
    with plaintext_copy(made.table) as path:
        metadata = pq.read_schema(path).metadata
    assert json.loads(metadata[b"quanheng.outside"]) == made.outside


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "t.csv", "EMPTY"),
        (b"a,b\n1,2\n3", "t.csv", "TRUNCATED"),
        (CONTENT + "深圳,1,0755\n".encode() * 99, "t.csv", "ENCODING"),
        (CONTENT, "t.parquet", "MISNAMED"),
        (b"%PDF-1.7", "t.pdf", "UNSUPPORTED"),
        (b"a,b\n1\n2\n", "t.csv", "MALFORMED"),
        (b"PAR1" + os.urandom(2000) + b"PAR1", "t.parquet", "MALFORMED"),
        (b"a,b\n" + b"1,2\n" * 600, "t.csv", "TOO_LARGE"),
    ],
)
def test_a_file_that_cannot_be_read_leaves_nothing(
    vault: Path,
    provider: Actor,
    at: datetime,
    log: Log,
    content: bytes,
    name: str,
    code: str,
) -> None:
    with pytest.raises(Unreadable) as refused:
        ingest(content, provider, at, filename=name, limits=Limits(bytes=2200, rows=500))

    assert refused.value.code == code
    assert files_below(vault) == []
    assert (StoredObject.objects.count(), log()) == (0, [])


def test_the_refusal_speaks_the_callers_language(
    vault: Path, provider: Actor, at: datetime
) -> None:
    with translation.override("zh-hans"), pytest.raises(Unreadable) as refused:
        ingest(b"a,b,c\n1,2,3\n4,5\n", provider, at)

    assert "第 3 行" in str(refused.value)


def test_an_upload_over_the_limit_is_not_received_to_its_end(
    vault: Path, provider: Actor, at: datetime
) -> None:
    class Endless:
        given = 0

        def read(self, size: int) -> bytes:
            self.given += size
            return b"x" * size

    source = Endless()

    with pytest.raises(Unreadable) as refused:
        ingest(b"", provider, at, source=source, limits=Limits(bytes=3_000_000))

    assert refused.value.code == "TOO_LARGE"
    assert source.given < 6_000_000
    assert files_below(vault) == []


def test_who_may_bring_files(
    vault: Path,
    provider_viewer: Actor,
    stranger: Actor,
    anonymous: Actor,
    at: datetime,
    log: Log,
) -> None:
    for actor in (provider_viewer, stranger, anonymous):
        with pytest.raises(NotAllowed):
            ingest(CONTENT, actor, at, owner="ORG-PROVIDER")

    assert (files_below(vault), log()) == ([], [])


@pytest.mark.parametrize("full", ["work", "objects"])
def test_a_full_disk_leaves_nothing_and_recovers(
    settings: Any,
    small_disk: Path,
    tmp_path: Path,
    provider: Actor,
    at: datetime,
    log: Log,
    full: str,
) -> None:
    if full == "work":
        use_vault(settings, small_disk, objects=tmp_path / "objects")
    else:
        use_vault(settings, tmp_path, objects=small_disk / "objects")
    rows = "\n".join(["a", *(os.urandom(500).hex() for _ in range(5_000))]).encode()

    with pytest.raises((StorageFull, Unreadable)) as refused:
        ingest(rows, provider, at)

    assert refused.value.status == 507
    assert files_below(tmp_path) == files_below(small_disk) == []
    assert (StoredObject.objects.count(), log()) == (0, [])
    assert ingest(CONTENT, provider, at).rows == 3


def test_every_statement_that_fails_leaves_neither_rows_nor_bytes(
    vault: Path, tmp_path_factory: pytest.TempPathFactory, provider: Actor, at: datetime, log: Log
) -> None:
    folder = tmp_path_factory.mktemp("read")
    path = folder / "original"
    path.write_bytes(CONTENT)
    reading = read_file(path, filename="t.csv", workdir=folder)
    owner = provider.organization

    def nothing_is_left(_statement: int) -> None:
        assert files_below(vault) == []
        assert (StoredObject.objects.count(), log()) == (0, [])

    def keep() -> None:
        enter_objects([*_seal(path, reading, "t.csv", owner, at)], by=provider, at=at)

    statements = sweep(keep, nothing_is_left)

    assert statements >= 4  # each row and its entry
    assert StoredObject.objects.count() == len(files_below(vault)) == 2


def test_a_caller_who_gives_up_leaves_nothing(
    vault: Path, provider: Actor, at: datetime, log: Log
) -> None:
    for moment in ("decoding", "writing", "profiling", "encrypting"):

        def give_up(_done: int, _total: int | None, what: str, at_step: str = moment) -> None:
            if what == at_step:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            ingest(CONTENT, provider, at, progress=give_up)

    assert (files_below(vault), StoredObject.objects.count(), log()) == ([], 0, [])
