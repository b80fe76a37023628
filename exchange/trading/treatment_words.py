"""Equal treatment in words and as plain values."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from pricing.equal_treatment import Inequality

from .treatment import Examination

DIMENSIONS: Final[Mapping[str, Promise | str]] = {
    "region": gettext_lazy("region of registration"),
    "place": gettext_lazy("stated region"),
    "kind": gettext_lazy("kind of organization"),
    "size": pgettext_lazy("organization", "size"),
    "history": gettext_lazy("earlier purchases"),
    "name": gettext_lazy("length of the name"),
}

GROUPS: Final[Mapping[str, Promise | str]] = {
    "short": gettext_lazy("short"),
    "long": gettext_lazy("long"),
}
"""Groups that are words; all others are codes and numbers."""

MEASURES: Final[Mapping[str, Promise | str]] = {
    "price": gettext_lazy("price not above the middle of the same deals"),
    "offer": gettext_lazy("order not called off by the provider"),
    "step": gettext_lazy("no automatic rise in the price ordered at"),
}


def inequality_text(found: Inequality) -> str:
    """Say who was treated better than whom on which conditions, and in what they differ."""
    traits = _(", ").join(str(DIMENSIONS[name]) for name in found.differ_in)
    return _(
        "%(conditions)s: %(favored)s pays %(low)s, %(disfavored)s %(high)s; they differ in: "
        "%(traits)s"
    ) % {
        "conditions": " / ".join(filter(None, found.conditions)),
        "favored": found.favored.buyer,
        "disfavored": found.disfavored.buyer,
        "low": _amount(found.favored.price),
        "high": _amount(found.disfavored.price),
        "traits": traits or _("nothing that is known"),
    }


def as_plain(found: Examination) -> dict[str, Any]:
    """Return an examination as text and numbers, for machines."""
    return {
        "at": found.at.isoformat(),
        "pack": found.pack,
        "passes": found.passes,
        "cases": found.cases,
        "orders": found.orders,
        "tried": [_plain(row) for row in found.tried],
        "concluded": [_plain(row) for row in found.concluded],
        "impacts": [
            {
                "measure": row.measure,
                "dimension": row.dimension,
                "group": row.group,
                "count": row.count,
                "rate": f"{row.rate:f}",
                "ratio": None if row.ratio is None else f"{row.ratio:f}",
                "judged": row.judged,
                "fair": row.fair,
            }
            for row in found.impacts
        ],
    }


def _plain(row: Inequality) -> dict[str, Any]:
    sides = {"favored": row.favored, "disfavored": row.disfavored}
    return {
        "conditions": list(row.conditions),
        "differ_in": list(row.differ_in),
        **{
            name: {
                "buyer": side.buyer,
                "price": None if side.price is None else f"{side.price:f}",
                "groups": dict(side.groups),
            }
            for name, side in sides.items()
        },
    }


def _amount(price: Decimal | None) -> str:
    return _("nothing: refused") if price is None else f"{price:,.2f}"
