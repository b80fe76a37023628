"""What is taken away as a table runs nothing where it is opened, and comes back as it was."""

import csv
from decimal import Decimal
from io import StringIO

import pytest

from exchange.oversight.exports import FORMULA, csv_text


@pytest.mark.parametrize("sign", FORMULA)
def test_words_that_a_spreadsheet_would_run_stay_words(sign: str) -> None:
    cell = f"{sign}cmd|' /C calc'!A0"

    [[read, number]] = csv.reader(StringIO(csv_text([[cell, Decimal("-1.50")]]), newline=""))

    assert read == f"'{cell}"
    assert number == "-1.50"


def test_other_words_come_back_as_they_were() -> None:
    row = ["航班, 2013", 'said "yes"', "two\nlines", "1+1", ""]

    assert list(csv.reader(StringIO(csv_text([row]), newline=""))) == [row]
