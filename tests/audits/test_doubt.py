"""A suspension puts decisions in doubt, tells whom they concern, and an upheld appeal overrides."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.core import mail

from audit.decisions.models import Decision, Override
from audit.decisions.services import record_decision
from audit.disclosure.models import Disclosure
from audit.disclosure.services import lift_suspension, suspend_disclosure
from audit.log.actors import Actor
from audit.log.errors import Invalid
from audit.log.reactions import dispatch
from exchange.appraisers.models import Accreditation
from exchange.audits.doubt import decisions_in_doubt
from exchange.audits.services import answer_appeal, lodge_appeal, run_clocks
from exchange.oversight import tasks  # noqa: F401  its reactions write the mails

from .making import PLATFORM, begun, ordered, published

Log = Callable[[], list[tuple[str, str]]]


@pytest.fixture
def own(operator: Actor, at: datetime) -> Disclosure:
    """An algorithm of the exchange itself."""
    return published(operator, at - timedelta(days=20), algorithm="own")


def decided(concerning: str, at: datetime) -> Decision:
    return record_decision(
        algorithm="own",
        subject=("order", "O-2026-00000001"),
        concerning=concerning,
        inputs={"price": 1},
        output={"flag": "HIGH"},
        explanation={"rule": "R-1"},
        by=PLATFORM,
        at=at,
    )


def test_decisions_since_the_day_are_in_doubt_and_their_organizations_are_told(
    own: Disclosure, buyer: Actor, stranger: Actor, regulator: Actor, at: datetime
) -> None:
    decided(stranger.organization, at - timedelta(days=9))
    doubtful = decided(buyer.organization, at - timedelta(days=2))
    since = (at - timedelta(days=5)).date()

    suspension = suspend_disclosure(
        disclosure=own, reason="Wrong since.", basis="Article 24", since=since, by=regulator, at=at
    )
    dispatch(at=at)

    assert list(decisions_in_doubt(suspension)) == [doubtful]
    assert len({address for message in mail.outbox for address in message.to}) == 1
    assert own.reference in mail.outbox[-1].body
    lift_suspension(disclosure=own, reason="Mended.", by=regulator, at=at)
    dispatch(at=at)
    assert len(mail.outbox) == 2
    decided(buyer.organization, at + timedelta(days=1))
    suspension.refresh_from_db()
    assert list(decisions_in_doubt(suspension)) == [doubtful]


def test_an_upheld_appeal_sets_the_decision_aside(
    own: Disclosure, buyer: Actor, operator: Actor, at: datetime
) -> None:
    decision = decided(buyer.organization, at)
    said = {"wish": "HUMAN_REVIEW", "grounds": "It is wrong.", "decision": decision.reference}
    appeal = lodge_appeal(disclosure=own, said=said, by=buyer, at=at).appeal

    done = answer_appeal(appeal=appeal, outcome="UPHELD", answer="Indeed.", by=operator, at=at)

    assert done.overridden
    override = Override.objects.get()
    assert override.decision == decision
    assert buyer.organization not in override.reason


def test_an_explanation_sets_nothing_aside(
    own: Disclosure, buyer: Actor, operator: Actor, at: datetime
) -> None:
    decision = decided(buyer.organization, at)
    said = {"wish": "EXPLANATION", "grounds": "Why?", "decision": decision.reference}
    appeal = lodge_appeal(disclosure=own, said=said, by=buyer, at=at).appeal

    done = answer_appeal(appeal=appeal, outcome="UPHELD", answer="So.", by=operator, at=at)

    assert (done.overridden, Override.objects.count()) == (False, 0)


def test_a_decision_of_another_algorithm_is_no_matter_of_this_appeal(
    own: Disclosure, disclosure: Disclosure, buyer: Actor, at: datetime
) -> None:
    decision = decided(buyer.organization, at)
    said = {"wish": "EXPLANATION", "grounds": "Why?", "decision": decision.reference}

    with pytest.raises(Invalid) as refused:
        lodge_appeal(disclosure=disclosure, said=said, by=buyer, at=at)

    assert list(refused.value.fields) == ["decision"]


def test_decisions_of_the_period_are_the_population(
    own: Disclosure,
    accreditation: Accreditation,
    auditor: Actor,
    operator: Actor,
    buyer: Actor,
    at: datetime,
) -> None:
    inside = {decided(buyer.organization, at - timedelta(days=day)).reference for day in (2, 3, 4)}
    decided(buyer.organization, at)

    audit = begun(ordered(own, accreditation, operator, at), auditor, at, source="DECISIONS")

    assert set(audit.sample) == inside


def test_who_owes_and_who_watches_are_written_to(
    disclosure: Disclosure, provider: Actor, regulator: Actor, at: datetime
) -> None:
    lodge_appeal(
        disclosure=disclosure,
        said={"wish": "EXPLANATION", "grounds": "Why me, 王小明?"},
        by=Actor.anonymous(),
        at=at,
    )
    late = at + timedelta(days=25)
    run_clocks(at=late)
    dispatch(at=late)

    assert len(mail.outbox) == 3
    assert not any("王小明" in message.body for message in mail.outbox)
