"""Demands and inquiries: what is wanted, and what is asked before an order."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from audit.log.actors import Actor
from audit.log.errors import Invalid, NotAllowed
from audit.log.lifecycle import advance, begin
from audit.log.references import new_reference
from audit.rulebook.queries import day_of, get_pack
from exchange.catalog.models import Product
from exchange.parties.queries import get_organization
from exchange.registry.fields import read_values
from exchange.trading import rules
from exchange.trading.events import (
    DemandClosed,
    DemandPosted,
    InquiryAnswered,
    InquiryOpened,
)
from exchange.trading.fields import ANSWER, DEMAND_FIELDS, QUESTION
from exchange.trading.models import Demand, Inquiry
from exchange.trading.scenario import why_not_concrete
from exchange.trading.signatures import canonical_text, digest_of
from exchange.trading.states import DEMAND, INQUIRY


@transaction.atomic
def post_demand(*, demand: dict[str, Any], by: Actor, at: datetime) -> Demand:
    """Put what a buyer looks for on the board, with a concrete scenario (R-SCENE)."""
    if refusal := rules.why_not_buy(by):
        raise NotAllowed(refusal)
    values: dict[str, Any] = read_values(DEMAND_FIELDS, demand)
    if values["needed_until"] and values["needed_until"] < day_of(at):
        raise Invalid({"needed_until": [_("This day has passed.")]})
    if refusal := why_not_concrete(values["purpose"], get_pack("trading", on=day_of(at)).data):
        raise NotAllowed(refusal)
    budget = values.pop("budget")
    posted = Demand.objects.create(
        reference=new_reference("D", at),
        buyer=get_organization(by.organization),
        budget_amount=Decimal(budget) if budget else None,
        posted_at=at,
        **values,
    )
    text = canonical_text({name: values[name] for name in ("title", "description", "purpose")})
    event = DemandPosted(
        demand=posted.reference, buyer=by.organization, text_sha256=digest_of(text)
    )
    begin(posted, event=event, by=by, at=at)
    return posted


@transaction.atomic
def close_demand(
    *, demand: Demand, by: Actor, at: datetime, product: Product | None = None
) -> Demand:
    """Take a demand off the board; `product` is what met it, if anything did."""
    if refusal := rules.why_not_close_demand(by, demand):
        raise NotAllowed(refusal)
    if product is not None and not product.is_listed:
        raise Invalid({"product": [_("The product is not on the market now.")]})
    event = DemandClosed(demand=demand.reference, product=product.reference if product else "")
    advance(demand, DEMAND.close, event=event, by=by, at=at, closed_at=at, product=product)
    return demand


@transaction.atomic
def open_inquiry(*, product: Product, question: str, by: Actor, at: datetime) -> Inquiry:
    """Ask the provider about a listed product; only the two sides and the watch read it."""
    if refusal := rules.why_not_inquire(by, product):
        raise NotAllowed(refusal)
    text = str(read_values((QUESTION,), {"question": question})["question"])
    inquiry = Inquiry.objects.create(
        reference=new_reference("Q", at),
        product=product,
        buyer=get_organization(by.organization),
        provider=product.provider,
        question=text,
        opened_at=at,
    )
    event = InquiryOpened(
        inquiry=inquiry.reference,
        product=product.reference,
        buyer=by.organization,
        provider=product.provider.reference,
        question_sha256=digest_of(text),
    )
    begin(inquiry, event=event, by=by, at=at)
    return inquiry


@transaction.atomic
def answer_inquiry(*, inquiry: Inquiry, answer: str, by: Actor, at: datetime) -> Inquiry:
    """Answer a buyer's question, once."""
    if refusal := rules.why_not_answer(by, inquiry):
        raise NotAllowed(refusal)
    text = str(read_values((ANSWER,), {"answer": answer})["answer"])
    event = InquiryAnswered(
        inquiry=inquiry.reference,
        product=inquiry.product.reference,
        answer_sha256=digest_of(text),
    )
    advance(inquiry, INQUIRY.answer, event=event, by=by, at=at, answer=text, answered_at=at)
    return inquiry
