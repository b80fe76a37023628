"""Creating and editing products, attaching rights, answering for the description."""

from datetime import datetime

import pytest

from audit.log.actors import Actor
from audit.log.errors import Conflict, Invalid, NotAllowed, WrongState
from exchange.catalog.commitment import COMMITMENT_SHA256
from exchange.catalog.models import Product
from exchange.catalog.services import (
    accept_commitment,
    attach_rights,
    create_product,
    delist_product,
    edit_product,
    reopen_product,
    request_listing,
)
from exchange.catalog.states import ProductState
from exchange.parties.models import Organization
from exchange.registry.services import withdraw_rights
from tests.catalog.making import MANUAL, draft_product, listed_product, ready_product
from tests.conftest import make_organization
from tests.registry.making import Log, make_object, stated_rights

pytestmark = pytest.mark.django_db
OTHERS = ["provider_viewer", "buyer", "stranger", "operator", "regulator", "anonymous"]


def test_a_product_begins_as_a_draft(
    provider_org: Organization, provider: Actor, at: datetime, log: Log
) -> None:
    made = create_product(provider=provider_org, manual=MANUAL, by=provider, at=at)

    row = Product.objects.get(reference=made.reference)
    assert row.status == ProductState.DRAFT
    assert row.version == 1
    assert row.name == MANUAL["name"]
    assert row.manual["scenarios_allowed"] == MANUAL["scenarios_allowed"]
    assert row.search.name.startswith(" 2013 年纽约航空离港航班数据集")
    assert log() == [("catalog.product.created", made.reference)]


@pytest.mark.parametrize("who", OTHERS)
def test_nobody_else_describes_products(
    request: pytest.FixtureRequest,
    provider_org: Organization,
    provider: Actor,
    at: datetime,
    log: Log,
    who: str,
) -> None:
    actor = request.getfixturevalue(who)
    product = draft_product(provider_org, provider, at)
    rights = stated_rights(provider_org, provider, at)
    before = log()

    with pytest.raises(NotAllowed):
        create_product(provider=provider_org, manual=MANUAL, by=actor, at=at)
    with pytest.raises(NotAllowed):
        edit_product(product=product, changes={"name": "我的"}, expected_version=1, by=actor, at=at)
    with pytest.raises(NotAllowed):
        attach_rights(product=product, rights=rights, by=actor, at=at)
    with pytest.raises(NotAllowed):
        accept_commitment(product=product, expected_version=1, by=actor, at=at)

    assert log() == before
    assert Product.objects.get().version == 1


def test_hostile_manuals_leave_nothing(
    provider_org: Organization, provider: Actor, at: datetime, log: Log
) -> None:
    with pytest.raises(Invalid) as refused:
        create_product(
            provider=provider_org, manual=MANUAL | {"status": "LISTED"}, by=provider, at=at
        )

    assert list(refused.value.fields) == ["status"]
    assert not Product.objects.exists()
    assert log() == []


def test_an_edit_counts_the_version_up(
    provider_org: Organization, provider: Actor, at: datetime, log: Log
) -> None:
    product = draft_product(provider_org, provider, at)

    edit_product(
        product=product,
        changes={"name": "纽约航班延误", "region": "NYC", "abstract": MANUAL["abstract"]},
        expected_version=1,
        by=provider,
        at=at,
    )

    row = Product.objects.get()
    assert (row.version, row.name, row.manual["region"]) == (2, "纽约航班延误", "NYC")
    assert row.manual["users"] == "PAYER_ONLY"
    assert row.search.name == " 纽约航班延误 new york departures 2013"
    assert log()[-1] == ("catalog.product.edited", product.reference)


def test_an_edit_that_changes_nothing_leaves_no_trace(
    provider_org: Organization, provider: Actor, at: datetime, log: Log
) -> None:
    product = draft_product(provider_org, provider, at)
    before = log()

    edit_product(
        product=product,
        changes={"name": MANUAL["name"]},
        expected_version=1,
        by=provider,
        at=at,
    )

    assert Product.objects.get().version == 1
    assert log() == before


def test_a_stale_edit_is_a_conflict(
    provider_org: Organization, provider: Actor, at: datetime, log: Log
) -> None:
    product = draft_product(provider_org, provider, at)
    stale = Product.objects.get()
    edit_product(product=product, changes={"name": "甲"}, expected_version=1, by=provider, at=at)
    before = log()

    with pytest.raises(Conflict):
        edit_product(product=stale, changes={"name": "乙"}, expected_version=1, by=provider, at=at)
    with pytest.raises(Conflict):
        accept_commitment(product=stale, expected_version=1, by=provider, at=at)

    assert Product.objects.get().name == "甲"
    assert log() == before


def test_a_contradiction_with_what_stands_is_refused(
    provider_org: Organization, provider: Actor, at: datetime, log: Log
) -> None:
    product = draft_product(provider_org, provider, at)
    before = log()

    with pytest.raises(Invalid) as refused:
        edit_product(
            product=product,
            changes={"span_until": "2012-01-01"},
            expected_version=1,
            by=provider,
            at=at,
        )

    assert list(refused.value.fields) == ["span_until"]
    assert log() == before


def test_files_named_in_the_manual_are_ones_own(
    provider_org: Organization, buyer_org: Organization, provider: Actor, at: datetime, log: Log
) -> None:
    own = make_object(provider_org, at)
    strange = make_object(buyer_org, at)

    product = draft_product(provider_org, provider, at, quality_report=own.reference)
    before = log()
    for reference in (strange.reference, "OB-2026-MISSING1"):
        with pytest.raises(Invalid) as refused:
            edit_product(
                product=product,
                changes={"compliance_report": reference},
                expected_version=1,
                by=provider,
                at=at,
            )
        assert list(refused.value.fields) == ["compliance_report"]

    assert log() == before


def test_rights_are_attached_once(
    provider_org: Organization, provider: Actor, at: datetime, log: Log
) -> None:
    product = draft_product(provider_org, provider, at)
    rights = stated_rights(provider_org, provider, at)

    attach_rights(product=product, rights=rights, by=provider, at=at)
    attach_rights(product=product, rights=rights, by=provider, at=at)

    row = Product.objects.get()
    assert (row.rights, row.version) == (rights, 2)
    assert [name for name, _ in log()].count("catalog.product.rights_attached") == 1


def test_rights_of_others_and_withdrawn_ones_are_refused(
    provider_org: Organization, provider: Actor, at: datetime, log: Log
) -> None:
    product = draft_product(provider_org, provider, at)
    other = make_organization("stranger", at)
    other.roles = ["PROVIDER"]
    other.save(update_fields=["roles"])
    strange = stated_rights(provider_org, provider, at)
    strange.organization = other
    strange.save(update_fields=["organization"])
    gone = stated_rights(provider_org, provider, at)
    withdraw_rights(statement=gone, reason="gone", by=provider, at=at)
    before = log()

    for rights in (strange, gone):
        with pytest.raises(Invalid) as refused:
            attach_rights(product=product, rights=rights, by=provider, at=at)
        assert list(refused.value.fields) == ["rights"]

    assert Product.objects.get().rights is None
    assert log() == before


def test_the_commitment_is_for_one_version(
    provider_org: Organization, provider: Actor, at: datetime, log: Log
) -> None:
    product = draft_product(provider_org, provider, at)

    accept_commitment(product=product, expected_version=1, by=provider, at=at)
    edit_product(product=product, changes={"name": "新"}, expected_version=1, by=provider, at=at)

    row = Product.objects.get()
    assert row.commitment_sha256 == COMMITMENT_SHA256
    assert (row.commitment_version, row.version) == (1, 2)
    assert log()[1] == ("catalog.product.committed", product.reference)


def test_an_edit_under_review_makes_the_request_void(
    provider_org: Organization, provider: Actor, operator: Actor, at: datetime, log: Log
) -> None:
    product = ready_product(provider_org, provider, at)
    request_listing(product=product, by=provider, at=at)
    before = len(log())

    edit_product(
        product=product,
        changes={"abstract": "别的"},
        expected_version=product.version,
        by=provider,
        at=at,
    )

    assert Product.objects.get().status == ProductState.APPRAISED
    assert log()[before:] == [
        ("catalog.listing.retracted", product.reference),
        ("catalog.product.edited", product.reference),
    ]


def test_a_listed_description_stands(
    provider_org: Organization, provider: Actor, operator: Actor, at: datetime, log: Log
) -> None:
    product = listed_product(provider_org, provider, operator, at)
    before = log()

    with pytest.raises(NotAllowed, match="listed product"):
        edit_product(
            product=product,
            changes={"abstract": "别的"},
            expected_version=product.version,
            by=provider,
            at=at,
        )
    with pytest.raises(NotAllowed):
        attach_rights(
            product=product, rights=stated_rights(provider_org, provider, at), by=provider, at=at
        )

    assert [entry for entry in log() if entry[0].startswith("catalog")] == [
        entry for entry in before if entry[0].startswith("catalog")
    ]


def test_a_delisted_product_can_be_worked_on_again(
    provider_org: Organization, provider: Actor, operator: Actor, at: datetime, log: Log
) -> None:
    product = listed_product(provider_org, provider, operator, at)
    with pytest.raises(WrongState):
        reopen_product(product=product, by=provider, at=at)
    delist_product(product=product, reason="Season over.", by=provider, at=at)

    reopen_product(product=product, by=provider, at=at)

    row = Product.objects.get()
    assert row.status == ProductState.DRAFT
    assert row.commitment_version < row.version
    assert (row.listed_plan, row.listed_at, row.zone) == ("", None, "")
    assert log()[-1] == ("catalog.product.reopened", product.reference)
