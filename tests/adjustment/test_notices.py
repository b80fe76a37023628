"""Who is told of a price that will change, and who is not."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import pytest
from django.core import mail

from audit.log.actors import Actor
from audit.log.publishing import publish
from audit.log.reactions import dispatch
from exchange.parties.models import Organization
from exchange.trading.services import assess, open_inquiry
from tests.trading.making import Floor, fund, make_listing, one_off

from .making import adjustment_of, follow, later, offer_like, rival


@pytest.fixture
def market(provider_org: Organization, provider: Actor, buyer: Actor, at: datetime) -> Floor:
    """A product that follows; its market has moved."""
    product = make_listing(provider_org, provider, at, terms=one_off("1000.00"))
    fund(buyer.organization, "9000.00", at)
    follow(product, provider, at)
    offer_like(product, rival(at), later(at, 5), count=3)
    return Floor(product=product, provider=provider, buyer=buyer, at=at)


def told(at: datetime) -> dict[str, str]:
    """Run the reactions and return the bodies of the mails by address."""
    dispatch(at=at)
    publish(at=at)
    return {message.to[0]: str(message.body) for message in mail.outbox}


def test_provider_subscribers_and_askers_are_told_why(
    market: Floor, stranger: Actor, at: datetime
) -> None:
    replace(market, at=later(at, 20)).contracted()
    assess(adjustment=adjustment_of(market.product), at=later(at, 31))

    mails = told(later(at, 31))

    assert {address.partition("@")[0] for address in mails} == {"provider", "buyer"}
    body = mails["buyer@example.org"]
    assert "changes on 2026-12-27" in body
    assert "3 comparable products, 0 when it was priced" in body
    assert stranger.organization not in body


def test_who_asked_lately_is_told(market: Floor, stranger: Actor, at: datetime) -> None:
    open_inquiry(product=market.product, question="How often?", by=stranger, at=later(at, 3))
    assess(adjustment=adjustment_of(market.product), at=later(at, 31))

    assert "stranger@example.org" in told(later(at, 31))


def test_a_step_that_needs_a_yes_is_told_to_its_provider_only(market: Floor, at: datetime) -> None:
    market.contracted()
    follow(market.product, market.provider, at, step_most=Decimal("0.05"))
    assess(adjustment=adjustment_of(market.product), at=later(at, 31))

    mails = told(later(at, 31))

    assert list(mails) == ["provider@example.org"]
    assert "needs your consent by 2027-01-07" in mails["provider@example.org"]
