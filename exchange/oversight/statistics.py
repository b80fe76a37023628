"""What the filter stopped, and why: by rule, by grade, by month, by provider."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.log.actors import Actor
from audit.log.errors import Invalid, NotAllowed
from exchange.compliance.models import Screening
from exchange.compliance.states import Outcome

from .queries import watches

PARTS: Final = ("rule", "grade", "month", "provider")
"""What the stops can be counted by; only the last says something of one party."""


@dataclass(frozen=True, kw_only=True)
class RuleCount:
    """How often one rule of the filter stopped a release or sent it to review."""

    rule: str
    blocked: int
    reviewed: int


@dataclass(frozen=True, kw_only=True)
class StopCount:
    """How many screenings of one kind stopped a release or sent it to review, and of how many."""

    key: str
    blocked: int
    reviewed: int
    screened: int

    @property
    def stopped(self) -> int:
        """How many did not pass."""
        return self.blocked + self.reviewed


def blocked_statistics(actor: Actor) -> list[RuleCount]:
    """Return how often each rule of the filter fired on releases it stopped, the busiest first."""
    return [
        RuleCount(rule=count.key, blocked=count.blocked, reviewed=count.reviewed)
        for count in stops_by(actor, "rule")
    ]


def stops_by(
    actor: Actor, part: str, *, since: datetime | None = None, until: datetime | None = None
) -> list[StopCount]:
    """Return counts of finished screenings by one of PARTS; months in order, others busiest first.

    A screening counts under each rule that fired; one without a rule under its outcome. For rules
    `screened` is how many screenings the rule fired in. Months are those of the exchange's zone.
    """
    if not watches(actor):
        raise NotAllowed(_("Only a regulator or the operator sees statistics over all parties."))
    if part not in PARTS:
        raise Invalid({"by": [_("Stops are counted by rule, grade, month or provider.")]})
    blocked: Counter[str] = Counter()
    reviewed: Counter[str] = Counter()
    screened: Counter[str] = Counter()
    for outcome, keys in _told(_screenings(since, until), part):
        screened.update(keys)
        if outcome == Outcome.REVIEW:
            reviewed.update(keys)
        elif outcome != Outcome.CLEAR:
            blocked.update(keys)
    counts = [
        StopCount(key=key, blocked=blocked[key], reviewed=reviewed[key], screened=screened[key])
        for key in (blocked | reviewed if part == "rule" else screened)
    ]
    if part == "month":
        return sorted(counts, key=lambda count: count.key)
    return sorted(counts, key=lambda count: (-count.stopped, count.key))


def _screenings(since: datetime | None, until: datetime | None) -> QuerySet[Screening]:
    rows = Screening.objects.exclude(outcome="").order_by()
    if since:
        rows = rows.filter(finished_at__gte=since)
    if until:
        rows = rows.filter(finished_at__lt=until)
    return rows


def _told(rows: QuerySet[Screening], part: str) -> Sequence[tuple[str, Sequence[str]]]:
    """Return outcome and keys of each screening."""
    if part == "rule":
        found = rows.values_list("outcome", "rules")
        return [(outcome, sorted(set(rules)) or [str(outcome)]) for outcome, rules in found]
    if part == "month":
        times = rows.values_list("outcome", "finished_at", "created_at")
        return [
            (outcome, [f"{timezone.localtime(done or begun):%Y-%m}"])
            for outcome, done, begun in times
        ]
    field = "grade" if part == "grade" else "release__product__provider__reference"
    return [(outcome, [str(key)]) for outcome, key in rows.values_list("outcome", field)]
