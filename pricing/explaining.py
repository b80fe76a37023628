"""Why an appraisal or a quote came out as it did, for whoever it concerns."""

from decimal import Decimal

from django.utils.translation import gettext as _

from audit.decisions.explanations import Explanation, bars, explains
from audit.decisions.models import Decision
from audit.decisions.verification import acts_by

from .money import Money
from .wording import ADJUSTMENTS, METHODS, percent_text, quote_line_text

acts_by("pricing.appraisal.signed", "appraisal")


@explains("appraisal")
def explain_appraisal(decision: Decision) -> Explanation:
    """Say which methods gave which value and how much each counts."""
    output, methods = decision.output, decision.explanation["methods"]
    currency = output["currency"]
    low, mid, high = (_money(output[name], currency) for name in ("low", "mid", "high"))
    reasons = [
        _("%(method)s gives %(value)s and counts for %(share)s.")
        % {
            "method": METHODS[row["method"]],
            "value": _money(row["value"], currency),
            "share": percent_text(Decimal(row["weight"])),
        }
        for row in methods
    ]
    reasons.append(
        _("The middle is the weighted mean; the band is as wide as the methods may be off.")
    )
    return Explanation(
        decided=_("One license is valued at %(mid)s, between %(low)s and %(high)s.")
        % {"mid": mid, "low": low, "high": high},
        inputs=_(
            "Measured facts of the release (rows, columns, bytes, completeness, quality, grade), "
            "costs, an income forecast if any, and what similar products ask. Nothing about who "
            "looks or buys."
        ),
        recompute=("inputs",),
        reasons=tuple(reasons),
        shares=bars(
            (
                str(METHODS[row["method"]]),
                percent_text(Decimal(row["weight"])),
                Decimal(row["weight"]),
            )
            for row in methods
        ),
        picture=_("How much each method counts"),
    )


@explains("price_quote")
def explain_quote(decision: Decision) -> Explanation:
    """Say the lines of a quote and what was adjusted beside the plan's own prices."""
    output, told = decision.output, decision.explanation
    currency = output["currency"]
    reasons = [
        f"{quote_line_text(row['code'], row['quantity'])}: {_money(row['amount'], currency)}"
        for row in told["lines"]
    ]
    reasons += [
        _("Beside the unit prices of the plan counted: %(what)s.") % {"what": ADJUSTMENTS[code]}
        for code in told["adjustments"]
        if code in ADJUSTMENTS
    ]
    return Explanation(
        decided=_("The quantity ordered costs %(total)s.")
        % {"total": _money(output["total"], currency)},
        inputs=_(
            "The provider's price plan, the quantity, the scenario stated, the free trial left and "
            "what was bought before of a bundle. Every buyer has the same plan."
        ),
        recompute=("plan", "quantity", "quoted_at", "scenario", "terms_sha256"),
        reasons=tuple(reasons),
        shares=bars(
            (
                quote_line_text(row["code"], row["quantity"]),
                _money(row["amount"], currency),
                Decimal(row["amount"]),
            )
            for row in told["lines"]
        ),
        picture=_("What the amount is made of"),
    )


def _money(amount: str, currency: str) -> str:
    return Money(Decimal(amount), currency).quantized().formatted()
