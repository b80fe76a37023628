"""What a listing needs: every condition has its reason."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from audit.log.actors import Actor
from audit.log.errors import NotAllowed
from exchange.catalog.models import Product
from exchange.catalog.rules import listing_conditions
from exchange.catalog.services import (
    edit_product,
    listing_facts,
    request_listing,
    withdraw_release,
)
from exchange.catalog.states import ProductState
from exchange.parties.models import Organization
from exchange.registry.services import withdraw_rights
from tests.catalog.making import (
    cleared_release,
    draft_product,
    ready_product,
    recommit,
)
from tests.registry.making import Log

pytestmark = pytest.mark.django_db


def test_a_draft_is_told_everything_it_lacks(
    provider_org: Organization, provider: Actor, at: datetime, log: Log
) -> None:
    product = draft_product(provider_org, provider, at, scenarios_allowed=[], keywords=[])
    before = log()

    with pytest.raises(NotAllowed) as refused:
        request_listing(product=product, by=provider, at=at)

    for words in (
        "keywords",
        "no trade without a scenario",
        "No rights statement",
        "No release has been cleared",
        "No price is set",
        "no appraisal",
        "commitment",
    ):
        assert words in str(refused.value)
    assert log() == before
    facts = listing_facts(product, at=at)
    met = {c.key: c.is_met for c in listing_conditions(facts, justification="")}
    assert met == {
        "provider": True,
        "manual": False,
        "scenario": False,
        "rights": False,
        "release": False,
        "delivery": True,
        "plan": False,
        "appraisal": False,
        "price": True,
        "commitment": False,
    }


def break_rights(product: Product, provider: Actor, at: datetime) -> None:
    withdraw_rights(statement=product.rights, reason="x", by=provider, at=at)


def break_release(product: Product, provider: Actor, at: datetime) -> None:
    withdraw_release(release=product.current, reason="x", by=provider, at=at)


def break_commitment(product: Product, provider: Actor, at: datetime) -> None:
    edit_product(
        product=product, changes={"region": "x"}, expected_version=product.version,
        by=provider, at=at,
    )  # fmt: skip


def break_scenario(product: Product, provider: Actor, at: datetime) -> None:
    edit_product(
        product=product, changes={"purposes": []}, expected_version=product.version,
        by=provider, at=at,
    )  # fmt: skip
    recommit(product, provider, at)


def break_provider(product: Product, provider: Actor, at: datetime) -> None:
    product.provider.status = "SUSPENDED"
    product.provider.save(update_fields=["status"])


def break_appraisal(product: Product, provider: Actor, at: datetime) -> None:
    cleared_release(product, provider, at, content=b"another release")


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (break_rights, "is not in force"),
        (break_release, "No release has been cleared"),
        (break_commitment, "commitment has not been accepted"),
        (break_scenario, "no trade without a scenario"),
        (break_provider, "not admitted at present"),
        (break_appraisal, "of another release"),
    ],
)
def test_each_condition_has_its_reason(
    provider_org: Organization,
    provider: Actor,
    at: datetime,
    log: Log,
    broken: Callable[[Product, Actor, datetime], None],
    reason: str,
) -> None:
    product = ready_product(provider_org, provider, at)
    broken(product, provider, at)
    before = log()

    with pytest.raises(NotAllowed, match=reason):
        request_listing(product=product, by=provider, at=at)

    assert log() == before
    assert Product.objects.get().status == ProductState.APPRAISED


def test_rights_without_the_right_to_operate_allow_no_listing(
    provider_org: Organization, provider: Actor, at: datetime
) -> None:
    product = ready_product(provider_org, provider, at)
    product.rights.rights = ["HOLD", "USE"]
    product.rights.save(update_fields=["rights"])

    with pytest.raises(NotAllowed, match="right to operate"):
        request_listing(product=product, by=provider, at=at)


def test_public_data_is_not_priced_by_the_market(
    provider_org: Organization, provider: Actor, at: datetime
) -> None:
    product = ready_product(provider_org, provider, at)
    product.rights.origin = "PUBLIC"
    product.rights.save(update_fields=["origin"])

    with pytest.raises(NotAllowed, match="price cap"):
        request_listing(product=product, by=provider, at=at)


def test_higher_levels_are_not_delivered_openly(
    provider_org: Organization, provider: Actor, at: datetime
) -> None:
    product = ready_product(provider_org, provider, at)
    product.current.level = 4
    product.current.save(update_fields=["level"])

    with pytest.raises(NotAllowed, match="s3 sandbox"):
        request_listing(product=product, by=provider, at=at)


def test_a_stale_appraisal_allows_no_listing(
    provider_org: Organization, provider: Actor, at: datetime
) -> None:
    product = ready_product(provider_org, provider, at)

    with pytest.raises(NotAllowed, match="valid until"):
        request_listing(product=product, by=provider, at=at + timedelta(days=800))
