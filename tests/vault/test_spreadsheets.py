"""Workbooks: sheets, layouts, cells, and archives made to do harm."""

import datetime as dt
import io
import struct
import time
import warnings
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.workbook.defined_name import DefinedName

from tests.vault.making import (
    LIMITS,
    fault_of,
    notes_of,
    read_bytes,
    repacked,
    types_of,
    workbook,
)

EIGHT_THIRTY = dt.datetime(2026, 1, 1, 8, 30)  # noqa: DTZ001  workbooks know no zones
PLAIN = workbook({"Sheet1": [["城市", "人口", "设立"], ["上海", 2487, dt.date(1927, 7, 7)]]})


def test_one_sheet(tmp_path: Path) -> None:
    found, rows = read_bytes(tmp_path, PLAIN, "t.xlsx")

    assert found.format == "xlsx"
    assert rows == [{"城市": "上海", "人口": 2487, "设立": dt.date(1927, 7, 7)}]
    assert types_of(found) == {"城市": "text", "人口": "integer", "设立": "date"}


def test_several_sheets_become_one_table_and_hidden_ones_are_read(tmp_path: Path) -> None:
    content = workbook(
        {
            "甲": [["数据库：年度数据"], ["地区", "2018年", "2017年"], ["北京", None, 2.5]],
            "空": [],
            "乙": [["地区", "人口"], ["上海", 2487], ["数据来源：国家统计局"]],
        },
        hidden=["乙"],
    )

    found, rows = read_bytes(tmp_path, content, "t.xlsx")

    assert rows == [
        {"sheet": "甲", "地区": "北京", "2018年": None, "2017年": 2.5, "人口": None},
        {"sheet": "乙", "地区": "上海", "2018年": None, "2017年": None, "人口": 2487},
    ]
    assert notes_of(found)["hidden-sheet"] == {"sheet": "乙"}
    assert found.outside == ["数据库：年度数据", "数据来源：国家统计局"]


def test_remarks_below_a_sheet_stand_beside_the_table(tmp_path: Path) -> None:
    content = workbook(
        {"s": [["a", "b", "c"], [1, 2, 3], [None], [4, 5, 6], ["注：初步核算数"], ["来源：统计局"]]}
    )

    found, rows = read_bytes(tmp_path, content, "t.xlsx")

    assert rows == [{"a": 1, "b": 2, "c": 3}, {"a": 4, "b": 5, "c": 6}]
    assert found.outside == ["注：初步核算数", "来源：统计局"]


def test_cells_of_every_sort(tmp_path: Path) -> None:
    content = workbook(
        {
            "s": [
                ["code", "mixed", "when", "n", "ok", "long", "gap"],
                ["007", 1, EIGHT_THIRTY, 1, True, 110101199003070011, "#N/A"],
                ["008", "x", dt.date(2026, 1, 2), 2.5, False, 7, 5],
            ]
        }
    )

    found, rows = read_bytes(tmp_path, content, "t.xlsx")

    assert types_of(found) == {
        "code": "text",
        "mixed": "text",
        "when": "timestamp",
        "n": "number",
        "ok": "boolean",
        "long": "text",
        "gap": "integer",
    }
    assert rows[0]["when"] == EIGHT_THIRTY
    assert [row["mixed"] for row in rows] == ["1", "x"]
    assert rows[0]["gap"] is None


def test_merged_titles_and_unnamed_columns_are_tolerated(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["二〇一七年各市指标", None, None])
    sheet.merge_cells("A1:C1")
    sheet.append(["地区", None, "值"])
    sheet.append(["北京", "x", 1])
    sheet.append(["天津", "x", 3])
    sheet.append(["上海", "y", 2, "extra"])
    out = io.BytesIO()
    book.save(out)

    found, rows = read_bytes(tmp_path, out.getvalue(), "t.xlsx")

    assert rows[0] == {"地区": "北京", "column_2": "x", "值": 1, "column_4": None}
    assert rows[2] == {"地区": "上海", "column_2": "y", "值": 2, "column_4": "extra"}
    assert found.outside == ["二〇一七年各市指标"]


def test_comments_stand_beside_the_table(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (["a", "b"], [1, 2]):
        sheet.append(row)
    sheet["A2"].comment = Comment("call 13800138000", "me")
    out = io.BytesIO()
    book.save(out)

    assert read_bytes(tmp_path, out.getvalue(), "t.xlsx")[0].outside == ["call 13800138000"]


def test_a_sheet_that_lies_about_its_size_is_read_to_its_end(tmp_path: Path) -> None:
    content = workbook({"s": [["a", "b"], *([n, n] for n in range(500))]})
    sheet = zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml")
    lying = repacked(
        content, {"xl/worksheets/sheet1.xml": sheet.replace(b'ref="A1:B501"', b'ref="A1:A1"')}
    )

    assert read_bytes(tmp_path, lying, "t.xlsx")[0].rows == 500


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (PLAIN[:-30], ("TRUNCATED", "archive-end")),
        (PLAIN[: len(PLAIN) // 2], ("TRUNCATED", "archive-end")),
        (workbook({"s": []}), ("EMPTY", "empty-sheets")),
        (workbook({"s": [["a", "b"]]}), ("EMPTY", "no-rows")),
        (repacked(PLAIN, {"xl/vbaProject.bin": b"x"}), ("UNSUPPORTED", "workbook-with-macros")),
        (repacked(PLAIN, {"../evil": b"x"}), ("MALFORMED", "archive-names")),
        (repacked(PLAIN, {"/etc/passwd": b"x"}), ("MALFORMED", "archive-names")),
        (repacked(PLAIN, {"c:\\x": b"x"}), ("MALFORMED", "archive-names")),
        (repacked(PLAIN, {"xl/workbook.xml": b"<workbook"}), ("MALFORMED", "workbook")),
        (repacked(PLAIN, {"xl/worksheets/sheet1.xml": b"<x>"}), ("MALFORMED", "workbook")),
    ],
)
def test_faults(tmp_path: Path, content: bytes, expected: tuple[str, str]) -> None:
    assert fault_of(tmp_path, content, "t.xlsx")[:2] == expected


def test_an_archive_that_is_no_workbook(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.csv", "a,b\n1,2\n")

    code, what, params = fault_of(tmp_path, out.getvalue(), "t.xlsx")

    assert (code, what, params["content"]) == ("UNSUPPORTED", "foreign-format", "ZIP")


def test_a_symbolic_link_or_a_repeated_name_is_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("xl/media/link")
    link.external_attr = 0o120777 << 16
    for extra in (link, zipfile.ZipInfo("xl/workbook.xml")):
        out = io.BytesIO(PLAIN)
        with zipfile.ZipFile(out, "a") as archive, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            archive.writestr(extra, "/etc/passwd")

        assert fault_of(tmp_path, out.getvalue(), "t.xlsx")[1] == "archive-names"


def bomb(xml: bytes) -> bytes:
    return repacked(PLAIN, {"xl/worksheets/sheet1.xml": xml})


def test_a_ratio_bomb_is_refused_before_it_unfolds(tmp_path: Path) -> None:
    content = bomb(b"<worksheet>" + bytes(30 * 1024**2))
    start = time.perf_counter()

    limits = LIMITS.but(expansion_from=1024**2, expansion=100)

    code, what, params = fault_of(tmp_path, content, "t.xlsx", limits)

    assert (code, what) == ("BOMB", "expands")
    assert params["megabytes"] >= 30
    assert time.perf_counter() - start < 2


def test_a_bomb_with_a_lying_directory_is_not_unfolded(tmp_path: Path) -> None:
    content = bytearray(bomb(b"<worksheet>" + b"x" * (20 * 1024**2)))
    name = b"xl/worksheets/sheet1.xml"
    place = content.rfind(name) - 46  # its entry in the central directory
    assert content[place : place + 4] == b"PK\x01\x02"
    struct.pack_into("<I", content, place + 24, 1000)

    code, _what, _params = fault_of(tmp_path, bytes(content), "t.xlsx")

    assert code in {"TRUNCATED", "MALFORMED"}


def test_a_million_entries_are_refused_at_once(tmp_path: Path) -> None:
    entry = struct.pack("<4s6H3I5H2I", b"PK\x01\x02", *[0] * 9, 1, 0, 0, 0, 0, 0, 0) + b"a"
    directory = entry * 1_000_000
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 5, 5, len(directory), 4, 0)
    start = time.perf_counter()

    fault = fault_of(tmp_path, b"PK\x03\x04" + directory + end, "t.xlsx")

    assert fault[:2] == ("TOO_LARGE", "archive-entries")
    assert time.perf_counter() - start < 2


ENTITY = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">%s]>
<worksheet><sheetData><row><c t="inlineStr"><is><t>%s</t></is></c></row></sheetData></worksheet>"""


@pytest.mark.parametrize(
    ("declared", "used"),
    [
        (b'<!ENTITY f SYSTEM "file:///etc/passwd">', b"&f;"),
        (b'<!ENTITY f SYSTEM "http://127.0.0.1:1/">', b"&f;"),
        (b"".join(b'<!ENTITY a%d "&a%d;&a%d;">' % (n + 1, n, n) for n in range(30)), b"&a30;"),
    ],
    ids=["file", "network", "billion laughs"],
)
def test_xml_entities_are_refused(tmp_path: Path, declared: bytes, used: bytes) -> None:
    content = bomb(ENTITY % (declared, used))

    assert fault_of(tmp_path, content, "t.xlsx")[:2] == ("MALFORMED", "xml-entities")


def test_limits_are_kept(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["a", "b"], *([n, "x" * 50] for n in range(300))]
    content = workbook({"s": rows})

    assert fault_of(tmp_path, content, "t.xlsx", LIMITS.but(rows=299))[1] == "rows"
    assert fault_of(tmp_path, content, "t.xlsx", LIMITS.but(cell=49))[1] == "cell"
    assert fault_of(tmp_path, content, "t.xlsx", LIMITS.but(columns=1))[1] == "columns"
    assert fault_of(tmp_path, content, "t.xlsx", LIMITS.but(entries=3))[1] == "archive-entries"


def test_what_stands_beside_the_cells_is_read(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["城市", "值"])
    sheet.append(["上海", 1])
    sheet.column_dimensions["B"].hidden = True
    sheet.oddHeader.center.text = "内部资料 13800138001"
    sheet["A2"].hyperlink = "mailto:zhang.san@example.org"
    book.properties.description = "联系人 13800138002"
    book.defined_names["tel"] = DefinedName("tel", attr_text='"13800138003"')
    out = io.BytesIO()
    book.save(out)

    found, rows = read_bytes(tmp_path, out.getvalue(), "t.xlsx")

    assert rows == [{"城市": "上海", "值": 1}]
    assert sorted(found.outside) == [
        '"13800138003"',
        "&C内部资料 13800138001",
        "mailto:zhang.san@example.org",
        "联系人 13800138002",
    ]


def test_values_that_a_pivot_table_keeps_are_read(tmp_path: Path) -> None:
    content = workbook({"表": [["城市", "值"], ["上海", 1]]})
    cache = (
        '<pivotCacheRecords xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        '<r><s v="13800138004"/><n v="3"/></r></pivotCacheRecords>'
    )
    source = io.BytesIO(content)
    with zipfile.ZipFile(source, "a") as archive:
        archive.writestr("xl/pivotCache/pivotCacheRecords1.xml", cache)

    found, _ = read_bytes(tmp_path, source.getvalue(), "t.xlsx")

    assert found.outside == ["13800138004"]
