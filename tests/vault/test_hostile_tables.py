"""T51, T52: tables made to do harm end in a bounded fault, and who reads them goes on."""

import io
import random
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from exchange.vault.reading import Limits, read_file
from tests.vault.hostile import end_of
from tests.vault.making import repacked, workbook

MB = 1024**2
PLAIN = workbook({"s": [["城市", "人口"], ["上海", 2487], ["北京", 2189]]})
SOUND = pa.table({"城市": ["上海", "北京"] * 500, "人口": list(range(1000))})
SST = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">%s</sst>'
TYPED = (
    b'<Override PartName="/%s" ContentType="application/vnd.openxmlformats-officedocument.'
    b'spreadsheetml.%s+xml"/></Types>'
)
REFERRING = (
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    b'<row><c t="s"><v>0</v></c></row><row><c t="s"><v>1</v></c></row></sheetData></worksheet>'
)


def parquet(table: pa.Table, **options: object) -> bytes:
    """Return a table as Parquet."""
    out = io.BytesIO()
    pq.write_table(table, out, compression="zstd", **options)
    return out.getvalue()


def many_texts() -> bytes:
    """Return 20 GB of texts: twenty thousand times the same megabyte."""
    word = pa.array(["x" * 10**6]).dictionary_encode()
    return parquet(pa.table({"a": word.take(pa.array([0] * 20_000))}))


def many_rows() -> bytes:
    """Return 600 million cells, each the same number."""
    column = pa.array([7]).dictionary_encode().take(pa.array([0] * 10**6))
    return parquet(pa.table({f"c{n}": pa.chunked_array([column] * 60) for n in range(10)}))


def one_cell() -> bytes:
    """Return one cell of 300 MB, which is written in a few pages of zeros."""
    return parquet(pa.table({"a": ["0" * 300_000_000]}), use_dictionary=False)


def long_footer() -> bytes:
    """Return a footer that claims to be two gigabytes long."""
    return parquet(SOUND)[:-8] + b"\xff\xff\xff\x7fPAR1"


@pytest.mark.parametrize("make", [many_texts, many_rows, one_cell, long_footer])
def test_a_parquet_bomb_is_stopped(
    make: Callable[[], bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "original"
    path.write_bytes(make())
    assert path.stat().st_size < 40 * MB

    ended = end_of(path, "t.parquet", monkeypatch, Limits(seconds=30))

    assert ended.code in {"BOMB", "MEMORY", "TOO_LARGE", "MALFORMED"}, ended
    assert ended.seconds < 30
    assert ended.megabytes < 3 * 1024


def test_no_damage_to_a_footer_harms_who_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = parquet(SOUND)
    (length,) = struct.unpack_from("<I", sound, len(sound) - 8)
    footer = range(len(sound) - 8 - length, len(sound) - 4)
    chance = random.Random(51)
    path, ends = tmp_path / "original", set()

    for _ in range(10):
        damaged = bytearray(sound)
        for place in chance.sample(footer, chance.choice((1, 3, 20))):
            damaged[place] = chance.randrange(256)
        path.write_bytes(damaged)
        ended = end_of(path, "t.parquet", monkeypatch, Limits(seconds=10))
        assert ended.seconds < 12
        assert ended.megabytes < 3 * 1024
        ends.add(ended.code)

    assert "MALFORMED" in ends
    path.write_bytes(sound)
    assert end_of(path, "t.parquet", monkeypatch).what == "1000"


def shared(texts: bytes, part: str = "xl/sharedStrings.xml") -> bytes:
    """Return a workbook whose cells refer to these texts, which stand in a part of any name."""
    types = zip_part("[Content_Types].xml").replace(
        b"</Types>", TYPED % (part.encode(), b"sharedStrings")
    )
    return repacked(
        PLAIN, {part: texts, "[Content_Types].xml": types, "xl/worksheets/sheet1.xml": REFERRING}
    )


def zip_part(name: str) -> bytes:
    """Return a part of the sound workbook."""
    return zipfile.ZipFile(io.BytesIO(PLAIN)).read(name)


LAUGHS = b"".join(b'<!ENTITY a%d "&a%d;&a%d;">' % (n + 1, n, n) for n in range(30))
EVIL = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "aaaa">%s]>' + SST


@pytest.mark.parametrize("part", ["xl/sharedStrings.xml", "xl/strings.bin", "xl/media/image1.png"])
@pytest.mark.parametrize(
    ("declared", "used"),
    [(LAUGHS, b"&a30;"), (b'<!ENTITY f SYSTEM "file:///etc/passwd">', b"&f;")],
    ids=["billion laughs", "a file of the machine"],
)
def test_entities_are_refused_in_parts_of_any_name(
    part: str, declared: bytes, used: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "original"
    texts = EVIL % (declared, b"<si><t>a</t></si><si><t>%s</t></si>" % used)
    for spelled in (texts, texts.decode().encode("utf-16")):
        path.write_bytes(shared(spelled, part))

        ended = end_of(path, "t.xlsx", monkeypatch)

        assert ended.code == "MALFORMED"
        assert (ended.what, spelled is texts) in {("xml-entities", True), ("workbook", False)}


def test_ten_million_texts_of_a_workbook_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "original"
    path.write_bytes(shared(SST % (b"<si><t>a</t></si>" * 10_000_000)))

    ended = end_of(path, "t.xlsx", monkeypatch)

    assert (ended.code, ended.what) == ("BOMB", "expands")
    assert ended.seconds < 10
    assert ended.megabytes < 300


def test_as_many_texts_as_a_workbook_may_mean_are_read(tmp_path: Path) -> None:
    path = tmp_path / "original"
    path.write_bytes(shared(SST % (b"<si><t>a</t></si><si><t>b</t></si>" * 20_000)))

    reading = read_file(path, filename="t.xlsx", workdir=tmp_path)

    assert reading.rows == 1


@pytest.mark.parametrize(
    ("head", "piece", "megabytes"),
    [
        (b"a,b\n", b"x" * MB, 1024),
        (b'a,b\n1,"', b"x" * MB, 100),
        (b"\xff\xfea\0,\0b\0\n\0", b"x\0" * (MB // 2), 100),
        ("城市,b\n".encode("gb18030"), "市".encode("gb18030") * (MB // 2), 100),
    ],
    ids=["plain", "in quotes", "UTF-16", "GB18030"],
)
def test_a_line_without_end_is_refused(
    head: bytes, piece: bytes, megabytes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "original"
    with path.open("wb") as file:
        file.write(head)
        for _megabyte in range(megabytes):
            file.write(piece)

    ended = end_of(path, "t.csv", monkeypatch)
    path.unlink()

    assert ended.code == "TOO_LARGE", ended
    assert ended.seconds < 60
    assert ended.megabytes < 400


@pytest.mark.parametrize(
    ("content", "codes"),
    [
        (b"a,b\n1,\0\n", {"MALFORMED"}),
        (b"a,b\n" + b"1,2\n" * 90_000 + b"1,\0\n", {"MALFORMED"}),
        ("城市,数\n上海,1\n".encode() + "北京,2\n".encode("gb18030"), {"ENCODING"}),
        ("城市,数\n上海,1\n".encode("gb18030") + "北京,二\n".encode(), {"ENCODING"}),
        ("城市,数\n上海,1\n".encode("utf-16") + "北京,2\n".encode(), {"ENCODING", "TRUNCATED"}),
        ("城市,数\n".encode() + "上海,1\n".encode("utf-16-le"), {"ENCODING", "TRUNCATED"}),
    ],
    ids=["zero byte", "late zero byte", "8 then GB", "GB then 8", "16 then 8", "8 then 16"],
)
def test_zero_bytes_and_mixed_encodings_are_refused(
    content: bytes, codes: set[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "original"
    path.write_bytes(content)

    ended = end_of(path, "t.csv", monkeypatch)

    assert ended.code in codes, ended
    assert ended.seconds < 10
