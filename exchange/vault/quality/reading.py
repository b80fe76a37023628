"""Rules as a provider writes them, read into `Rule`; whatever says something else is refused."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from exchange.vault.formats.kinds import Kind

from .vocabulary import FORMATS, HOW_MANY, OPERATORS, TAKES, Rule, RuleFault, RuleKind

MOST_RULES: Final = 200
MOST_BYTES: Final = 256 * 1024
MOST_VALUES: Final = 1_000
MOST_WEIGHT: Final = 100
LONGEST_PATTERN: Final = 200
LONGEST_VALUE: Final = 200
LONGEST_NAME: Final = 400
EXACT_ENOUGH: Final = "0.000001"
"""How far a sum may be off unless a rule says otherwise: figures are doubles."""
ID: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


def read_rules(document: Any) -> tuple[Rule, ...]:
    """Read rules from plain values; raises RuleFault for the first that is none."""
    if not isinstance(document, Mapping) or set(document) != {"rules"}:
        raise RuleFault("document")
    rows = document["rules"]
    if not isinstance(rows, list) or not rows:
        raise RuleFault("no-rules")
    if len(rows) > MOST_RULES:
        raise RuleFault("many-rules", count=len(rows), limit=MOST_RULES)
    size = len(json.dumps(document, ensure_ascii=False).encode("utf-8", "surrogatepass"))
    if size > MOST_BYTES:
        raise RuleFault("long-document", size=size, limit=MOST_BYTES)
    rules = tuple(_read_rule(row, place) for place, row in enumerate(rows, 1))
    seen: set[str] = set()
    for rule in rules:
        if rule.id in seen:
            raise RuleFault("same-id", rule.id)
        seen.add(rule.id)
    return rules


Row = Mapping[str, Any]


def _read_rule(row: Any, place: int) -> Rule:
    name = f"#{place}"
    if not isinstance(row, Mapping):
        raise RuleFault("not-an-object", name)
    rule_id = row.get("id", f"r{place}")
    if not isinstance(rule_id, str) or not ID.fullmatch(rule_id):
        raise RuleFault("bad-id", name)
    try:
        kind = RuleKind(str(row.get("kind")))
    except ValueError:
        raise RuleFault("unknown-kind", rule_id, kinds=", ".join(RuleKind)) from None
    extra = set(row) - {"id", "kind", "columns", "weight", *TAKES[kind]}
    if extra:
        raise RuleFault("unknown-key", rule_id, key=str(min(extra, key=str))[:40])
    weight = row.get("weight", 1)
    if type(weight) is not int or not 1 <= weight <= MOST_WEIGHT:
        raise RuleFault("bad-weight", rule_id, limit=MOST_WEIGHT)
    return Rule(
        id=rule_id,
        kind=kind,
        columns=_read_columns(row.get("columns"), kind, rule_id),
        weight=weight,
        parameters=READERS[kind](row, rule_id),
    )


def _read_columns(names: Any, kind: RuleKind, rule_id: str) -> tuple[str, ...]:
    least, most = HOW_MANY.get(kind, (1, 1))
    if (
        not isinstance(names, list)
        or not all(isinstance(name, str) and 0 < len(name) <= LONGEST_NAME for name in names)
        or not least <= len(names) <= most
        or len(set(names)) != len(names)
    ):
        raise RuleFault("bad-columns", rule_id, least=least, most=most)
    return tuple(names)


def _one_of(row: Mapping[str, Any], key: str, choices: Sequence[str], rule_id: str) -> str:
    value = row.get(key)
    if value not in choices:
        raise RuleFault("not-a-choice", rule_id, key=key, choices=", ".join(choices))
    return str(value)


def _pattern(pattern: Any, rule_id: str) -> str:
    if not isinstance(pattern, str) or not 0 < len(pattern) <= LONGEST_PATTERN:
        raise RuleFault("long-pattern", rule_id, limit=LONGEST_PATTERN)
    try:
        pc.match_substring_regex(pa.array([""]), pattern)
    except (pa.ArrowInvalid, UnicodeEncodeError):
        raise RuleFault("bad-pattern", rule_id, pattern=ascii(pattern)) from None
    return pattern


def _values(values: Any, rule_id: str) -> list[str]:
    if not isinstance(values, list) or not 0 < len(values) <= MOST_VALUES:
        raise RuleFault("bad-values", rule_id, limit=MOST_VALUES)
    for value in values:
        if not isinstance(value, str) or len(value) > LONGEST_VALUE or not _is_text(value):
            raise RuleFault("bad-value", rule_id, limit=LONGEST_VALUE)
    return list(values)


def _is_text(value: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in value)


def _number(text: Any, rule_id: str) -> str:
    if not isinstance(text, str) or len(text) > LONGEST_VALUE:
        raise RuleFault("bad-tolerance", rule_id)
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal(-1)
    if not number.is_finite() or number < 0:
        raise RuleFault("bad-tolerance", rule_id)
    return text


def _bounds(row: Row, rule_id: str, *, whole: bool = False) -> dict[str, str]:
    bounds = {name: row[name] for name in ("min", "max") if name in row}
    fine = bounds and all(
        isinstance(bound, str) and 0 < len(bound) <= LONGEST_VALUE for bound in bounds.values()
    )
    if fine and whole:
        fine = all(bound.isascii() and bound.isdigit() for bound in bounds.values())
    if not fine:
        raise RuleFault("bad-bounds", rule_id)
    return bounds


READERS: Final[Mapping[RuleKind, Callable[[Row, str], dict[str, Any]]]] = {
    RuleKind.TYPE: lambda row, name: {"type": _one_of(row, "type", list(Kind), name)},
    RuleKind.FORMAT: lambda row, name: {"format": _one_of(row, "format", list(FORMATS), name)},
    RuleKind.PATTERN: lambda row, name: {"pattern": _pattern(row.get("pattern"), name)},
    RuleKind.LENGTH: lambda row, name: _bounds(row, name, whole=True),
    RuleKind.NOT_NULL: lambda _row, _name: {},
    RuleKind.RANGE: _bounds,
    RuleKind.ALLOWED: lambda row, name: {"values": _values(row.get("values"), name)},
    RuleKind.UNIQUE: lambda _row, _name: {},
    RuleKind.COMPARE: lambda row, name: {"operator": _one_of(row, "operator", OPERATORS, name)},
    RuleKind.SUM: lambda row, name: {
        "tolerance": _number(row.get("tolerance", EXACT_ENOUGH), name)
    },
}
"""How the parameters of each kind are read."""
