"""How many rows of a table break each rule, and the numbers of the first few.

Row groups are read one after the other, with the columns that rules ask about and no others.
Empty cells break `not_null` and no other rule: what is missing is counted once.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pyarrow.types as pt

from exchange.vault.formats.kinds import ARROW_TYPES, Kind, kind_of

from .duplicates import Repeats
from .fitting import value_as, what_does_not_fit
from .reading import read_rules
from .vocabulary import FORMATS, Rule, RuleFault, RuleKind

SHOWN: Final = 5
LONGEST_SHAPE: Final = 24
Progress = Callable[[int, int | None, str], None]

Columns = Sequence[pa.Array]
Given = Mapping[str, Any]

COMPARISONS: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "<": pc.less,
    "<=": pc.less_equal,
    "=": pc.equal,
    "!=": pc.not_equal,
    ">=": pc.greater_equal,
    ">": pc.greater,
}


def check_parquet(
    path: Path, document: Mapping[str, Any], *, progress: Progress | None = None
) -> dict[str, Any]:
    """Return the rows of the table at `path` and, for each rule, how many of them break it.

    A rule that does not fit the table is broken by every row, and its fault is named. `examples`
    are row numbers from 1 with the shapes of the cells, never the cells.
    """
    rules = read_rules(document)
    with pq.ParquetFile(path) as file:
        kinds = {field.name: str(_held(field.type)) for field in file.schema_arrow}
        counts = [_Count(rule, what_does_not_fit(rule, kinds)) for rule in rules]
        asked = [count for count in counts if count.fault is None]
        keyed = [count for count in asked if count.repeats is not None]
        tell = _Told(progress, file.num_row_groups * (bool(asked) + bool(keyed)))
        for first, table in _pieces(file, asked, tell):
            for count in asked:
                count.take(table, first)
        for first, table in _pieces(file, keyed, tell):
            for count in keyed:
                count.compare(table, first)
        rows = file.metadata.num_rows
    return {"rows": rows, "rules": [count.as_json(rows) for count in counts]}


class _Told:
    """Tells how many row groups are done of all that will be read."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self.progress, self.total, self.done = progress, total, 0

    def __call__(self) -> None:
        self.done += 1
        if self.progress:
            self.progress(self.done, self.total, "checking")


def _pieces(
    file: pq.ParquetFile, counts: Sequence["_Count"], tell: _Told
) -> Iterator[tuple[int, pa.Table]]:
    """Yield the row groups with the columns that are asked about, each with its first place."""
    names = sorted({name for count in counts for name in count.rule.columns})
    first = 0
    for group in range(file.num_row_groups if names else 0):
        table = file.read_row_group(group, columns=names, use_threads=False)
        yield first, table
        first += len(table)
        tell()


class _Count:
    """What was found of one rule so far."""

    def __init__(self, rule: Rule, fault: RuleFault | None) -> None:
        self.rule, self.fault = rule, fault
        self.repeats = Repeats(rule.columns) if rule.kind == RuleKind.UNIQUE else None
        self.failing = 0
        self.examples: list[dict[str, Any]] = []

    def take(self, table: pa.Table, first: int) -> None:
        """Count the rows of one piece that break the rule."""
        if self.repeats is not None:
            self.repeats.look(table)
            return
        columns = [_plain(table.column(name)) for name in self.rule.columns]
        broken = BROKEN[self.rule.kind](columns, self.rule.parameters)
        places = np.flatnonzero(pc.fill_null(broken, False).to_numpy(zero_copy_only=False))
        self.failing += len(places)
        for place in places[: SHOWN - len(self.examples)].tolist():
            shapes = [_shape(column[place]) for column in columns]
            self.examples.append({"row": first + place + 1, "shapes": shapes})

    def compare(self, table: pa.Table, first: int) -> None:
        """Take the rows of one piece again, for rules that compare rows with each other."""
        if self.repeats is not None:
            self.repeats.compare(table, first)

    def as_json(self, rows: int) -> dict[str, Any]:
        """Return what was found, for a table of so many rows."""
        if self.repeats is not None:
            places = self.repeats.repeated()
            self.failing = len(places)
            self.examples = [{"row": place + 1, "shapes": []} for place in places[:SHOWN].tolist()]
        fault = self.fault
        return {
            "id": self.rule.id,
            "failing": rows if fault else self.failing,
            "examples": self.examples,
            "fault": {"what": fault.what, "params": dict(fault.params)} if fault else None,
        }


def _is_missing(columns: Columns, _given: Given) -> pa.Array:
    column = columns[0]
    missing = pc.is_null(column, nan_is_null=True)
    return pc.or_kleene(missing, pc.equal(column, "")) if _is_text(column) else missing


def _compares_wrongly(columns: Columns, given: Given) -> pa.Array:
    left, right = (_filled(each) for each in columns)
    return pc.invert(COMPARISONS[given["operator"]](left, right))


def _does_not_add_up(columns: Columns, given: Given) -> pa.Array:
    *parts, stated = (_filled(each.cast(pa.float64(), safe=False)) for each in columns)
    total = parts[0]
    for part in parts[1:]:
        total = pc.add(total, part)
    off = pc.abs(pc.subtract(total, stated))
    return pc.greater(off, pa.scalar(float(given["tolerance"])))


def _differs(column: pa.Array, pattern: str) -> pa.Array:
    whole = rf"\A(?:{pattern})\z"
    return pc.invert(pc.match_substring_regex(_filled(column), whole))


def _out_of_range(columns: Columns, given: Given) -> pa.Array:
    kind = _held(columns[0].type)
    return _outside(_filled(columns[0]), given, lambda text: value_as(kind, text))


def _outside(column: pa.Array, given: Given, read: Callable[[str], Any]) -> pa.Array:
    bad = pc.invert(pc.is_valid(column))
    if "min" in given:
        bad = pc.or_kleene(bad, pc.less(column, _scalar(read(given["min"]), column)))
    if "max" in given:
        bad = pc.or_kleene(bad, pc.greater(column, _scalar(read(given["max"]), column)))
    return pc.and_(bad, pc.is_valid(column))


def _not_among(column: pa.Array, values: Sequence[str]) -> pa.Array:
    kind = _held(column.type)
    allowed = pa.array([value_as(kind, text) for text in values]).cast(column.type)
    return pc.and_(pc.invert(pc.is_in(column, value_set=allowed)), pc.is_valid(_filled(column)))


def _of_other_type(column: pa.Array, kind: Kind) -> pa.Array:
    """Return which cells cannot be read as `kind`; a column of text is tried cell by cell."""
    held = _held(column.type)
    fits = kind in {held, Kind.TEXT} or (held, kind) == (Kind.INTEGER, Kind.NUMBER)
    if fits or held != Kind.TEXT:
        return pc.and_(pc.is_valid(_filled(column)), pa.scalar(not fits))
    cells = _filled(column)
    wrong = pa.array(list(_unreadable(pc.drop_null(cells.unique()), kind)), pa.string())
    return pc.and_(pc.is_in(cells, value_set=wrong), pc.is_valid(cells))


def _unreadable(texts: pa.Array, kind: Kind) -> Iterator[str]:
    """Yield the texts that cannot be read as `kind`; halves that can be are not looked into."""
    if not len(texts):
        return
    try:
        texts.cast(ARROW_TYPES[kind])
        marked = kind != Kind.INSTANT or pc.all(pc.ends_with(texts, pattern="Z")).as_py()
    except pa.ArrowInvalid:
        marked = False
    if marked:
        return
    if len(texts) == 1:
        yield texts[0].as_py()
        return
    middle = len(texts) // 2
    yield from _unreadable(texts[:middle], kind)
    yield from _unreadable(texts[middle:], kind)


def _scalar(value: Any, column: pa.Array) -> pa.Scalar:
    """Return a bound in the column's own type where it fits, else as it is."""
    if pt.is_timestamp(column.type) or pt.is_date(column.type):
        return pa.scalar(value).cast(column.type)
    return pa.scalar(value)


def _filled(column: pa.Array) -> pa.Array:
    """Return the column with empty texts and figures that are none as missing."""
    if _is_text(column):
        return pc.if_else(pc.equal(column, ""), None, column)
    if pt.is_floating(column.type):
        return pc.if_else(pc.is_nan(column), None, column)
    return column


def _plain(column: pa.ChunkedArray) -> pa.Array:
    """Return a column of one piece, text as plain text and exact figures as doubles."""
    kind = column.type
    if pt.is_dictionary(kind) or pt.is_large_string(kind):
        column = column.cast(pa.string())
    elif pt.is_decimal(kind):
        column = column.cast(pa.float64(), safe=False)
    pieces = column.chunks or [pa.array([], column.type)]
    return pieces[0] if len(pieces) == 1 else pa.concat_arrays(pieces)


def _held(kind: pa.DataType) -> Kind:
    """Return the kind a column holds; times with a zone are moments of universal time."""
    return Kind.INSTANT if pt.is_timestamp(kind) and kind.tz else kind_of(kind)


def _is_text(column: pa.Array) -> bool:
    return bool(pt.is_string(column.type))


def _shape(cell: pa.Scalar) -> str:
    """Return the shape of a cell: 9 for a digit, a and A for letters, 文 for Chinese."""
    if not cell.is_valid:
        return ""
    text = str(cell.as_py())[:LONGEST_SHAPE]
    return "".join(_mask(character) for character in text)


def _mask(character: str) -> str:
    if character.isdigit():
        return "9"
    if "\u3400" <= character <= "\u9fff":
        return "文"
    if character.isalpha():
        return "A" if character.isupper() else "a"
    return character if character.isascii() and character.isprintable() else "?"


BROKEN: Final[Mapping[RuleKind, Callable[[Columns, Given], pa.Array]]] = {
    RuleKind.TYPE: lambda columns, given: _of_other_type(columns[0], Kind(given["type"])),
    RuleKind.FORMAT: lambda columns, given: _differs(columns[0], FORMATS[given["format"]]),
    RuleKind.PATTERN: lambda columns, given: _differs(columns[0], given["pattern"]),
    RuleKind.LENGTH: lambda columns, given: _outside(
        pc.utf8_length(_filled(columns[0])), given, int
    ),
    RuleKind.NOT_NULL: _is_missing,
    RuleKind.RANGE: _out_of_range,
    RuleKind.ALLOWED: lambda columns, given: _not_among(columns[0], given["values"]),
    RuleKind.COMPARE: _compares_wrongly,
    RuleKind.SUM: _does_not_add_up,
}
"""For each kind the rows that break a rule; null where nothing is said of a row."""
