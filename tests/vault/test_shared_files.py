"""Real files and restricted samples are read to their end, with the rows they are known to have."""

import json
import re
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from django.conf import settings

from exchange.vault.formats import readers
from exchange.vault.formats.readers import Read
from exchange.vault.profiles import profile_parquet
from tests.vault.making import LIMITS, no_progress, notes_of

SHARED = Path(settings.SHARED_DATA)
MANIFEST: list[dict[str, Any]] = (
    json.loads((SHARED / "MANIFEST.json").read_text(encoding="utf-8")) if SHARED.is_dir() else []
)
FILES = {entry["file"]: entry for entry in MANIFEST if entry["group"] in {"dataset", "restricted"}}
WITH_TITLES = "datasets/s12_china_city_macro.xlsx"


def read(path: Path, workdir: Path) -> Read:
    return readers.read(path, path.name, workdir, LIMITS, no_progress)


def test_the_samples_are_all_there(shared_data: Path) -> None:
    assert len(FILES) == 30


@pytest.mark.parametrize("name", [name for name in FILES if name != WITH_TITLES])
def test_every_row_of_a_sample_is_read(shared_data: Path, name: str, tmp_path: Path) -> None:
    entry = FILES[name]

    found = read(shared_data / name, tmp_path)

    assert found.rows == entry["rows"]
    table = pq.ParquetFile(tmp_path / "table.parquet")
    assert table.metadata.num_rows == entry["rows"]
    names = [column["name"] for column in found.columns]
    assert names == table.schema_arrow.names
    if entry["format"].startswith(("csv", "parquet")):
        assert names == [re.sub(r"\s+", " ", column).strip() for column in entry["columns"]]
    profile = profile_parquet(tmp_path / "table.parquet")
    assert len(profile["columns"]) == len(names)
    json.dumps(profile, allow_nan=False)


def test_titles_and_remarks_of_the_four_sheet_workbook(shared_data: Path, tmp_path: Path) -> None:
    """The manifest counts every filled line; names, titles and remarks are no rows."""
    found = read(shared_data / WITH_TITLES, tmp_path)

    names_of_sheets = 4
    assert found.rows == 36 + 4 + 4 + 35
    assert found.rows + names_of_sheets + len(found.outside) == FILES[WITH_TITLES]["rows"]
    assert found.outside.count("数据来源：国家统计局") == 3
    assert notes_of(found)["sheet"] == {"sheet": "2017社会经济指标", "rows": 35}


def test_codes_of_the_samples_stay_text(shared_data: Path, tmp_path: Path) -> None:
    kept = {
        "restricted/r01_resident_ids.csv": ["身份证号"],
        "restricted/r02_bank_cards.csv": ["卡号", "预留手机号"],
        "restricted/r03_customer_contacts.csv": ["联系电话"],
        "restricted/r11_payroll_en.csv": ["ssn", "zip"],
    }

    for name, columns in kept.items():
        types = {c["name"]: c["type"] for c in read(shared_data / name, tmp_path).columns}
        assert [types[column] for column in columns] == ["text"] * len(columns)
