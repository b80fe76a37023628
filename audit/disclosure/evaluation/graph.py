"""What an ONNX file contains, read without executing any of it, and why it may be refused.

Field numbers are those of `onnx.proto` (ONNX 1.x, IR version 3 and later).
"""

from collections import Counter
from dataclasses import dataclass, field
from math import prod
from typing import Any, Final

from .limits import RunLimits
from .refusals import refused
from .trees import REALS, TEXTS, WHOLES, Trees, read_trees
from .wire import fields, piece, reals, text, whole, wholes

DOMAINS: Final = {"": "", "ai.onnx": "", "ai.onnx.ml": "ai.onnx.ml"}
REPEATING: Final = ("Loop", "Scan", "SequenceMap")
OLDEST_IR: Final = 3
EXTERNAL: Final = 1
ELEMENT: Final = {
    1: "float32", 2: "uint8", 3: "int8", 4: "uint16", 5: "int16", 6: "int32", 7: "int64",
    8: "string", 9: "bool", 10: "float16", 11: "float64", 12: "uint32", 13: "uint64",
}  # fmt: skip
FOREIGN: Final = (
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\x89HDF", "hdf5"),
    (b"GGUF", "gguf"),
    (b"PAR1", "parquet"),
    (b"\x1f\x8b", "gzip"),
    (b"7z\xbc\xaf", "7z"),
    (b"\x7fELF", "elf"),
    (b"#!", "script"),
    (b"{", "json"),
)
PICKLE: Final[tuple[bytes, ...]] = (
    *(bytes([0x80, protocol]) for protocol in range(2, 6)),
    *(b"cos\n", b"csys\n", b"cposix\n", b"("),
)


@dataclass(frozen=True)
class Slot:
    """An input or output: its name, type, and shape (0 where any length will do)."""

    name: str
    kind: str
    shape: tuple[int, ...]


@dataclass
class ModelFacts:
    """What stands in the file; plain values, so that it can travel."""

    ir: int = 0
    producer: str = ""
    opsets: dict[str, int] = field(default_factory=dict)
    operators: Counter[str] = field(default_factory=Counter)
    inputs: list[Slot] = field(default_factory=list)
    outputs: list[Slot] = field(default_factory=list)
    classes: list[str] = field(default_factory=list)
    classes_are_numbers: bool = True
    parameters: int = 0
    nodes: int = 0
    trees: Trees | None = None

    @property
    def loops(self) -> int:
        """How many operators repeat an inner graph."""
        return sum(self.operators[name] for name in REPEATING)


def read_model(content: bytes, limits: RunLimits) -> ModelFacts:
    """Return what an ONNX file contains; raises Refused for what may not be run here."""
    _refuse_foreign(content, limits)
    facts = ModelFacts()
    graphs = []
    for number, _kind, value in fields(memoryview(content)):
        match number:
            case 1:
                facts.ir = whole(value)
            case 2:
                facts.producer = text(value)[:80]
            case 7:
                graphs.append(piece(value))
            case 8:
                _opset(facts, piece(value))
            case 20:
                raise refused("training-graph")
            case 25:
                raise refused("own-functions")
            case _:
                pass
    if len(graphs) != 1 or facts.ir < OLDEST_IR or not facts.opsets:
        raise refused("not-onnx")
    _Reader(facts, limits).graph(graphs[0], 0)
    if not facts.inputs or not facts.outputs:
        raise refused("no-input" if facts.outputs else "no-output")
    return facts


def _refuse_foreign(content: bytes, limits: RunLimits) -> None:
    if not content:
        raise refused("model-empty")
    if len(content) > limits.model:
        raise refused("model-large", size=len(content), limit=limits.model)
    if content.startswith(PICKLE):
        raise refused("pickle")
    for start, name in FOREIGN:
        if content.startswith(start):
            raise refused("foreign-model", content=name)


def _opset(facts: ModelFacts, message: memoryview) -> None:
    found = {number: value for number, _kind, value in fields(message)}
    domain = text(found[1]) if 1 in found else ""
    if domain not in DOMAINS:
        raise refused("own-domain", domain=domain[:80])
    facts.opsets[DOMAINS[domain]] = whole(found.get(2, 0))


class _Reader:
    """Walks graph, inner graphs, nodes and tensors, and gathers what they hold."""

    def __init__(self, facts: ModelFacts, limits: RunLimits) -> None:
        self.facts = facts
        self.limits = limits

    def graph(self, message: memoryview, depth: int) -> None:
        if depth > self.limits.depth:
            raise refused("deep-graph", limit=self.limits.depth)
        inputs, outputs, constants = [], [], set()
        for number, _kind, value in fields(message):
            match number:
                case 1:
                    self.node(piece(value), depth)
                case 5:
                    constants.add(self.tensor(piece(value)))
                case 11:
                    inputs.append(_slot(piece(value)))
                case 12:
                    outputs.append(_slot(piece(value)))
                case 15:
                    self.sparse(piece(value))
                case _:
                    pass
        if not depth:
            self.facts.inputs = [slot for slot in inputs if slot.name not in constants]
            self.facts.outputs = outputs

    def node(self, message: memoryview, depth: int) -> None:
        self.facts.nodes += 1
        if self.facts.nodes > self.limits.nodes:
            raise refused("many-nodes", limit=self.limits.nodes)
        operator = domain = ""
        attributes: dict[str, dict[int, list[Any]]] = {}
        for number, _kind, value in fields(message):
            match number:
                case 4:
                    operator = text(value)[:80]
                case 5:
                    name, found = self.attribute(piece(value), depth)
                    attributes[name] = found
                case 7:
                    domain = text(value)
                case _:
                    pass
        if domain not in DOMAINS:
            raise refused("own-domain", domain=domain[:80])
        self.facts.operators[operator] += 1
        self.look_at(operator, attributes)

    def attribute(self, message: memoryview, depth: int) -> tuple[str, dict[int, list[Any]]]:
        found: dict[int, list[Any]] = {}
        for number, _kind, value in fields(message):
            match number:
                case 5 | 10:
                    self.tensor(piece(value))
                case 6 | 11:
                    self.graph(piece(value), depth + 1)
                case 22 | 23:
                    self.sparse(piece(value))
                case _:
                    found.setdefault(number, []).append(value)
        return (text(found[1][0]) if 1 in found else ""), found

    def tensor(self, message: memoryview) -> str:
        """Check one constant; return its name."""
        name, dims, held = "", [], 0
        for number, _kind, value in fields(message):
            match number:
                case 1:
                    dims += wholes([value])
                case 8:
                    name = text(value)
                case 13:
                    raise refused("external-data", place=_place(piece(value)))
                case 14:
                    if whole(value) == EXTERNAL:
                        raise refused("external-data", place=name[:80])
                case 4 | 5 | 6 | 7 | 9 | 10 | 11:  # an empty text is held too
                    held += 1 if isinstance(value, int) else max(len(value), 1)
                case _:
                    pass
        size = prod(dims)
        if any(dim < 0 for dim in dims) or size > 8 * max(held, 1):  # eight numbers to a byte
            raise refused("hollow-tensor", name=name[:80], size=min(size, 2**62))
        self.facts.parameters += size
        return name

    def sparse(self, message: memoryview) -> None:
        for number, _kind, value in fields(message):
            if number in (1, 2):
                self.tensor(piece(value))

    def look_at(self, operator: str, attributes: dict[str, dict[int, list[Any]]]) -> None:
        """Keep what tells the technique: classes, coefficients, trees."""
        for name, kinds in attributes.items():
            if name.startswith("classlabels") and not self.facts.classes:
                if WHOLES in kinds:
                    self.facts.classes = [str(each) for each in wholes(kinds[WHOLES])]
                elif TEXTS in kinds:
                    self.facts.classes = [text(each) for each in kinds[TEXTS]]
                    self.facts.classes_are_numbers = False
            elif REALS in kinds:
                self.facts.parameters += reals(kinds[REALS]).size
        if len(self.facts.classes) > self.limits.classes:
            raise refused("many-classes", limit=self.limits.classes)
        if operator.startswith("TreeEnsemble"):
            found = read_trees(attributes)
            known = self.facts.trees
            self.facts.trees = known.joined(found) if known and found else known or found


def _place(message: memoryview) -> str:
    """Return where external data is said to lie."""
    found = {number: value for number, _kind, value in fields(message)}
    return text(found[2])[:80] if 2 in found else ""  # noqa: PLR2004  StringStringEntry.value


def _slot(message: memoryview) -> Slot:
    name, kind = "", "other"
    shape: tuple[int, ...] = ()
    for number, _kind, value in fields(message):
        if number == 1:
            name = text(value)
        elif number == 2:  # noqa: PLR2004  ValueInfoProto.type
            for which, _wire, tensor in fields(piece(value)):
                if which == 1:
                    kind, shape = _tensor_type(piece(tensor))
                elif which == 4:  # noqa: PLR2004  TypeProto.sequence_type
                    kind = "sequence"
    return Slot(name[:200], kind, shape)


def _tensor_type(message: memoryview) -> tuple[str, tuple[int, ...]]:
    kind, shape = "other", []
    for number, _kind, value in fields(message):
        if number == 1:
            kind = ELEMENT.get(whole(value), "other")
        elif number == 2:  # noqa: PLR2004  TypeProto.Tensor.shape
            for _number, _wire, dim in fields(piece(value)):
                sizes = [whole(size) for which, _w, size in fields(piece(dim)) if which == 1]
                shape.append(max(sizes[0], 0) if sizes else 0)
    return kind, tuple(shape)
