"""The rules a provider may declare: ten kinds, each with the parameters it takes and no others.

A document is `{"rules": [{"id": "day", "kind": "not_null", "columns": ["day"]}, …]}`. Each kind
counts towards one dimension of GB/T 36344-2018. Numbers are text, so that they are read exactly.
Patterns are RE2, whose time is linear in the text whatever the pattern.
"""

import enum
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from exchange.vault.formats.kinds import Kind

MOST_COLUMNS: Final = 20


class Dimension(enum.StrEnum):
    """The six dimensions of GB/T 36344-2018 《信息技术 数据质量评价指标》."""

    CONFORMITY = "conformity"
    COMPLETENESS = "completeness"
    ACCURACY = "accuracy"
    CONSISTENCY = "consistency"
    TIMELINESS = "timeliness"
    ACCESSIBILITY = "accessibility"


class RuleKind(enum.StrEnum):
    """What a rule asks of each row."""

    TYPE = "type"
    FORMAT = "format"
    PATTERN = "pattern"
    LENGTH = "length"
    NOT_NULL = "not_null"
    RANGE = "range"
    ALLOWED = "allowed"
    UNIQUE = "unique"
    COMPARE = "compare"
    SUM = "sum"


DIMENSIONS: Final[Mapping[RuleKind, Dimension]] = {
    RuleKind.TYPE: Dimension.CONFORMITY,
    RuleKind.FORMAT: Dimension.CONFORMITY,
    RuleKind.PATTERN: Dimension.CONFORMITY,
    RuleKind.LENGTH: Dimension.CONFORMITY,
    RuleKind.NOT_NULL: Dimension.COMPLETENESS,
    RuleKind.RANGE: Dimension.ACCURACY,
    RuleKind.ALLOWED: Dimension.ACCURACY,
    RuleKind.UNIQUE: Dimension.ACCURACY,
    RuleKind.COMPARE: Dimension.CONSISTENCY,
    RuleKind.SUM: Dimension.CONSISTENCY,
}
"""Which dimension a kind counts towards; repetition belongs to accuracy (记录重复率)."""

FORMATS: Final[Mapping[str, str]] = {
    "date": r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])",
    "month": r"\d{4}-(0[1-9]|1[0-2])",
    "mobile": r"1[3-9]\d{9}",
    "uscc": r"[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}",
    "region": r"[1-8]\d{5}",
    "postcode": r"\d{6}",
    "email": r"[^@\s]+@[^@\s]+\.[^@\s]+",
    "url": r"https?://\S+",
    "uuid": r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
}
"""Named forms of text: their shape, without check digits."""

TAKES: Final[Mapping[RuleKind, tuple[str, ...]]] = {
    RuleKind.TYPE: ("type",),
    RuleKind.FORMAT: ("format",),
    RuleKind.PATTERN: ("pattern",),
    RuleKind.LENGTH: ("min", "max"),
    RuleKind.NOT_NULL: (),
    RuleKind.RANGE: ("min", "max"),
    RuleKind.ALLOWED: ("values",),
    RuleKind.UNIQUE: (),
    RuleKind.COMPARE: ("operator",),
    RuleKind.SUM: ("tolerance",),
}
OPERATORS: Final = ("<", "<=", "=", "!=", ">=", ">")
NUMBERS: Final = frozenset({Kind.INTEGER, Kind.NUMBER})
HOW_MANY: Final[Mapping[RuleKind, tuple[int, int]]] = {
    RuleKind.UNIQUE: (1, 8),
    RuleKind.COMPARE: (2, 2),
    RuleKind.SUM: (3, MOST_COLUMNS),
}


class RuleFault(ValueError):
    """A rule that cannot be read, or does not fit the table: `what` is a code, `rule` its id."""

    def __init__(self, what: str, rule: str = "", **params: str | int) -> None:
        self.what, self.rule, self.params = what, rule, params
        super().__init__(f"{rule}: {what} {params}")


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule over one or several columns.

    `compare` reads its columns as left and right; `sum` adds all but the last and compares with
    it. `weight` says how much the rule counts among those of its dimension.
    """

    id: str
    kind: RuleKind
    columns: tuple[str, ...]
    weight: int = 1
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @property
    def dimension(self) -> Dimension:
        """The dimension the rule counts towards."""
        return DIMENSIONS[self.kind]


def write_rules(rules: Sequence[Rule]) -> dict[str, Any]:
    """Return rules as the plain values that `read_rules` takes, in one form only."""
    return {
        "rules": [
            {
                "id": rule.id,
                "kind": str(rule.kind),
                "columns": list(rule.columns),
                "weight": rule.weight,
                **rule.parameters,
            }
            for rule in rules
        ]
    }


def rules_sha256(rules: Sequence[Rule]) -> str:
    """Return the digest of rules: SHA-256 over their JSON with sorted keys, without spaces."""
    text = json.dumps(write_rules(rules), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
