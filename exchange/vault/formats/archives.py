"""Zip archives are looked over before anything in them is unpacked."""

import os
import re
import stat
import struct
import zipfile
from pathlib import PurePosixPath
from typing import BinaryIO

from .faults import Fault, FaultCode, malformed, too_large, truncated, unsupported
from .limits import Limits

END = b"PK\x05\x06"
END_SIZE = 22
LONG_END, LOCATOR = b"PK\x06\x06", b"PK\x06\x07"
LONG_END_SIZE, LOCATOR_SIZE = 56, 20
LONGEST_COMMENT = 0xFFFF
DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)
DIRECTORY_ENTRY = 1024  # bytes of the directory that one honest entry may take


def part_names(file: BinaryIO, limits: Limits) -> set[str]:
    """Return the names of an archive's parts; raises a fault for one that means harm.

    The count is read from the end record first, because building a list of a million entries is
    the harm. Sizes in the directory bound what `zipfile` will unpack, and are held against the
    limits here; an archive that lies about them fails its checksum later.
    """
    _check_directory(file, limits)
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error):
        raise truncated("archive-end") from None
    names = {entry.filename for entry in entries}
    if len(names) != len(entries):
        raise malformed("archive-names")
    for entry in entries:
        _check_entry(entry)
    unpacked = sum(entry.file_size for entry in entries)
    size = file.seek(0, os.SEEK_END)
    if unpacked > limits.decoded_allowance(size):
        raise Fault(FaultCode.BOMB, "expands", size=size, megabytes=unpacked >> 20)
    return names


def _check_directory(file: BinaryIO, limits: Limits) -> None:
    """Hold what the end records claim against the limits; `zipfile` believes the longer one."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - END_SIZE - LONGEST_COMMENT - LOCATOR_SIZE - LONG_END_SIZE))
    tail = file.read()
    place = tail.rfind(END)
    if place < 0 or len(tail) - place < END_SIZE:
        raise truncated("archive-end")
    count, length = struct.unpack_from("<HI", tail, place + 10)
    longer = place - LOCATOR_SIZE - LONG_END_SIZE
    if tail.startswith(LOCATOR, max(0, place - LOCATOR_SIZE)):
        if longer < 0 or not tail.startswith(LONG_END, longer):
            raise truncated("archive-end")
        count, length = struct.unpack_from("<QQ", tail, longer + 32)
    if count > limits.entries or length > limits.entries * DIRECTORY_ENTRY:
        raise too_large("archive-entries", limit=limits.entries)


def _check_entry(entry: zipfile.ZipInfo) -> None:
    name = entry.orig_filename
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in name or "\0" in name:
        raise malformed("archive-names")
    if any(DEVICES.fullmatch(part.rstrip(" .")) for part in path.parts):
        raise malformed("archive-names")
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise malformed("archive-names")
    if entry.flag_bits & 1:
        raise unsupported("old-or-locked-office")
