"""Words that only reports use: evidence, facets, facts, and what changed between two of them."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

EVIDENCE: Final[Mapping[str, Promise | str]] = {
    "DEAL": _("concluded price"),
    "ASK": _("asking price"),
}

FACETS: Final[Mapping[str, Promise | str]] = {
    "industry": _("industry"),
    "kind": _("type of product"),
    "renewal": _("rhythm of renewal"),
}

FACTS: Final[Mapping[str, Promise | str]] = {
    "release": _("release"),
    "rows": _("rows"),
    "columns": pgettext_lazy("count", "columns"),
    "bytes": _("size in bytes"),
    "updated_on": _("last renewed"),
    "update_frequency": _("rhythm of renewal"),
    "completeness": _("completeness"),
    "uniqueness": _("uniqueness"),
    "conformity": _("conformity"),
    "coverage": _("coverage"),
    "grade_level": _("level of the grade"),
    "circulation": _("circulation"),
    "substitutes": _("substitutes on the market"),
    "demand": _("supply and demand"),
    "expected_buyers": _("expected buyers"),
    "category": _("type of product"),
    "incurred_on": _("costs incurred by"),
    "source": _("source of the figures"),
    "basis_on": _("basis date"),
    "purpose": pgettext_lazy("appraisal", "purpose"),
}

RATE_PARTS: Final[Mapping[str, Promise | str]] = {
    "risk_free": _("risk-free rate"),
    "beta": _("beta of comparable businesses"),
    "premium": _("equity risk premium"),
    "size": _("size premium"),
    "management": _("risk of management"),
    "circulation": _("risk of circulation"),
    "security": _("risk of security"),
    "supervision": _("risk of supervision"),
}

EXPANSION: Final[Mapping[str, Promise | str]] = {
    "value": _("present value of what it would earn"),
    "outlay": _("present value of what it would cost"),
    "years": _("years until it must be decided"),
    "rate": _("risk-free rate"),
    "volatility": _("yearly volatility of the value"),
}


def ways_alike(own: Mapping[str, Any], its: Mapping[str, Any]) -> list[str]:
    """Name the facets that two listings state alike."""
    return [
        str(label) for name, label in FACETS.items() if own.get(name) and own[name] == its.get(name)
    ]
