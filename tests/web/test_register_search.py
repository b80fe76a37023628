"""The public register of algorithms: what is looked for in it, and what it says of a suspension."""

from datetime import datetime

import pytest
from django.test import Client
from rest_framework.test import APIClient

from audit.disclosure.models import Disclosure
from audit.disclosure.services import lift_suspension, suspend_disclosure
from audit.log.actors import Actor
from audit.rulebook.queries import day_of
from exchange.parties.models import Organization
from tests.disclosure.making import published
from tests.web.clients import text_of

pytestmark = pytest.mark.usefixtures("_now")


@pytest.fixture
def member(provider: Actor, at: datetime) -> Disclosure:
    return published(provider, at, algorithm="delay")


def references(client: Client, **said: str) -> set[str]:
    page = client.get("/algorithms/", said)
    assert page.status_code == 200
    return {row["disclosure"].reference for row in page.context["rows"]}


def test_words_type_and_owner_narrow_the_register(
    client: Client, member: Disclosure, provider_org: Organization
) -> None:
    everything = references(client)
    assert member.reference in everything
    assert len(everything) > 1

    assert references(client, owner="members") == {member.reference}
    assert references(client, owner="exchange") == everything - {member.reference}
    assert member.reference in references(client, text=provider_org.name)
    assert references(client, text=member.filing_number) == {member.reference}
    assert member.reference in references(client, algorithm_type=member.algorithm_type)
    assert all(
        row.algorithm_type == "RANKING"
        for row in Disclosure.objects.filter(
            reference__in=references(client, algorithm_type="RANKING")
        )
    )


def test_what_is_not_there_is_said_with_what_to_do(client: Client, member: Disclosure) -> None:
    page = client.get("/algorithms/", {"text": "zeppelin"})

    assert "Use fewer words or another filter" in text_of(page)
    assert references(client, algorithm_type="'; DROP") == references(client)


def test_the_sheet_says_that_an_algorithm_is_suspended_and_since_when(
    client: Client, member: Disclosure, regulator: Actor, at: datetime
) -> None:
    suspend_disclosure(
        disclosure=member,
        reason="Nights are misread.",
        basis="Article 24",
        since=day_of(at),
        by=regulator,
        at=at,
    )
    address = f"/algorithms/{member.reference}/"

    said = text_of(client.get(address))
    over_rest = APIClient().get(f"/api/v1/disclosures/{member.reference}/suspensions").json()

    assert "Nights are misread." in said
    assert f"decided since {day_of(at).isoformat()} is in doubt" in said
    assert [row["reason"] for row in over_rest["results"]] == ["Nights are misread."]
    assert over_rest["results"][0]["lifted_at"] is None

    member.refresh_from_db()
    lift_suspension(disclosure=member, reason="Mended.", by=regulator, at=at)
    assert "Nights are misread." not in text_of(client.get(address))
