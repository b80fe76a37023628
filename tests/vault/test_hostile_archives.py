"""T50: archives made to do harm are refused within two seconds and 200 MB."""

import io
import struct
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.vault.hostile import end_of
from tests.vault.making import repacked, workbook

PLAIN = workbook({"s": [["城市", "人口"], ["上海", 2487], ["北京", 2189]]})
LOCAL = b"PK\x03\x04"
SECONDS, MEGABYTES = 2, 200
MILLION = 1_000_000


def nested() -> bytes:
    """Return zips within zips, sixteen of them on each of six floors (42.zip)."""
    inner = bytes(10**6)
    for _floor in range(6):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for number in range(16):
                archive.writestr(f"{number}.zip", inner)
        inner = out.getvalue()
    return inner


def directory(*, names: Callable[[int], bytes] = lambda number: b"%07d" % number) -> bytes:
    """Return the central directory of a million entries."""
    entry = struct.pack("<4s6H3I5H2I", b"PK\x01\x02", *[0] * 9, 7, 0, 0, 0, 0, 0, 0)
    return b"".join(entry + names(number) for number in range(MILLION))


def end(count: int, length: int, start: int) -> bytes:
    """Return an end record that claims so much."""
    return struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, count, count, length, start, 0)


def many_said() -> bytes:
    """Return a million entries; the end record says that there are 16,960 of them."""
    listed = directory()
    return LOCAL + listed + end(MILLION & 0xFFFF, len(listed), 4)


def many_unsaid() -> bytes:
    """Return a million entries of which only the longer end record speaks; the short one lies."""
    listed = directory()
    longer = struct.pack(
        "<4sQ2H2I4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, MILLION, MILLION, len(listed), 4
    )
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, 4 + len(listed), 1)
    return LOCAL + listed + longer + locator + end(1, 46, 4)


def overlapping() -> bytes:
    """Return 1,900 entries that share the bytes of one: 8 MB each of a file of 200 kB."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/a.xml", bytes(8 * 1024**2))
    content = out.getvalue()
    start = content.index(b"PK\x01\x02")
    entry = bytearray(content[start : start + 46])
    struct.pack_into("<H", entry, 28, len("0000.xml"))
    listed = b"".join(bytes(entry) + b"%04d.xml" % number for number in range(1900))
    return content[:start] + listed + end(1900, len(listed), start)


def ratio() -> bytes:
    """Return a sheet of 1.5 GB in a file of 1.5 MB."""
    out = io.BytesIO(PLAIN)
    with (
        zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet9.xml", "w", force_zip64=True) as part,
    ):
        for _megabyte in range(1500):
            part.write(bytes(1024**2))
    return out.getvalue()


def lying() -> bytes:
    """Return a part of 300 MB that the directory calls one of a thousand bytes."""
    bomb = repacked(PLAIN, {"xl/worksheets/sheet1.xml": b"<x>" + bytes(300 * 1024**2)})
    content = bytearray(bomb)
    place = content.rfind(b"xl/worksheets/sheet1.xml") - 46
    struct.pack_into("<I", content, place + 24, 1000)
    return bytes(content)


def named(name: str, *, link: bool = False) -> bytes:
    """Return a workbook with one more part of this name."""
    out = io.BytesIO(PLAIN)
    extra = zipfile.ZipInfo("placeholder")
    extra.filename = name
    if link:
        extra.external_attr = 0o120777 << 16
    with zipfile.ZipFile(out, "a") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        archive.writestr(extra, "/etc/passwd")
    return out.getvalue()


ATTACKS: dict[str, tuple[Callable[[], bytes], set[str]]] = {
    "zips within zips": (nested, {"UNSUPPORTED"}),
    "a workbook that holds zips within zips": (
        lambda: repacked(PLAIN, {"xl/worksheets/sheet1.xml": nested()}),
        {"MALFORMED"},
    ),
    "a million entries": (many_said, {"TOO_LARGE"}),
    "a million entries, and an end record that says one": (many_unsaid, {"TOO_LARGE"}),
    "entries that share their bytes": (overlapping, {"BOMB"}),
    "a sheet that unfolds a thousand times": (ratio, {"BOMB"}),
    "a directory that lies": (lying, {"TRUNCATED", "MALFORMED"}),
    "a symbolic link": (lambda: named("xl/media/a.png", link=True), {"MALFORMED"}),
    "a way up": (lambda: named("xl/../../../evil"), {"MALFORMED"}),
    "a way up, written for Windows": (lambda: named("xl\\..\\..\\evil"), {"MALFORMED"}),
    "an absolute name": (lambda: named("/etc/cron.d/evil"), {"MALFORMED"}),
    "a drive": (lambda: named("c:/evil"), {"MALFORMED"}),
    "a repeated name": (lambda: named("xl/workbook.xml"), {"MALFORMED"}),
    "a zero byte in a name": (lambda: named("xl/a\0b.xml"), {"MALFORMED"}),
    "a device": (lambda: named("xl/media/NUL"), {"MALFORMED"}),
    "a device with an ending": (lambda: named("xl/com1.xml"), {"MALFORMED"}),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_it_is_refused_at_once(
    attack: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make, codes = ATTACKS[attack]
    path = tmp_path / "original"
    path.write_bytes(make())

    ended = end_of(path, "t.xlsx", monkeypatch)

    assert ended.code in codes, ended
    assert ended.seconds < SECONDS
    assert 0 < ended.megabytes < MEGABYTES
    assert {each.name for each in tmp_path.iterdir()} <= {"original", "peak", "cells.arrow"}


def test_a_longer_end_record_is_no_attack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = PLAIN.rindex(b"PK\x05\x06")
    count, length, start = struct.unpack_from("<HII", PLAIN, listed + 10)
    longer = struct.pack("<4sQ2H2I4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, length, start)
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, listed, 1)
    path = tmp_path / "original"
    path.write_bytes(PLAIN[:listed] + longer + locator + PLAIN[listed:])

    assert end_of(path, "t.xlsx", monkeypatch).code == "READ"
