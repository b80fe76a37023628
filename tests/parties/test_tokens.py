"""API tokens: issued once, kept as a hash, and ended by many things."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.utils import translation

from audit.log.actors import Actor, ActorKind
from audit.log.errors import Conflict, Invalid, NotAllowed, NotFound
from exchange.parties import queries, services
from exchange.parties.models import ApiToken, Organization
from exchange.parties.queries import TokenRefused

Log = Callable[[], list[tuple[str, str]]]


@pytest.fixture
def issued(provider: Actor, provider_org: Organization, at: datetime) -> tuple[ApiToken, str]:
    """A token of the provider that may list, and its secret."""
    return services.issue_token(
        organization=provider_org,
        scopes=["read", "list"],
        expires_at=at + timedelta(days=90),
        label="nightly upload",
        by=provider,
        at=at,
    )


def test_a_token_is_shown_once_and_kept_as_a_hash(
    provider: Actor, provider_org: Organization, at: datetime, log: Log
) -> None:
    token, secret = services.issue_token(
        organization=provider_org,
        scopes=["list", "read", "list"],
        expires_at=at + timedelta(days=366),
        by=provider,
        at=at,
    )

    mark, prefix, hidden = secret.split("_")
    assert (mark, prefix, len(hidden)) == ("qh", token.prefix, 40)
    assert token.scopes == ["list", "read"]
    assert hidden not in token.hash
    assert token.hash == queries.hash_of(secret)
    assert log() == [("parties.token.issued", token.prefix)]


def test_a_token_acts_for_its_organization_within_its_scopes(
    issued: tuple[ApiToken, str], provider: Actor, at: datetime
) -> None:
    token, secret = issued

    actor = queries.actor_for_token(secret, at=at, request_id="r9")

    assert actor == Actor(
        kind=ActorKind.TOKEN,
        id=f"token:{token.prefix}",
        organization="ORG-PROVIDER",
        roles=frozenset({"PROVIDER"}),
        member_role="TRADER",
        scopes=frozenset({"read", "list"}),
        request_id="r9",
        on_behalf_of=provider.id,
    )


def test_use_is_noted_at_most_once_a_minute(issued: tuple[ApiToken, str], at: datetime) -> None:
    token, secret = issued
    soon, later = at + timedelta(seconds=30), at + timedelta(minutes=2)

    services.authenticate_token(secret=secret, at=at)
    services.authenticate_token(secret=secret, at=soon)
    token.refresh_from_db()
    assert token.last_used_at == at

    services.authenticate_token(secret=secret, at=later)
    token.refresh_from_db()
    assert token.last_used_at == later


def test_unknown_and_wrong_tokens_get_the_same_answer(
    issued: tuple[ApiToken, str], at: datetime
) -> None:
    token, secret = issued
    wrong = [
        "",
        "qh_",
        "qh__",
        "nonsense",
        f"qh_{token.prefix}",
        f"qh_{token.prefix}_",
        f"qh_{token.prefix}_{'0' * 40}",
        secret[:-1],
        secret + "0",
        secret.upper(),
        secret.replace("qh_", "xx_"),
        f"qh_ffffffffff_{'0' * 40}",
        token.hash,
    ]

    answers = set()
    for attempt in wrong:
        with pytest.raises(TokenRefused) as caught:
            services.authenticate_token(secret=attempt, at=at)
        answers.add(str(caught.value))

    assert answers == {"This token is not known here."}
    token.refresh_from_db()
    assert token.last_used_at is None


def test_an_expired_token_is_refused_from_the_instant(
    issued: tuple[ApiToken, str], at: datetime
) -> None:
    token, secret = issued

    queries.actor_for_token(secret, at=token.expires_at - timedelta(seconds=1))
    with pytest.raises(TokenRefused, match="expired") as caught:
        queries.actor_for_token(secret, at=token.expires_at)

    assert caught.value.as_problem()["status"] == 401
    with translation.override("zh-hans"), pytest.raises(TokenRefused) as caught:
        queries.actor_for_token(secret, at=token.expires_at)
    assert "已过期" in str(caught.value)


def test_a_revoked_token_is_refused_at_once(
    issued: tuple[ApiToken, str], provider: Actor, at: datetime, log: Log
) -> None:
    token, secret = issued

    services.revoke_token(token=token, reason="leaked", by=provider, at=at)

    with pytest.raises(TokenRefused, match="revoked"):
        queries.actor_for_token(secret, at=at)
    with pytest.raises(Conflict):
        services.revoke_token(token=token, reason="again", by=provider, at=at)
    assert log() == [("parties.token.revoked", token.prefix)]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"scopes": []}, "scopes"),
        ({"scopes": ["everything"]}, "scopes"),
        ({"scopes": ["read", "trade"]}, "scopes"),
        ({"scopes": ["audit"]}, "scopes"),
        ({"expires_at": timedelta(0)}, "expires_at"),
        ({"expires_at": timedelta(days=367)}, "expires_at"),
    ],
)
def test_issuing_refuses_at_the_field(
    provider: Actor,
    provider_org: Organization,
    at: datetime,
    log: Log,
    changes: dict[str, object],
    field: str,
) -> None:
    form: dict[str, object] = {"scopes": ["read"], "expires_at": timedelta(days=1)} | changes
    life = form["expires_at"]
    assert isinstance(life, timedelta)

    with pytest.raises(Invalid) as caught:
        services.issue_token(
            organization=provider_org,
            scopes=form["scopes"],  # type: ignore[arg-type]
            expires_at=at + life,
            by=provider,
            at=at,
        )

    assert list(caught.value.fields) == [field]
    assert log() == []
    assert not ApiToken.objects.exists()


def test_only_a_signed_in_administrator_issues_and_revokes(
    *,
    issued: tuple[ApiToken, str],
    provider_viewer: Actor,
    provider_org: Organization,
    buyer: Actor,
    operator: Actor,
    regulator: Actor,
    anonymous: Actor,
    at: datetime,
    log: Log,
) -> None:
    token, secret = issued
    machine = queries.actor_for_token(secret, at=at)
    system = Actor.system("test")

    for actor in (machine, provider_viewer, buyer, operator, regulator, anonymous, system):
        with pytest.raises(NotAllowed):
            services.issue_token(
                organization=provider_org,
                scopes=["read"],
                expires_at=at + timedelta(days=1),
                by=actor,
                at=at,
            )
    for actor in (machine, provider_viewer, buyer, operator, regulator, anonymous):
        with pytest.raises(NotAllowed):
            services.revoke_token(token=token, by=actor, at=at)

    assert log() == []
    assert ApiToken.objects.count() == 1


def test_a_token_follows_its_issuers_place(
    issued: tuple[ApiToken, str], provider: Actor, provider_viewer: Actor, at: datetime
) -> None:
    _token, secret = issued
    issuer, heir = queries.user_of(provider), queries.user_of(provider_viewer)
    assert issuer is not None
    assert heir is not None
    services.change_member_role(member=heir.memberships.get(), role="ADMIN", by=provider, at=at)

    services.change_member_role(member=issuer.memberships.get(), role="VIEWER", by=provider, at=at)

    assert queries.actor_for_token(secret, at=at).member_role == "VIEWER"
    assert not queries.actor_for_token(secret, at=at).may_write


def test_removing_the_issuer_revokes_its_tokens(
    issued: tuple[ApiToken, str],
    provider: Actor,
    provider_viewer: Actor,
    provider_org: Organization,
    at: datetime,
    log: Log,
) -> None:
    token, secret = issued
    issuer, heir = queries.user_of(provider), queries.user_of(provider_viewer)
    assert issuer is not None
    assert heir is not None
    services.change_member_role(member=heir.memberships.get(), role="ADMIN", by=provider, at=at)
    start = len(log())

    services.remove_member(member=issuer.memberships.get(), by=provider, at=at)

    assert log()[start:] == [
        ("parties.member.removed", "ORG-PROVIDER"),
        ("parties.token.revoked", token.prefix),
    ]
    services.add_member(
        organization=provider_org,
        user=issuer,
        role="ADMIN",
        by=queries.actor_for_user(heir),
        at=at,
    )
    with pytest.raises(TokenRefused, match="revoked"):
        queries.actor_for_token(secret, at=at)


def test_closing_the_issuers_account_ends_its_tokens(
    issued: tuple[ApiToken, str], provider: Actor, at: datetime, log: Log
) -> None:
    token, secret = issued
    issuer = queries.user_of(provider)
    assert issuer is not None

    services.deactivate_user(user=issuer, reason="left", by=Actor.system("test"), at=at)

    assert log() == [
        ("parties.user.deactivated", str(issuer.public_id)),
        ("parties.token.revoked", token.prefix),
    ]
    ApiToken.objects.update(revoked_at=None)
    with pytest.raises(TokenRefused, match="no longer acts"):
        queries.actor_for_token(secret, at=at)


def test_suspension_voids_the_roles_of_tokens(
    issued: tuple[ApiToken, str], provider_org: Organization, operator: Actor, at: datetime
) -> None:
    services.suspend_organization(organization=provider_org, reason="?", by=operator, at=at)

    assert queries.actor_for_token(issued[1], at=at).roles == frozenset()


def test_tokens_are_seen_by_administrators_of_their_organization(
    issued: tuple[ApiToken, str],
    provider: Actor,
    provider_viewer: Actor,
    buyer: Actor,
    operator: Actor,
    at: datetime,
) -> None:
    token, secret = issued

    assert queries.get_token_for(provider, token.prefix) == token
    machine = queries.actor_for_token(secret, at=at)
    for actor in (provider_viewer, buyer, operator, machine, Actor.anonymous()):
        with pytest.raises(NotFound):
            queries.get_token_for(actor, token.prefix)
