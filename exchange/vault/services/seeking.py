"""An object of the vault as a file that can be read at any place, without a plain copy of it."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, cast

from exchange.vault.models import StoredObject

from .objects import ObjectReader, open_object

BUFFER = 1 << 20


class _Seekable(io.RawIOBase):
    """Only what is asked for is decrypted."""

    def __init__(self, reader: ObjectReader) -> None:
        self._reader = reader
        self._place = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        begin = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._reader.size}[whence]
        self._place = max(0, begin + offset)
        return self._place

    def tell(self) -> int:
        return self._place

    def readinto(self, buffer: Any) -> int:
        data = self._reader.read(self._place, len(memoryview(buffer)))
        buffer[: len(data)] = data
        self._place += len(data)
        return len(data)


@contextmanager
def seekable_object(stored: StoredObject) -> Iterator[BinaryIO]:
    """Open an object as a file; raises what `open_object` raises."""
    with open_object(stored) as reader:
        yield cast(BinaryIO, io.BufferedReader(_Seekable(reader), BUFFER))
