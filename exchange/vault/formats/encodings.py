"""Bringing text into UTF-8: the whole file is decoded strictly before any of it is believed."""

import codecs
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .detection import guess_wide
from .faults import Fault, FaultCode, malformed, truncated

BLOCK = 4 * 1024**2
WINDOW = 256 * 1024  # what is looked at when the encoding has to be guessed
Progress = Callable[[int, int | None, str], None]
SYMBOLS = range(0xA1, 0xAA)  # lead bytes of punctuation and signs in GB 2312
EVERYDAY = range(0xB0, 0xD8)  # lead bytes of the 3,755 most used characters
PLAUSIBLE = 0.8  # share of these in Chinese text; Latin, Cyrillic or Big5 bytes stay far below


@dataclass(frozen=True)
class Text:
    """A file known to be sound UTF-8 (possibly transcoded), and what its bytes contain."""

    path: Path
    encoding: str
    size: int
    quotes: bool
    lone_returns: bool
    ends_with_newline: bool


def as_utf8(source: Path, workdir: Path, progress: Progress) -> Text:
    """Return `source` as UTF-8 text, or raise the fault naming the first bad byte and its line."""
    with source.open("rb") as file:
        head = file.read(WINDOW)
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise Fault(FaultCode.ENCODING, "unknown-encoding")
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _transcode(source, workdir, "utf-16", progress)
    wide = guess_wide(head)
    if wide:
        return _transcode(source, workdir, wide, progress)
    name = "utf-8-sig" if head.startswith(codecs.BOM_UTF8) else "utf-8"
    try:
        return _survey(source, name, progress)
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data":
            raise truncated("inside-character", byte=error.start) from None
        _refuse_mixture(source, error.start)
    _refuse_implausible(source, error_at=_first_beyond_ascii(source))
    return _transcode(source, workdir, "gb18030", progress)


def _survey(path: Path, encoding: str, progress: Progress) -> Text:
    """Decode all of `path` strictly as UTF-8 and note what the readers must know."""
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    total, done, quotes, returns, pairs = path.stat().st_size, 0, False, 0, 0
    last = b""
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            pending = len(decoder.getstate()[0])
            try:
                decoder.decode(block)
            except UnicodeDecodeError as error:
                raise _at(error, done - pending) from None
            zero = block.find(0)
            if zero >= 0:
                raise malformed("zero-byte", byte=done + zero, line=line_at(path, done + zero))
            quotes = quotes or b'"' in block
            returns += block.count(b"\r")
            pairs += block.count(b"\r\n") + (last == b"\r" and block[:1] == b"\n")
            done, last = done + len(block), block[-1:]
            progress(done, total, "decoding")
    pending = len(decoder.getstate()[0])
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise _at(error, done - pending) from None
    return Text(
        path=path,
        encoding=encoding,
        size=total,
        quotes=quotes,
        lone_returns=returns > pairs,
        ends_with_newline=last in {b"\n", b"\r"},
    )


def _transcode(source: Path, workdir: Path, encoding: str, progress: Progress) -> Text:
    """Write `source` in UTF-8 into the work folder and survey the result."""
    target = workdir / "text.utf8"
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    done = 0
    with source.open("rb") as file, target.open("wb") as out:
        while True:
            block = file.read(BLOCK)
            pending = len(decoder.getstate()[0])
            try:
                text = decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                start = done - pending + error.start
                if not block:
                    raise truncated("inside-character", byte=start) from None
                raise _encoding_fault(source, encoding, start) from None
            out.write((text if done else text.removeprefix("\ufeff")).encode())
            if not block:
                break
            done += len(block)
    return _survey(target, "utf-16" if encoding.startswith("utf-16") else encoding, progress)


def _at(error: UnicodeDecodeError, offset: int) -> UnicodeDecodeError:
    """Return the same error with `start` counted from the beginning of the file."""
    return UnicodeDecodeError(
        error.encoding, b"", offset + error.start, offset + error.end, error.reason
    )


def _refuse_mixture(source: Path, byte: int) -> None:
    """Refuse a file in which UTF-8 is mixed with something else at `byte`.

    Characters of three bytes hardly occur by accident; a few before the bad byte, or a majority
    after it, show that the file is UTF-8 with foreign lines in it.
    """
    few = 3
    before = _read(source, max(0, byte - WINDOW), min(byte, WINDOW))
    after = _read(source, byte, WINDOW)
    beyond = sum(value >= 0x80 for value in after)  # noqa: PLR2004  ASCII ends here
    if _long_characters(before) >= few or 6 * _long_characters(after) > beyond:
        raise _encoding_fault(source, "utf-8", byte)


def _long_characters(data: bytes) -> int:
    return sum(
        count for char, count in Counter(data.decode("utf-8", "ignore")).items() if char >= "\u0800"
    )


def _first_beyond_ascii(source: Path) -> int:
    done = 0
    with source.open("rb") as file:
        while block := file.read(BLOCK):
            if not block.isascii():
                return done + next(i for i, value in enumerate(block) if value >= 0x80)  # noqa: PLR2004  ASCII ends here
            done += len(block)
    return done


def _refuse_implausible(source: Path, *, error_at: int) -> None:
    """Refuse bytes that decode as GB18030 only by accident."""
    text = _read(source, error_at, WINDOW).decode("gb18030", "ignore")
    beyond = Counter(char for char in text if not char.isascii())
    common = sum(count for char, count in beyond.items() if _is_everyday(char))
    if not beyond or common < PLAUSIBLE * beyond.total():
        raise Fault(FaultCode.ENCODING, "unknown-encoding")


def _is_everyday(char: str) -> bool:
    lead = char.encode("gb2312", "ignore")[:1]
    return bool(lead) and (lead[0] in SYMBOLS or lead[0] in EVERYDAY)


def _encoding_fault(source: Path, encoding: str, byte: int) -> Fault:
    if encoding.startswith("utf-16"):
        return Fault(FaultCode.ENCODING, "bad-unit", encoding="UTF-16", byte=byte)
    return Fault(
        FaultCode.ENCODING,
        "bad-byte",
        encoding=encoding.upper(),
        byte=byte,
        line=line_at(source, byte),
    )


def line_at(path: Path, byte: int) -> int:
    """Return the number of the line that holds `byte`, counted from one."""
    line, left = 1, byte
    with path.open("rb") as file:
        while left > 0 and (block := file.read(min(BLOCK, left))):
            line += block.count(b"\n")
            left -= len(block)
    return line


def _read(path: Path, start: int, length: int) -> bytes:
    with path.open("rb") as file:
        file.seek(start)
        return file.read(length)
