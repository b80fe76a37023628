"""Replaying: what states, balances and budgets are, told from the entries' own bytes alone."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from .models import Entry

CHUNK = 2000


class Said(NamedTuple):
    """A value, and the entry that said it last."""

    value: str
    entry: str


class Broken(NamedTuple):
    """An entry that starts from another state than the log had reached."""

    kind: str
    reference: str
    claimed: str
    reached: str
    entry: str


@dataclass
class Replay:
    """Everything that entries say of states and money, by kind and reference."""

    entries: int = 0
    states: dict[str, dict[str, Said]] = field(default_factory=dict)
    balances: dict[str, tuple[Decimal, str]] = field(default_factory=dict)
    counts: dict[str, dict[str, tuple[int, str]]] = field(default_factory=dict)
    broken: list[Broken] = field(default_factory=list)

    def take(self, document: dict[str, Any], counting: dict[str, str]) -> None:
        """Go one entry further; `counting` maps event names to the kind whose use they count."""
        self.entries += 1
        entry = document["id"]
        if state := document.get("state"):
            self._take_state(state, entry)
        for move in document.get("moves", ()):
            before = self.balances.get(move["account"], (Decimal(0), ""))[0]
            self.balances[move["account"]] = (before + Decimal(move["amount"]), entry)
        if kind := counting.get(document["type"]):
            reference = document["body"][kind]
            of_kind = self.counts.setdefault(kind, {})
            of_kind[reference] = (of_kind.get(reference, (0, ""))[0] + 1, entry)

    def _take_state(self, state: dict[str, Any], entry: str) -> None:
        of_kind = self.states.setdefault(state["t"], {})
        known = of_kind.get(state["id"])
        reached = known.value if known else None
        if state["from"] != reached:
            self.broken.append(
                Broken(state["t"], state["id"], str(state["from"] or ""), reached or "", entry)
            )
        of_kind[state["id"]] = Said(state["to"], entry)


def replay(*, counting: dict[str, str]) -> Replay:
    """Read the whole log, the oldest entry first, and return where it leads."""
    told = Replay()
    for document in _documents():
        told.take(document, counting)
    return told


def _documents() -> Iterator[dict[str, Any]]:
    rows = (
        Entry.objects.order_by("position").values_list("data", flat=True).iterator(chunk_size=CHUNK)
    )
    for data in rows:
        yield json.loads(bytes(data))
