"""Evidence for exports: put on file, verified, completed, over."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from audit.log.actors import Actor
from audit.log.errors import Conflict, Invalid, NotAllowed, NotFound, WrongState
from audit.log.models import Entry
from exchange.compliance.export_queries import (
    filings_visible_to,
    filings_waiting,
    get_filing_for,
    year_for,
    years_for,
)
from exchange.compliance.filing_rules import allowed_on_filing
from exchange.compliance.models import ExportFiling, ExportStanding
from exchange.compliance.services import (
    complete_filing,
    expire_filings,
    file_evidence,
    reject_filing,
    revoke_filing,
    set_standing,
    verify_filing,
)
from exchange.parties.models import Organization

from .papers import make_document, make_filing, make_verified, paper

Log = Callable[[], list[tuple[str, str]]]
pytestmark = pytest.mark.django_db


def test_evidence_is_put_on_file_with_its_terms(provider: Actor, at: datetime, log: Log) -> None:
    given = paper(provider, at)
    before = log()

    filing = file_evidence(evidence=given, by=provider, at=at)

    assert filing.status == "FILED"
    assert filing.valid_until == date(2029, 6, 1)  # three years
    assert filing.renewal_due_on == date(2029, 2, 9)  # sixty working days and the margin before
    assert filing.scope["fields"] == ["origin", "delay"]
    assert filing.document_sha256
    assert log()[len(before) :] == [("compliance.filing.filed", filing.reference)]


EARLY = {"kind": "STANDARD_CONTRACT", "authority_filed_on": "2026-05-01"}
WRONG: list[tuple[str, dict[str, Any], set[str]]] = [
    ("no number", {"number": ""}, {"number"}),
    ("four years", {"valid_until": "2030-06-01"}, {"valid_until"}),
    ("ends before", {"valid_until": "2026-06-01"}, {"valid_until"}),
    ("unknown kind", {"kind": "PROMISE"}, {"kind"}),
    ("no fields", {"fields": []}, {"fields"}),
    ("no places", {"places": []}, {"places"}),
    ("unknown place", {"places": ["UNKNOWN"]}, {"places"}),
    ("ground without claim", {"ground": "STAFF"}, {"ground"}),
    ("claim without ground", {"kind": "EXEMPTION"}, {"ground"}),
    ("ground of the law", {"kind": "EXEMPTION", "ground": "VOLUME"}, {"ground"}),
    ("not a contract", {"authority_filed_on": "2026-06-02"}, {"authority_filed_on"}),
    ("filed early", EARLY, {"authority_filed_on"}),
    ("no document", {"document": "OBJ-1"}, {"document"}),
    ("not in the bay", {"kind": "GBA_CONTRACT"}, {"kind", "recipients"}),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "fields"), [w[1:] for w in WRONG], ids=[w[0] for w in WRONG])
def test_what_does_not_fit_is_named_and_nothing_kept(
    provider: Actor, at: datetime, log: Log, changes: dict[str, Any], fields: set[str]
) -> None:
    given = paper(provider, at, **changes)
    before = log()

    with pytest.raises(Invalid) as caught:
        file_evidence(evidence=given, by=provider, at=at)

    assert set(caught.value.fields) == fields
    assert not ExportFiling.objects.exists()
    assert log() == before


def test_the_document_is_the_providers_own_evidence(
    provider: Actor, buyer: Actor, at: datetime
) -> None:
    for stored in (
        make_document(buyer.organization, at),
        make_document(provider.organization, at, "LICENSE"),
    ):
        with pytest.raises(Invalid, match="no such document"):
            make_filing(provider, at, document=stored.reference)


def test_only_providers_who_may_act_file(
    provider_viewer: Actor, buyer: Actor, operator: Actor, at: datetime, log: Log
) -> None:
    before = log()
    for actor in (provider_viewer, buyer, operator):
        with pytest.raises(NotAllowed):
            file_evidence(evidence={}, by=actor, at=at)
    assert log() == before


def test_the_watch_verifies_or_rejects(
    provider: Actor, operator: Actor, regulator: Actor, at: datetime, log: Log
) -> None:
    good, bad = make_filing(provider, at), make_filing(provider, at)
    before = log()

    verify_filing(filing=good, by=regulator, at=at)
    reject_filing(filing=bad, reason="The number does not exist.", by=operator, at=at)

    assert (good.status, bad.status) == ("VERIFIED", "REJECTED")
    assert bad.reason == "The number does not exist."
    assert log()[len(before) :] == [
        ("compliance.filing.verified", good.reference),
        ("compliance.filing.rejected", bad.reference),
    ]
    with pytest.raises(WrongState):
        verify_filing(filing=bad, by=operator, at=at)


def test_others_verify_nothing(
    provider: Actor, buyer: Actor, provider_viewer: Actor, operator: Actor, at: datetime, log: Log
) -> None:
    filing = make_filing(provider, at)
    before = log()

    for actor in (provider, buyer, provider_viewer):
        with pytest.raises(NotAllowed):
            verify_filing(filing=filing, by=actor, at=at)
    with pytest.raises(Invalid):
        reject_filing(filing=filing, reason="  ", by=operator, at=at)
    with pytest.raises(NotAllowed):
        revoke_filing(filing=filing, reason="why", by=buyer, at=at)

    assert log() == before
    filing.refresh_from_db()
    assert filing.status == "FILED"


def test_the_watch_does_not_verify_its_own(operator: Actor, provider: Actor, at: datetime) -> None:
    filing = make_filing(provider, at)
    Organization.objects.filter(reference=operator.organization)
    filing.organization = Organization.objects.get(reference=operator.organization)

    with pytest.raises(NotAllowed, match="own"):
        verify_filing(filing=filing, by=operator, at=at)


def test_what_is_over_is_not_verified(provider: Actor, operator: Actor, at: datetime) -> None:
    filing = make_filing(provider, at, valid_from="2026-01-01", valid_until="2026-11-24")

    with pytest.raises(Conflict):
        verify_filing(filing=filing, by=operator, at=at + timedelta(days=1))


def test_provider_and_watch_revoke(
    provider: Actor, operator: Actor, at: datetime, log: Log
) -> None:
    own, other = (make_verified(provider, operator, at) for _ in range(2))
    before = log()

    revoke_filing(filing=own, reason="Given up.", by=provider, at=at)
    revoke_filing(filing=other, reason="Scope exceeded.", by=operator, at=at)

    assert (own.status, other.status) == ("REVOKED", "REVOKED")
    assert [name for name, _ in log()[len(before) :]] == ["compliance.filing.revoked"] * 2


def test_a_contract_is_filed_with_the_authority_in_ten_working_days(
    provider: Actor, operator: Actor, at: datetime, log: Log
) -> None:
    filing = make_verified(
        provider, operator, at, kind="STANDARD_CONTRACT", number="", valid_from="2026-11-20"
    )
    before = log()

    assert filing.file_by == date(2026, 12, 4)
    assert "complete" in allowed_on_filing(provider, filing)
    done = complete_filing(
        filing=filing, number="沪网信备1号", filed_on=date(2026, 11, 23), by=provider, at=at
    )

    assert (done.number, done.authority_filed_on) == ("沪网信备1号", date(2026, 11, 23))
    assert log()[len(before) :] == [("compliance.filing.completed", filing.reference)]
    assert "complete" not in allowed_on_filing(provider, done)
    with pytest.raises(Conflict):
        complete_filing(filing=filing, number="2", filed_on=at.date(), by=provider, at=at)


def test_the_filing_with_the_authority_is_not_in_the_future_nor_somebody_elses(
    provider: Actor, operator: Actor, at: datetime, log: Log
) -> None:
    filing = make_verified(
        provider, operator, at, kind="STANDARD_CONTRACT", number="", valid_from="2026-11-20"
    )
    assessment = make_verified(provider, operator, at)
    before = log()

    for day in (date(2026, 11, 19), date(2026, 11, 24)):
        with pytest.raises(Invalid):
            complete_filing(filing=filing, number="1", filed_on=day, by=provider, at=at)
    with pytest.raises(Invalid):
        complete_filing(filing=filing, number=" ", filed_on=at.date(), by=provider, at=at)
    with pytest.raises(NotAllowed):
        complete_filing(filing=filing, number="1", filed_on=at.date(), by=operator, at=at)
    with pytest.raises(WrongState):
        complete_filing(filing=assessment, number="1", filed_on=at.date(), by=provider, at=at)

    assert log() == before


def test_the_clock_ends_what_is_over_and_reminds_once(
    provider: Actor, operator: Actor, at: datetime, log: Log
) -> None:
    short = make_verified(provider, operator, at, valid_until="2026-12-01")
    long = make_verified(provider, operator, at)
    late = datetime(2029, 2, 9, 6, tzinfo=at.tzinfo)
    before = log()

    assert expire_filings(at) == 0  # the short one is due for renewal at once
    assert expire_filings(at) == 0
    assert expire_filings(datetime(2026, 11, 30, 16, tzinfo=at.tzinfo)) == 1  # midnight there
    assert expire_filings(late - timedelta(days=1)) == 0
    assert expire_filings(late) == 0
    assert expire_filings(late) == 0

    short.refresh_from_db()
    assert short.status == "EXPIRED"
    assert log()[len(before) :] == [
        ("compliance.filing.renewal_due", short.reference),
        ("compliance.filing.expired", short.reference),
        ("compliance.filing.renewal_due", long.reference),
    ]


def test_filings_are_seen_by_their_provider_and_the_watch(
    provider: Actor, stranger: Actor, operator: Actor, anonymous: Actor, at: datetime
) -> None:
    filing = make_filing(provider, at)

    assert list(filings_visible_to(provider)) == [filing]
    assert list(filings_waiting(operator)) == [filing]
    assert list(filings_waiting(provider)) == []
    for actor in (stranger, anonymous):
        assert not filings_visible_to(actor).exists()
        with pytest.raises(NotFound):
            get_filing_for(actor, filing.reference)
    assert allowed_on_filing(operator, filing) == ["verify", "reject", "revoke"]
    assert allowed_on_filing(provider, filing) == ["revoke"]
    assert allowed_on_filing(stranger, filing) == []


def test_the_watch_states_where_organizations_stand(
    provider_org: Organization, operator: Actor, at: datetime, log: Log
) -> None:
    before = log()

    standing = set_standing(
        organization=provider_org, place="MAINLAND", zone="LINGANG", critical=True,
        by=operator, at=at,
    )  # fmt: skip

    assert (standing.zone, standing.critical, standing.bay_area) == ("LINGANG", True, False)
    assert standing.processor == provider_org.uscc
    assert log()[len(before) :] == [("compliance.standing.set", provider_org.reference)]


def test_cities_of_the_bay_area_are_read_from_the_registration(
    provider_org: Organization, operator: Actor, at: datetime
) -> None:
    provider_org.region = "广东省广州市南沙区"

    assert set_standing(organization=provider_org, place="MAINLAND", by=operator, at=at).bay_area
    assert not set_standing(organization=provider_org, place="HK", by=operator, at=at).bay_area


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"place": "UNKNOWN"}, "place"),
        ({"place": "MARS"}, "place"),
        ({"place": "MAINLAND", "zone": "NOWHERE"}, "zone"),
        ({"place": "HK", "zone": "LINGANG"}, "zone"),
    ],
)
def test_a_standing_that_cannot_be_is_refused(
    provider_org: Organization,
    operator: Actor,
    at: datetime,
    log: Log,
    changes: dict[str, Any],
    field: str,
) -> None:
    before = log()
    with pytest.raises(Invalid) as caught:
        set_standing(organization=provider_org, by=operator, at=at, **changes)
    assert set(caught.value.fields) == {field}
    assert log() == before


def test_nobody_states_its_own_standing(
    provider_org: Organization, operator_org: Organization, provider: Actor, operator: Actor,
    buyer: Actor, at: datetime,
) -> None:  # fmt: skip
    for organization, actor in (
        (provider_org, provider),
        (provider_org, buyer),
        (operator_org, operator),
    ):
        with pytest.raises(NotAllowed):
            set_standing(organization=organization, place="HK", by=actor, at=at)
    assert not ExportStanding.objects.exists()


def test_a_year_without_exports_is_empty(
    provider: Actor, operator: Actor, anonymous: Actor, at: datetime
) -> None:
    found = year_for(provider, at)

    assert found is not None
    assert (found.heads.ordinary, found.heads.sensitive, found.year) == (0, 0, 2026)
    assert year_for(anonymous, at) is None
    assert years_for(operator, at) == []
    assert years_for(provider, at) == []


def test_no_entry_says_what_a_filing_covers(provider: Actor, at: datetime) -> None:
    filing = make_filing(provider, at)
    entry = Entry.objects.get(name="compliance.filing.filed", subject=filing.reference)

    assert b"travel insurance" not in bytes(entry.data)
