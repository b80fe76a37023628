"""T53: what is taken away as a table runs nothing where it is opened, and comes back as it was."""

import csv
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.oversight.exports import FORMULA, GUARD, csv_text
from tests.vault.making import read_bytes, types_of


@pytest.mark.parametrize("sign", FORMULA)
def test_words_that_a_spreadsheet_would_run_stay_words(sign: str) -> None:
    cell = f"{sign}cmd|' /C calc'!A0"

    [[read, number]] = csv.reader(StringIO(csv_text([[cell, Decimal("-1.50")]]), newline=""))

    assert read == f"'{cell}"
    assert number == "-1.50"


@settings(max_examples=300)
@given(st.lists(st.text(max_size=12), min_size=1, max_size=6))
def test_whatever_was_written_is_read_again(row: list[str]) -> None:
    row = [cell.encode("utf-8", "replace").decode() for cell in row]

    [read] = csv.reader(StringIO(csv_text([row]), newline=""))

    assert [cell.removeprefix(GUARD) for cell in read] == row
    assert not any(cell.startswith(FORMULA) for cell in read)


@pytest.mark.parametrize("sign", [GUARD, *FORMULA])
def test_a_guarded_table_is_read_by_our_own_reader_as_words(sign: str, tmp_path: Path) -> None:
    cell = f"{sign}1+1"
    if set(cell) & set("\0\r\n\t"):
        cell = cell.translate({ord(c): "  " for c in "\0\r\n\t"})
    text = csv_text([["城市", "备注"], ["上海", cell], ["北京", "x"]])

    found, rows = read_bytes(tmp_path, text, "t.csv")

    assert types_of(found)["备注"] == "text"
    assert rows[0]["备注"].removeprefix(GUARD) == cell


def test_other_words_come_back_as_they_were() -> None:
    row = ["航班, 2013", 'said "yes"', "two\nlines", "1+1", ""]

    assert list(csv.reader(StringIO(csv_text([row]), newline=""))) == [row]
