"""A quote for one buyer, and the pipeline by which its amount came about."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _

from audit.log.errors import Invalid, NotAllowed
from audit.rulebook.queries import NoPack, day_of
from exchange.catalog.models import Product, Release
from exchange.parties.models import Organization
from exchange.settlement.fees import Charges
from exchange.settlement.queries import quote_charges
from pricing.models import Plan
from pricing.plans import PlanTerms
from pricing.quotes import (
    Circumstances,
    NoSuchPackage,
    Quote,
    agreed_quote,
    reference_quantity,
)
from pricing.states import PlanKind
from pricing.wording import package_text

from .circumstances import Offered, circumstances_of, offered_terms
from .models import Negotiation

LARGEST_QUANTITY: Final = 10**9


@dataclass(frozen=True, kw_only=True)
class Quotation:
    """What one buyer is offered now: the terms, the price, and what is charged on it."""

    offered: Offered
    quote: Quote
    charges: Charges | None

    def as_document(self) -> dict[str, Any]:
        """Return the quote with its whole pipeline, to be shown and pinned to an order."""
        document = self.quote.as_document()
        if self.charges is not None:
            document["pipeline"] += [
                {
                    "stage": stage,
                    "amount": (buyer + provider).text,
                    "buyer": buyer.text,
                    "provider": provider.text,
                    "basis": [self.charges.pack],
                }
                for stage, buyer, provider in (
                    ("fee", self.charges.buyer_fee, self.charges.provider_fee),
                    ("tax", self.charges.buyer_tax, self.charges.provider_tax),
                )
            ]
        return document


def quotation_for(
    product: Product,
    plan: Plan,
    *,
    buyer: Organization | None,
    quantity: int,
    scenario: str = "",
    negotiation: Negotiation | None = None,
    at: datetime,
) -> Quotation:
    """Quote a quantity to a buyer; without one, to somebody who has bought nothing yet.

    With a `negotiation` that ended in an agreement, at the terms and the price agreed on. Raises
    Invalid where the product is sold in packages of other sizes, NotAllowed where no fee schedule
    covers the sale or the agreed price is no longer the lower one.
    """
    offered = Offered(reference=plan.reference, terms=plan.terms, plan=plan)
    given = Circumstances(scenario=scenario)
    if negotiation is not None and buyer is not None:
        offered = agreed_terms(negotiation, plan)
        given = circumstances_of(offered.terms, product, buyer, scenario=scenario)
    elif buyer is not None:
        offered = offered_terms(product, plan, buyer, at=at)
        given = circumstances_of(offered.terms, product, buyer, scenario=scenario)
    try:
        quote = offered.quote(quantity, given=given, at=at)
    except NoSuchPackage as error:
        raise Invalid({"quantity": [package_text(error.sizes)]}) from None
    if negotiation is not None:
        quote = _agreed(quote, negotiation, plan)
    return Quotation(offered=offered, quote=quote, charges=_charges(quote, product, at))


def agreed_terms(negotiation: Negotiation, plan: Plan) -> Offered:
    """Return the terms that were in force when the parties agreed, which the agreement keeps."""
    terms = PlanTerms.from_document(negotiation.terms)
    return Offered(reference=negotiation.plan, terms=terms, plan=plan)


def quantity_of(terms: PlanTerms, release: Release | None, asked: int | None) -> int:
    """Return the quantity to quote; rows and gigabytes are those of the whole release."""
    if terms.kind in {PlanKind.PER_ROW, PlanKind.PER_GB} and release is not None:
        whole = reference_quantity(terms, rows=release.rows, size=release.size)
        if asked is not None and asked != whole:
            text = _("The release is delivered whole: %(count)d units.")
            raise Invalid({"quantity": [text % {"count": whole}]})
        return whole
    quantity = 1 if asked is None else asked
    if isinstance(quantity, bool) or not 1 <= quantity <= LARGEST_QUANTITY:
        raise Invalid({"quantity": [_("Order at least one.")]})
    return quantity


def _agreed(quote: Quote, negotiation: Negotiation, plan: Plan) -> Quote:
    """Put the agreed price into the quote; the cap in force binds what was agreed before it."""
    agreed, until = negotiation.agreed, negotiation.honored_until
    if agreed is None or until is None:
        raise NotAllowed(_("No price is agreed yet."))
    if agreed > quote.adjusted:
        raise NotAllowed(_("The posted price is lower now than the agreed one: order without it."))
    cap = plan.terms.cap_in(negotiation.scenario)
    if cap is not None and agreed.amount > cap * negotiation.quantity:
        raise NotAllowed(_("The price is above the cap set by the authorizing body."))
    return agreed_quote(quote, agreed, agreement=negotiation.reference, until=until)


def _charges(quote: Quote, product: Product, at: datetime) -> Charges | None:
    """Return what the sale is charged; what is free of charge costs nobody anything."""
    if quote.total.is_zero:
        return None
    try:
        return quote_charges(quote.total, product.product_type, on=day_of(at))
    except NoPack:
        raise NotAllowed(_("No fee schedule is in force, so nothing can be charged.")) from None
    except ValueError:
        text = _("The fee schedule in force does not cover payments in this currency.")
        raise NotAllowed(text) from None
