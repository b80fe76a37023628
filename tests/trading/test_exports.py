"""The export gate along a trade: order, signature, payment, download; and what splitting brings."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from audit.log.actors import Actor
from audit.log.errors import Invalid, NotAllowed
from audit.log.models import Entry
from exchange.catalog.models import Product
from exchange.compliance.export_queries import exports_visible_to, warnings_visible_to, years_for
from exchange.compliance.export_words import ExportRefused
from exchange.compliance.models import ExportRecord, ExportRoute, ExportWarning, ExportYear
from exchange.compliance.services import revoke_filing, set_standing
from exchange.delivery.rules import AccessDenied
from exchange.delivery.services import follow_link, issue_link, resume_download, take_download
from exchange.parties.models import Organization
from exchange.trading.models import Order
from exchange.trading.services import pay_order, place_order, sign_contract
from tests.compliance.export.papers import make_verified
from tests.racing import at_once

from .making import SCENARIO, Floor, again, fund, make_listing

Log = Callable[[], list[tuple[str, str]]]
PERSONS = 50_000
AWAY = SCENARIO | {"export": True, "access_places": ["MAINLAND", "ABROAD"]}
HOME = SCENARIO | {"access_places": ["MAINLAND"]}


def make_personal(
    provider_org: Organization, provider: Actor, at: datetime, **changes: Any
) -> Product:
    """Return a listed product about persons, each of its rows another one."""
    product = make_listing(provider_org, provider, at, manual={"export": "YES"})
    content = uuid4().hex * 2
    fields = {"personal": "PERSONAL", "rows": PERSONS, "sha256": content, "cleared_sha256": content}
    product.releases.update(**fields | changes)
    return Product.objects.get(pk=product.pk)


@pytest.fixture
def floor(provider_org: Organization, provider: Actor, buyer: Actor, at: datetime) -> Floor:
    """A listed product about 50,000 persons, whose provider permits export."""
    product = make_personal(provider_org, provider, at)
    fund(buyer.organization, "10000.00", at)
    return Floor(product=product, provider=provider, buyer=buyer, at=at)


def papers(floor: Floor, operator: Actor, *kinds: str, **changes: Any) -> list[Any]:
    """Put verified evidence on file that covers the floor's product and buyer."""
    covered = {
        "recipients": [floor.buyer.organization],
        "products": [floor.product.reference],
        "valid_from": "2026-11-20",
    }
    return [
        make_verified(floor.provider, operator, floor.at, kind=kind, **covered | changes)
        for kind in kinds
    ]


DUTIES = ("SEPARATE_CONSENT", "IMPACT_ASSESSMENT")
pytestmark = pytest.mark.django_db


def test_an_order_of_personal_data_says_where_it_will_be_read(floor: Floor, log: Log) -> None:
    before = log()

    with pytest.raises(Invalid) as caught:
        floor.place()

    assert set(caught.value.fields) == {"scenario.access_places"}
    assert log() == before


@pytest.mark.parametrize(
    ("scenario", "field"),
    [
        (SCENARIO | {"access_places": ["ABROAD"]}, "scenario.export"),
        (HOME | {"recipient_place": "HK"}, "scenario.export"),
        (HOME | {"export": True}, "scenario.access_places"),
        (HOME | {"access_places": ["UNKNOWN"]}, "scenario.access_places"),
        (HOME | {"recipient_place": "MOON"}, "scenario.recipient_place"),
    ],
)
def test_what_is_declared_does_not_contradict_itself(
    floor: Floor, scenario: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as caught:
        floor.place(scenario=scenario)

    assert set(caught.value.fields) == {field}


def test_an_order_that_stays_needs_nothing_and_counts_nothing(floor: Floor, log: Log) -> None:
    order = floor.paid(scenario=HOME)

    assert ExportRoute.objects.get().order == order.reference
    assert not ExportRecord.objects.exists()
    assert ("compliance.export.declared", order.reference) in log()
    assert order.contract.document.count('"access_places":["MAINLAND"]') == 1


def test_free_data_leaves_and_its_ground_is_recorded(
    provider_org: Organization, provider: Actor, buyer: Actor, at: datetime, log: Log
) -> None:
    product = make_listing(provider_org, provider, at, manual={"export": "YES"})
    fund(buyer.organization, "1000.00", at)
    floor = Floor(product=product, provider=provider, buyer=buyer, at=at)

    order = floor.paid(scenario=SCENARIO | {"export": True})

    entry = ExportRecord.objects.get()
    assert (entry.outcome, entry.ground, entry.ordinary) == ("EXEMPT", "NO_PERSONAL", 0)
    assert ("compliance.export.counted", entry.reference) in log()
    abroad = replace(buyer, place="ABROAD")
    assert take_download(grant=order.grant, by=abroad, at=at).access.status == "TAKEN"


def test_without_papers_the_order_is_refused_with_what_to_do(floor: Floor, log: Log) -> None:
    before = log()

    with pytest.raises(ExportRefused, match="R-EXPORT-CONSENT") as caught:
        floor.place(scenario=AWAY)

    problem = caught.value.as_problem()
    assert problem["code"] == "export-refused"
    assert problem["export"]["outcome"] == "EXEMPT"
    assert [rule["id"] for rule in problem["export"]["rules"] if not rule["met"]] == [
        "R-EXPORT-CONSENT",
        "R-EXPORT-IMPACT",
    ]
    assert all(rule["remedy"] and rule["basis"] for rule in problem["export"]["rules"])
    assert not Order.objects.exists()
    assert not ExportRoute.objects.exists()
    assert log() == before


def test_with_papers_it_is_paid_counted_and_read_from_abroad(
    floor: Floor, operator: Actor, log: Log
) -> None:
    consent, impact = papers(floor, operator, *DUTIES)

    order = floor.paid(scenario=AWAY)

    entry = ExportRecord.objects.get()
    assert (entry.outcome, entry.ground) == ("EXEMPT", "VOLUME")
    assert (entry.ordinary, entry.year_ordinary, entry.year) == (PERSONS, PERSONS, 2026)
    assert entry.filings == [consent.reference, impact.reference]
    assert entry.places == ["ABROAD"]
    assert ExportYear.objects.get().ordinary == PERSONS
    names = [name for name, _ in log()]
    assert names.index("compliance.export.counted") < names.index("delivery.grant.opened")
    abroad = replace(floor.buyer, place="ABROAD")
    taken = take_download(grant=order.grant, by=abroad, at=floor.at)
    assert taken.access.status == "TAKEN"
    assert ExportRecord.objects.count() == 1
    said = Entry.objects.get(name="delivery.access.taken")
    assert b'"place":"ABROAD"' in bytes(said.data)


def test_a_mainland_buyer_reads_nothing_from_abroad(floor: Floor, log: Log) -> None:
    order = floor.paid(scenario=HOME)
    before = log()

    for place, rule in {"ABROAD": "R-EXPORT-PLACE", "HK": "R-EXPORT-PLACE",
                        "UNKNOWN": "R-EXPORT-UNKNOWN"}.items():  # fmt: skip
        with pytest.raises(AccessDenied, match=rule) as caught:
            take_download(grant=order.grant, by=replace(floor.buyer, place=place), at=floor.at)
        assert caught.value.refusal == "EXPORT"

    assert log()[len(before) :] == [("delivery.access.refused", order.grant.reference)] * 3
    said = Entry.objects.filter(name="delivery.access.refused").order_by("position").last()
    assert said is not None
    assert b'"place":"UNKNOWN"' in bytes(said.data)
    home = replace(floor.buyer, place="MAINLAND")
    assert take_download(grant=order.grant, by=home, at=floor.at).access.status == "TAKEN"


def test_a_link_does_not_carry_data_abroad(floor: Floor) -> None:
    order = floor.paid(scenario=HOME)
    home = replace(floor.buyer, place="MAINLAND")
    access = take_download(grant=order.grant, by=home, at=floor.at).access
    token = issue_link(access=access, by=home, at=floor.at)

    assert follow_link(token=token, at=floor.at, place="MAINLAND").access == access
    with pytest.raises(AccessDenied, match="R-EXPORT-PLACE"):
        follow_link(token=token, at=floor.at, place="ABROAD")
    with pytest.raises(AccessDenied, match="R-EXPORT-PLACE"):
        resume_download(access=access, by=replace(home, place="ABROAD"), at=floor.at)


def test_a_critical_operator_exports_with_the_assessment_only(
    floor: Floor, provider_org: Organization, operator: Actor
) -> None:
    set_standing(
        organization=provider_org, place="MAINLAND", critical=True, by=operator, at=floor.at
    )
    papers(floor, operator, *DUTIES, "STANDARD_CONTRACT", "CERTIFICATION")

    with pytest.raises(ExportRefused, match="R-EXPORT-CRITICAL"):
        floor.place(scenario=AWAY)

    (assessment,) = papers(floor, operator, "SECURITY_ASSESSMENT")
    order = floor.paid(scenario=AWAY)
    assert ExportRecord.objects.get().mechanism == "SECURITY_ASSESSMENT"

    revoke_filing(filing=assessment, reason="Scope exceeded.", by=operator, at=floor.at)
    abroad, home = (replace(floor.buyer, place=place) for place in ("ABROAD", "MAINLAND"))
    with pytest.raises(AccessDenied, match="R-EXPORT-CRITICAL") as caught:
        take_download(grant=order.grant, by=abroad, at=floor.at)
    assert caught.value.as_problem()["export"]["outcome"] == "SECURITY_ASSESSMENT"
    assert take_download(grant=order.grant, by=home, at=floor.at).access.status == "TAKEN"


def test_evidence_that_ends_stops_signature_and_payment(floor: Floor, operator: Actor) -> None:
    filings = papers(floor, operator, *DUTIES)
    order = floor.place(scenario=AWAY)
    sign_contract(contract=order.contract, by=floor.provider, at=floor.at)
    revoke_filing(filing=filings[0], reason="Withdrawn.", by=floor.provider, at=floor.at)

    with pytest.raises(ExportRefused):
        sign_contract(contract=order.contract, by=floor.buyer, at=floor.at)

    papers(floor, operator, "SEPARATE_CONSENT")
    sign_contract(contract=order.contract, by=floor.buyer, at=floor.at)
    revoke_filing(filing=filings[1], reason="Withdrawn.", by=floor.provider, at=floor.at)
    with pytest.raises(ExportRefused):
        pay_order(order=again(order), transfer_id=uuid4(), by=floor.buyer, at=floor.at)
    assert again(order).status == "CONTRACTED"
    assert not ExportRecord.objects.exists()


def test_an_unfiled_standard_contract_ends_after_ten_working_days(
    floor: Floor, operator: Actor
) -> None:
    floor.product.releases.update(rows=100_000)
    papers(floor, operator, *DUTIES, "STANDARD_CONTRACT")
    order = floor.paid(scenario=AWAY)
    abroad = replace(floor.buyer, place="ABROAD")

    last = datetime(2026, 12, 4, 10, tzinfo=floor.at.tzinfo)
    assert take_download(grant=order.grant, by=abroad, at=last).access.status == "TAKEN"
    with pytest.raises(AccessDenied, match="R-EXPORT-CONTRACT"):
        take_download(grant=order.grant, by=abroad, at=last + timedelta(days=1))


def test_splitting_into_releases_does_not_help(
    floor: Floor, provider_org: Organization, operator: Actor, regulator: Actor, stranger: Actor
) -> None:
    """Twice 50,000 persons are 100,000, and the warning came at 80,000."""
    second = make_personal(provider_org, floor.provider, floor.at)
    other = replace(floor, product=second)
    papers(floor, operator, *DUTIES)
    papers(other, operator, *DUTIES)

    floor.paid(scenario=AWAY)
    with pytest.raises(ExportRefused, match="R-EXPORT-CONTRACT"):
        other.place(scenario=AWAY)
    second.releases.update(rows=PERSONS - 1)
    other.paid(scenario=AWAY)

    assert ExportYear.objects.get().ordinary == 99_999
    warning = ExportWarning.objects.get()
    assert (warning.line, warning.persons) == ("ordinary_contract_from", 99_999)
    assert list(warnings_visible_to(floor.provider)) == [warning]
    assert list(warnings_visible_to(regulator)) == [warning]
    assert not warnings_visible_to(stranger).exists()
    assert exports_visible_to(floor.provider).count() == 2
    assert exports_visible_to(regulator).count() == 2
    assert not exports_visible_to(stranger).exists()
    assert [each.heads.ordinary for each in years_for(regulator, floor.at)] == [99_999]


def test_the_same_content_counts_once_and_the_next_year_begins_at_nothing(
    floor: Floor, operator: Actor
) -> None:
    papers(floor, operator, *DUTIES)
    first = floor.paid(scenario=AWAY | {"term_days": 90})
    floor.paid(scenario=AWAY)
    abroad = replace(floor.buyer, place="ABROAD")

    assert ExportRecord.objects.count() == 2
    assert ExportYear.objects.get().ordinary == PERSONS

    january = datetime(2027, 1, 4, 6, tzinfo=floor.at.tzinfo)
    take_download(grant=first.grant, by=abroad, at=january)

    years = {each.year: each.ordinary for each in ExportYear.objects.all()}
    assert years == {2026: PERSONS, 2027: PERSONS}
    assert ExportRecord.objects.filter(year=2027).get().route.order == first.reference


def test_organizations_of_one_processor_are_counted_together(
    floor: Floor,
    provider_org: Organization,
    stranger_org: Organization,
    operator: Actor,
) -> None:
    """What a branch provided before it was known as one counts with the rest from then on."""
    papers(floor, operator, *DUTIES)
    floor.paid(scenario=AWAY)

    set_standing(
        organization=provider_org, place="MAINLAND", counted_with=stranger_org,
        by=operator, at=floor.at,
    )  # fmt: skip

    totals = {each.processor: each.ordinary for each in ExportYear.objects.all()}
    assert totals == {provider_org.uscc: 0, stranger_org.uscc: PERSONS}


def test_sensitive_persons_are_counted_apart(floor: Floor, operator: Actor) -> None:
    floor.product.releases.update(personal="SENSITIVE", rows=9_999)
    papers(floor, operator, *DUTIES)
    with pytest.raises(ExportRefused, match="R-EXPORT-CONTRACT"):
        floor.place(scenario=AWAY)
    papers(floor, operator, "CERTIFICATION")

    floor.paid(scenario=AWAY)

    year = ExportYear.objects.get()
    assert (year.ordinary, year.sensitive) == (0, 9_999)
    assert ExportWarning.objects.get().line == "sensitive_assessment_from"


def test_a_recipient_abroad_is_export_whatever_is_declared(
    floor: Floor, buyer_org: Organization, operator: Actor
) -> None:
    set_standing(organization=buyer_org, place="HK", by=operator, at=floor.at)

    with pytest.raises(Invalid) as caught:
        floor.place(scenario=HOME)
    assert set(caught.value.fields) == {"scenario.export"}
    with pytest.raises(ExportRefused):
        floor.place(scenario=HOME | {"export": True})


def test_a_bay_area_contract_between_guangzhou_and_hong_kong(
    floor: Floor, provider_org: Organization, buyer_org: Organization, operator: Actor
) -> None:
    Organization.objects.filter(pk=provider_org.pk).update(region="广东省广州市")
    Organization.objects.filter(pk=buyer_org.pk).update(region="Hong Kong")
    floor.product.releases.update(rows=200_000)
    papers(floor, operator, *DUTIES, places=["HK"])
    scenario = SCENARIO | {"export": True, "access_places": ["HK"]}
    with pytest.raises(ExportRefused) as caught:
        floor.place(scenario=scenario)
    accepted = [each["kind"] for each in caught.value.export["accepted"]]
    assert "GBA_CONTRACT" in accepted

    papers(floor, operator, "GBA_CONTRACT", places=["HK"])
    floor.paid(scenario=scenario)

    assert ExportRecord.objects.get().mechanism == "GBA_CONTRACT"


def test_the_provider_still_has_to_permit_it(
    provider_org: Organization, provider: Actor, buyer: Actor, at: datetime
) -> None:
    product = make_listing(provider_org, provider, at)

    with pytest.raises(NotAllowed, match="does not permit"):
        place_order(product=product, scenario=SCENARIO | {"export": True}, by=buyer, at=at)


def test_the_contract_of_december_says_where_the_data_is_read(
    floor: Floor, operator: Actor
) -> None:
    papers(floor, operator, *DUTIES)
    later = replace(floor, at=datetime(2026, 12, 1, 6, tzinfo=floor.at.tzinfo))

    document = later.place(scenario=AWAY | {"recipient_place": "HK"} | {
        "access_places": ["HK", "ABROAD"]
    }).contract.document  # fmt: skip

    assert "ACCESS_PLACES" in document
    assert "read only from: Hong Kong; another country or region" in document
    assert "接收方所在地为香港" in document


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_two_orders_at_once_only_one_slips_under_the_line(
    floor: Floor, provider_org: Organization, operator: Actor
) -> None:
    second = make_personal(provider_org, floor.provider, floor.at)
    other = replace(floor, product=second)
    papers(floor, operator, *DUTIES)
    papers(other, operator, *DUTIES)
    orders = [floor.contracted(scenario=AWAY), other.contracted(scenario=AWAY)]

    def pay(number: int) -> Order:
        return pay_order(order=orders[number], transfer_id=uuid4(), by=floor.buyer, at=floor.at)

    results = at_once(pay, 2)

    refused = [result for result in results if isinstance(result, ExportRefused)]
    assert len(refused) == 1
    assert refused[0].export["outcome"] == "CONTRACT"
    assert ExportRecord.objects.count() == 1
    assert ExportYear.objects.get().ordinary == PERSONS
    assert sorted(again(order).status for order in orders) == ["CONTRACTED", "DELIVERING"]
