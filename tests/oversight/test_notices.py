"""Mails about what new rules have stopped: to whom they go, and what they say."""

from datetime import datetime, timedelta

import pytest
from django.core import mail
from django.core.mail import EmailMessage

from audit.log.actors import Actor
from audit.log.models import Entry
from audit.log.reactions import dispatch, event_of
from exchange.catalog.models import Release
from exchange.compliance import services
from exchange.compliance.events import ReleaseStopped
from exchange.delivery.models import Grant
from exchange.oversight.services.notices import tell_of_stop
from exchange.parties.models import Organization, User
from tests.compliance.making import PSEUDONYMOUS
from tests.compliance.test_rescreening import BEGINS, live, new_rules, work
from tests.conftest import make_member
from tests.delivery.making import make_grant


@pytest.fixture
def bought(provider_org: Organization, provider: Actor, buyer: Actor, at: datetime) -> Grant:
    """The buyer's access to a release that the next version of the rules stops."""
    release = live(provider_org, provider, at, PSEUDONYMOUS)
    buyer_org = Organization.objects.get(reference=buyer.organization)
    return make_grant(release.product, buyer_org, at)


def stop(regulator: Actor, colleague: Actor, at: datetime) -> None:
    """Let a version bind that no longer takes a declaration for it, and have everybody told."""
    work(new_rules(regulator, colleague, at), at)
    (due,) = services.begin_due(at=BEGINS)
    work(due, BEGINS)
    mail.outbox.clear()
    dispatch(at=BEGINS)


def about_the_stop() -> list[EmailMessage]:
    """Return the mails that say so; the provider hears of its open case as well."""
    return [each for each in mail.outbox if "stop" in each.subject]


def test_the_buyer_is_told_of_order_access_and_ground(
    bought: Grant, buyer: Actor, regulator: Actor, colleague: Actor, at: datetime
) -> None:
    make_member(bought.grantee, "VIEWER", at, "looker")
    stop(regulator, colleague, at)

    product = bought.release.product
    (letter,) = [each for each in mail.outbox if each.to == ["buyer@example.org"]]
    assert letter.subject.endswith(f"access to {product.reference} is stopped")
    for words in (bought.order, bought.reference, product.name, "compliance@2026-12-10"):
        assert words in letter.body
    assert "R-PSEUDO" in letter.body
    assert f"/grants/{bought.reference}/" in letter.body
    assert "Personal Information Protection Law" in letter.body
    told = [each for letter in about_the_stop() for each in letter.to]
    assert sorted(told) == ["buyer@example.org", "provider@example.org"]


def test_the_buyer_is_told_in_its_language(
    bought: Grant, regulator: Actor, colleague: Actor, at: datetime
) -> None:
    User.objects.filter(memberships__organization=bought.grantee).update(language="zh-hans")
    stop(regulator, colleague, at)

    (letter,) = [each for each in mail.outbox if each.to == ["buyer@example.org"]]
    assert letter.subject.endswith(f"{bought.release.product.reference} 的访问已停止")
    assert "《个人信息保护法》" in letter.body


def test_whose_access_is_over_is_not_told(
    bought: Grant, stranger: Actor, regulator: Actor, colleague: Actor, at: datetime
) -> None:
    other = Organization.objects.get(reference=stranger.organization)
    over = at + timedelta(days=5)
    make_grant(bought.release.product, other, at, order="O-2026-TEST0002", valid_until=over)
    stop(regulator, colleague, at)

    told = {each for letter in mail.outbox for each in letter.to}
    assert told == {"buyer@example.org", "provider@example.org"}


def test_told_twice_the_mails_are_the_same(
    bought: Grant, regulator: Actor, colleague: Actor, at: datetime
) -> None:
    stop(regulator, colleague, at)
    first = {each.extra_headers["Message-ID"] for each in about_the_stop()}
    mail.outbox.clear()

    entry = Entry.objects.get(name=ReleaseStopped.name)
    event = event_of(entry)
    assert isinstance(event, ReleaseStopped)
    assert tell_of_stop(entry=entry, event=event, at=BEGINS) == 2
    assert {each.extra_headers["Message-ID"] for each in mail.outbox} == first
    assert len(first) == 2
    assert Release.objects.get(reference=event.release).status == "IN_REVIEW"
