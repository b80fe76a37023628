"""Reading one batch of rows: every cell of text by its bytes, numbers by their range first."""

from datetime import date, datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as kinds

from .blocks import Block, read_blocks
from .cards import hash_spans, identify_cards
from .combinations import FEWEST, Groups, can_combine, combine
from .fold import fold
from .han import identify_han
from .leaves import Leaf, read_leaves
from .lexicon import Lexicon, Plan
from .masking import mask
from .numbers import identify_numbers
from .runs import find_digit_runs
from .shapes import parse_date
from .sketch import Distinct
from .spans import Finds, Spans
from .tally import EXAMPLES, ColumnTally, Tally
from .words import identify_marks, identify_words

_TEXT_KINDS = (
    kinds.is_string, kinds.is_large_string, kinds.is_string_view, kinds.is_binary,
    kinds.is_large_binary, kinds.is_binary_view, kinds.is_fixed_size_binary,
)  # fmt: skip
SAMPLE = 256
SAMPLE_OF_MANY, MANY_ROWS = 64, 32_768
LONGEST_SAMPLE = 4096
"""Values of a batch asked for shapes that have no check digit, evenly spread over it."""
LONG_TEXT = 150
SHORTEST_ASCII = 5
_ID_FROM = 10_000_000_000
_ID_BELOW = 10**19
_SAFE_FLOAT = 2.0**63


def measure(batch: pa.RecordBatch, lexicon: Lexicon) -> Tally:
    """Count what the cells of a batch hold."""
    tally = Tally(rows=batch.num_rows)
    for leaf in read_leaves(batch):
        column = tally.column(leaf.path)
        column.kind = str(leaf.values.type)
        column.cells += len(leaf.values)
        column.nulls += leaf.values.null_count
        _measure_leaf(leaf, lexicon.plan(leaf.path), lexicon, column)
    _measure_traits(batch, lexicon, tally)
    return tally


def _measure_traits(batch: pa.RecordBatch, lexicon: Lexicon, tally: Tally) -> None:
    """Count groups of rows by the columns whose names point to traits of persons."""
    names = lexicon.combined(field.name for field in batch.schema if can_combine(field.type))
    if len(names) >= FEWEST and batch.num_rows:
        rows = combine([batch.column(batch.schema.names.index(name)) for name in names])
        tally.groups.setdefault(names, Groups()).add(rows)


def find_in(block: Block, lexicon: Lexicon) -> tuple[Block, Finds]:
    """Run every detector over a block; places refer to the folded block that is returned."""
    block, characters = fold(block)
    finds = Finds()
    if not block.wide and block.longest < SHORTEST_ASCII:
        return block, finds
    runs = find_digit_runs(block.data)
    if runs.begins.size:
        identify_numbers(block, runs, lexicon.numbers, finds)
        identify_cards(block, runs, finds)
    letters = (((block.data | 32) - np.uint8(97)) < 26).any()
    if letters:
        identify_words(block, finds)
        identify_marks(block, finds)
    identify_han(block, characters, runs, lexicon.han, finds)
    return block, finds


def _measure_leaf(leaf: Leaf, plan: Plan, lexicon: Lexicon, column: ColumnTally) -> None:
    values = leaf.values
    kind = values.type
    if leaf.vectors:
        column.hits["vector"] += leaf.vectors
    if kinds.is_integer(kind) or kinds.is_floating(kind) or kinds.is_decimal(kind):
        column.size += values.nbytes
        text = _as_text(values, plan)
        if text is not None:
            _measure_text(text, plan, lexicon, column)
        if plan.shapes:
            _sample(values, plan, lexicon, column)
    elif kinds.is_temporal(kind):
        column.size += values.nbytes
        if plan.shapes:
            _sample(values, plan, lexicon, column)
    elif _is_text(kind):
        text = values.cast(pa.large_binary() if kinds.is_fixed_size_binary(kind) else _wide(kind))
        column.size += pc.sum(pc.binary_length(text)).as_py() or 0
        _measure_text(text, plan, lexicon, column)
        _sample(text, plan, lexicon, column)


def _is_text(kind: pa.DataType) -> bool:
    return any(is_kind(kind) for is_kind in _TEXT_KINDS)


def _wide(kind: pa.DataType) -> pa.DataType:
    text = kinds.is_string(kind) or kinds.is_large_string(kind) or kinds.is_string_view(kind)
    return pa.large_string() if text else pa.large_binary()


def _as_text(values: pa.Array, plan: Plan) -> pa.Array | None:
    """Return numbers as text where they may be identifiers; most columns end at the range."""
    if kinds.is_decimal(values.type):
        return values.cast(pa.large_string())
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


def _measure_text(text: pa.Array, plan: Plan, lexicon: Lexicon, column: ColumnTally) -> None:
    for original in read_blocks(text):
        block, finds = find_in(original, lexicon)
        for kind in finds.spans:
            spans = finds.of(kind)
            if spans is not None:
                _count(block, kind, spans, column)
        column.tries.update(finds.tries)
        for kind, heads in finds.varieties.items():
            column.varieties.setdefault(kind, set()).update(heads)
        for births in finds.births:
            column.births += births.size
            young = (births > _day_number(lexicon.minor_from)) & (
                births <= _day_number(lexicon.as_of)
            )
            column.minors += int(young.sum())
        if plan.distinct:
            filled = block.ends > block.starts
            hashes = hash_spans(block.data, block.starts[filled], block.ends[filled])
            column.distinct.setdefault("value", Distinct()).add(hashes)


def _count(block: Block, kind: str, spans: Spans, column: ColumnTally) -> None:
    cells = block.cells_of(spans.begins)
    first = np.concatenate([[True], cells[1:] != cells[:-1]])
    passes = int(first.sum())
    weights = block.weights
    column.passes[kind] += passes
    column.hits[kind] += passes if weights is None else int(weights[cells[first]].sum())
    if spans.hashes is not None:
        column.distinct.setdefault(kind, Distinct()).add(spans.hashes)
    pairs = zip(spans.begins[:EXAMPLES].tolist(), spans.ends[:EXAMPLES].tolist(), strict=True)
    column.example(kind, *(mask(kind, block.text(begin, end)) for begin, end in pairs))


def _sample(values: pa.Array, plan: Plan, lexicon: Lexicon, column: ColumnTally) -> None:
    shapes = set(plan.shapes)
    filled = values.drop_null() if values.null_count else values
    if _is_text(values.type):
        long = column.size > LONG_TEXT * max(1, column.filled)
        shapes |= {"vector", "base64"} if long else lexicon.open_shapes
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
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)


def _day_number(day: date) -> int:
    return day.year * 10_000 + day.month * 100 + day.day
