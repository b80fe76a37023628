"""What is new is watched, each set of facts alerts once, and a death loses nothing."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from audit.decisions.services import NotInForce
from audit.disclosure.services import file_platform_disclosures
from audit.log.sequencing import sequence
from exchange.oversight.surveillance.models import Alert, Watch
from exchange.oversight.surveillance.services import raising, sweep, sweep_since, sweeping
from tests.racing import at_once

from .conftest import WATCH, Partners

Look = Callable[..., list[Alert]]


def test_a_wash_trade_is_told_once(
    partners: Partners, look: Look, log: Callable[[], list[tuple[str, str]]]
) -> None:
    orders = partners.wash()
    before = len(log())

    (alert,) = look()

    assert alert.rule == "R-WASH-COUNTER"
    assert alert.orders == sorted(order.reference for order in orders)
    assert alert.organizations == ["ORG-ONE", "ORG-OTHER"]
    assert (alert.status, alert.score, alert.pack) == ("OPEN", 50, "surveillance@2026-11-01")
    assert log()[before:] == [
        ("decision.taken", alert.decision),
        ("surveillance.alert.raised", alert.reference),
    ]
    assert look() == []
    assert Alert.objects.count() == 1


def test_a_sweep_reads_only_what_is_new(partners: Partners, look: Look, at: datetime) -> None:
    partners.wash(pairs=1)
    assert look() == []
    read = Watch.objects.get().next_index

    partners.wash(pairs=1)
    (alert,) = look()

    assert Watch.objects.get().next_index > read
    assert len(alert.orders) == 4  # the pair that was read before counts


def test_a_case_that_grows_is_followed_up(partners: Partners, look: Look) -> None:
    partners.wash()
    (first,) = look()

    partners.buy(partners.of_one, days=0.3)
    assert look() == []  # half a pair adds nothing
    partners.buy(partners.of_other, days=0.31)
    (second,) = look()

    assert second.previous == first
    assert (first.number, second.number) == (1, 2)
    assert (first.key, second.measured) == (second.key, "3")


def test_history_is_replayed_without_telling_twice(
    partners: Partners, look: Look, at: datetime
) -> None:
    partners.wash()
    look()

    swept = sweep_since(since=at.date() - timedelta(days=30), by=WATCH, at=at + timedelta(days=2))

    assert (swept.findings, swept.alerts) == (1, ())


def test_what_is_not_washed_is_left_alone(partners: Partners, look: Look) -> None:
    for number in range(3):
        partners.buy(partners.of_one, days=number / 10)

    assert look() == []
    assert Watch.objects.get().next_index > 0


def test_a_death_between_finding_and_recording_loses_nothing(
    partners: Partners, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    partners.wash()

    def die(*_args: object, **_kwargs: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(raising, "begin", die)
        with pytest.raises(KeyboardInterrupt):
            look()

    assert Alert.objects.count() == 0
    assert Watch.objects.get().next_index == 0
    assert len(look()) == 1


def test_a_rival_that_was_faster_makes_a_sweep_nothing(
    partners: Partners, look: Look, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    partners.wash()
    slow = sweeping.detect

    def overtaken(*args: object, **kwargs: object) -> object:
        monkeypatch.setattr(sweeping, "detect", slow)
        assert len(look()) == 1
        return slow(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(sweeping, "detect", overtaken)

    assert look() == []
    assert Alert.objects.count() == 1


def test_while_its_disclosure_is_suspended_nothing_is_raised_and_nothing_missed(
    partners: Partners, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    partners.wash()

    def suspended(_algorithm: str) -> None:
        raise NotInForce("suspended")

    with monkeypatch.context() as patch:
        patch.setattr(sweeping, "require_in_force", suspended)
        with pytest.raises(NotInForce):
            look()

    assert not Watch.objects.exists()
    assert len(look()) == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_rivals_raise_one_alert(partners: Partners, at: datetime) -> None:
    file_platform_disclosures(by=WATCH, at=at)
    partners.wash()
    later = at + timedelta(days=1)
    sequence(at=later)

    def look(number: int) -> int:
        if number % 2:
            return len(sweep(by=WATCH, at=later).alerts)
        return len(sweep_since(since=at.date(), by=WATCH, at=later).alerts)

    results = at_once(look, 4)

    assert sum(results) == 1
    assert Alert.objects.count() == 1


def test_the_command_tells_and_replays(
    partners: Partners, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    partners.wash()
    sequence(at=at)
    monkeypatch.setattr("django.utils.timezone.now", lambda: at + timedelta(days=1))

    dry = run("--since", "2026-11-01", "--dry-run", "--json")
    assert [json.loads(line)["rule"] for line in dry] == ["R-WASH-COUNTER"]
    assert Alert.objects.count() == 0

    (told,) = run("--json")
    assert json.loads(told)["organizations"] == ["ORG-ONE", "ORG-OTHER"]
    assert run("--since", "2026-11-01") == []
    with pytest.raises(CommandError, match="yesterday is no day"):
        run("--since", "yesterday")
    with pytest.raises(CommandError, match="add --since"):
        run("--dry-run")


def run(*words: str) -> list[str]:
    out = StringIO()
    call_command("surveil", *words, stdout=out)
    return out.getvalue().splitlines()
