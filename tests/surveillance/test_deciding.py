"""What people do with an alert, who may, and who learns of it when."""

from collections.abc import Callable
from datetime import datetime

import pytest

from audit.log.actors import Actor
from audit.log.errors import Conflict, Invalid, NotAllowed, NotFound, WrongState
from audit.log.sequencing import sequence
from exchange.catalog.models import Product
from exchange.oversight.queries import trail
from exchange.oversight.surveillance import queries
from exchange.oversight.surveillance.models import Alert
from exchange.oversight.surveillance.services import (
    close_alert,
    dismiss_alert,
    escalate_alert,
    suspend_upon_alert,
    take_up_alert,
)

from .conftest import Partners

LogOf = Callable[[], list[tuple[str, str]]]


def escalated(alert: Alert, by: Actor, at: datetime) -> Alert:
    take_up_alert(alert=alert, by=by, at=at)
    return escalate_alert(alert=alert, reason="Nothing was fetched.", by=by, at=at)


def test_an_alert_is_dismissed_with_a_ground(
    alert: Alert, operator: Actor, at: datetime, log: LogOf
) -> None:
    take_up_alert(alert=alert, by=operator, at=at)
    dismiss_alert(alert=alert, ground="LAWFUL", reason="Two products.", by=operator, at=at)

    assert (alert.status, alert.ground, alert.decided_by) == ("DISMISSED", "LAWFUL", operator.id)
    assert [name for name, _subject in log()] == [
        "surveillance.alert.taken_up",
        "surveillance.alert.dismissed",
        "decision.overridden",
    ]
    tally = next(each for each in queries.tallies() if each.rule == alert.rule)
    assert (tally.raised, tally.dismissed, tally.precision) == (1, 1, 0.0)


def test_those_concerned_learn_of_it_once_it_is_escalated(
    alert: Alert, partners: Partners, operator: Actor, stranger: Actor, at: datetime
) -> None:
    with pytest.raises(NotFound):
        queries.get_alert_for(partners.one, alert.reference)
    take_up_alert(alert=alert, by=operator, at=at)
    sequence(at=at)
    assert "surveillance" not in str([row.name for row in trail(partners.one).rows])

    escalate_alert(alert=alert, reason="Nothing was fetched.", by=operator, at=at)
    sequence(at=at)

    assert queries.get_alert_for(partners.one, alert.reference) == alert
    names = [row.name for row in trail(partners.one).rows if row.name.startswith("surveillance")]
    assert names == ["surveillance.alert.told"]
    told = next(row for row in trail(partners.one).rows if row.name == names[0])
    assert "ORG-OTHER" not in str(told)
    with pytest.raises(NotFound):
        queries.get_alert_for(stranger, alert.reference)


def test_a_dismissed_alert_is_never_told(
    alert: Alert, partners: Partners, operator: Actor, at: datetime
) -> None:
    take_up_alert(alert=alert, by=operator, at=at)
    dismiss_alert(alert=alert, ground="TOO_SMALL", reason="Small.", by=operator, at=at)

    assert not queries.alerts_visible_to(partners.one).exists()


def test_a_regulator_suspends_and_closes(
    alert: Alert, partners: Partners, operator: Actor, regulator: Actor, at: datetime, log: LogOf
) -> None:
    escalated(alert, operator, at)
    order = suspend_upon_alert(
        alert=alert,
        product=partners.of_one.reference,
        reason="Invented turnover.",
        basis="《网络数据安全管理条例》第五十一条",
        by=regulator,
        at=at,
    )
    close_alert(alert=alert, outcome="CONFIRMED", reason="Both admit it.", by=regulator, at=at)

    assert Product.objects.get(pk=partners.of_one.pk).status == "SUSPENDED"
    assert [measure.supervision for measure in alert.measures.all()] == [order]
    assert (alert.status, alert.outcome) == ("CLOSED", "CONFIRMED")
    names = [name for name, _subject in log()]
    assert names.count("surveillance.alert.told") == 2
    assert {"surveillance.alert.acted_on", "surveillance.alert.closed"} <= set(names)
    assert next(t for t in queries.tallies() if t.rule == alert.rule).precision == 1.0


def test_who_may_not(
    alert: Alert, partners: Partners, operator: Actor, provider_viewer: Actor, at: datetime
) -> None:
    for who in (partners.one, provider_viewer, Actor.anonymous()):
        with pytest.raises(NotAllowed):
            take_up_alert(alert=alert, by=who, at=at)
    escalated(alert, operator, at)
    with pytest.raises(NotAllowed, match="Only a regulator"):
        close_alert(alert=alert, outcome="CONFIRMED", reason="So.", by=operator, at=at)
    assert Alert.objects.get(pk=alert.pk).status == "ESCALATED"


def test_bad_input_and_wrong_states(
    alert: Alert, operator: Actor, regulator: Actor, at: datetime, log: LogOf
) -> None:
    with pytest.raises(WrongState):
        escalate_alert(alert=alert, reason="So.", by=operator, at=at)
    take_up_alert(alert=alert, by=operator, at=at)
    before = log()
    with pytest.raises(WrongState):
        take_up_alert(alert=alert, by=operator, at=at)
    with pytest.raises(Invalid):
        dismiss_alert(alert=alert, ground="LAWFUL", reason=" ", by=operator, at=at)
    with pytest.raises(Invalid):
        dismiss_alert(alert=alert, ground="WHY_NOT", reason="So.", by=operator, at=at)
    with pytest.raises(Conflict):
        suspend_upon_alert(
            alert=alert, product=alert.products[0], reason="R", basis="B", by=regulator, at=at
        )
    escalate_alert(alert=alert, reason="So.", by=operator, at=at)
    with pytest.raises(NotFound):
        suspend_upon_alert(
            alert=alert, product="P-2026-OTHER", reason="R", basis="B", by=regulator, at=at
        )
    with pytest.raises(Invalid):
        close_alert(alert=alert, outcome="PERHAPS", reason="So.", by=regulator, at=at)

    assert len(log()) == len(before) + 3  # escalated, and told to two
