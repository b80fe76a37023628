"""What a price would mean before it is set: against the band, by the policy, by quantity."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from audit.log.errors import Invalid
from audit.rulebook.queries import day_of, get_pack
from exchange.catalog.models import Product
from exchange.catalog.plan_rules import fitted_terms
from pricing.money import Money
from pricing.plan_rules import faults_of_terms
from pricing.plans import PlanTerms
from pricing.queries import current_appraisal
from pricing.quotes import price_of, quote_terms, reference_quantity
from pricing.rules import Deviation, judge_price
from pricing.states import Zone
from pricing.wording import deviation_text

QUANTITIES = (1, 100, 1_000, 10_000, 100_000)
CONSEQUENCES = {
    Zone.GREEN: lambda: _("It can be listed as it is."),
    Zone.AMBER: lambda: _("It can be listed with a justification, which buyers see."),
    Zone.RED: lambda: _("It needs a justification and a review by the operator before listing."),
}


@dataclass(frozen=True, kw_only=True)
class PricePreview:
    """What is wrong with a price, or what one license asks and what the policy says of it."""

    faults: Sequence[str] = ()
    ask: Money | None = None
    deviation: Deviation | None = None
    examples: Sequence[tuple[int, Money]] = ()

    @property
    def distance(self) -> str:
        """How far the price is from the value, in words."""
        return deviation_text(self.deviation.rate) if self.deviation else ""

    @property
    def consequence(self) -> str:
        """What the policy asks for."""
        return CONSEQUENCES[self.deviation.zone]() if self.deviation else ""


def preview_price(product: Product, terms: PlanTerms, *, at: datetime) -> PricePreview:
    """Judge terms that nobody set yet as they would be judged."""
    try:
        terms = fitted_terms(product, terms)
    except Invalid as error:
        return PricePreview(faults=_texts(error.fields))
    if faults := faults_of_terms(terms):
        return PricePreview(faults=_texts(faults))
    release = product.current
    if release is None:
        return PricePreview(examples=_examples(terms))
    quantity = reference_quantity(terms, rows=release.rows, size=release.size)
    ask = price_of(terms, quantity).rounded_up()
    appraisal = current_appraisal(product.reference)
    deviation = None
    if appraisal is not None and appraisal.currency == ask.currency:
        deviation = judge_price(ask, appraisal, get_pack("pricing", on=day_of(at)), kind=terms.kind)
    return PricePreview(ask=ask, deviation=deviation, examples=_examples(terms))


def _texts(fields: dict[str, list[str]] | dict[str, list[object]]) -> list[str]:
    return [str(text) for texts in fields.values() for text in texts]


def _examples(terms: PlanTerms) -> list[tuple[int, Money]]:
    """Return what a few quantities cost through the meter."""
    if not terms.tiers:
        return []
    return [(quantity, quote_terms(terms, quantity).total) for quantity in QUANTITIES]
