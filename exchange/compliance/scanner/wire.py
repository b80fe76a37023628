"""Tallies on their way from the processes that read parts of a file to the one that judges it.

A head of JSON, the sketches' hashes as they are, and a digest of both against damage. A tally of
another version of the scanner is refused: its counts may mean something else.
"""

import json
import struct
from collections import Counter
from hashlib import blake2b
from typing import Any

import numpy as np

from .combinations import GROUPS, Groups
from .sketch import LIMIT, Distinct
from .tally import ColumnTally, Tally
from .version import VERSION

_MAGIC = b"QHTALLY1"
_LENGTH = struct.Struct("<Q")
_DIGEST = 16
_COUNTERS = ("hits", "passes", "tries", "fits", "looked")
_NUMBERS = ("cells", "nulls", "size", "births", "minors")


def pack_tally(tally: Tally) -> bytes:
    """Write a tally down."""
    views = sorted(tally.views.items())
    columns = [*tally.columns.values(), *(view for _, view in views)]
    entries = [_pack_column(column) for column in columns]
    ways = [list(key) for key, _ in views]
    head = json.dumps(
        {
            "scanner": VERSION,
            "rows": tally.rows,
            "columns": entries,
            "views": ways,
            "groups": [
                [list(names), int(groups.sizes.size), groups.cut]
                for names, groups in sorted(tally.groups.items())
            ],
        },
        ensure_ascii=False,
        separators=(",", ":"),
    ).encode("utf-8", "surrogatepass")
    sketches = [
        sketch.kept.astype("<u8").tobytes()
        for column in columns
        for _, sketch in sorted(column.distinct.items())
    ]
    sizes = [
        part.astype("<u8").tobytes()
        for _, groups in sorted(tally.groups.items())
        for part in (groups.hashes, groups.sizes)
    ]
    content = b"".join([_MAGIC, _LENGTH.pack(len(head)), head, *sketches, *sizes])
    return content + _digest(content)


def unpack_tally(content: bytes) -> Tally:
    """Read a tally; `ValueError` for anything but the whole of one of this version."""
    begin = len(_MAGIC) + _LENGTH.size
    content, digest = content[:-_DIGEST], content[-_DIGEST:]
    if content[: len(_MAGIC)] != _MAGIC or len(content) < begin or _digest(content) != digest:
        raise ValueError("these bytes are no tally")
    (size,) = _LENGTH.unpack(content[len(_MAGIC) : begin])
    try:
        head = json.loads(content[begin : begin + size].decode("utf-8", "surrogatepass"))
        if head["scanner"] != VERSION:
            message = f"a tally of scanner {head['scanner']} does not add to one of {VERSION}"
            raise ValueError(message)
        hashes = np.frombuffer(content, "<u8", offset=begin + size).astype(np.uint64)
        tally = Tally(rows=int(head["rows"]))
        ways = [(str(path), str(way)) for path, way in head["views"]]
        for number, entry in enumerate(head["columns"], start=len(ways) - len(head["columns"])):
            column, hashes = _unpack_column(entry, hashes)
            if number < 0:
                tally.columns[column.name] = column
            else:
                tally.views[ways[number]] = column
        for names, size, cut in head["groups"]:
            groups, hashes = _unpack_groups(int(size), hashes)
            groups.cut = bool(cut)
            tally.groups[tuple(map(str, names))] = groups
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("these bytes are no tally") from error
    if hashes.size:
        raise ValueError("a tally with more sketches than it names")
    return tally


def _unpack_groups(
    size: int, hashes: "np.ndarray[tuple[int], np.dtype[np.uint64]]"
) -> tuple[Groups, "np.ndarray[tuple[int], np.dtype[np.uint64]]"]:
    kept, sizes, rest = hashes[:size], hashes[size : 2 * size], hashes[2 * size :]
    whole = 0 <= size <= GROUPS and sizes.size == size
    if not whole or (kept[1:] <= kept[:-1]).any() or (sizes == 0).any():
        raise ValueError("the groups of a tally are damaged")
    return Groups(kept, sizes.astype(np.int64)), rest


def _digest(content: bytes) -> bytes:
    return blake2b(content, digest_size=_DIGEST).digest()


def _pack_column(column: ColumnTally) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": column.name, "kind": column.kind}
    entry |= {name: getattr(column, name) for name in _NUMBERS}
    entry |= {name: _sorted(getattr(column, name)) for name in _COUNTERS}
    entry["examples"] = _sorted(column.examples)
    entry["varieties"] = _sorted({kind: sorted(heads) for kind, heads in column.varieties.items()})
    entry["distinct"] = [
        [kind, int(sketch.kept.size)] for kind, sketch in sorted(column.distinct.items())
    ]
    return entry


def _sorted(entries: dict[str, Any]) -> dict[str, Any]:
    """Leave out what counts nothing, and order the rest."""
    return {kind: entries[kind] for kind in sorted(entries) if entries[kind]}


def _unpack_column(
    entry: dict[str, Any], hashes: "np.ndarray[tuple[int], np.dtype[np.uint64]]"
) -> tuple[ColumnTally, "np.ndarray[tuple[int], np.dtype[np.uint64]]"]:
    column = ColumnTally(str(entry["name"]), str(entry["kind"]))
    for name in _NUMBERS:
        setattr(column, name, int(entry[name]))
    for name in _COUNTERS:
        setattr(column, name, Counter({str(k): int(n) for k, n in entry[name].items()}))
    column.examples = {str(k): [str(text) for text in v] for k, v in entry["examples"].items()}
    column.varieties = {str(k): {int(n) for n in v} for k, v in entry["varieties"].items()}
    for kind, size in entry["distinct"]:
        kept, hashes = hashes[:size], hashes[size:]
        if not 0 <= size <= LIMIT or kept.size != size or (kept[1:] <= kept[:-1]).any():
            raise ValueError("a sketch of a tally is damaged")
        column.distinct[str(kind)] = Distinct(kept)
    return column, hashes
