"""Every part of an ONNX file by name: what stands in it in words, and nothing that has no name.

The numbers are those of `onnx.proto` (ONNX 1.x). A part that the format does not know is refused: a
buyer is handed the file itself, and nothing is handed over that was not read.
"""

import mmap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Final

from audit.disclosure.evaluation.refusals import Refused, refused
from audit.disclosure.evaluation.wire import (
    BYTES,
    FIXED32,
    FIXED64,
    VARINT,
    Value,
    fields,
    piece,
    text,
    whole,
    wholes,
)

TEXT, NAME, INT, REAL, LIST = "text", "name", "int", "real", "list"
GRAPH, OPSETS, VERSION, MODEL_VERSION = 7, 8, 1, 5
OUTERMOST: Final = frozenset({1, 2, 3, 4, 5, 6, 7, 8, 14, 20, 25, 26})
METADATA, DESCRIPTIONS, NAMES = "metadata", "descriptions", "names"
DEEPEST: Final = 24
FEWEST_CHARACTERS: Final = 16
"""So many bytes that read as text are text, whatever type their constant claims."""
OF_IDENTIFIERS: Final = 1_000_000
"""Whole numbers from here on may identify somebody; smaller ones are places and sizes."""
LONGEST_NAME: Final = 120
WHOLES: Final = frozenset({7, 13})
WIRES: Final = {INT: {VARINT}, REAL: {FIXED32}, LIST: {VARINT, FIXED32, FIXED64, BYTES}}
STRINGS_ATTRIBUTE, TEXT_ATTRIBUTE = 9, 4

PARTS: Final[Mapping[str, Mapping[int, str]]] = {
    "model": {
        1: INT, 2: NAME, 3: NAME, 4: NAME, 5: INT, 6: TEXT, 7: "graph", 8: "opset", 14: "entry",
    },
    "opset": {1: NAME, 2: INT},
    "entry": {1: NAME, 2: TEXT},
    "graph": {
        1: "node", 2: NAME, 5: "tensor", 10: TEXT, 11: "slot", 12: "slot", 13: "slot",
        14: "annotation", 15: "sparse", 16: "entry",
    },
    "node": {
        1: NAME, 2: NAME, 3: NAME, 4: NAME, 5: "attribute", 6: TEXT, 7: NAME, 8: NAME, 9: "entry",
    },
    "attribute": {
        1: NAME, 2: REAL, 3: INT, 4: TEXT, 5: "tensor", 6: "graph", 7: LIST, 8: LIST, 9: TEXT,
        10: "tensor", 11: "graph", 13: TEXT, 14: "type", 15: "type", 20: INT, 21: NAME,
        22: "sparse", 23: "sparse",
    },
    "tensor": {
        1: LIST, 2: INT, 4: LIST, 5: LIST, 6: TEXT, 7: LIST, 8: NAME, 9: TEXT, 10: LIST, 11: LIST,
        12: TEXT, 14: INT, 16: "entry",
    },
    "sparse": {1: "tensor", 2: "tensor", 3: LIST},
    "annotation": {1: NAME, 2: "entry"},
    "slot": {1: NAME, 2: "type", 3: TEXT, 4: "entry"},
    "type": {
        1: "tensor_type", 4: "list_type", 5: "map_type", 6: NAME, 8: "tensor_type", 9: "list_type",
    },
    "tensor_type": {1: INT, 2: "shape"},
    "list_type": {1: "type"},
    "map_type": {1: INT, 2: "type"},
    "shape": {1: "dim"},
    "dim": {1: INT, 2: NAME, 3: NAME},
}  # fmt: skip


@dataclass
class Parts:
    """What an ONNX file says in words and in labels, by place, and which constants lie idle.

    `texts` and `numbers` hold the values by the name of their place, in the order of the file.
    `idle` are constants that no operator reads and no output is.
    """

    texts: dict[str, list[str]] = field(default_factory=dict)
    numbers: dict[str, list[int]] = field(default_factory=dict)
    idle: list[str] = field(default_factory=list)


def looks_like_model(file: BinaryIO) -> bool:
    """Tell whether the outermost parts of a file are those of an ONNX model, to its last byte."""
    found = set()
    content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    try:
        for number, kind, _value in fields(memoryview(content)):
            wanted = VARINT if number in (VERSION, MODEL_VERSION) else BYTES
            if kind != wanted or number not in OUTERMOST:
                return False
            found.add(number)
    except Refused:
        return False
    return GRAPH in found and not found.isdisjoint({OPSETS, VERSION})


def read_parts(content: bytes) -> Parts:
    """Read every part of an ONNX file; raises Refused where one is not of the format."""
    reader = _Reader()
    reader.message("model", memoryview(content), 0)
    constants = dict.fromkeys(reader.constants)
    reader.parts.idle = [name for name in constants if name not in reader.used]
    reader.parts.texts = {name: list(found) for name, found in reader.parts.texts.items() if found}
    return reader.parts


class _Reader:
    """Walks the messages by the table of parts."""

    def __init__(self) -> None:
        self.parts = Parts()
        self.constants: list[str] = []
        self.used: set[str] = set()

    def message(self, kind: str, message: memoryview, depth: int) -> None:
        if depth > DEEPEST:
            raise refused("deep-graph", limit=DEEPEST)
        known = PARTS[kind]
        found: list[tuple[int, Value]] = []
        for number, wire, value in fields(message):
            role = known.get(number)
            if role is None or wire not in WIRES.get(role, {BYTES}):
                raise refused("unknown-part", part=kind, number=number)
            found.append((number, value))
        getattr(self, f"_{kind}", self._other)(kind, found)
        for number, value in found:
            if (role := known[number]) in PARTS:
                self.message(role, piece(value), depth + 1)

    def _other(self, kind: str, found: list[tuple[int, Value]]) -> None:
        for number, value in found:
            match PARTS[kind][number]:
                case "name":
                    self._add(NAMES, text(value))
                case "text":
                    self._add(DESCRIPTIONS, text(value))
                case _:
                    pass

    def _entry(self, _kind: str, found: list[tuple[int, Value]]) -> None:
        said = {number: text(value) for number, value in found}
        self._add(METADATA, ": ".join(filter(None, (said.get(1), said.get(2)))))

    def _node(self, kind: str, found: list[tuple[int, Value]]) -> None:
        self.used |= {text(value) for number, value in found if number == 1}
        self._other(kind, found)

    def _graph(self, kind: str, found: list[tuple[int, Value]]) -> None:
        for number, value in found:
            if number == 5:
                self.constants += _names(piece(value), 8)
            elif number == 12:
                self.used |= set(_names(piece(value), 1))
        self._other(kind, found)

    def _attribute(self, _kind: str, found: list[tuple[int, Value]]) -> None:
        name = next((text(value) for number, value in found if number == 1), "")
        for number, value in found:
            if number in (STRINGS_ATTRIBUTE, TEXT_ATTRIBUTE):
                self._add(name, text(value))
            elif number == 13:
                self._add(DESCRIPTIONS, text(value))
            elif number == 21:
                self._add(NAMES, text(value))
        self._count(name, wholes([value for number, value in found if number == 8]))
        self._count(name, [whole(value) for number, value in found if number == 3])

    def _tensor(self, _kind: str, found: list[tuple[int, Value]]) -> None:
        held: dict[int, list[Value]] = {}
        for number, value in found:
            held.setdefault(number, []).append(value)
        name = text(held[8][0]) if 8 in held else ""
        kind = whole(held[2][-1]) if 2 in held else 0
        self._add(NAMES, name)
        for value in held.get(6, ()):
            self._add(name, text(value))
        for value in held.get(12, ()):
            self._add(DESCRIPTIONS, text(value))
        self._count(name, [*wholes(held.get(7, [])), *wholes(held.get(11, []))])
        for value in held.get(9, ()):
            raw = piece(value)
            self._add_bytes(name, bytes(raw))
            if kind in WHOLES:
                self._count(name, [*raw[: len(raw) // 8 * 8].cast("q")])
        if 5 in held:
            self._add_bytes(name, bytes(each & 255 for each in wholes(held[5])))

    def _add(self, place: str, words: str) -> None:
        if words.strip():
            self.parts.texts.setdefault(place[:LONGEST_NAME] or "constant", []).append(words)

    def _add_bytes(self, place: str, content: bytes) -> None:
        """Add bytes that read as text, for which no constant of a model is meant."""
        if len(content) < FEWEST_CHARACTERS:
            return
        try:
            words = content.rstrip(b"\0").decode()
        except UnicodeDecodeError:
            return
        if all(each.isprintable() or each in "\r\n\t" for each in words):
            self._add(place, words)

    def _count(self, place: str, numbers: list[int]) -> None:
        """Add a list of whole numbers in which any may identify somebody."""
        if any(abs(number) >= OF_IDENTIFIERS for number in numbers):
            held = self.parts.numbers.setdefault(place[:LONGEST_NAME] or "constant", [])
            held += numbers


def _names(message: memoryview, number: int) -> Iterator[str]:
    for found, _wire, value in fields(message):
        if found == number:
            yield text(value)


def as_columns(parts: Parts) -> dict[str, list[Any]]:
    """Return texts and labels as columns of different lengths, names said once."""
    columns: dict[str, list[Any]] = {
        name: list(dict.fromkeys(found)) if name == NAMES else found
        for name, found in parts.texts.items()
    }
    for name, numbers in parts.numbers.items():
        columns[f"{name} (numbers)" if name in columns else name] = numbers
    return columns
