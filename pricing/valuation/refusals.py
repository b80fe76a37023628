"""Why a measurement of value is refused: a code and its facts; others find the words."""

from collections.abc import Mapping
from typing import Final

CODES: Final = frozenset(
    {
        "no_supplies",
        "empty_supply",
        "supply_twice",
        "release_not_cleared",
        "no_features",
        "column_missing",
        "column_not_numeric",
        "column_not_finite",
        "column_constant",
        "column_too_large",
        "target_among_features",
        "target_not_finite",
        "target_mixed",
        "columns_differ_in_length",
        "columns_repeat",
        "one_class",
        "empty_holdout",
        "holdout_unreadable",
        "k_not_positive",
        "k_too_large",
        "too_many_cells",
        "too_many_players",
        "metric_not_for_task",
        "method_not_for_metric",
        "bad_stop",
        "utility_not_finite",
    }
)


class Unmeasurable(ValueError):
    """No value can be measured from this; `code` and `params` say why."""

    def __init__(self, code: str, **params: str) -> None:
        if code not in CODES:
            message = f"{code} is no reason that has words"
            raise AssertionError(message)
        self.code = code
        self.params: Mapping[str, str] = params
        facts = ", ".join(f"{name}={value}" for name, value in params.items())
        super().__init__(f"{code}: {facts}" if facts else code)
