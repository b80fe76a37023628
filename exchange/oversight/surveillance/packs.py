"""What a text has to say to be rules of surveillance, and what no version of them may weaken."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.utils.translation import gettext as _

from audit.rulebook.queries import Pack
from audit.rulebook.schemas import Fault, schema_of

from .detection.thresholds import RULES

LAW: Final = {
    "R-SPLIT-EXPORTS": {"ordinary_line": 100_000, "sensitive_line": 10_000},
    "R-TINY-SALES": {"severe_line": 50, "medium_line": 500, "other_line": 5_000},
}
"""Lines that the law draws: a version may watch from fewer on, never from more."""
RATES: Final = frozenset(
    {
        "amount_tolerance",
        "least_share",
        "least_new_share",
        "least_day_share",
        "rare_share",
        "most_concluded",
        "most_share_before",
        "most_share_each",
        "least_rate",
    }
)
"""Figures that are shares of one."""


@schema_of("surveillance")
def check_surveillance(data: Mapping[str, Any], base: Pack) -> Iterator[Fault]:
    """Yield thresholds that are missing, unknown, not figures, or beyond what the law says."""
    for rule in RULES:
        place, now = f"thresholds.{rule}", data["thresholds"].get(rule)
        if now is None:
            yield Fault(place, _("This is missing."), _("Put it back."))
            continue
        known = base.data["thresholds"][rule]
        for name in sorted(known.keys() - now.keys()):
            yield Fault(f"{place}.{name}", _("This is missing."), _("Put it back."))
        for name, value in now.items():
            yield from _figure(f"{place}.{name}", name, value, known)
        for name, line in LAW.get(rule, {}).items():
            if isinstance(now.get(name), int | float) and now[name] > line:
                yield Fault(
                    f"{place}.{name}",
                    _("The law draws this line at %(line)d.") % {"line": line},
                    _("It may be lower, not higher."),
                )
    told = {str(row["id"]) for row in data["rules"]}
    for rule in sorted(set(RULES) - told):
        yield Fault(f"rules.{rule}", _("This is missing."), _("Put it back."))
    general = data["general"]
    if not 0 < general["tie_share_percent"] <= 100:  # noqa: PLR2004  per cent
        yield Fault("general.tie_share_percent", _("This is a percentage above 0."))
    if general["follow_up_growth"] <= 1:
        yield Fault("general.follow_up_growth", _("This has to be above 1."))


def _figure(place: str, name: str, value: Any, known: Mapping[str, Any]) -> Iterator[Fault]:
    if name not in known:
        yield Fault(place, _("This is not known here."), _("Take it out."))
    elif isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        yield Fault(place, _("This has to be a figure above 0."))
    elif name in RATES and value > 1:
        yield Fault(place, _("This is a share, from 0 to 1."))
