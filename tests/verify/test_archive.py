"""Archives in one form: what ZIP programs write or attackers build is refused before unpacking."""

import io
import struct
import zipfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verify.archive import (
    MAX_MEMBER_BYTES,
    STORED,
    Archive,
    ArchiveWriter,
    Member,
    check_name,
)
from verify.errors import VerificationError

FILES = {"a.txt": b"first " * 100, "deep/er/b.json": b"{}", "empty": b""}


def packed(files: dict[str, bytes], *, pack: bool = True) -> bytes:
    file = io.BytesIO()
    writer = ArchiveWriter(file)
    for name, content in files.items():
        writer.add(name, content, pack=pack)
    writer.finish()
    return file.getvalue()


def read(data: bytes) -> dict[str, bytes]:
    archive = Archive(io.BytesIO(data))
    return {name: archive.read(name) for name in archive}


@pytest.mark.parametrize("pack", [True, False])
def test_what_is_written_is_read_here_and_by_others(*, pack: bool) -> None:
    data = packed(FILES, pack=pack)

    assert read(data) == FILES
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == FILES
    assert packed(FILES, pack=pack) == data


@given(st.dictionaries(st.text("ab", min_size=1, max_size=3), st.binary(max_size=50), max_size=5))
def test_all_files_come_back(files: dict[str, bytes]) -> None:
    assert read(packed(files)) == files


def test_every_bit_counts_in_what_is_stored() -> None:
    data = bytearray(packed({"a": b"content", "b/c": b"more"}, pack=False))

    for place in range(len(data) * 8):
        data[place // 8] ^= 1 << place % 8
        with pytest.raises(VerificationError):
            read(bytes(data))
        data[place // 8] ^= 1 << place % 8


def test_a_cut_or_lengthened_archive_is_refused() -> None:
    data = packed(FILES)

    for size in range(len(data)):
        with pytest.raises(VerificationError):
            read(data[:size])
    for other in (data + b"\0", b"\0" + data, data + data, b"MZ" + data, b""):
        with pytest.raises(VerificationError):
            read(other)


@pytest.mark.parametrize(
    "name",
    [
        "../up",
        "a/../../up",
        "/absolute",
        "C:/disk",
        "a\\b",
        "a//b",
        "a/",
        "",
        ".",
        ".hidden",
        "a/.hidden",
        "nul",
        "x/CON.txt",
        "com1",
        "a.",
        "é",
        "a b",
        "a\nb",
        "a\0b",
        "a" * 121,
    ],
)
def test_names_lead_nowhere(name: str) -> None:
    with pytest.raises(VerificationError):
        check_name(name)
    with pytest.raises(VerificationError):
        packed({name: b""})


def test_two_files_of_one_name_are_refused_in_any_case() -> None:
    file = io.BytesIO()
    writer = ArchiveWriter(file)
    writer.add("entries/a", b"one")
    writer.add("entries/A", b"two")
    writer.finish()

    with pytest.raises(VerificationError, match="same name"):
        read(file.getvalue())


def test_no_file_is_also_a_folder() -> None:
    with pytest.raises(VerificationError, match="file and a folder"):
        read(packed({"a/B": b"", "A": b"", "c": b""}))


def test_other_ways_to_write_a_zip_are_refused() -> None:
    variants = []
    for settings in ({"comment": b"hello"}, {"extra": b"\1\0\0\0"}, {"mode": "w"}, {"method": 12}):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", settings.get("method", zipfile.ZIP_DEFLATED)) as archive:
            info = zipfile.ZipInfo("a.txt")
            info.compress_type = settings.get("method", zipfile.ZIP_DEFLATED)
            info.extra = settings.get("extra", b"")
            archive.writestr(info, b"content")
            archive.comment = settings.get("comment", b"")
        variants.append(file.getvalue())

    for data in variants:
        with pytest.raises(VerificationError):
            read(data)


def bomb(content: bytes, stated: int, method: int = 8) -> bytes:
    """Return an archive whose member unpacks to another size than it states."""
    member = Member(name="bomb", method=method, crc=0, packed=len(content), size=stated, offset=0)
    body = member.local + content
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 1, 1, len(member.central), len(body), 0)
    return body + member.central + end


def test_bombs_are_refused_unpacked_or_not() -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    content = packer.compress(bytes(64 * 1024**2)) + packer.flush()

    for stated in (0, 10, 1024, MAX_MEMBER_BYTES, MAX_MEMBER_BYTES + 1, 2**32 - 1):
        with pytest.raises(VerificationError):
            read(bomb(content, stated))
    with pytest.raises(VerificationError):
        read(bomb(b"abc", 4, method=STORED))


def test_a_directory_that_claims_too_much_is_refused() -> None:
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 65_535, 65_535, 2**31, 0, 0)

    with pytest.raises(VerificationError):
        read(end)
    with pytest.raises(VerificationError):
        read(struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 9, 9, 0, 0, 0))


@given(st.binary(max_size=300))
def test_noise_is_refused_with_the_one_error(noise: bytes) -> None:
    for data in (noise, packed(FILES) + noise + packed(FILES)[-22:]):
        try:
            read(data)
        except VerificationError:
            continue
        assert noise == b""
