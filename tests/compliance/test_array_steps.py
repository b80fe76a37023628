"""Steps that the scanner takes for thousands of values at once, beside the same for one value."""

import re
from base64 import b64encode
from bisect import bisect_right
from collections.abc import Callable
from datetime import date
from hashlib import md5
from pathlib import Path
from random import Random

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn
from stdnum.iso7064 import mod_11_2

from exchange.compliance.measurement import values
from exchange.compliance.scanner import measure_parquet
from exchange.compliance.scanner.blocks import find_runs, from_texts, read_blocks
from exchange.compliance.scanner.checks import luhn_check, real_dates, resident_check
from exchange.compliance.scanner.han import read_pairs
from exchange.compliance.scanner.measure import cut, join, measure
from exchange.compliance.scanner.sketch import hash_spans

from .scanning import lexicon

TEXTS = st.lists(st.text(st.sampled_from("Ab9é中\x00 "), max_size=70), min_size=1, max_size=20)
DIGITS = st.lists(st.text("0123456789", min_size=17, max_size=17), min_size=1, max_size=20)


def exists(year: int, month: int, day: int) -> bool:
    """Whether the calendar has the day."""
    try:
        return bool(date(year, month, day))
    except ValueError:
        return False


def matrix(numbers: list[str]) -> "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]":
    """Lay out numbers side by side, X as ten."""
    rows = [[10 if digit == "X" else int(digit) for digit in number] for number in numbers]
    return np.array(rows, np.uint8).T


@pytest.mark.parametrize("year", [1900, 1999, 2000, 2023, 2024, 2100])
def test_dates_are_those_of_the_calendar(year: int) -> None:
    days = np.arange(10_000)

    right = real_dates(np.full(days.size, year), days)

    assert right.tolist() == [exists(year, day // 100, day % 100) for day in days.tolist()]


@given(numbers=DIGITS)
def test_check_digits_are_those_of_the_standards(numbers: list[str]) -> None:
    assert luhn_check(matrix(numbers), 17).tolist() == [luhn.checksum(n) == 0 for n in numbers]
    for check in "0123456789X":
        whole = [number + check for number in numbers]
        assert resident_check(matrix(whole)).tolist() == [mod_11_2.is_valid(n) for n in whole]


@given(texts=TEXTS)
def test_values_have_one_hash_in_small_letters_and_capitals_wherever_they_stand(
    texts: list[str],
) -> None:
    block = from_texts(texts)
    hashes = hash_spans(block.data, block.starts, block.ends)

    for text, found in zip(texts, hashes, strict=True):
        alone = from_texts([text.replace("b", "B").replace("A", "a")])
        assert hash_spans(alone.data, alone.starts, alone.ends)[0] == found
    cut_short = {text.encode()[:64].lower().rstrip(b"\x00") for text in texts}
    assert len(cut_short) >= len(set(hashes.tolist()))


@given(texts=TEXTS)
def test_each_place_lies_in_its_cell(texts: list[str]) -> None:
    block = from_texts(texts)
    every = np.concatenate(
        [np.arange(*pair) for pair in zip(block.starts, block.ends, strict=True)]
    )
    heads = block.starts[block.filled]

    for places in (every, heads):
        asked = places.astype(np.int64)
        expected = [bisect_right(block.starts.tolist(), place) - 1 for place in asked.tolist()]
        assert block.cells_of(asked).tolist() == expected


@given(
    wanted=st.sets(st.text("省市区县旗州", min_size=2, max_size=2), min_size=1),
    text=st.text("省市区县旗州盟"),
)
def test_pairs_of_characters_are_told_from_others(wanted: set[str], text: str) -> None:
    pairs = read_pairs(wanted)
    points = np.array([ord(character) for character in text], np.int64)

    index, numbers = pairs.find(points[:-1], points[1:])

    expected = [at for at in range(len(text) - 1) if text[at : at + 2] in wanted]
    assert index.tolist() == expected
    assert [sorted(wanted)[number] for number in numbers.tolist()] == [
        text[at : at + 2] for at in expected
    ]


@pytest.mark.parametrize("few", [["", None], [None, None, "无"], ["a", "b"], [""] * 5])
@pytest.mark.parametrize("rows", [900, 3000])
def test_text_in_dictionaries_counts_as_text_that_stands_in_the_cells(
    few: list[str | None], rows: int, tmp_path: Path
) -> None:
    rng = Random(rows)
    kept = [*few, *(values.resident_id(rng) for _ in range(30)), *(map(values.email, [rng] * 9))]
    cells = pa.table({"x": pa.array([rng.choice(kept) for _ in range(rows)], pa.string())})
    entries = pa.array(["from nowhere", *dict.fromkeys(kept).keys() - {None}, ""])
    numbers = pc.index_in(cells["x"].combine_chunks(), entries)
    unusual = pa.DictionaryArray.from_arrays(numbers, entries)
    for name, stored in (("plain", False), ("stored", True)):
        pq.write_table(cells, tmp_path / name, use_dictionary=stored)

    plain = measure_parquet(tmp_path / "plain", lexicon())

    assert plain.columns["x"].hits["email"] > 0
    assert measure_parquet(tmp_path / "stored", lexicon()).to_bytes() == plain.to_bytes()
    batch = pa.record_batch({"x": unusual})
    assert measure(batch, lexicon()).to_bytes() == plain.to_bytes()


@given(
    shapes=st.lists(st.sampled_from(["1a", "22", "b3", "zz"]), min_size=1, max_size=9),
    alike=st.booleans(),
)
def test_runs_in_cells_of_one_length_are_those_of_each(*, shapes: list[str], alike: bool) -> None:
    cells = [shapes[0].replace("2", str(at % 10)) for at in range(9)] if alike else shapes
    block = from_texts(cells)

    begins, ends = find_runs((block.data - np.uint8(48)) < 10, block)

    runs = [block.text(begin, end) for begin, end in zip(begins, ends, strict=True)]
    assert runs == [digits for cell in cells for digits in re.findall(r"\d+", cell)]
    assert block.pitch == (3 if len(cells) > 1 else 0)


def test_a_block_of_several_portions_gives_what_each_gives_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng = Random(6)
    written: list[Callable[[str], str]] = [
        lambda cell: f"{rng.randrange(9)}: {cell}",
        lambda cell: b64encode(cell.encode()).decode(),
        lambda cell: "".join(f"%{byte:02X}" for byte in cell.encode()),
        lambda cell: f"{int(cell[:11]) + 13 * 10**9:,}",
    ]
    cells = [write(values.mobile(rng)) for write in written for _ in range(25_000)]
    batch = pa.record_batch({"x": pa.array(cells)})
    blocks = list(read_blocks(batch["x"]))

    whole = measure(batch, lexicon())
    monkeypatch.setattr("exchange.compliance.scanner.blocks.BLOCK_BYTES", 1)

    assert len(blocks) == 1
    assert blocks[0].portions is not None
    assert len(list(read_blocks(batch["x"]))) == len(set(blocks[0].portions.tolist())) == 2
    assert {way for _, way in whole.views} == {"escapes", "wrapped"}
    assert measure(batch, lexicon()).to_bytes() == whole.to_bytes()


def test_pieces_of_a_batch_give_the_whole_in_any_order_of_work() -> None:
    rng = Random(4)
    numbers = [values.resident_id(rng) for _ in range(300)]
    digests = [md5(number.encode(), usedforsecurity=False).hexdigest() for number in numbers]
    inner = [{"b": values.mobile(rng)} for _ in range(300)]
    columns = [pa.array(cells) for cells in (numbers, digests, inner, ["无"] * 300)]
    batch = pa.record_batch(columns, ["证件", "摘要", "a", "a.b"])

    pieces = cut(batch, lexicon(), size=1)
    done = {at: pieces[at]() for at in reversed(range(len(pieces)))}
    whole = join(batch, (done[at] for at in range(len(pieces))))

    assert len(pieces) == 5
    assert whole.columns["摘要"].hits["digest_proved"] == 300
    assert whole.columns["a.b"].cells == 600
    assert whole.to_bytes() == measure(batch, lexicon()).to_bytes()
