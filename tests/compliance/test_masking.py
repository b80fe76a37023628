"""What of a value may be seen: in reports, and in the sample that buyers look at."""

from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from exchange.compliance.masking import ROWS, mask_sample
from exchange.compliance.measurement import values
from exchange.compliance.scanner.masking import mask

from .scanning import PACK, lexicon, read


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("cn_resident_id", "11010519491231002X", "110105**********2X"),
        ("cn_mobile", "13800138000", "138****8000"),
        ("bank_card", "6222021234567894", "622202******7894"),
        ("email", "zhang.san@example.com", "z***@example.com"),
        ("han_name", "欧阳娜娜", "欧***"),
        ("us_ssn", "911-12-3196", "*******3196"),
        ("secret_key", "AKIAIOSFODNN7EXAMPLE", "AKIA***"),
        ("unheard_of", "abc", "a**"),
        ("cn_resident_id", "12", "1*"),
        ("han_name", "王", "*"),
    ],
)
def test_mask(kind: str, value: str, shown: str) -> None:
    assert mask(kind, value) == shown


def test_sample_shows_rows_and_hides_persons(tmp_path: Path) -> None:
    rng = Random(2)
    mobiles = [values.mobile(rng) for _ in range(50)]
    table = pa.table(
        {
            "会员编号": [f"HY{row:05}" for row in range(50)],
            "电话": mobiles,
            "城市": ["上海", None] * 25,
            "备注": [f"联系 {mobiles[0]}" if row == 3 else "无" for row in range(50)],
            "金额": [1.5] * 50,
            "记录": [{"tel": mobile} for mobile in mobiles],
        }
    )
    path = tmp_path / "t.parquet"
    pq.write_table(table, path)

    sample = mask_sample(path, read(table), PACK.data, lexicon())

    assert sample["columns"] == table.column_names
    assert len(sample["rows"]) == ROWS
    assert sample["masked"] == ["会员编号", "电话", "备注", "记录"]
    assert sample["rows"][0][2] == "上海"
    assert sample["rows"][0][4] == "1.5"
    assert sample["rows"][1][2] is None
    text = str(sample)
    assert not any(mobile in text for mobile in mobiles)


def test_a_stray_number_in_a_column_that_is_shown_is_masked(tmp_path: Path) -> None:
    card = "6212345678901232"
    table = pa.table({"备注": [card if row == 3 else f"第{row}批" for row in range(50)]})
    path = tmp_path / "t.parquet"
    pq.write_table(table, path)
    assert not read(table).columns[0].entities

    sample = mask_sample(path, read(table), PACK.data, lexicon())

    assert sample["masked"] == []
    assert sample["rows"][2] == ["第2批"]
    assert sample["rows"][3] == ["621234******1232"]


def test_sample_of_an_empty_table_has_its_columns(tmp_path: Path) -> None:
    table = pa.table({"a": pa.array([], pa.string())})
    path = tmp_path / "t.parquet"
    pq.write_table(table, path)

    sample = mask_sample(path, read(table), PACK.data, lexicon())

    assert sample == {"columns": ["a"], "rows": [], "masked": []}
