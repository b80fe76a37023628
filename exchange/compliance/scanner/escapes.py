r"""Characters written as escapes: %31, =E7=BC, \u0031, \x31, &#49; — undone in one pass."""

from dataclasses import replace

import numpy as np

from .arrays import Bytes, Flags, Places
from .blocks import Block, pad_block

_WRONG = 99
_HEX = np.full(256, _WRONG, np.uint8)
_HEX[list(b"0123456789")] = range(10)
_HEX[list(b"abcdef")] = range(10, 16)
_HEX[list(b"ABCDEF")] = range(10, 16)
_BACKSLASH, _PERCENT, _EQUALS, _AND, _HASH, _END = b"\\%=&#;"
_WIDEST = 8
_STARTS = {b"%": (b"%",), b"\\": (b"\\x", b"\\u"), b"&": (b"&#",)}


def unescape(block: Block) -> Block | None:
    """Return the cells that hold escapes without them; None where there are none."""
    content = block.data.tobytes()
    escaped = [mark for mark in (b"%", b"\\", b"&") if mark in content]
    quoted = _quoted(block.data) if b"=" in content else block.starts[:0]
    if not quoted.size and not any(start in content for mark in escaped for start in _STARTS[mark]):
        return None
    data = block.data.copy()
    keep = np.ones(data.size, bool)
    touched = []
    if b"%" in content:
        touched.append(_bytes_of(data, keep, np.flatnonzero(block.data == _PERCENT), 1))
    if quoted.size:
        touched.append(_bytes_of(data, keep, quoted, 1))
    if b"\\x" in content:
        marks = np.flatnonzero(block.data == _BACKSLASH)
        touched.append(_bytes_of(data, keep, marks[block.data[marks + 1] == ord("x")], 2))
    if b"\\u" in content:
        marks = np.flatnonzero(block.data == _BACKSLASH)
        marks = marks[(block.data[marks + 1] == ord("u"))]
        values = _HEX[block.data[marks[:, None] + np.arange(2, 6)]].astype(np.int64)
        right = (values < _WRONG).all(axis=1)
        points = values[right] @ np.array([4096, 256, 16, 1])
        touched.append(_write(data, keep, marks[right], points, np.full(points.size, 6)))
    if b"&#" in content:
        touched.append(_references(data, keep, np.flatnonzero(block.data == _AND)))
    places = np.concatenate(touched) if touched else np.zeros(0, np.int64)
    if not places.size:
        return None
    cells = np.unique(block.cells_of(places))
    return take_cells(block, data, keep, cells)


def _quoted(data: Bytes) -> Places:
    """Return the marks of quoted-printable (RFC 2045): at least two escapes side by side."""
    marks = np.flatnonzero(data == _EQUALS)
    marks = marks[(_HEX[data[marks + 1]] < _WRONG) & (_HEX[data[marks + 2]] < _WRONG)]
    beside: Flags = (data[marks - 3] == _EQUALS) | (data[marks + 3] == _EQUALS)
    return marks[beside]


def drop_zeros(block: Block) -> Block | None:
    """Return the cells of text that is stored in two bytes for a character."""
    zeros = np.flatnonzero(block.data == 0)
    cells = block.cells_of(zeros)
    inside = (cells >= 0) & (zeros < block.ends[cells])
    places = np.unique(cells[inside])
    if not places.size:
        return None
    parts = [
        one_byte_each(block.data[begin:end].tobytes())
        for begin, end in zip(
            block.starts[places].tolist(), block.ends[places].tolist(), strict=True
        )
    ]
    return lay_out_of(block, places, parts)


def one_byte_each(cell: bytes) -> bytes:
    """Return a cell in UTF-8, as UTF-16 if it can be that, else without its zero bytes."""
    if len(cell) % 2 == 0 and 4 * cell.count(0) > len(cell):
        order = "utf-16-le" if cell[1::2].count(0) >= cell[0::2].count(0) else "utf-16-be"
        text = cell.decode(order, "replace")
        if "\ufffd" not in text:
            return text.encode().replace(b"\x00", b" ")
    return cell.replace(b"\x00", b"")


def take_cells(block: Block, data: Bytes, keep: Flags, cells: Places) -> Block:
    """Return some cells as a block of their own, with those of their bytes that are kept."""
    parts = [
        data[begin:end][keep[begin:end]].tobytes()
        for begin, end in zip(block.starts[cells].tolist(), block.ends[cells].tolist(), strict=True)
    ]
    return lay_out_of(block, cells, parts)


def lay_out_of(block: Block, cells: Places, parts: list[bytes]) -> Block:
    """Lay out what cells of a block hold in another way of reading."""
    return replace(
        lay_out(parts),
        weights=None if block.weights is None else block.weights[cells],
        portions=None if block.portions is None else block.portions[cells],
    )


def lay_out(parts: list[bytes]) -> Block:
    """Lay some cells out as a block."""
    lengths = np.fromiter(map(len, parts), np.int64, len(parts))
    return pad_block(b"\x00".join(parts), lengths)


def _bytes_of(data: Bytes, keep: Flags, marks: Places, skip: int) -> Places:
    """Replace a mark and two hexadecimal digits by the byte that they name."""
    high, low = _HEX[data[marks + skip]], _HEX[data[marks + skip + 1]]
    right = (high < _WRONG) & (low < _WRONG) & (high | low > 0)
    marks = marks[right]
    data[marks] = (high[right] << 4) | low[right]
    for step in range(1, skip + 2):
        keep[marks + step] = False
    return marks


def _references(data: Bytes, keep: Flags, marks: Places) -> Places:
    """Replace numeric character references."""
    marks = marks[data[marks + 1] == _HASH]
    wide = data[marks[:, None] + np.arange(2, 2 + _WIDEST)]
    hexadecimal = wide[:, 0] | 32 == ord("x")
    ends = np.where((wide == _END).any(axis=1), (wide == _END).argmax(axis=1), 0)
    values = _HEX[wide].astype(np.int64)
    points = np.zeros(marks.size, np.int64)
    right = ends > 0
    for place in range(_WIDEST):
        digit = values[:, place]
        counted = (place < ends) & ~(hexadecimal & (place == 0))
        base = np.where(hexadecimal, 16, 10)
        right &= ~counted | (digit < base)
        points = np.where(counted, points * base + np.minimum(digit, 15), points)
    right &= (points > 0) & (points < 0x10000)
    return _write(data, keep, marks[right], points[right], ends[right] + 3)


def _write(data: Bytes, keep: Flags, marks: Places, points: Places, widths: Places) -> Places:
    """Write code points of the basic plane in UTF-8 over escapes of some width."""
    for size, chosen in (
        (1, points < 0x80),
        (2, (points >= 0x80) & (points < 0x800)),
        (3, points >= 0x800),
    ):
        at, point, width = marks[chosen], points[chosen], widths[chosen]
        if size == 1:
            data[at] = np.maximum(point, 1)
        elif size == 2:
            data[at] = 0xC0 | point >> 6
            data[at + 1] = 0x80 | point & 0x3F
        else:
            data[at] = 0xE0 | point >> 12
            data[at + 1] = 0x80 | point >> 6 & 0x3F
            data[at + 2] = 0x80 | point & 0x3F
        for step in range(size, 11):
            keep[at[step < width] + step] = False
    return marks
