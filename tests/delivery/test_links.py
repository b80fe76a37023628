import base64
import json
from datetime import datetime, timedelta

import pytest

from audit.log.actors import Actor
from audit.log.models import Entry
from audit.log.reactions import event_of
from exchange.delivery.models import Access, Grant
from exchange.delivery.rules import LINK_LIFETIME, AccessDenied
from exchange.delivery.services import follow_link, issue_link, revoke_grant, take_download
from exchange.parties.models import Member, Organization, User
from exchange.parties.queries import TokenRefused
from exchange.parties.services import issue_token, revoke_token

from .making import CONTENT, SYSTEM


@pytest.fixture
def access(grant: Grant, buyer: Actor, at: datetime) -> Access:
    """A download that was taken."""
    return take_download(grant=grant, by=buyer, at=at).access


def test_a_link_leads_to_the_bytes(access: Access, buyer: Actor, at: datetime) -> None:
    token = issue_link(access=access, by=buyer, at=at)

    download = follow_link(token=token, at=at + timedelta(minutes=4))

    assert b"".join(download) == CONTENT
    assert (download.by.id, download.by.organization) == (buyer.id, buyer.organization)
    assert Grant.objects.get().used_downloads == 1


def test_a_link_lives_five_minutes(access: Access, buyer: Actor, at: datetime) -> None:
    token = issue_link(access=access, by=buyer, at=at)

    with pytest.raises(AccessDenied) as denied:
        follow_link(token=token, at=at + LINK_LIFETIME)

    assert denied.value.refusal == "LINK_EXPIRED"


def test_an_altered_link_is_refused(access: Access, buyer: Actor, at: datetime) -> None:
    token = issue_link(access=access, by=buyer, at=at)
    head, tail = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(head + "=="))
    forged = json.dumps(claims | {"expires": claims["expires"] + 9999}).encode()
    altered = [
        "",
        ".",
        token[:-1] + ("A" if token[-1] != "A" else "B"),
        head,
        f"{head}.",
        f"{base64.urlsafe_b64encode(forged).decode().rstrip('=')}.{tail}",
        f"{head}=.{tail}",
        f"{token}A",
        "é" * 20,
        token * 40,
    ]

    for wrong in altered:
        with pytest.raises(AccessDenied) as denied:
            follow_link(token=wrong, at=at)
        assert denied.value.refusal == "LINK_INVALID"


def test_every_bit_of_a_link_counts(access: Access, buyer: Actor, at: datetime) -> None:
    token = issue_link(access=access, by=buyer, at=at)

    for place in range(len(token)):
        other = chr(ord(token[place]) ^ 1)
        with pytest.raises(AccessDenied):
            follow_link(token=token[:place] + other + token[place + 1 :], at=at)


def test_a_link_opens_nothing_after_revocation(
    access: Access, grant: Grant, buyer: Actor, at: datetime
) -> None:
    token = issue_link(access=access, by=buyer, at=at)
    revoke_grant(grant=grant, reason="contract terminated", by=SYSTEM, at=at)

    with pytest.raises(AccessDenied) as denied:
        follow_link(token=token, at=at)

    assert denied.value.refusal == "REVOKED"
    refused = event_of(Entry.objects.latest("position"))
    assert (refused.refusal, refused.access, refused.asked_by) == (
        "REVOKED",
        access.reference,
        buyer.id,
    )


@pytest.mark.parametrize("change", ["removed", "demoted", "deactivated", "organization suspended"])
def test_a_link_dies_with_the_right_of_its_holder(
    change: str, access: Access, buyer: Actor, buyer_org: Organization, at: datetime
) -> None:
    token = issue_link(access=access, by=buyer, at=at)
    member = Member.objects.get(organization=buyer_org)
    if change == "removed":
        member.delete()
    elif change == "demoted":
        Member.objects.filter(pk=member.pk).update(role="VIEWER")
    elif change == "deactivated":
        User.objects.filter(pk=member.user_id).update(is_active=False)
    else:
        Organization.objects.filter(pk=buyer_org.pk).update(status="SUSPENDED")

    with pytest.raises(AccessDenied) as denied:
        follow_link(token=token, at=at)

    assert denied.value.refusal in {"NOT_GRANTEE", "NO_RIGHT", "GRANTEE_NOT_ADMITTED"}
    assert Access.objects.get().bytes_reserved == 0


@pytest.mark.parametrize("who", ["stranger", "provider", "regulator", "anonymous"])
def test_nobody_else_is_given_a_link(
    who: str, access: Access, at: datetime, request: pytest.FixtureRequest
) -> None:
    actor = request.getfixturevalue(who)

    with pytest.raises(AccessDenied):
        issue_link(access=access, by=actor, at=at)


def test_a_link_of_an_api_token_dies_with_the_token(
    access: Access, buyer: Actor, buyer_org: Organization, at: datetime
) -> None:
    credential, secret = issue_token(
        organization=buyer_org,
        label="fetcher",
        scopes=["read", "trade"],
        expires_at=at + timedelta(days=1),
        by=buyer,
        at=at,
    )
    machine = token_actor(secret, at)
    token = issue_link(access=access, by=machine, at=at)
    revoke_token(token=credential, reason="leaked", by=buyer, at=at)

    with pytest.raises(TokenRefused):
        follow_link(token=token, at=at)


def token_actor(secret: str, at: datetime) -> Actor:
    from exchange.parties.queries import actor_for_token  # noqa: PLC0415

    return actor_for_token(secret, at=at)
