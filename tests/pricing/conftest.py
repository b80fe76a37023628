"""Fixtures of the pricing tests."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from .listing_rows import COLUMNS, Rows


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def _write(rows: Rows, name: str = "listings.csv") -> Path:
        path = tmp_path / name
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            writer.writerows(rows)
        return path

    return _write
