"""Other ways of reading the same cells: without escapes, unwrapped, backwards, without marks.

Escapes and wrappings are looked for in every cell; how a whole column might be disguised is tried
on a few of its cells, and only what succeeds there is done to all. Each way of reading counts
apart, so that its chances do not dilute those of the plain one.
"""

import base64
import binascii
import unicodedata
from collections.abc import Callable, Iterator
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .arrays import Places
from .blocks import PAD, Block
from .escapes import drop_zeros, lay_out, unescape
from .spans import Finds
from .words import WRAPPED
from .wrapped import decode, unpack_cells, unwrap

DEEPEST = 3
PROBED = 16
SUCCESS = 0.25
_LONGEST_PROBE = 160
_LONG_DIGITS = 18
_FEWEST_DIGITS = 5
_LONGEST_NAME = 8
LETTERED: Final = frozenset(
    {"cn_resident_id", "hk_permit", "mo_permit", "tw_permit", "cn_foreign_resident_id",
     "vin", "tw_id", "hkid", "licence_plate", "uscc", "email"}
)  # fmt: skip
PLAIN: Final = LETTERED | {"cn_mobile", "bank_card", "imei", "iccid", "imsi", "han_name_usual"}
TELLING: Final = PLAIN - {"hkid", "uscc", "han_name_usual"}
"""Kinds that are in plain sight: a column half full of them need not be looked behind."""


def open_views(original: Block, block: Block, finds: Finds) -> Iterator[tuple[str, Block]]:
    """Read the cells of a block without escapes, zero bytes, base64 and hexadecimal.

    `block` is the folded form of `original`, in which `finds` were made.
    """
    zeros = np.count_nonzero(original.data == 0)
    if zeros > 2 * PAD + original.starts.size - 1:
        yield from _named("zeros", drop_zeros(original))
    if original.wide:
        yield from _named("packed", unpack_cells(original))
    yield from _named("escapes", unescape(block))
    words = finds.words
    if words is None:
        words = _long_digits(block, finds)
    if words[0].size:
        for view in unwrap(block, *words):
            yield "wrapped", view


def _long_digits(block: Block, finds: Finds) -> tuple[Places, Places]:
    """Return the runs of digits in which other digits may be written in hexadecimal."""
    if finds.runs is None or block.longest < _LONG_DIGITS:
        nothing = np.zeros(0, np.int64)
        return nothing, nothing
    long = np.flatnonzero(finds.runs.lengths >= _LONG_DIGITS)
    begins, ends = finds.runs.begins[long], finds.runs.ends[long]
    for place in (0, 2, 4):  # the digits themselves are 0x30 to 0x39
        likely = block.data[begins + place] == ord("3")
        begins, ends = begins[likely], ends[likely]
    return begins, ends


def _named(name: str, view: Block | None) -> Iterator[tuple[str, Block]]:
    if view is not None:
        yield name, view


def backwards(text: str) -> str:
    """Return a text read from its end."""
    return text[::-1]


def bare(text: str) -> str:
    """Return capitals and digits only, with letters that look like digits as digits."""
    plain = unicodedata.normalize("NFKC", text).translate(_NUMERALS)
    if "@" in plain:
        return plain
    kept = "".join(filter(str.isalnum, plain))
    head = 2 if kept[:1] and not kept[0].isascii() else 1
    return (kept[:head] + kept[head:].translate(_ALIKE)).upper()


def from_base32(text: str) -> str:
    """Return what a text in base32 stands for, nothing if none."""
    token = text.strip().rstrip("=")
    try:
        return base64.b32decode(token + "=" * (-len(token) % 8)).decode()
    except (binascii.Error, ValueError):
        return ""


def from_base85(text: str) -> str:
    """Return what a text in base85 stands for, nothing if none."""
    try:
        return base64.b85decode(text.strip()).decode()
    except ValueError:
        return ""


def from_base64(text: str) -> str:
    """Return what a short text in base64 stands for, nothing if none."""
    token = text.strip().encode()
    if len(token) >= WRAPPED or len(token) < 8:
        return ""
    return (decode(token) or b"").decode()


_ALIKE = str.maketrans("OoIlОоІ", "0011001")
_NUMERALS = {
    ord(numeral): str(value)
    for numerals in ("零一二三四五六七八九", "〇壹贰叁肆伍陆柒捌玖")
    for value, numeral in enumerate(numerals)
}
DISGUISES: Final[dict[str, tuple[Callable[[str], str], frozenset[str]]]] = {
    "bare": (bare, LETTERED | {"han_name", "han_name_usual"}),
    "backwards": (backwards, PLAIN),
    "base32": (from_base32, PLAIN),
    "base64": (from_base64, PLAIN),
    "base85": (from_base85, PLAIN),
}
"""Ways in which a whole column may be disguised, and what may be found behind each."""


def _written_otherwise(cells: list[str]) -> tuple[list[str], list[bytes]]:
    """Undo every disguise in some cells; return which it was, and what came out."""
    names, parts = [], []
    for name, (write, _) in DISGUISES.items():
        for cell in cells:
            other = write(cell)
            if other and other != cell:
                names.append(name)
                parts.append(other.encode("utf-8", "replace"))
    return names, parts


def probe(text: pa.Array, find: Callable[[Block], tuple[Block, Finds]]) -> list[str]:
    """Try the disguises on a few cells; return those behind which something is found."""
    chosen = np.unique(np.linspace(0, len(text) - 1, PROBED).astype(np.int64))
    cells = [_read(cell) for cell in text.take(pa.array(chosen)).to_pylist()]
    cells = [cell for cell in cells if cell and len(cell) <= _LONGEST_PROBE]
    if not any(map(_may_hide, cells)):
        return []
    if not cells:
        return []
    names, parts = _written_otherwise(cells)
    if not parts:
        return []
    block, finds = find(lay_out(parts))
    hits: dict[str, set[int]] = {name: set() for name in DISGUISES}
    for kind in finds.spans:
        spans = finds.of(kind)
        if spans is None:
            continue
        for cell in np.unique(block.cells_of(spans.begins)).tolist():
            if kind in DISGUISES[names[cell]][1]:
                hits[names[cell]].add(cell)
    return [name for name, found in hits.items() if len(found) >= SUCCESS * len(cells)]


def _may_hide(cell: str) -> bool:
    """Whether a cell has digits enough for a number, or is one long word."""
    numerals = sum(map(str.isnumeric, cell))
    if numerals >= _FEWEST_DIGITS or "@" in cell or (len(cell) >= 8 and cell.isascii()):
        return True
    return len(cell) <= _LONGEST_NAME and not (cell.isascii() or cell.isalnum())


def rewrite(text: pa.Array, name: str) -> pa.Array:
    """Undo a disguise in every cell."""
    write = DISGUISES[name][0]
    different = text.dictionary_encode() if not pa.types.is_dictionary(text.type) else text
    written = [
        write(cell) if cell and len(cell) <= _LONGEST_PROBE else ""
        for cell in map(_read, different.dictionary.to_pylist())
    ]
    return pc.take(pa.array(written, pa.large_string()), different.indices)


def _read(cell: object) -> str:
    if isinstance(cell, bytes):
        return cell.decode("utf-8", "replace")
    return cell if isinstance(cell, str) else ""
