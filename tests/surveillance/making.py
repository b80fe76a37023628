"""Histories for the rules, and the thresholds that are shipped."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from audit.log.actors import Actor
from audit.rulebook.queries import file_packs
from exchange.oversight.surveillance.detection.detecting import detect
from exchange.oversight.surveillance.detection.findings import Finding
from exchange.oversight.surveillance.detection.thresholds import Thresholds
from exchange.oversight.surveillance.invented.history import History
from exchange.oversight.surveillance.models import Alert
from exchange.oversight.surveillance.services import raise_alerts

FIRST = date(2026, 11, 1)


def shipped() -> Thresholds:
    """Return the thresholds of the shipped pack."""
    return Thresholds.of(file_packs("surveillance")[-1].data)


def found(history: History, rule: str) -> list[Finding]:
    """Return what one rule finds in a history."""
    return detect(history.facts(), shipped(), only=[rule])


def make_finding(*, organizations: Sequence[str], at: datetime, **said: Any) -> Finding:
    """Return a finding of counter-orders, on facts that no other has."""
    day = int(at.timestamp())
    terms: dict[str, Any] = {
        "rule": "R-WASH-COUNTER",
        "subject": tuple(organizations),
        "organizations": tuple(organizations),
        "products": (),
        "orders": (),
        "evidence": ("O-1", "O-2"),
        "since": day - 86_400,
        "until": day,
        "measured": 2.0,
        "threshold": 2.0,
        "figures": {"pairs": 2},
    }
    return Finding(**(terms | said))


def make_alert(*, organizations: Sequence[str], at: datetime, **said: Any) -> Alert:
    """Return an alert that nobody looked at yet."""
    finding = make_finding(organizations=organizations, at=at, **said)
    by = Actor.system("surveillance")
    (alert,) = raise_alerts([finding], growth=1.25, pack="surveillance@2026-11-01", by=by, at=at)
    return alert
