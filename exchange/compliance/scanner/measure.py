"""Reading one batch of rows: every cell of text by its bytes, numbers by their range first."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as kinds

from .arrays import Places
from .blocks import Block, count_bytes, read_blocks
from .cards import identify_cards
from .combinations import FEWEST, Groups, can_combine, combine
from .digests import is_digest_of
from .fold import fold
from .han import identify_han
from .leaves import Leaf, read_leaves, value_type
from .lexicon import Lexicon, Plan
from .masking import mask
from .numbers import identify_numbers
from .papers import identify_marked, identify_papers
from .records import read_records
from .runs import SHORTEST, find_digit_runs
from .shapes import parse_date
from .sketch import Distinct
from .spans import Finds, Spans
from .tally import EXAMPLES, ColumnTally, Tally
from .together import FOUND, find_parts
from .views import DEEPEST, DISGUISES, TELLING, open_views, probe, rewrite
from .words import identify_marks, identify_words
from .written import find_written

Piece = Callable[[], Tally]
_TEXT_KINDS = (
    kinds.is_string, kinds.is_large_string, kinds.is_string_view, kinds.is_binary,
    kinds.is_large_binary, kinds.is_binary_view, kinds.is_fixed_size_binary,
)  # fmt: skip
PIECE = 1 << 20
"""Bytes of columns that are worth a thread's turn."""
SAMPLE = 256
SAMPLE_OF_MANY, MANY_ROWS = 64, 32_768
LONGEST_SAMPLE = 4096
"""Values of a batch asked for shapes that have no check digit, evenly spread over it."""
LONG_TEXT = 150
PROSE = 45
"""Bytes of a cell on average from which a column may be running text."""
HALF = 0.5
PLAINLY = 0.98
"""A column of which so much is in plain sight hides nothing behind."""
SHORTEST_ASCII = 5
_ID_FROM = 10_000_000_000
_ID_BELOW = 10**19
_SAFE_FLOAT = 2.0**63


def measure(batch: pa.RecordBatch, lexicon: Lexicon) -> Tally:
    """Count what the cells of a batch hold."""
    return join(batch, (piece() for piece in cut(batch, lexicon)))


def cut(batch: pa.RecordBatch, lexicon: Lexicon, *, size: int = PIECE) -> list[Piece]:
    """Part the work on a batch into pieces that can be done side by side: columns, then rows.

    What is stored under one path stays together; columns of less than `size` bytes share a piece.
    """
    by_path: dict[str, list[Leaf]] = {}
    for leaf in read_leaves(batch):
        by_path.setdefault(leaf.path, []).append(leaf)
    pieces: list[Piece] = []
    chosen: list[Leaf] = []
    held = 0
    for leaves in by_path.values():
        chosen += leaves
        held += sum(leaf.values.nbytes for leaf in leaves)
        if held >= size:
            pieces.append(partial(_measure_columns, chosen, lexicon))
            chosen, held = [], 0
    pieces.append(partial(_measure_columns, chosen, lexicon))
    pieces.append(partial(_measure_rows, batch, lexicon))
    return pieces


def join(batch: pa.RecordBatch, tallies: Iterable[Tally]) -> Tally:
    """Put together what the pieces of a batch gave; only digests are asked of the whole."""
    whole = Tally(rows=batch.num_rows)
    for tally in tallies:
        whole.merge(tally)
    _prove_digests(batch, whole)
    return whole


def _measure_columns(leaves: list[Leaf], lexicon: Lexicon) -> Tally:
    tally = Tally()
    for leaf in leaves:
        column = tally.column(leaf.path)
        _measure_leaf(leaf, lexicon, column, Views(tally, leaf.path))
    return tally


def _measure_rows(batch: pa.RecordBatch, lexicon: Lexicon) -> Tally:
    tally = Tally()
    _measure_traits(batch, lexicon, tally)
    _measure_together(batch, lexicon, tally)
    return tally


def _measure_traits(batch: pa.RecordBatch, lexicon: Lexicon, tally: Tally) -> None:
    """Count groups of rows by the columns whose names point to traits of persons."""
    names = lexicon.combined(field.name for field in batch.schema if can_combine(field.type))
    if len(names) >= FEWEST and batch.num_rows:
        rows = combine([batch.column(batch.schema.names.index(name)) for name in names])
        tally.groups.setdefault(names, Groups()).add(rows)


def _measure_together(batch: pa.RecordBatch, lexicon: Lexicon, tally: Tally) -> None:
    """Read numbers that are spread over several columns."""
    for indexes, text in find_parts(batch, lexicon.numbers):
        for original in read_blocks(text):
            block, finds = find_in(original, lexicon)
            for index in indexes:
                column = tally.view(batch.schema.names[index], "together")
                _add(block, finds, lexicon, column, FOUND)


def _prove_digests(batch: pa.RecordBatch, tally: Tally) -> None:
    """Note digests of what stands in plain in another column."""
    columns = {name: tally.columns[name] for name in batch.schema.names if name in tally.columns}
    digests = [name for name, column in columns.items() if column.share("hex_digest") > HALF]
    if not digests:
        return
    plain = [
        name
        for name, column in columns.items()
        if any(column.share(kind) > HALF for kind in TELLING)
    ]
    for name in digests:
        if any(is_digest_of(batch.column(name), batch.column(other)) for other in plain):
            columns[name].hits["digest_proved"] += columns[name].hits["hex_digest"]
            columns[name].passes["digest_proved"] += columns[name].passes["hex_digest"]


@dataclass(frozen=True, slots=True)
class Views:
    """Where what other ways of reading a column give is counted."""

    tally: Tally
    path: str
    way: str = ""

    def column(self, way: str, name: str = "") -> ColumnTally:
        """Return the tally of a further way."""
        return self.tally.view(self.path, self.way + way, name)

    def deeper(self, way: str) -> "Views":
        """Go on from a way of reading."""
        return Views(self.tally, self.path, f"{self.way}{way}/")

    @property
    def depth(self) -> int:
        """How many ways were taken one after the other."""
        return self.way.count("/")


def find_in(block: Block, lexicon: Lexicon) -> tuple[Block, Finds]:
    """Run every detector over a block; places refer to the folded block that is returned."""
    block, characters = fold(block)
    finds = Finds()
    if not block.wide and block.longest < SHORTEST_ASCII:
        return block, finds
    runs = find_digit_runs(block)
    finds.runs = runs
    letters = bool((((block.data | 32) - np.uint8(97)) < 26).any())
    if runs.begins.size or characters.places.size >= SHORTEST:
        written = find_written(block, runs, characters, letters=letters)
        identify_numbers(block, runs, written, lexicon.numbers, finds)
    if runs.begins.size:
        identify_cards(block, runs, finds)
    if letters:
        identify_words(block, finds)
        identify_marks(block, finds)
    identify_marked(block, runs, finds, letters=letters)
    identify_han(block, characters, runs, lexicon.han, finds)
    identify_papers(block, finds)
    return block, finds


def _measure_leaf(leaf: Leaf, lexicon: Lexicon, column: ColumnTally, views: Views) -> None:
    values, kind = leaf.values, leaf.kind
    plan = lexicon.plan(leaf.path)
    column.kind = str(kind)
    column.cells += len(values)
    column.nulls += values.null_count
    if leaf.vectors:
        column.hits["vector"] += leaf.vectors
    if kinds.is_integer(kind) or kinds.is_floating(kind) or kinds.is_decimal(kind):
        column.size += values.nbytes
        text = _as_text(values, plan)
        if text is not None:
            _measure_text(text, plan, lexicon, column, views)
        if plan.shapes:
            _sample(values, plan, lexicon, column)
    elif kinds.is_temporal(kind):
        column.size += values.nbytes
        if plan.shapes:
            _sample(values, plan, lexicon, column)
    elif _is_text(kind):
        text = values if kinds.is_dictionary(values.type) else values.cast(_wide(kind))
        column.size += count_bytes(text)
        _measure_text(text, plan, lexicon, column, views)
        _sample(text, plan, lexicon, column)
        _undo_disguises(text, lexicon, column, views)
        _measure_records(text, lexicon, views)


def _is_text(kind: pa.DataType) -> bool:
    return any(is_kind(kind) for is_kind in _TEXT_KINDS)


def _wide(kind: pa.DataType) -> pa.DataType:
    """Return the type that holds the same with places of 64 bits."""
    text = kinds.is_string(kind) or kinds.is_large_string(kind) or kinds.is_string_view(kind)
    return pa.large_string() if text else pa.large_binary()


def _as_text(values: pa.Array, plan: Plan) -> pa.Array | None:
    """Return numbers as text where they may be identifiers; most columns end at the range."""
    if kinds.is_decimal(values.type):
        return _plain_decimals(values).cast(pa.large_string())
    bounds = pc.min_max(values).as_py()
    low, high = bounds["min"], bounds["max"]
    if high is None:
        return None
    if kinds.is_floating(values.type):
        if not (_ID_FROM <= high < _SAFE_FLOAT) or low < -_SAFE_FLOAT:
            return None
        whole = pc.if_else(pc.equal(pc.floor(values), values), values, None)
        return pc.cast(whole, pa.int64()).cast(pa.large_string())
    if high < _ID_FROM and not plan.distinct:
        return None
    return values.cast(pa.large_string())


def _plain_decimals(values: pa.Array) -> pa.Array:
    """Return decimals without places where none of them has any but zeros."""
    whole = pc.round(values)
    if values.type.scale > 0 and pc.all(pc.equal(whole, values)).as_py():
        return whole.cast(pa.decimal128(38, 0))
    return values


def _measure_text(
    text: pa.Array, plan: Plan, lexicon: Lexicon, column: ColumnTally, views: Views
) -> None:
    for original in read_blocks(text):
        block, finds = find_in(original, lexicon)
        _add(block, finds, lexicon, column)
        if plan.distinct:
            hashes = block.hash_cells(block.filled)
            column.distinct.setdefault("value", Distinct()).add(hashes)
        _measure_views(original, block, finds, lexicon, views)


def _measure_views(
    original: Block, block: Block, finds: Finds, lexicon: Lexicon, views: Views
) -> None:
    """Read cells again without their escapes and wrappings, and what comes out of them again."""
    for way, view in open_views(original, block, finds):
        folded, found = find_in(view, lexicon)
        _add(folded, found, lexicon, views.column(way))
        if views.depth < DEEPEST:
            _measure_views(view, folded, found, lexicon, views.deeper(way))


def _undo_disguises(text: pa.Array, lexicon: Lexicon, column: ColumnTally, views: Views) -> None:
    """Try whether the whole column is disguised, unless it is plain already."""
    filled = text.drop_null() if text.null_count else text
    plain = max((column.hits[kind] for kind in TELLING), default=0)
    if not len(filled) or plain >= PLAINLY * column.filled:
        return
    for way in probe(filled, lambda block: find_in(block, lexicon)):
        allowed = DISGUISES[way][1]
        for original in read_blocks(rewrite(filled, way)):
            block, finds = find_in(original, lexicon)
            _add(block, finds, lexicon, views.column(way), allowed)


def _measure_records(text: pa.Array, lexicon: Lexicon, views: Views) -> None:
    """Read cells of JSON by their keys, as if they were columns."""
    if views.depth >= DEEPEST:
        return
    records = read_records(text)
    if records is None:
        return
    for leaf in read_leaves(records):
        inner = Views(views.tally, views.path, f"{views.way}{leaf.path}/")
        _measure_leaf(leaf, lexicon, views.column(leaf.path, leaf.path), inner)


def _add(
    block: Block,
    finds: Finds,
    lexicon: Lexicon,
    column: ColumnTally,
    allowed: frozenset[str] | None = None,
) -> None:
    """Add what was found in a block."""
    for kind in finds.spans:
        spans = finds.of(kind)
        if spans is not None and (allowed is None or kind in allowed):
            _count(block, kind, spans, column)
    column.tries.update(finds.tries)
    for kind, heads in finds.varieties.items():
        column.varieties.setdefault(kind, set()).update(heads)
    for births in finds.births:
        column.births += births.size
        young = (births > _day_number(lexicon.minor_from)) & (births <= _day_number(lexicon.as_of))
        column.minors += int(young.sum())


def _count(block: Block, kind: str, spans: Spans, column: ColumnTally) -> None:
    cells = block.cells_of(spans.begins)
    first = np.concatenate([[True], cells[1:] != cells[:-1]])
    passes = int(np.count_nonzero(first))
    weights = block.weights
    column.passes[kind] += passes
    column.hits[kind] += passes if weights is None else int(weights[cells[first]].sum())
    if spans.hashes is not None:
        column.distinct.setdefault(kind, Distinct()).add(spans.hashes)
    shown = _shown(block, spans.begins)
    pairs = zip(spans.begins[shown].tolist(), spans.ends[shown].tolist(), strict=True)
    column.example(kind, *(mask(kind, block.text(begin, end)) for begin, end in pairs))


def _shown(block: Block, begins: Places) -> Places:
    """Return which stretches are shown: the first few of each portion."""
    return np.concatenate(
        [
            np.flatnonzero((begins >= first) & (begins < last))[:EXAMPLES]
            for first, last in pairwise(block.bounds)
        ]
    )


def _sample(values: pa.Array, plan: Plan, lexicon: Lexicon, column: ColumnTally) -> None:
    shapes = set(plan.shapes)
    filled = values.drop_null() if values.null_count else values
    if _is_text(value_type(values.type)):
        long = column.size > LONG_TEXT * max(1, column.filled)
        shapes |= {"vector", "base64"} | lexicon.prose_shapes if long else lexicon.open_shapes
        if column.size < PROSE * column.filled:
            shapes -= lexicon.prose_shapes
    if not shapes or not len(filled):
        return
    size = min(len(filled), SAMPLE if len(values) < MANY_ROWS else SAMPLE_OF_MANY)
    chosen = np.linspace(0, len(filled) - 1, size).astype(np.int64)
    texts = [_text(value)[:LONGEST_SAMPLE] for value in filled.take(pa.array(chosen)).to_pylist()]
    for shape, (fits, looked) in lexicon.judge_sample(texts, frozenset(shapes)).items():
        column.fits[shape] += fits
        column.looked[shape] += looked
    if plan.births:
        dates = [day for day in map(parse_date, texts) if day is not None]
        column.births += len(dates)
        column.minors += sum(lexicon.minor_from < day <= lexicon.as_of for day in dates)


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)


def _day_number(day: date) -> int:
    return day.year * 10_000 + day.month * 100 + day.day
