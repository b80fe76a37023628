"""CSV and its relatives: encodings, delimiters, layouts, and every way of being broken."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vault.making import LIMITS, fault_of, notes_of, read_bytes, types_of

TABLE = "城市,人口,备注\n北京,2189,首都\n上海,2487,直辖市\n"
ROWS = [
    {"城市": "北京", "人口": 2189, "备注": "首都"},
    {"城市": "上海", "人口": 2487, "备注": "直辖市"},
]


@pytest.mark.parametrize(
    ("codec", "encoding"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("gb18030", "gb18030"),
        ("gbk", "gb18030"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16"),
        ("utf-16-be", "utf-16"),
    ],
)
def test_encodings(tmp_path: Path, codec: str, encoding: str) -> None:
    found, rows = read_bytes(tmp_path, TABLE.encode(codec))

    assert (found.format, found.encoding) == ("csv", encoding)
    assert rows == ROWS


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_delimiters(tmp_path: Path, delimiter: str) -> None:
    found, rows = read_bytes(tmp_path, TABLE.replace(",", delimiter))

    assert found.format == ("tsv" if delimiter == "\t" else "csv")
    assert rows == ROWS


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("closed", [True, False])
def test_line_ends(tmp_path: Path, ending: str, *, closed: bool) -> None:
    content = TABLE.replace("\n", ending)

    assert read_bytes(tmp_path, content if closed else content.removesuffix(ending))[1] == ROWS


def test_quoted_fields_hold_delimiters_quotes_and_line_ends(tmp_path: Path) -> None:
    content = 'id,text\n1,"a,b"\n2,"say ""hi"""\n3,"two\nlines"\n4,plain\n'

    _found, rows = read_bytes(tmp_path, content)

    assert [row["text"] for row in rows] == ["a,b", 'say "hi"', "two\nlines", "plain"]


def test_titles_above_and_remarks_below_stand_beside_the_table(tmp_path: Path) -> None:
    content = (
        "数据库：主要城市年度数据,,,\n指标：国内生产总值,,,\n\n"
        "地区,2018年,2017年,2016年\n北京,,28014.94,25669.13\n天津,,18549.19,17885.39\n"
        "数据来源：国家统计局,,,\n"
    )

    found, rows = read_bytes(tmp_path, content)

    assert rows == [
        {"地区": "北京", "2018年": None, "2017年": 28014.94, "2016年": 25669.13},
        {"地区": "天津", "2018年": None, "2017年": 18549.19, "2016年": 17885.39},
    ]
    assert found.outside == [
        "数据库：主要城市年度数据",
        "指标：国内生产总值",
        "数据来源：国家统计局",
    ]
    assert notes_of(found)["lines-above"] == {"count": 2}


def test_short_titles_and_remarks(tmp_path: Path) -> None:
    content = "Quarterly report\n\na,b,c\n1,2,3\n4,5,6\n\nSource: the office\nNote: as of May\n"

    found, rows = read_bytes(tmp_path, content)

    assert rows == [{"a": 1, "b": 2, "c": 3}, {"a": 4, "b": 5, "c": 6}]
    assert found.outside == ["Quarterly report", "Source: the office", "Note: as of May"]


def test_a_table_without_names(tmp_path: Path) -> None:
    found, rows = read_bytes(tmp_path, "1,2.5,x\n2,3.5,y\n")

    assert rows[0] == {"column_1": 1, "column_2": 2.5, "column_3": "x"}
    assert "no-header" in notes_of(found)


@pytest.mark.parametrize(
    "header",
    ["地区,2016,2017,2018", "站,1,2,3", "地区,2018年3月,2018年4月,2018年5月", ",2018,2017,2016"],
)
def test_years_and_running_numbers_are_names(tmp_path: Path, header: str) -> None:
    found, rows = read_bytes(tmp_path, f"{header}\na,10,20,30\nb,11,21,31\n")

    assert len(rows) == 2
    assert "no-header" not in notes_of(found)


def test_names_that_are_empty_or_repeated_are_adapted(tmp_path: Path) -> None:
    found, rows = read_bytes(tmp_path, "a,,a,a\n1,2,3,4\n")

    assert rows == [{"a": 1, "column_2": 2, "a_2": 3, "a_3": 4}]
    assert notes_of(found)["renamed-columns"] == {"count": 3}


def test_a_single_column_and_spaced_notation(tmp_path: Path) -> None:
    assert read_bytes(tmp_path, "code\n007\n008\n")[1] == [{"code": "007"}, {"code": "008"}]
    assert read_bytes(tmp_path, "a, b\n1, 2\n3, 4\n")[1] == [{"a": 1, "b": 2}, {"a": 3, "b": 4}]


def test_words_for_missing_are_gaps_beside_numbers_only(tmp_path: Path) -> None:
    found, rows = read_bytes(tmp_path, "n,t\n1,NA\nNA,x\n-,y\n")

    assert rows == [{"n": 1, "t": "NA"}, {"n": None, "t": "x"}, {"n": None, "t": "y"}]
    assert notes_of(found)["missing-words"] == {"column": "n", "count": 2}


def test_many_batches_agree(tmp_path: Path) -> None:
    lines = "".join(f"{n},{n / 4},w{n % 7}\n" for n in range(60_000))

    plain = read_bytes(tmp_path, "a,b,c\n" + lines)[1]
    quoted = read_bytes(tmp_path, 'a,b,"c"\n' + lines)[1]

    assert len(plain) == 60_000
    assert plain == quoted


cells = st.text(
    alphabet=st.characters(codec="utf-8", exclude_characters="\0\r", exclude_categories=["Cs"]),
    max_size=12,
)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.lists(cells, min_size=3, max_size=3), min_size=1, max_size=8))
def test_what_the_csv_module_writes_comes_back(
    tmp_path_factory: pytest.TempPathFactory, table: list[list[str]]
) -> None:
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerows([["alpha", "beta", "gamma"], *table, ["end", "end", "end"]])

    _found, rows = read_bytes(tmp_path_factory.mktemp("csv"), out.getvalue())

    assert [list(row.values()) for row in rows[:-1]] == [
        [cell or None for cell in record] for record in table
    ]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", ("EMPTY", "no-bytes")),
        (b" \n\t\n", ("EMPTY", "only-blanks")),
        (b"\xef\xbb\xbf", ("EMPTY", "only-blanks")),
        (b"a,b\n", ("EMPTY", "no-rows")),
        (b"a,b\n1,2\n3", ("TRUNCATED", "last-line")),
        (b'a,b\n1,"open\n2,3\n', ("TRUNCATED", "open-quote")),
        (b'a,b\n1,"x"y\n', ("MALFORMED", "stray-quote")),
        (b"a,b,c\n1,2,3\n4,5\n6,7,8\n", ("MALFORMED", "uneven")),
        (b"a,b\n1,2\n3,4,5\n", ("MALFORMED", "uneven")),
        (b"a,b\n1,\x00\n", ("MALFORMED", "zero-byte")),
        ("城市\n北京".encode()[:-1], ("TRUNCATED", "inside-character")),
        ("城市,数\n北京,1\n".encode("utf-16")[:-1], ("TRUNCATED", "inside-character")),
        (TABLE.encode() + "广州,1,省会\n".encode("gb18030"), ("ENCODING", "bad-byte")),
        (TABLE.encode("gb18030") + TABLE.encode() * 9, ("ENCODING", "bad-byte")),
        ("naïve,café\nJérôme,Zoë\n".encode("latin-1"), ("ENCODING", "unknown-encoding")),
        ("имя,город\nИван,Москва\n".encode("cp1251"), ("ENCODING", "unknown-encoding")),
        ("城市,人口\n臺北,1\n".encode("big5"), ("ENCODING", "unknown-encoding")),
        ("a,b\n1,2\n".encode("utf-32"), ("ENCODING", "unknown-encoding")),
        (b"%PDF-1.7\n", ("UNSUPPORTED", "foreign-format")),
        (b"\x1f\x8b\x08\x00rest", ("UNSUPPORTED", "foreign-format")),
        (b"<html><table></table></html>", ("UNSUPPORTED", "foreign-format")),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), ("UNSUPPORTED", "old-or-locked-office")),
        (b'[{"a": 1}]', ("MISNAMED", "name-and-content")),
    ],
)
def test_faults(tmp_path: Path, content: bytes, expected: tuple[str, str]) -> None:
    assert fault_of(tmp_path, content)[:2] == expected


def test_faults_name_the_place(tmp_path: Path) -> None:
    uneven = fault_of(tmp_path, "a,b,c\n1,2,3\n4,5\n6,7,8\n")
    quote = fault_of(tmp_path, 'a,b\n1,2\n3,"open\n5,6\n')
    byte = fault_of(tmp_path, TABLE.encode() + "广州,1,省会\n".encode("gb18030"))

    assert uneven[2] == {"line": 3, "fields": 2, "expected": 3}
    assert quote[2] == {"line": 3}
    assert byte[2] == {"line": 4, "byte": len(TABLE.encode()), "encoding": "UTF-8"}


def test_the_ending_must_agree_with_the_content(tmp_path: Path) -> None:
    for name in ("table.csv", "table.txt", "table", "TABLE.TSV", "a.b.csv"):
        assert read_bytes(tmp_path, TABLE, name)[1] == ROWS
    for name in ("table.parquet", "table.xlsx", "table.json", "table.xls", "table.pdf"):
        code, _what, params = fault_of(tmp_path, TABLE, name)
        assert (code, params["content"]) == ("MISNAMED", "CSV/TSV")


def test_limits_are_kept(tmp_path: Path) -> None:
    content = "a,b\n" + "1,2\n" * 1000
    long_cell = "a,b\n1," + "x" * 500 + "\n"

    assert fault_of(tmp_path, content, limits=LIMITS.but(rows=999))[1] == "rows"
    assert fault_of(tmp_path, content, limits=LIMITS.but(columns=1))[1] == "columns"
    assert fault_of(tmp_path, content, limits=LIMITS.but(bytes=100))[1] == "bytes"
    assert fault_of(tmp_path, long_cell, limits=LIMITS.but(cell=100))[0] == "TOO_LARGE"
    assert fault_of(tmp_path, "x" * 5000, limits=LIMITS.but(cell=100))[0] == "TOO_LARGE"
    assert read_bytes(tmp_path, content, limits=LIMITS.but(rows=1000))[0].rows == 1000


def test_much_text_outside_of_the_table_is_refused(tmp_path: Path) -> None:
    content = "secret " * 30 + "\n\na,b,c\n1,2,3\n4,5,6\n"

    assert fault_of(tmp_path, content, limits=LIMITS.but(outside=100))[1] == "much-outside"


def test_types_of_a_mixed_table(tmp_path: Path) -> None:
    found, _rows = read_bytes(
        tmp_path, "when,ok,n,x\n2026-01-01 10:00:00,true,1,a\n2026-01-02 11:30:00,false,2.5,b\n"
    )

    assert types_of(found) == {"when": "timestamp", "ok": "boolean", "n": "number", "x": "text"}
