"""Parts of a file, read by different processes in any order, add up to the whole."""

import json
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.compliance.measurement import values
from exchange.compliance.scanner import (
    Tally,
    count_row_groups,
    judge,
    measure_parquet,
    scan_parquet,
)

from .scanning import lexicon

GROUPS = 6


def write(path: Path) -> Path:
    """Write a file of several row groups that have little in common."""
    rng = Random(12)
    rows = 4_000
    nested = [{"tel": values.mobile(rng), "tags": [values.plate(rng)]} for _ in range(rows)]
    columns = {
        "姓名": [values.name(rng) for _ in range(rows)],
        "证件": [values.resident_id(rng) if row % 7 else None for row in range(rows)],
        "账户": [rng.choice(["", values.bank_card(rng), "无"]) for _ in range(rows)],
        "资料": nested,
        "出生日期": [str(values.birthday(rng)) for _ in range(rows)],
        "向量": [[0.1] * 40 if row > 3_000 else [] for row in range(rows)],
        "金额": [row / 7 for row in range(rows)],
        "空": pa.nulls(rows),
    }
    notes = json.dumps([f"联系 {values.mobile(rng)}"], ensure_ascii=False)
    table = pa.table(columns).replace_schema_metadata({"remarks": notes})
    pq.write_table(table, path, row_group_size=rows // GROUPS + 1)
    return path


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file, once for all tests of this module."""
    return write(tmp_path_factory.mktemp("tally") / "t.parquet")


@cache
def part(file: Path, groups: frozenset[int]) -> bytes:
    """Return what a process that read some row groups sends."""
    return measure_parquet(file, lexicon(), row_groups=sorted(groups), threads=1).to_bytes()


def add(tallies: list[bytes]) -> Tally:
    """Add up what came from several processes, in the order in which it came."""
    whole = Tally()
    for content in tallies:
        whole.merge(Tally.from_bytes(content))
    return whole


@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_any_split_of_row_groups_gives_the_same_report(file: Path, data: st.DataObject) -> None:
    workers = data.draw(st.lists(st.integers(0, 3), min_size=GROUPS, max_size=GROUPS))
    shares = [frozenset(g for g in range(GROUPS) if workers[g] == who) for who in range(4)]
    arrived = data.draw(st.permutations([part(file, share) for share in shares]))

    added = add(arrived)

    whole = measure_parquet(file, lexicon(), threads=1)
    assert added.to_bytes() == whole.to_bytes()
    assert judge(added, lexicon()) == scan_parquet(file, lexicon(), threads=2)


@settings(deadline=None, max_examples=40)
@given(data=st.data())
def test_merging_is_associative_and_commutative(file: Path, data: st.DataObject) -> None:
    groups = st.frozensets(st.integers(0, GROUPS - 1), max_size=2)
    a, b, c = (part(file, data.draw(groups)) for _ in range(3))

    left = add([add([a, b]).to_bytes(), c])
    right = add([a, add([b, c]).to_bytes()])

    assert left.to_bytes() == right.to_bytes() == add([c, b, a]).to_bytes()


def test_text_beside_the_table_is_counted_once(file: Path) -> None:
    parts = [part(file, frozenset({group})) for group in range(GROUPS)]

    columns = judge(add(parts), lexicon()).columns

    beside = [column for column in columns if column.name == "(around the table)"]
    assert [(column.cells, column.has("cn_mobile")) for column in beside] == [(1, True)]


def test_a_file_names_its_row_groups(file: Path) -> None:
    assert count_row_groups(file) == GROUPS


def test_bytes_hold_no_value_in_plain(file: Path) -> None:
    content = part(file, frozenset(range(GROUPS)))
    table: list[dict[str, Any]] = pq.read_table(file, columns=["证件"]).to_pylist()

    assert not any(row["证件"].encode() in content for row in table if row["证件"])


@pytest.mark.parametrize("cut", [0, 7, 40, -1, -8, -24])
def test_bytes_that_end_early_are_refused(file: Path, cut: int) -> None:
    content = part(file, frozenset({0, 1}))

    with pytest.raises(ValueError, match="no tally"):
        Tally.from_bytes(content[:cut])


@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_changed_bytes_are_refused(file: Path, data: st.DataObject) -> None:
    content = bytearray(part(file, frozenset({0, 1})))
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))

    with pytest.raises(ValueError, match="no tally"):
        Tally.from_bytes(bytes(content))


def test_a_tally_of_another_scanner_is_refused(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("exchange.compliance.scanner.wire.VERSION", "0.9.0")
    content = measure_parquet(file, lexicon(), row_groups=[0], threads=1).to_bytes()
    monkeypatch.undo()

    with pytest.raises(ValueError, match=r"scanner 0\.9\.0"):
        Tally.from_bytes(content)


def test_nothing_adds_nothing(file: Path) -> None:
    one = part(file, frozenset({2}))

    assert add([Tally().to_bytes(), one, Tally().to_bytes()]).to_bytes() == one
