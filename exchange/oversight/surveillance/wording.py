"""An alert in words: what its figures are called, and in which unit they stand."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from .models import Alert
from .queries import words_of

FIGURES: Final[Mapping[str, str | Promise]] = {
    "accesses": pgettext_lazy("count", "accesses"),
    "accesses_that_day": gettext_lazy("accesses that day"),
    "against": gettext_lazy("compared with"),
    "agreed_amount": gettext_lazy("agreed price"),
    "all_orders": gettext_lazy("orders of everybody"),
    "back_amount": gettext_lazy("money back"),
    "buyers": gettext_lazy("buyers"),
    "buyers_before": gettext_lazy("buyers in the quarter before"),
    "compared": gettext_lazy("prices compared with"),
    "concluded": gettext_lazy("concluded"),
    "concluded_percent": gettext_lazy("concluded"),
    "days": gettext_lazy("days"),
    "difference_percent": gettext_lazy("difference of the two sums"),
    "different": gettext_lazy("different questions"),
    "different_percent": gettext_lazy("different of all questions"),
    "exporters": gettext_lazy("exporters"),
    "exports": pgettext_lazy("count", "exports"),
    "forth_amount": gettext_lazy("money forth"),
    "history": gettext_lazy("accesses before"),
    "hours": gettext_lazy("hours"),
    "largest_amount": gettext_lazy("largest payment"),
    "largest_percent": gettext_lazy("largest share of the line reached at once"),
    "line_percent": gettext_lazy("of the criminal line together"),
    "listed_amount": gettext_lazy("posted price"),
    "longest_gap_days": gettext_lazy("longest gap in days"),
    "medium_persons": gettext_lazy("persons of the class of 500"),
    "off_listing_orders": gettext_lazy("orders at another price than posted"),
    "off_listing_percent": gettext_lazy("furthest from the posted price"),
    "offers": pgettext_lazy("count", "offers"),
    "orders_paid": gettext_lazy("orders paid meanwhile"),
    "other_persons": gettext_lazy("persons of the class of 5,000"),
    "own_amount": gettext_lazy("turnover within the group"),
    "own_orders": gettext_lazy("orders of the group"),
    "own_share_percent": gettext_lazy("share of the group in the turnover"),
    "pairs": gettext_lazy("pairs of order and counter-order"),
    "parties": gettext_lazy("parties in the circle"),
    "persons": gettext_lazy("persons"),
    "planned": gettext_lazy("accesses that the grants allow for in this time"),
    "questions": gettext_lazy("questions"),
    "rare_percent": gettext_lazy("hours count as unusual below"),
    "rate_percent": gettext_lazy("agreed price of the posted one"),
    "ratio": gettext_lazy("times the usual price"),
    "recipients": pgettext_lazy("count", "recipients"),
    "refunded_amount": gettext_lazy("money refunded"),
    "refunded_percent": gettext_lazy("refunded of the orders paid"),
    "refunds": gettext_lazy("refunds"),
    "rings": gettext_lazy("rounds"),
    "sales": gettext_lazy("sales"),
    "sensitive_persons": gettext_lazy("persons of sensitive information"),
    "severe_persons": gettext_lazy("persons of the class of 50"),
    "share_before_percent": gettext_lazy("share in the quarter before"),
    "share_percent": gettext_lazy("share in the quarter"),
    "smallest_amount": gettext_lazy("smallest payment"),
    "tie": gettext_lazy("how they are tied"),
    "times_plan": gettext_lazy("times what was planned"),
    "unit_price": gettext_lazy("price of one"),
    "usual": gettext_lazy("accesses usual in this time"),
    "usual_price": gettext_lazy("usual price of one"),
    "window_days": gettext_lazy("days looked at together"),
    "z": gettext_lazy("robust deviations from the median"),
}
CODES: Final[Mapping[str, str | Promise]] = {
    "OWN_PAST": gettext_lazy("the product's own past"),
    "GROUP": gettext_lazy("comparable products"),
    "OWNS": gettext_lazy("one holds shares of the other"),
    "COMMON": gettext_lazy("a common shareholder"),
    "BOND": gettext_lazy("the same person or the same processor"),
}


def title_of(alert: Alert) -> str:
    """Return the title of the rule that fired, in the reader's language."""
    return said(words_of(alert.rule, alert.pack), "") or alert.rule


def said(words: Mapping[str, Any], name: str) -> str:
    """Return one text of a rule in the reader's language."""
    language = "zh" if (get_language() or "").startswith("zh") else "en"
    return str(words.get(f"{name}_{language}" if name else language, ""))


def figures_in_words(figures: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
    """Return what each figure is called, and the figure with its unit."""
    return [(str(FIGURES.get(name, name)), _figure(name, value)) for name, value in figures.items()]


def beyond(alert: Alert) -> str:
    """Return how far beyond its threshold the alert is."""
    return _("%(times)s times the threshold") % {"times": f"{alert.excess_rate:,.2f}"}


def _figure(name: str, value: Any) -> str:
    if isinstance(value, str):
        return str(CODES.get(value, value)) or "–"
    if name.endswith("_percent"):
        return f"{value:,g} %"
    if name.endswith(("_amount", "_price")):
        return f"¥{value:,.2f}"
    return f"{value:,}"
