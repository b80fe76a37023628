"""Credentials: what a token opens, what it does not, and what the refusal says."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from audit.log.actors import Actor
from audit.log.reactions import dispatch
from exchange.parties.models import Member, Organization
from exchange.parties.queries import user_of
from exchange.parties.services import revoke_token, suspend_organization
from tests.conftest import make_member
from tests.trading.making import SCENARIO, Floor, fund, make_listing

from .calling import Program, problem, program_of
from .conftest import ClientFor

Log = Callable[[], list[tuple[str, str]]]


def test_a_token_acts_for_its_organization(
    buyer_org: Organization, buyer: Actor, at: datetime
) -> None:
    program, token = program_of(buyer_org, buyer, at, "read", "trade")

    me = program.get("me")

    assert me == {
        "kind": "TOKEN",
        "id": f"token:{token.prefix}",
        "organization": "ORG-BUYER",
        "roles": ["BUYER"],
        "member_role": "TRADER",
        "scopes": ["read", "trade"],
    }


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda secret: secret[:-1] + ("0" if secret[-1] != "0" else "1"), "not known"),
        (lambda secret: secret + "0", "not known"),
        (lambda _secret: "qh_0000000000_" + "0" * 40, "not known"),
        (lambda _secret: "", "not known"),
        (lambda secret: f"{secret} {secret}", "not known"),
        (lambda _secret: "é", "not known"),
    ],
)
def test_a_wrong_token_opens_nothing(
    buyer_org: Organization,
    buyer: Actor,
    at: datetime,
    spoil: Callable[[str], str],
    words: str,
) -> None:
    program, _token = program_of(buyer_org, buyer, at, "read")

    answer = Program(secret=spoil(program.secret) or " ").call("GET", "products")

    refused = problem(answer, 401, "token-refused")
    assert words in refused["detail"]
    assert answer["WWW-Authenticate"] == 'Bearer realm="quanheng", error="invalid_token"'


def test_without_a_credential_one_is_asked_for(db: None) -> None:
    answer = Program().call("GET", "me")

    problem(answer, 401, "not-authenticated")
    assert answer["WWW-Authenticate"] == 'Bearer realm="quanheng"'


def test_an_expired_token_opens_nothing(
    buyer_org: Organization, buyer: Actor, at: datetime
) -> None:
    program, _token = program_of(buyer_org, buyer, at, "read", life=timedelta(hours=1))

    with time_machine.travel(at + timedelta(minutes=59), tick=False):
        program.get("me")
    with time_machine.travel(at + timedelta(hours=1), tick=False):
        answer = program.call("GET", "me")

    assert "expired" in problem(answer, 401, "token-refused")["detail"]


def test_a_revoked_token_opens_nothing_from_the_next_request_on(
    buyer_org: Organization, buyer: Actor, at: datetime, client_for: ClientFor
) -> None:
    program, token = program_of(buyer_org, buyer, at, "read")
    program.get("me")

    answer = client_for(buyer).post(f"/api/v1/tokens/{token.prefix}/revoke")
    again = client_for(buyer).post(f"/api/v1/tokens/{token.prefix}/revoke")

    assert answer.json()["revoked_at"] is not None
    problem(again, 409, "conflict")
    assert "revoked" in problem(program.call("GET", "me"), 401, "token-refused")["detail"]


def test_a_token_goes_with_its_issuer(buyer_org: Organization, buyer: Actor, at: datetime) -> None:
    second = make_member(buyer_org, "ADMIN", at, "second")
    program, _token = program_of(buyer_org, buyer, at, "read")
    program.get("me")

    Member.objects.exclude(user=second).delete()

    problem(program.call("GET", "me"), 401, "token-refused")


@pytest.mark.parametrize(
    ("scopes", "method", "path", "needed"),
    [
        (("read",), "POST", "orders", "trade"),
        (("read",), "POST", "demands", "trade"),
        (("trade",), "GET", "me", "read"),
        (("trade",), "GET", "screenings", "read"),
    ],
)
def test_a_token_reaches_as_far_as_its_scopes(
    buyer_org: Organization,
    buyer: Actor,
    at: datetime,
    log: Log,
    scopes: tuple[str, ...],
    method: str,
    path: str,
    needed: str,
) -> None:
    program, _token = program_of(buyer_org, buyer, at, *scopes)
    before = log()

    answer = program.call(method, path, {}, key="k")

    problem(answer, 403, "insufficient-scope")
    challenge = f'Bearer realm="quanheng", error="insufficient_scope", scope="{needed}"'
    assert answer["WWW-Authenticate"] == challenge
    assert log() == before


def test_a_role_needs_a_scope_of_its_own(
    regulator_org: Organization, regulator: Actor, at: datetime
) -> None:
    program, _token = program_of(regulator_org, regulator, at, "read")

    answer = program.call("GET", "/audit/2026/tile/entries/000")

    problem(answer, 403, "insufficient-scope")
    assert 'scope="audit"' in answer["WWW-Authenticate"]


def test_no_token_makes_tokens_or_members(
    provider_org: Organization, provider: Actor, provider_viewer: Actor, at: datetime, log: Log
) -> None:
    program, token = program_of(provider_org, provider, at, "read", "list")
    path = f"organizations/{provider_org.reference}"
    before = log()
    body = {"scopes": ["read"], "expires_at": (at + timedelta(days=1)).isoformat()}
    person = {"email": "viewer@example.org", "role": "ADMIN"}

    assert problem(program.call("POST", f"{path}/tokens", body), 403, "not-allowed")
    assert problem(program.call("POST", f"{path}/members", person), 403, "not-allowed")
    assert problem(program.call("POST", f"tokens/{token.prefix}/revoke"), 404, "not-found")
    viewer = user_of(provider_viewer)
    assert viewer is not None
    member = f"{path}/members/{viewer.public_id}"
    assert problem(program.call("PATCH", member, {"role": "ADMIN"}), 404, "not-found")
    assert program.get(f"{path}/tokens")["results"] == []
    assert log() == before


def test_a_token_stops_with_its_organization(
    buyer_org: Organization,
    provider_org: Organization,
    buyer: Actor,
    provider: Actor,
    operator: Actor,
    at: datetime,
    log: Log,
) -> None:
    product = make_listing(provider_org, provider, at)
    program, _token = program_of(buyer_org, buyer, at, "read", "trade")
    suspend_organization(organization=buyer_org, reason="inquiry", by=operator, at=at)
    before = log()

    body = {"product": product.reference, "scenario": SCENARIO}
    answer = program.call("POST", "orders", body, key="k")

    problem(answer, 403, "not-allowed")
    assert log() == before


def test_a_provider_signs_and_cancels_with_a_listing_token(
    provider_org: Organization,
    provider: Actor,
    buyer_org: Organization,
    buyer: Actor,
    at: datetime,
) -> None:
    product = make_listing(provider_org, provider, at)
    floor = Floor(product=product, provider=provider, buyer=buyer, at=at)
    first, second = floor.place(), floor.place()
    program, _token = program_of(provider_org, provider, at, "read", "list")

    signed = program.post(f"contracts/{first.contract.reference}/sign")
    cancelled = program.post(f"orders/{second.reference}/cancel", {"reason": "withdrawn"})

    assert signed["status"] == "SIGNED_BY_PROVIDER"
    assert cancelled["status"] == "CANCELLED"


def test_a_token_in_the_address_is_no_credential(
    buyer_org: Organization, buyer: Actor, at: datetime
) -> None:
    program, _token = program_of(buyer_org, buyer, at, "read")

    for name in ("token", "access_token", "api_key", "Authorization"):
        answer = Program().call("GET", f"me?{name}={program.secret}")
        problem(answer, 401, "not-authenticated")


def test_a_session_needs_the_csrf_token(buyer: Actor, log: Log) -> None:
    client: Any = Client(enforce_csrf_checks=True)
    client.force_login(user_of(buyer))
    before = log()

    for origin in ("https://evil.example", "http://testserver", ""):
        headers = {"Origin": origin} if origin else {}
        answer = client.post(
            "/api/v1/demands",
            {"title": "t", "description": "d", "purpose": "p" * 30},
            "application/json",
            headers=headers,
        )
        assert "CSRF" in problem(answer, 403, "permission-denied")["detail"]
        assert "Access-Control-Allow-Origin" not in answer
    assert log() == before


def test_revocation_ends_links_too(
    provider_org: Organization,
    buyer_org: Organization,
    provider: Actor,
    buyer: Actor,
    at: datetime,
) -> None:
    product = make_listing(provider_org, provider, at)

    fund(buyer.organization, "1000.00", at)
    order = Floor(product=product, provider=provider, buyer=buyer, at=at).paid()

    dispatch(at=at)
    program, token = program_of(buyer_org, buyer, at, "read", "trade")
    assert order.grant is not None
    taken = program.post(f"grants/{order.grant.reference}/download", status=201)
    link = taken["url"].removeprefix("http://testserver")

    revoke_token(token=token, by=buyer, at=at)
    answer = Program().call("GET", link)

    problem(answer, 401, "token-refused")
    assert answer["WWW-Authenticate"].startswith("Bearer")
