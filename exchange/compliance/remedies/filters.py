"""Which rows a condition keeps."""

from decimal import Decimal, InvalidOperation

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as kinds

from .groups import Flags
from .steps import KeepRows
from .values import as_text


def rows_kept(step: KeepRows, values: pa.Array) -> Flags:
    """Return which values compare as the step says; an empty one only DIFFERS from others."""
    text = as_text(values)
    if step.when == "FILLED":
        empty = pc.or_(pc.is_null(text), pc.equal(pc.utf8_trim_whitespace(text), ""))
        return _flags(pc.invert(pc.fill_null(empty, fill_value=True)))
    if step.when in {"EQUALS", "DIFFERS"}:
        listed = pa.array(step.values, pa.large_string())
        same = _flags(pc.is_in(text, value_set=listed))
        return same if step.when == "EQUALS" else ~same
    bound = step.values[0] if step.values else ""
    if kinds.is_temporal(values.type):
        return _compared(text.to_pylist(), bound, step.when)
    return _compared([_number(each) for each in text.to_pylist()], _number(bound), step.when)


def _compared(values: list, bound: object, when: str) -> Flags:  # type: ignore[type-arg]
    """Compare what can be compared; times are written so that their order is that of text."""
    less = when == "LESS"
    return np.array(
        [each is not None and bound is not None and ((each < bound) == less) for each in values],
        bool,
    )


def _number(text: str | None) -> Decimal | None:
    try:
        number = Decimal(text.strip()) if text else None
    except InvalidOperation:
        return None
    return number if number is not None and number.is_finite() else None


def _flags(array: pa.Array) -> Flags:
    flags: Flags = array.to_numpy(zero_copy_only=False).astype(bool)
    return flags
