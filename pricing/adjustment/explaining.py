"""Why a price step was worked out as it was, for the provider and for buyers."""

from decimal import Decimal

from django.utils.translation import gettext as _

from audit.decisions.explanations import Explanation, bars, explains
from audit.decisions.models import Decision
from audit.decisions.verification import acts_by
from pricing.money import Money

from .wording import TRIGGERS, explain_working

acts_by("pricing.step.proposed", "price_adjustment")


@explains("price_adjustment")
def explain_step(decision: Decision) -> Explanation:
    """Say which triggers fired, with their figures, and what bounded the step."""
    output, working = decision.output, decision.explanation
    before, after = (
        Money(Decimal(output[name]), output["currency"]).quantized().formatted()
        for name in ("before", "after")
    )
    reasons = explain_working(working) or [_("No trigger fired; a regulator ordered the price.")]
    return Explanation(
        decided=_("One license goes from %(before)s to %(after)s.")
        % {"before": before, "after": after},
        inputs=_(
            "Figures of the market and of the product then and now: costs, demand, offers, "
            "quality, age, negotiated prices, and the bounds that the provider set. Nothing about "
            "single buyers."
        ),
        recompute=("ask", "bounds", "currency", "gone", "now", "plan", "quantity", "then"),
        reasons=tuple(reasons),
        shares=bars(
            (
                str(TRIGGERS[signal["trigger"]]),
                f"× {Decimal(signal['factor']):.4f}",
                Decimal(signal["factor"]) - 1,
            )
            for signal in working["signals"]
            if signal["fired"]
        ),
        picture=_("What each trigger does to the price"),
    )
