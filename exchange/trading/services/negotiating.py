"""Negotiation of a price (报价–估价–议价): offers that bind, an agreement that is honored.

An offer cannot be taken back before its day (《民法典》第四百七十六条). Nobody is asked for more
than the posted price (《价格法》第十三条), and less has a published reason.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from audit.log.actors import Actor
from audit.log.errors import Conflict, Invalid, NotAllowed, WrongState
from audit.log.lifecycle import advance, begin
from audit.log.references import new_reference
from audit.rulebook.queries import Pack, begins_at, day_of, get_pack
from exchange.catalog.models import Product
from exchange.parties.models import Organization
from exchange.parties.queries import get_organization
from exchange.registry.fields import read_values
from exchange.trading import rules
from exchange.trading.events import (
    NegotiationOpened,
    OfferCountered,
    OfferLapsed,
    OfferRefused,
    PriceAgreed,
)
from exchange.trading.fields import NOTE, REASON
from exchange.trading.models import Negotiation, Offer
from exchange.trading.queries import lock_negotiation, offers_due
from exchange.trading.quoting import Quotation, quantity_of, quotation_for
from exchange.trading.signatures import digest_of, time_text
from exchange.trading.states import NEGOTIATION, NegotiationState, Side
from pricing.models import Plan
from pricing.money import Money
from pricing.plans import is_payable
from pricing.queries import current_plan
from pricing.rules import why_not_agree


@dataclass(frozen=True, kw_only=True)
class OfferStated:
    """What one side offers: a price for the whole quantity, why, and until when it is bound."""

    amount: Decimal
    quantity: int | None
    reason: str
    note: str
    binding_on: date


@transaction.atomic
def open_negotiation(
    *, product: Product, stated: OfferStated, scenario: str, by: Actor, at: datetime
) -> Negotiation:
    """Offer a price for a negotiable product; the buyer is bound until the end of its day.

    Raises NotAllowed for what is not negotiable, Invalid at the field that is wrong, Conflict while
    another negotiation of the same buyer about the product is open.
    """
    plan = current_plan(product.reference)
    if refusal := rules.why_not_negotiate(by, product, plan):
        raise NotAllowed(refusal)
    if scenario not in product.manual.get("scenarios_allowed", []):
        raise Invalid({"scenario": [_("Choose a scenario that the provider permits.")]})
    buyer = get_organization(by.organization)
    offer = _checked(stated, product=product, buyer=buyer, scenario=scenario, at=at)
    negotiation = Negotiation(
        reference=new_reference("N", at),
        product=product,
        buyer=buyer,
        provider=product.provider,
        opened_at=at,
        **offer.columns,
    )
    try:
        with transaction.atomic():
            negotiation.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(_("You already negotiate about this product; go on there.")) from error
    _keep(negotiation, offer, side=Side.BUYER, by=by, at=at)
    event = NegotiationOpened(
        negotiation=negotiation.reference,
        product=product.reference,
        buyer=buyer.reference,
        provider=product.provider.reference,
        **offer.told,
    )
    begin(negotiation, event=event, by=by, at=at)
    return negotiation


@transaction.atomic
def counter_offer(
    *, negotiation: Negotiation, seen_round: int, stated: OfferStated, by: Actor, at: datetime
) -> Negotiation:
    """Answer an offer with another; `seen_round` is the one that was read.

    Raises Conflict when another offer lies on the table meanwhile, NotAllowed for whoever was not
    asked and once the offer's day is over.
    """
    negotiation = _on_table(negotiation, seen_round, by=by, at=at)
    side = rules.side_asked(negotiation)
    most = int(_rules(at)["rounds_most"])
    if negotiation.round >= most:
        text = _("After %(count)d offers one of them is accepted, or the negotiation ends.")
        raise NotAllowed(text % {"count": most})
    offer = _checked(
        stated,
        product=negotiation.product,
        buyer=negotiation.buyer,
        scenario=negotiation.scenario,
        at=at,
    )
    number = negotiation.round + 1
    event = OfferCountered(
        negotiation=negotiation.reference,
        product=negotiation.product.reference,
        round=number,
        side=side,
        **offer.told,
    )
    step = NEGOTIATION.counter if side == Side.PROVIDER else NEGOTIATION.offer_again
    advance(negotiation, step, event=event, by=by, at=at, round=number, **offer.columns)
    _keep(negotiation, offer, side=side, by=by, at=at)
    return negotiation


@transaction.atomic
def accept_offer(
    *, negotiation: Negotiation, seen_round: int, by: Actor, at: datetime
) -> Negotiation:
    """Accept the offer that was read: the price is agreed and honored for its days.

    The posted plan is asked again: it may have changed since the offer. Raises as `counter_offer`.
    """
    negotiation = _on_table(negotiation, seen_round, by=by, at=at)
    offer = negotiation.offers.get(number=negotiation.round)
    quotation = _posted(
        negotiation.product,
        negotiation.buyer,
        quantity=offer.quantity,
        scenario=negotiation.scenario,
        at=at,
    )
    quote, plan = quotation.quote, quotation.offered
    if refusal := why_not_agree(
        plan.terms,
        offer.price,
        posted=quote.total,
        quantity=offer.quantity,
        scenario=offer.scenario,
    ):
        raise NotAllowed(refusal)
    honored_until = at + timedelta(days=int(_rules(at)["honored_days"]))
    event = PriceAgreed(
        negotiation=negotiation.reference,
        product=negotiation.product.reference,
        buyer=negotiation.buyer.reference,
        provider=negotiation.provider.reference,
        plan=plan.reference,
        plan_sha256=plan.terms.sha256,
        round=offer.number,
        quantity=offer.quantity,
        posted=quote.total.text,
        amount=offer.price.text,
        currency=offer.currency,
        reason=offer.reason,
        honored_until=time_text(honored_until),
    )
    advance(
        negotiation,
        NEGOTIATION.accept,
        event=event,
        by=by,
        at=at,
        plan=plan.reference,
        terms=plan.terms.as_document(),
        posted_amount=quote.total.amount,
        agreed_amount=offer.amount,
        honored_until=honored_until,
        closed_at=at,
    )
    return negotiation


@transaction.atomic
def refuse_offer(
    *, negotiation: Negotiation, seen_round: int, reason: str, by: Actor, at: datetime
) -> Negotiation:
    """Say no to the offer that was read, which ends the negotiation. Raises as `counter_offer`."""
    words = str(read_values((REASON,), {"reason": reason})["reason"])
    negotiation = _on_table(negotiation, seen_round, by=by, at=at)
    event = OfferRefused(
        negotiation=negotiation.reference,
        product=negotiation.product.reference,
        round=negotiation.round,
        side=rules.side_asked(negotiation),
        reason_sha256=digest_of(words),
    )
    advance(
        negotiation, NEGOTIATION.refuse, event=event, by=by, at=at, end_reason=words, closed_at=at
    )
    return negotiation


def lapse_due_offers(*, at: datetime) -> int:
    """End negotiations whose offer bound until now and was not answered; return how many."""
    lapsed = 0
    for found in offers_due(at):
        with transaction.atomic():
            negotiation = lock_negotiation(found)
            open_still = negotiation.status in NEGOTIATION.lapse.sources
            if not open_still or at < negotiation.binding_until:
                continue
            event = OfferLapsed(
                negotiation=negotiation.reference,
                product=negotiation.product.reference,
                round=negotiation.round,
            )
            by = Actor.system("trading")
            advance(negotiation, NEGOTIATION.lapse, event=event, by=by, at=at, closed_at=at)
            lapsed += 1
    return lapsed


@dataclass(frozen=True, kw_only=True)
class _Checked:
    """An offer that may be made."""

    columns: dict[str, Any]
    kept: dict[str, Any]
    told: dict[str, Any]


def _checked(
    stated: OfferStated, *, product: Product, buyer: Organization, scenario: str, at: datetime
) -> _Checked:
    """Return the offer with its quantity and its end; raise Invalid at what is wrong in it."""
    pack = _rules(at)
    if stated.reason not in pack["reasons"]:
        raise Invalid({"reason": [_("Choose one of the published reasons of a discount.")]})
    note = str(read_values((NOTE,), {"note": stated.note})["note"])
    today, most = day_of(at), int(pack["binding_days_most"])
    if not today <= stated.binding_on <= today + timedelta(days=most):
        text = _("An offer binds from today on for at most %(days)d days.") % {"days": most}
        raise Invalid({"binding_on": [text]})
    quotation = _posted(product, buyer, quantity=stated.quantity, scenario=scenario, at=at)
    quote, terms = quotation.quote, quotation.offered.terms
    if not is_payable(stated.amount, terms.currency):
        raise Invalid({"amount": [_("An amount is not negative and no finer than the currency.")]})
    offered = Money(stated.amount, terms.currency)
    if refusal := why_not_agree(
        terms, offered, posted=quote.total, quantity=quote.quantity, scenario=scenario
    ):
        raise Invalid({"amount": [refusal]})
    until = begins_at(stated.binding_on + timedelta(days=1))
    same = {"quantity": quote.quantity, "currency": terms.currency, "reason": stated.reason}
    return _Checked(
        columns={**same, "scenario": scenario, "binding_until": until},
        kept={**same, "scenario": scenario, "amount": offered.amount, "note": note},
        told={
            **same,
            "amount": offered.text,
            "binding_until": time_text(until),
            "note_sha256": digest_of(note),
        },
    )


def _posted(
    product: Product, buyer: Organization, *, quantity: int | None, scenario: str, at: datetime
) -> Quotation:
    """Return what the posted plan asks of this buyer; NotAllowed where it is not negotiable."""
    plan = _negotiable(product)
    return quotation_for(
        product,
        plan,
        buyer=buyer,
        quantity=quantity_of(plan.terms, product.current, quantity),
        scenario=scenario,
        at=at,
    )


def _negotiable(product: Product) -> Plan:
    plan = current_plan(product.reference)
    if plan is None or (refusal := rules.why_not_negotiable(product, plan)):
        raise NotAllowed(refusal if plan else _("The product has no price now."))
    return plan


def _on_table(negotiation: Negotiation, seen_round: int, *, by: Actor, at: datetime) -> Negotiation:
    """Return the negotiation under its lock, if the offer that was read is the one to answer."""
    negotiation = lock_negotiation(negotiation)
    if refusal := rules.why_not_take_part(by, negotiation):
        raise NotAllowed(refusal)
    if negotiation.status not in NEGOTIATION.accept.sources:
        raise WrongState(
            subject=negotiation.reference,
            status=NegotiationState(negotiation.status),
            allowed=NEGOTIATION.allowed(negotiation.status),
        )
    if negotiation.round != seen_round:
        raise Conflict(_("Another offer was made since you looked; read it first."))
    if refusal := rules.why_not_answer_offer(by, negotiation, at):
        raise NotAllowed(refusal)
    return negotiation


def _keep(
    negotiation: Negotiation, offer: _Checked, *, side: Side, by: Actor, at: datetime
) -> None:
    Offer.objects.create(
        negotiation=negotiation,
        number=negotiation.round,
        side=side,
        binding_until=negotiation.binding_until,
        offered_by=by.id,
        offered_at=at,
        **offer.kept,
    )


def _rules(at: datetime) -> dict[str, Any]:
    pack: Pack = get_pack("trading", on=day_of(at))
    return dict(pack.data["negotiation"])
