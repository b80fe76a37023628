"""Entries and leaves as the database holds them, compared with the entries' own bytes."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import DatabaseError, connection, models
from django.db.models.functions import Cast

from audit.log.events import REGISTRY
from audit.log.inspection.report import Report
from audit.log.models import Entry, EntryRef, Leaf, Pending
from verify.merkle import leaf_hash

CHUNK = 2048
UNREADABLE = (DatabaseError, ValueError, TypeError, OverflowError)


class Row(NamedTuple):
    """An entry's columns; times and ids as stored text, so that no damage is read over."""

    position: int
    id: str
    name: str
    version: int
    occurred_at: str
    actor: str
    organization: str
    subject_kind: str
    subject: str
    request_id: str
    transaction: str
    data: bytes
    leaf_hash: bytes


_AS_TEXT = frozenset({"id", "occurred_at", "transaction"})
_COMPARED = Row._fields[1:11]


class RowChecker:
    """Compares entries with their own bytes and notes what contradicts."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._told = _told_in_sqlite if connection.vendor == "sqlite" else _told_in_postgresql
        self._refs: dict[int, set[tuple[str, str]]] = {}

    def look_at(self, rows: Sequence[Row]) -> None:
        """Fetch the references of the entries that are checked next."""
        self._refs = defaultdict(set)
        if not rows:
            return
        positions = [row.position for row in rows]
        refs = EntryRef.objects.filter(entry_id__gte=min(positions), entry_id__lte=max(positions))
        try:
            for position, kind, reference in refs.values_list("entry_id", "kind", "reference"):
                self._refs[position].add((kind, reference))
        except UNREADABLE as error:
            place = f"references of entries {min(positions)} to {max(positions)}"
            self._report.add(place, f"cannot be read: {error}")

    def true_hash(self, row: Row, index: int | None = None, leaf: bytes | None = None) -> bytes:
        """Check one entry; return its leaf hash as most of its three witnesses give it."""
        computed = leaf_hash(row.data)
        place = _place(row, index)
        leaf = row.leaf_hash if leaf is None else leaf
        if computed == row.leaf_hash == leaf:
            self._compare_columns(row, place)
            return computed
        if computed == leaf:
            self._report.add(place, "column leaf_hash is not the hash of the entry's bytes")
            return computed
        if computed == row.leaf_hash:
            self._report.add(
                f"leaf {index}", f"its hash is not that of the bytes of {_place(row, None)}"
            )
            return computed
        self._report.add(place, "the entry's bytes do not give its leaf hash; they were changed")
        return leaf

    def _compare_columns(self, row: Row, place: str) -> None:
        try:
            document = json.loads(row.data.decode())
            told = self._told(document)
            body = document["body"]
            refs = _expected_refs(row, body)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            self._report.add(place, "the entry's bytes are not an entry")
            return
        stored = row[1:11]
        if stored != told:
            for column, value, said in zip(_COMPARED, stored, told, strict=True):
                if value != said:
                    self._report.add(
                        place, f"column {column} is {value!r}, the entry's bytes say {said!r}"
                    )
        found = self._refs.get(row.position, set())
        if found != refs and (refs is not None or not _are_in(body, found)):
            told_refs = None if refs is None else sorted(refs)
            self._report.add(
                place, f"its references are {sorted(found)!r}, the entry's bytes say {told_refs!r}"
            )


def leaves_after(last: int | None, size: int, report: Report) -> list[tuple[int, bytes, Row]]:
    """Return the next leaves and entries; rows that cannot be read are noted and left out."""
    leaves = Leaf.objects.filter(index__lt=size).order_by("index")
    if last is not None:
        leaves = leaves.filter(index__gt=last)
    try:
        return [_leaf(*values) for values in _with_entry(leaves)[:CHUNK]]
    except UNREADABLE:
        pass
    read: list[tuple[int, bytes, Row]] = []
    for index in leaves.values_list("index", flat=True)[:CHUNK]:
        try:
            read += [_leaf(*values) for values in _with_entry(leaves.filter(index=index))]
        except UNREADABLE as error:
            report.add(f"leaf {index}", f"it or its entry cannot be read: {error}")
    return read


def pending_rows(report: Report) -> Iterator[list[Row]]:
    """Yield the entries that wait for their index."""
    last = -1
    while True:
        waiting = Pending.objects.filter(entry_id__gt=last).order_by("entry_id")
        positions = list(waiting.values_list("entry_id", flat=True)[:CHUNK])
        if not positions:
            return
        last = positions[-1]
        rows: list[Row] = []
        for position in positions:
            entries = Entry.objects.filter(position=position)
            try:
                rows += [_row(values) for values in entries.values_list(*_columns(""))]
            except UNREADABLE as error:
                report.add(f"entry at position {position}", f"cannot be read: {error}")
        yield rows


def _with_entry(leaves: models.QuerySet[Leaf]) -> models.QuerySet[Any, tuple[Any, ...]]:
    return leaves.values_list("index", "leaf_hash", *_columns("entry__"))


def _columns(prefix: str) -> Iterable[Any]:
    for column in Row._fields:
        path = prefix + column
        yield Cast(path, models.TextField()) if column in _AS_TEXT else path


def _leaf(index: int, stored_hash: object, *columns: object) -> tuple[int, bytes, Row]:
    return index, _as_bytes(stored_hash), _row(columns)


def _row(values: Sequence[Any]) -> Row:
    return Row._make((*values[:11], _as_bytes(values[11]), _as_bytes(values[12])))


def _as_bytes(value: object) -> bytes:
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode()
    return bytes(value)  # type: ignore[call-overload, no-any-return]


def _place(row: Row, index: int | None) -> str:
    where = "waiting" if index is None else f"index {index}"
    return f"entry {row.id} ({where})"


def _told_in_sqlite(document: dict[str, Any]) -> tuple[object, ...]:
    """Return what the entry's bytes say of each compared column, as SQLite holds it."""
    at = document["ts"]
    stored_at = f"{at[:10]} {at[11:-1]}".removesuffix(".000000")
    identity, group = document["id"].replace("-", ""), document["tx"].replace("-", "")
    return _columns_of(document, identity, stored_at, group)


def _told_in_postgresql(document: dict[str, Any]) -> tuple[object, ...]:
    """Return what the entry's bytes say of each compared column, as PostgreSQL writes it."""
    moment = datetime.fromisoformat(document["ts"])
    fraction = f".{moment.microsecond:06d}".rstrip("0") if moment.microsecond else ""
    stored_at = f"{moment:%Y-%m-%d %H:%M:%S}{fraction}+00"
    return _columns_of(document, document["id"], stored_at, document["tx"])


def _columns_of(
    document: dict[str, Any], identity: str, stored_at: str, group: str
) -> tuple[object, ...]:
    subject = document["obj"]
    return (
        identity,
        document["type"],
        document["ver"],
        stored_at,
        document["actor"],
        document["org"],
        subject["t"],
        subject["id"],
        document["req"],
        group,
    )


def _expected_refs(row: Row, body: dict[str, Any]) -> set[tuple[str, str]] | None:
    """Return the references that the bytes give; None for an event this version does not know."""
    kind = REGISTRY.get(row.name)
    if kind is None or kind.version != row.version:
        return None
    return set(kind.refs_in(body))


def _are_in(body: dict[str, Any], refs: set[tuple[str, str]]) -> bool:
    """Whether the bytes of an unknown event name these things, alone or in a list."""
    return all(
        body.get(kind) == reference or reference in str(body.get(f"{kind}s")).split(",")
        for kind, reference in refs
    )
