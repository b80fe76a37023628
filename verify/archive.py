"""ZIP archives in one single form, so that no byte of one can be changed unnoticed.

Every ZIP program opens such an archive, but of all ways to write one only this is accepted: plain
ASCII names, no dates, comments, extra fields or gaps, members one after the other from the first
byte on, and a directory that says exactly what the members say. Programs that read a ZIP
differently from one another have nothing to differ about.
"""

import hashlib
import re
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from verify.errors import VerificationError

MAX_MEMBERS = 65_534
MAX_MEMBER_BYTES = 32 * 1024**2
MAX_BYTES = 2**32 - 2  # beyond it a ZIP is written differently
MAX_NAME = 120
STORED, DEFLATED = 0, 8
_LEVEL = 6
_BLOCK = 1024**2
_VERSION, _MADE_BY, _DATE, _MODE = 20, 3 << 8 | 20, 1 << 5 | 1, 0o100644 << 16
_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(?:/[A-Za-z0-9_-][A-Za-z0-9._-]*)*\Z", re.ASCII)
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?\Z", re.ASCII)


@dataclass(frozen=True)
class Member:
    """One file of an archive, as its directory describes it."""

    name: str
    method: int
    crc: int
    packed: int
    size: int
    offset: int

    @property
    def local(self) -> bytes:
        """The header that stands before its content."""
        name = self.name.encode("ascii")
        sizes = (self.crc, self.packed, self.size, len(name), 0)
        return _LOCAL.pack(b"PK\3\4", _VERSION, 0, self.method, 0, _DATE, *sizes) + name

    @property
    def central(self) -> bytes:
        """Its line in the directory."""
        name = self.name.encode("ascii")
        sizes = (self.crc, self.packed, self.size, len(name), 0, 0, 0, 0)
        head = (b"PK\1\2", _MADE_BY, _VERSION, 0, self.method, 0, _DATE)
        return _CENTRAL.pack(*head, *sizes, _MODE, self.offset) + name

    @property
    def end(self) -> int:
        """Where the next member begins."""
        return self.offset + _LOCAL.size + len(self.name) + self.packed


class ArchiveWriter:
    """Writes an archive into `file`, one member after the other, and keeps their digest."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self.members: list[Member] = []
        self.size = 0

    @property
    def sha256(self) -> str:
        """Digest of everything written so far."""
        return self._digest.hexdigest()

    def add(self, name: str, content: bytes, *, pack: bool = True) -> Member:
        """Write one member; raises VerificationError where it would not be accepted again."""
        check_name(name)
        if len(content) > MAX_MEMBER_BYTES:
            raise VerificationError(f"{name} has more than {MAX_MEMBER_BYTES} bytes")
        method, packed = (DEFLATED, _deflate(content)) if pack else (STORED, content)
        sizes = {"packed": len(packed), "size": len(content), "offset": self.size}
        member = Member(name=name, method=method, crc=zlib.crc32(content), **sizes)
        if member.end > MAX_BYTES // 2 or len(self.members) >= MAX_MEMBERS:
            raise VerificationError("the archive grows too large")
        self._put(member.local)
        self._put(packed)
        self.members.append(member)
        return member

    def finish(self) -> None:
        """Write the directory."""
        start = self.size
        for member in self.members:
            self._put(member.central)
        self._put(_end(len(self.members), self.size - start, start))

    def _put(self, content: bytes) -> None:
        self._file.write(content)
        self._digest.update(content)
        self.size += len(content)


class Archive:
    """Reads an archive in the one form; everything else is refused before it is unpacked."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.members = {member.name: member for member in _directory(file)}

    def __iter__(self) -> Iterator[str]:
        return iter(self.members)

    def read(self, name: str) -> bytes:
        """Return the content of a member, which has to be what its header says."""
        member = self.members.get(name)
        if member is None:
            raise VerificationError(f"{name} is missing")
        local = member.local
        header = _read_at(self._file, member.offset, len(local))
        if header != local:
            raise VerificationError(f"{name}: header and directory of the archive differ")
        packed = _read_at(self._file, member.offset + len(local), member.packed)
        content = packed if member.method == STORED else _inflate(name, packed, member.size)
        if len(content) != member.size or zlib.crc32(content) != member.crc:
            raise VerificationError(f"{name} is not what the archive's directory says")
        return content

    def digest_before(self, name: str) -> tuple[str, int]:
        """Return SHA-256 and number of all bytes before a member."""
        if name not in self.members:
            raise VerificationError(f"{name} is missing")
        end = self.members[name].offset
        digest = hashlib.sha256()
        for start in range(0, end, _BLOCK):
            digest.update(_read_at(self._file, start, min(_BLOCK, end - start)))
        return digest.hexdigest(), end


def check_name(name: str) -> None:
    """Refuse a name that could lead anywhere but into the folder that it is unpacked to."""
    parts = name.lower().split("/")
    plain = len(name) <= MAX_NAME and _NAME.match(name)
    if not plain or any(part.endswith(".") or _DEVICE.match(part) for part in parts):
        raise VerificationError(f"a file in the archive is named {name[:MAX_NAME]!a}")


def _directory(file: BinaryIO) -> list[Member]:
    total = file.seek(0, 2)
    if not _END.size <= total <= MAX_BYTES:
        raise VerificationError("this is not a ZIP archive of a possible size")
    tail = _read_at(file, total - _END.size, _END.size)
    count, length, start = _END.unpack(tail)[4:7]
    if tail != _end(count, length, start) or start + length + _END.size != total:
        raise VerificationError("the archive does not end as a ZIP archive of this form does")
    if count > MAX_MEMBERS or length > count * (_CENTRAL.size + MAX_NAME):
        raise VerificationError("the archive's directory is too large")
    lines = _read_at(file, start, length)
    members: list[Member] = []
    place = 0
    offset = 0
    for _number in range(count):
        member = _member(lines, place)
        if member.offset != offset or lines[place : place + len(member.central)] != member.central:
            raise VerificationError(f"{member.name}: not written in the one form of the directory")
        members.append(member)
        place += len(member.central)
        offset = member.end
    if place != length or offset != start:
        raise VerificationError("the archive holds bytes that belong to none of its files")
    _check_distinct([member.name.lower() for member in members])
    return members


def _check_distinct(names: Sequence[str]) -> None:
    """Refuse names that an unpacked folder could not hold beside each other, in any case."""
    known = set(names)
    if len(known) != len(names):
        raise VerificationError("the archive holds two files of the same name")
    for name in names:
        above = name.rpartition("/")[0]
        while above:
            if above in known:
                raise VerificationError(f"{above} is both a file and a folder of the archive")
            above = above.rpartition("/")[0]


def _member(lines: bytes, place: int) -> Member:
    if place + _CENTRAL.size > len(lines):
        raise VerificationError("the archive's directory ends too early")
    fields = _CENTRAL.unpack_from(lines, place)
    method, crc, packed, size, length, offset = fields[4], *fields[7:11], fields[16]
    start = place + _CENTRAL.size
    try:
        name = lines[start : start + length].decode("ascii")
    except UnicodeDecodeError as error:
        raise VerificationError("a file in the archive has a name beyond ASCII") from error
    check_name(name)
    if method not in {STORED, DEFLATED} or (method == STORED and packed != size):
        raise VerificationError(f"{name} is packed in another way than this form allows")
    if size > MAX_MEMBER_BYTES:
        raise VerificationError(f"{name} would unpack to {size} bytes")
    return Member(name=name, method=method, crc=crc, packed=packed, size=size, offset=offset)


def _end(count: int, length: int, start: int) -> bytes:
    return _END.pack(b"PK\5\6", 0, 0, count, count, length, start, 0)


def _deflate(content: bytes) -> bytes:
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(content) + packer.flush()


def _inflate(name: str, packed: bytes, size: int) -> bytes:
    opener = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        content = opener.decompress(packed, size + 1)
    except zlib.error as error:
        raise VerificationError(f"{name} cannot be unpacked") from error
    if not opener.eof or opener.unused_data or opener.unconsumed_tail:
        raise VerificationError(f"{name} unpacks to another size than it states")
    return content


def _read_at(file: BinaryIO, place: int, length: int) -> bytes:
    file.seek(place)
    content = file.read(length)
    if len(content) != length:
        raise VerificationError("the archive ends too early")
    return content
