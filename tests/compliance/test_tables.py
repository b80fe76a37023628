"""Whole tables: what each column holds, in any type, and that parts add up to the whole."""

import json
from datetime import date
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from exchange.compliance.measurement import values
from exchange.compliance.scanner import Tally, scan_parquet
from exchange.compliance.scanner import judge as judge_tally
from exchange.compliance.scanner.files import AROUND, measure_parquet

from .scanning import entities, judge, lexicon, read

RNG = Random(5)
NAMES = [values.name(RNG) for _ in range(60)]
IDS = [values.resident_id(RNG) for _ in range(60)]
MOBILES = [values.mobile(RNG) for _ in range(60)]


@pytest.mark.parametrize(
    "cells",
    [
        pa.array(MOBILES, pa.string()),
        pa.array(MOBILES, pa.large_string()),
        pa.array(MOBILES, pa.string_view()),
        pa.array(MOBILES).dictionary_encode(),
        pa.array([int(number) for number in MOBILES], pa.int64()),
        pa.array([int(number) for number in MOBILES], pa.uint64()),
        pa.array([float(number) for number in MOBILES], pa.float64()),
        pa.array([int(number) for number in MOBILES], pa.decimal128(18, 0)),
        pa.array([number.encode() for number in MOBILES], pa.binary()),
        pa.array([number.encode() for number in MOBILES], pa.binary(11)),
        pa.array([f"{number}.0" for number in MOBILES]),
        pa.array([f'="{number}"' for number in MOBILES]),
        pa.array([[number] for number in MOBILES]),
        pa.array([{"tel": {"number": number}} for number in MOBILES]),
        pa.array([json.dumps({"tel": number}) for number in MOBILES]),
        pa.array([[("tel", number)] for number in MOBILES], pa.map_(pa.string(), pa.string())),
    ],
)
def test_mobiles_are_found_in_every_type(cells: pa.Array) -> None:
    found = entities({"x": cells})

    assert set().union(*found.values()) == {"cn_mobile"}


def test_nulls_count_neither_for_nor_against() -> None:
    report = read({"x": [*MOBILES[:10], *[None] * 50]})

    (column,) = report.columns
    (mobile,) = column.entities
    assert (column.cells, column.nulls) == (60, 50)
    assert (mobile.count, mobile.share, mobile.distinct) == (10, 1.0, 10)


def test_the_same_value_many_times_is_one_person() -> None:
    report = read({"x": [MOBILES[0]] * 5000 + MOBILES[:10] * 100})

    (mobile,) = report.columns[0].entities
    assert (mobile.count, mobile.distinct) == (6000, 10)


def test_examples_are_masked() -> None:
    report = read({"证件": IDS, "名": NAMES, "箱": [f"user{i}@example.org" for i in range(60)]})

    shown = [text for c in report.columns for e in c.entities for text in e.examples]
    assert shown
    assert all("*" in text for text in shown)
    assert not any(value in text for text in shown for value in IDS)


def test_one_identity_number_in_many_other_numbers_is_found() -> None:
    rng = Random(3)
    column = [values.digits(rng, 18) for _ in range(4_000)]
    column[1_234] = values.resident_id(rng)

    assert "cn_resident_id" in entities({"编号": column})["编号"]


@pytest.mark.parametrize("length", [11, 13, 15, 16, 17, 18, 19])
def test_random_numbers_are_what_chance_makes_of_them(length: int) -> None:
    rng = Random(length)
    column = [values.digits(rng, length) for _ in range(30_000)]

    assert entities({"流水号": column}) == {}


@pytest.mark.parametrize("prefix", ["6222", "4100", "35", "621226"])
def test_running_numbers_with_the_prefix_of_a_card_are_no_cards(prefix: str) -> None:
    column = [f"{prefix}{index:0{16 - len(prefix)}}" for index in range(5000)]

    assert entities({"流水号": column}) == {}


def test_a_running_number_that_begins_like_a_mobile_is_none() -> None:
    assert entities({"编号": [15_000_000_000 + 7 * row for row in range(500)]}) == {}


def test_minors_are_told_by_their_numbers() -> None:
    rng = Random(8)
    young = [values.resident_id(rng, born=date(2016, 5, 1)) for _ in range(5)]
    grown = [values.resident_id(rng, born=date(1990, 5, 1)) for _ in range(95)]

    report = read({"证件": young + grown})

    minor = next(e for e in report.columns[0].entities if e.type == "minor_birth")
    assert (minor.count, minor.share) == (5, 0.05)
    assert "minor_birth" not in entities({"证件": grown})["证件"]


@pytest.mark.parametrize(
    ("header", "cells", "expected"),
    [
        ("姓名", NAMES, "person_name"),
        ("customerName", ["Anna Smith", "John Doe", "Mary Jones"], "person_name"),
        ("first_name", ["Anna", "John", "Mary"], "person_name"),
        ("x", NAMES, "person_name"),
        ("民族", ["汉族", "回族", "藏族"], "ethnicity"),
        ("religion", ["Buddhist", "Muslim", "none"], "religion"),
        ("出生日期", ["1990-01-02", "1985/3/4", "19770506"], "birth_date"),
        ("dob", [date(1990, 1, 2)] * 3, "birth_date"),
        ("月薪", [8000, 9000.5, 12000], "salary"),
        ("护照号", ["E12345678", "G12345678", "EA1234567"], "passport"),
        ("ICD10", ["I10", "E11.9", "C34.900"], "diagnosis_code"),
        ("诊断", ["高血压", "2型糖尿病，高血压", "胃炎"], "diagnosis"),
        ("微信号", ["wx_abc123", "lily2020", "13800138000"], "social_account"),
        ("人脸特征", [" ".join(["0.0123"] * 64)] * 3, "face_embedding"),
        ("face_embedding", [[0.1] * 64] * 3, "face_embedding"),
        ("密级", ["机密", "公开", "秘密"], "secrecy_level"),
        ("password", ["hunter2!", "s3cret", "Passw0rd"], "credential"),
        ("user_id", [f"u{i}" for i in range(40)], "pseudonymous_id"),
        ("device_id", [f"{i:032x}" for i in range(40)], "device_id"),
        ("protocol", ["Modbus", "IEC104", "DNP3"], "industrial_protocol"),
        ("基准", ["CGCS2000", "1985国家高程基准"], "survey_datum"),
    ],
)
def test_name_of_column_and_values_together(
    header: str, cells: list[object], expected: str
) -> None:
    assert expected in entities({header: cells})[header]


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("姓名", ["是", "否", "是"]),
        ("名称", ["东方明珠", "外滩", "豫园"]),
        ("景区", ["黄山", "泰山", "华山", "庐山"] * 20),
        ("city", ["Virginia Beach", "New York", "Los Angeles", "Fort Worth", "Salt Lake City"] * 9),
        ("民族", ["1", "2", "3"]),
        ("出生率", [12.1, 11.9, 10.2]),
        ("平均工资", [8000, 9000, 12000]),
        ("护照类型", ["普通", "公务", "外交"]),
        ("诊断", ["设备正常", "需更换轴承", "正常"]),
        ("微信公众号", ["上海发布", "人民日报", "新华社"]),
        ("surface", [" ".join(["0.0123"] * 64)] * 3),
        ("密码强度", [1, 2, 3]),
        ("password_policy", ["strong", "weak", "medium"]),
        ("user_sum", [10, 20, 30] * 20),
        ("product_id", [f"p{i}" for i in range(40)]),
        ("customer_id", ["a1", "b2", "c3"]),
        ("device_id", [f"pump-{i}" for i in range(40)]),
        ("protocol", ["HTTP", "MQTT", "AMQP"]),
        ("基准", ["沪深300", "中证500"]),
        ("等级", ["金卡", "银卡", "普通"]),
    ],
)
def test_name_of_column_alone_is_never_enough(header: str, cells: list[object]) -> None:
    assert entities({header: cells}) == {}


def write(path: Path, rows: int, group: int, metadata: dict[str, str] | None = None) -> Path:
    rng = Random(4)
    table = pa.table(
        {
            "证件": [values.resident_id(rng) for _ in range(rows)],
            "电话": [rng.choice(MOBILES) for _ in range(rows)],
            "备注": [f"第{row}条，无" for row in range(rows)],
            "n": list(range(rows)),
        }
    )
    pq.write_table(table.replace_schema_metadata(metadata), path, row_group_size=group)
    return path


def test_row_groups_read_apart_add_up_to_the_whole(tmp_path: Path) -> None:
    path = write(tmp_path / "t.parquet", rows=9000, group=1000)
    whole = scan_parquet(path, lexicon(), threads=2)

    parts = Tally()
    for first in range(0, 9, 3):
        parts.merge(measure_parquet(path, lexicon(), row_groups=range(first, first + 3)))

    assert judge_tally(parts, lexicon()) == whole
    assert scan_parquet(path, lexicon(), threads=1) == whole
    assert whole.rows == 9000


def test_progress_is_told_and_reaches_the_end(tmp_path: Path) -> None:
    path = write(tmp_path / "t.parquet", rows=3000, group=1000)
    told: list[tuple[int, int | None, str]] = []

    scan_parquet(path, lexicon(), progress=lambda *step: told.append(step))

    assert [done for done, _, _ in told] == [1000, 2000, 3000]
    assert {total for _, total, _ in told} == {3000}


def test_text_around_the_table_is_read_too(tmp_path: Path) -> None:
    metadata = {"remarks": json.dumps([f"联系 {MOBILES[0]}", "机密★10年"], ensure_ascii=False)}
    path = write(tmp_path / "t.parquet", rows=100, group=100, metadata=metadata)

    report = scan_parquet(path, lexicon())

    around = next(column for column in report.columns if column.name == AROUND)
    assert {entity.type for entity in around.entities} == {"cn_mobile", "secrecy_marking"}


def test_an_empty_table_has_its_columns_and_nothing_in_them(tmp_path: Path) -> None:
    path = write(tmp_path / "t.parquet", rows=0, group=10)

    report = scan_parquet(path, lexicon())

    assert report.rows == 0
    assert [column.name for column in report.columns] == ["证件", "电话", "备注", "n"]
    assert not report.entities()


def test_a_cell_of_many_megabytes_is_read_to_its_end() -> None:
    text = "无" * 3_000_000 + f"，身份证号{IDS[0]}。"

    assert "cn_resident_id" in entities({"正文": [text, "无"]})["正文"]


def test_bytes_that_are_no_text_hide_nothing() -> None:
    cells = pa.array([b"\xe4\xff\xe4" + IDS[0].encode() + b"\xf0\x9d", b"\xe2", b"", b"\x00"])

    assert "cn_resident_id" in entities({"blob": cells})["blob"]


def test_verdict_does_not_depend_on_order_or_names_of_columns() -> None:
    columns = {"证件": IDS, "金额": list(range(60))}

    renamed = {f"f{index}": cells for index, cells in enumerate(columns.values())}

    assert judge(columns).outcome == judge(renamed).outcome == "BLOCK"
