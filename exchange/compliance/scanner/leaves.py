"""Columns as they are stored, down to the values inside lists and structures."""

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as kinds

VECTOR = 32
"""A list of at least so many fractions may be a biometric template."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """Values of one column or of one place inside a nested column.

    Text that is stored as numbers of entries in a dictionary stays so.
    """

    path: str
    values: pa.Array
    vectors: int = 0

    @property
    def kind(self) -> pa.DataType:
        """The type of the values, however they are stored."""
        return value_type(self.values.type)


def value_type(kind: pa.DataType) -> pa.DataType:
    """Return the type of values that may stand in a dictionary."""
    return kind.value_type if kinds.is_dictionary(kind) else kind


def is_plain_text(kind: pa.DataType) -> bool:
    """Whether values are the text or bytes that most files hold."""
    return bool(kinds.is_string(kind) or kinds.is_binary(kind))


def read_leaves(batch: pa.RecordBatch) -> Iterator[Leaf]:
    """Take a batch apart into plain columns; `a.b` is inside a structure, `a[]` inside a list."""
    for name, values in zip(batch.schema.names, batch.columns, strict=True):
        yield from _open(name, values)


def _open(path: str, values: pa.Array) -> Iterator[Leaf]:
    kind = values.type
    if isinstance(values, pa.ExtensionArray):
        yield from _open(path, values.storage)
    elif kinds.is_dictionary(kind):
        if is_plain_text(kind.value_type) and not values.dictionary.null_count:
            yield Leaf(path, values)
        else:
            yield from _open(path, values.cast(kind.value_type))
    elif kinds.is_struct(kind):
        for field, inner in zip(kind, values.flatten(), strict=True):
            yield from _open(f"{path}.{field.name}", inner)
    elif kinds.is_map(kind):
        yield from _open(f"{path}.key", values.keys)
        yield from _open(f"{path}.value", values.items)
    elif kinds.is_list(kind) or kinds.is_large_list(kind) or kinds.is_fixed_size_list(kind):
        if kinds.is_floating(kind.value_type):
            lengths = pc.list_value_length(values)
            long = pc.sum(pc.greater_equal(lengths, VECTOR)).as_py() or 0
            yield Leaf(path, values, vectors=long)
        yield from _open(f"{path}[]", values.flatten())
    else:
        yield Leaf(path, values)
