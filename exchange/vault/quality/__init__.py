"""What a provider promises of each row of a table, and how many rows break the promise.

Pure: rules are data of a small vocabulary, evaluated over Arrow columns and never as code.
"""

from .fitting import what_does_not_fit
from .reading import MOST_RULES, read_rules
from .vocabulary import (
    DIMENSIONS,
    FORMATS,
    OPERATORS,
    TAKES,
    Dimension,
    Rule,
    RuleFault,
    RuleKind,
    rules_sha256,
    write_rules,
)

__all__ = [
    "DIMENSIONS",
    "FORMATS",
    "MOST_RULES",
    "OPERATORS",
    "TAKES",
    "Dimension",
    "Rule",
    "RuleFault",
    "RuleKind",
    "read_rules",
    "rules_sha256",
    "what_does_not_fit",
    "write_rules",
]
