"""Who signed is committed to; erasing a signatory keeps the contract and its proofs."""

from datetime import datetime, timedelta

import pytest

from audit.log import personal
from audit.log.actors import Actor
from audit.log.errors import Gone
from audit.log.models import Entry
from exchange.parties.models import User
from exchange.parties.queries import user_of
from exchange.parties.services import add_member, erase_person, finish_erasures, register_user
from exchange.parties.states import ErasureState
from exchange.trading.verification import verify_contract

from .making import Floor, again

SYSTEM = Actor.system("retention")


def signatures(order: str) -> list[Entry]:
    found = Entry.objects.filter(name="trading.contract.signed", refs__kind="order")
    return list(found.filter(refs__reference=order).order_by("position"))


@pytest.fixture
def heir(buyer: Actor, at: datetime) -> User:
    """Somebody who goes on administering the buyer's organization."""
    user = register_user(email="heir@example.org", name="Heir", by=SYSTEM, at=at)
    person = user_of(buyer)
    assert person is not None
    organization = person.memberships.get().organization
    add_member(organization=organization, user=user, role="ADMIN", by=buyer, at=at)
    return user


def test_both_signatures_commit_to_their_signatories(
    floor: Floor, provider: Actor, buyer: Actor
) -> None:
    order = floor.contracted()

    people = {
        personal.open_statement(entry, "signatory").person for entry in signatures(order.reference)
    }

    assert people == {actor.id.removeprefix("user:") for actor in (provider, buyer)}
    assert all(b"@example.org" not in bytes(entry.data) for entry in signatures(order.reference))


def test_a_signatory_is_kept_blocked_until_three_years_after_the_trade(
    floor: Floor, buyer: Actor, heir: User, at: datetime
) -> None:
    order = floor.settled()
    person = user_of(buyer)
    assert person is not None
    closed = Entry.objects.get(name="trading.order.settled", subject=order.reference).occurred_at
    end = closed.replace(year=closed.year + 3)

    erasure = erase_person(user=person, by=buyer, at=at)

    assert erasure.status == ErasureState.BLOCKED
    assert {each["until"] for each in erasure.kept if each["classes"] == ["TRADE"]} == {
        end.isoformat()
    }
    mine = next(
        entry for entry in signatures(order.reference) if entry.actor == f"user:{erasure.person}"
    )
    assert personal.open_statement(mine, "signatory").person == erasure.person
    assert finish_erasures(by=SYSTEM, at=end - timedelta(seconds=1)) == 0
    assert finish_erasures(by=SYSTEM, at=end) == 1
    with pytest.raises(Gone):
        personal.open_statement(mine, "signatory")
    assert verify_contract(again(order).contract).faults == ()


def test_while_the_trade_goes_on_its_signatory_is_kept(
    floor: Floor, buyer: Actor, heir: User, at: datetime
) -> None:
    floor.contracted()
    person = user_of(buyer)
    assert person is not None

    erasure = erase_person(user=person, by=buyer, at=at)

    assert "" in {each["until"] for each in erasure.kept}
    assert finish_erasures(by=SYSTEM, at=at.replace(year=at.year + 50)) == 0
