"""Every step of a disclosure from every state: what the table allows happens, nothing else."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from audit.disclosure.models import Disclosure
from audit.disclosure.services import (
    edit_disclosure,
    file_disclosure,
    lift_suspension,
    publish_disclosure,
    refuse_disclosure,
    return_disclosure,
    suspend_disclosure,
    take_review,
    withdraw_disclosure,
)
from audit.disclosure.states import DISCLOSURE, DisclosureState
from audit.log.actors import Actor
from audit.log.errors import NotAllowed, WrongState
from audit.rulebook.queries import day_of

from .making import (
    REVIEWER,
    STATEMENT,
    drafted,
    filed,
    published,
    superseding,
    taken,
)

Log = Callable[[], list[tuple[str, str]]]
Verb = Callable[[Disclosure, Actor, datetime], object]
pytestmark = pytest.mark.django_db


def _in_state(state: str, by: Actor, at: datetime) -> Disclosure:
    """Return a disclosure that came into a state by the verbs that lead there."""
    if state == "DRAFT":
        return drafted(by, at)
    if state == "FILED":
        return filed(by, at)
    if state in {"PUBLISHED", "SUSPENDED", "SUPERSEDED", "WITHDRAWN"}:
        found = published(by, at)
        match state:
            case "SUSPENDED":
                suspend_disclosure(
                    disclosure=found,
                    reason="r",
                    basis="Article 24",
                    since=day_of(at),
                    by=REVIEWER,
                    at=at,
                )
            case "SUPERSEDED":
                superseding(found, by, at, products=())
            case "WITHDRAWN":
                withdraw_disclosure(disclosure=found, reason="r", last_day=day_of(at), by=by, at=at)
    else:
        found = taken(by, at)
        if state == "RETURNED":
            return_disclosure(disclosure=found, notes={"name": "more"}, by=REVIEWER, at=at)
        if state == "REFUSED":
            refuse_disclosure(disclosure=found, reason="no", by=REVIEWER, at=at)
    found.refresh_from_db()
    return found


def _common(disclosure: Disclosure, by: Actor, at: datetime) -> dict[str, Any]:
    return {"disclosure": disclosure, "by": by, "at": at}


VERBS: dict[str, tuple[str, Verb]] = {
    "edit": ("owner", lambda d, by, at: edit_disclosure(**_common(d, by, at), statement=STATEMENT)),
    "file": ("owner", lambda d, by, at: file_disclosure(**_common(d, by, at))),
    "withdraw": (
        "owner",
        lambda d, by, at: withdraw_disclosure(
            **_common(d, by, at), reason="over", last_day=day_of(at)
        ),
    ),
    "take": ("reviewer", lambda d, by, at: take_review(**_common(d, by, at))),
    "send_back": (
        "reviewer",
        lambda d, by, at: return_disclosure(**_common(d, by, at), notes={"whole": "again"}),
    ),
    "refuse": ("reviewer", lambda d, by, at: refuse_disclosure(**_common(d, by, at), reason="no")),
    "publish": ("reviewer", lambda d, by, at: publish_disclosure(**_common(d, by, at))),
    "suspend": (
        "reviewer",
        lambda d, by, at: suspend_disclosure(
            **_common(d, by, at), reason="no", basis="Article 24", since=day_of(at)
        ),
    ),
    "lift": ("reviewer", lambda d, by, at: lift_suspension(**_common(d, by, at), reason="mended")),
}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("state", DisclosureState.values)
def test_a_step_is_taken_where_the_table_allows_it(
    state: str, verb: str, provider: Actor, at: datetime, log: Log
) -> None:
    found = _in_state(state, provider, at)
    who, act = VERBS[verb]
    by = provider if who == "owner" else REVIEWER
    allowed = (
        state in {"DRAFT", "RETURNED"} if verb == "edit" else verb in DISCLOSURE.allowed(state)
    )
    before = log()

    if allowed:
        act(found, by, at)
        found.refresh_from_db()
        target = state if verb == "edit" else DISCLOSURE.steps[verb].target
        assert found.status == target
        assert len(log()) == len(before) + 1
    else:
        # Who has a filing in review already is told so instead of its state
        with pytest.raises((WrongState, NotAllowed)):
            act(found, by, at)
        found.refresh_from_db()
        assert found.status == state
        assert log() == before


def test_each_state_is_reached(provider: Actor, at: datetime) -> None:
    assert {step.target for step in DISCLOSURE.steps.values()} | {"DRAFT"} == set(
        DisclosureState.values
    )
    assert set(VERBS) - {"edit"} == set(DISCLOSURE.steps) - {"publish_own", "supersede"}
