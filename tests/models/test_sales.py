"""A model sold by package, as a file, by the period; and one trained on what was bought here."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from audit.log.actors import Actor
from audit.log.errors import Invalid
from exchange.catalog.models import Product, TrainingStatement
from exchange.catalog.vocabulary import Retention
from exchange.compliance.papers import papers_of
from exchange.delivery.models import Grant
from exchange.delivery.rules import AccessDenied
from exchange.delivery.services import call_model, take_download
from exchange.delivery.states import Form
from exchange.parties.models import Organization
from exchange.parties.queries import actor_for_user, user_of
from exchange.trading.models import Contract
from exchange.trading.services import place_order, sign_contract
from pricing.facts import AssetFacts, CostRecord
from pricing.plans import Package, PlanTerms
from pricing.services import appraise
from pricing.states import Period, PlanKind
from tests.trading.making import SCENARIO, Floor, fund, make_listing, one_off, set_price

from .making import (
    cleared_model,
    disclosed,
    model_product,
    onnx_file,
    screened,
    source,
    state,
)

ROWS = {"X": [[1.0, 2.0], [3, 0.5]]}
USE: dict[str, Any] = {
    "purposes": ["credit scoring of enterprises"],
    "scenarios_allowed": ["pricing of travel insurance"],
    "users": "PAYER_ONLY",
    "time_limit": "CONTRACT_TERM",
    "resale": "NO",
    "export": "NO",
    "retention": "DELETE",
}


@pytest.fixture
def rich(buyer: Actor, at: datetime) -> Actor:
    """The buyer, with money."""
    fund(buyer.organization, "10000.00", at)
    return buyer


def offered(
    organization: Organization, provider: Actor, buyer: Actor, at: datetime, terms: PlanTerms
) -> Floor:
    """Return a listed model at a price, and the two sides of its sale."""
    release = cleared_model(organization, provider, at)
    product = release.product
    Product.objects.filter(pk=product.pk).update(
        status="LISTED", current=release, listed_at=at, manual=product.manual | USE
    )
    product = Product.objects.select_related("provider", "current", "rights").get(pk=product.pk)
    set_price(product.reference, provider, at, terms)
    facts = AssetFacts(
        asset=product.reference,
        release=release.reference,
        owner=organization.reference,
        rows=0,
        columns=0,
        bytes=release.size,
        updated_on=at.date(),
    )
    appraise(
        facts=facts,
        costs=CostRecord.of(collection="1000"),
        comparables=[],
        by=Actor.system("appraisal"),
        at=at,
    )
    return Floor(product=product, provider=provider, buyer=buyer, at=at)


@pytest.mark.runtime
def test_a_prepaid_package_opens_as_many_calls_as_it_holds(
    provider_org: Organization, provider: Actor, rich: Actor, at: datetime
) -> None:
    packages = (Package(units=2, price=Decimal(5)), Package(units=100, price=Decimal(40)))
    terms = PlanTerms(kind=PlanKind.PER_CALL, packages=packages)
    floor = offered(provider_org, provider, rich, at, terms)
    with pytest.raises(Invalid, match="quantity"):
        floor.place(quantity=3)

    order = floor.paid(quantity=2)

    grant = Grant.objects.get(order=order.reference)
    assert (order.price.text, grant.channel, grant.budget_downloads) == ("5.00", "INFERENCE", 2)
    for _call in range(2):
        assert call_model(grant=grant, inputs=ROWS, by=rich, at=at).answer["rows"] == 2
    with pytest.raises(AccessDenied) as spent:
        call_model(grant=grant, inputs=ROWS, by=rich, at=at)
    assert spent.value.refusal == "EXHAUSTED"


SUBSCRIBED = PlanTerms(kind=PlanKind.SUBSCRIPTION, price=Decimal(50), period=Period.QUARTER)


@pytest.mark.parametrize("terms", [one_off("90.00"), SUBSCRIBED], ids=["one-off", "subscription"])
def test_what_is_paid_once_or_by_the_period_hands_the_very_file_over(
    provider_org: Organization, provider: Actor, rich: Actor, at: datetime, terms: PlanTerms
) -> None:
    floor = offered(provider_org, provider, rich, at, terms)

    order = floor.paid()

    grant = Grant.objects.get(order=order.reference)
    assert (order.price.text, grant.channel) == (f"{terms.price:.2f}", "DOWNLOAD")
    download = take_download(grant=grant, form=Form.ORIGINAL, by=rich, at=at)
    assert b"".join(download) == onnx_file()
    with pytest.raises(AccessDenied) as wrong:
        call_model(grant=grant, inputs=ROWS, by=rich, at=at)
    assert wrong.value.refusal == "OTHER_CHANNEL"


def dealing(organization: Organization, actor: Actor) -> Actor:
    """Return the actor of an organization that buys and sells."""
    organization.roles = ["BUYER", "PROVIDER"]
    organization.save(update_fields=["roles"])
    person = user_of(actor)
    assert person is not None
    return actor_for_user(person)


def test_a_contract_that_lets_nothing_be_kept_trains_no_model(
    provider_org: Organization,
    provider: Actor,
    stranger_org: Organization,
    stranger: Actor,
    at: datetime,
) -> None:
    stranger = dealing(stranger_org, stranger)
    bought = make_listing(provider_org, provider, at, terms=one_off("90.00"))
    contract = signed(bought, provider, stranger, at)
    product = model_product(stranger_org, stranger, at)
    right = {"rights": "CONTRACT", "reference": contract.reference}

    with pytest.raises(Invalid) as refused:
        state(product, stranger, at, onnx_file(), source(product, **right))

    assert set(refused.value.fields) == {"sources.0.reference"}


def signed(product: Product, provider: Actor, buyer: Actor, at: datetime) -> Contract:
    """Return a contract in effect about a product."""
    order = place_order(product=product, scenario=SCENARIO, by=buyer, at=at)
    sign_contract(contract=order.contract, by=provider, at=at)
    return sign_contract(contract=order.contract, by=buyer, at=at)


@pytest.mark.parametrize("retention", [Retention.KEEP_DERIVED, Retention.KEEP])
def test_what_was_bought_here_with_the_right_to_keep_results_trains_a_model(
    provider_org: Organization,
    provider: Actor,
    stranger_org: Organization,
    stranger: Actor,
    at: datetime,
    retention: str,
) -> None:
    stranger = dealing(stranger_org, stranger)
    bought = make_listing(
        provider_org, provider, at, terms=one_off("90.00"), manual={"retention": retention}
    )
    contract = signed(bought, provider, stranger, at)
    product, content = model_product(stranger_org, stranger, at), onnx_file()
    right = {"rights": "CONTRACT", "reference": contract.reference}

    state(product, stranger, at, content, source(product, **right))
    disclosed(product, stranger, at, content)
    release, screening = screened(product, stranger, at, content)

    (kept,) = TrainingStatement.objects.get(product=product).sources
    assert kept["release"] == contract.order.release.reference
    (told,) = papers_of(release, on=at.date()).sources
    assert (told.rights, told.reference, told.rests) == ("CONTRACT", contract.reference, True)
    assert (release.status, screening.rules) == ("CLEARED", [])
