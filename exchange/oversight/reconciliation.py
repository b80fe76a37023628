"""Reconciliation: the state of everything, rebuilt from the log alone, against the database.

What the log says is authoritative: a row that differs was changed behind its back, or an entry is
missing. Compared are the state of everything with a lifecycle, every balance of the ledger and the
budget used of every grant (《数据安全法》第三十三条: 交易记录).
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import Exists, OuterRef, Q

from audit.log.actors import Actor
from audit.log.canonical import canonical
from audit.log.lifecycle import Lifecycle
from audit.log.models import Entry
from audit.log.references import new_reference
from audit.log.replay import Replay, replay
from audit.log.services import record
from exchange.delivery.events import AccessTaken
from exchange.delivery.models import Grant
from exchange.settlement.models import Account, Line

from .events import ReconciliationFinished

ABSENT = "—"
APART = frozenset({"period"})
"""The logs of the periods: the first begins before anything can be said; `verify_log` has them."""
COUNTING = {AccessTaken.name: "grant"}


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One thing of which log and database say different things."""

    kind: str
    reference: str
    what: str
    log: str
    database: str
    entry: str

    def __str__(self) -> str:
        source = f"entry {self.entry}" if self.entry else "no entry"
        return (
            f"{self.kind} {self.reference}: {self.what} is {self.log} by the log ({source}), "
            f"{self.database} in the database"
        )


@dataclass(frozen=True, kw_only=True)
class Reconciliation:
    """The outcome of one comparison."""

    entries: int
    things: dict[str, int]
    differences: tuple[Difference, ...]

    @property
    def total(self) -> int:
        """How many things were compared."""
        return sum(self.things.values())

    def count(self, kind: str) -> int:
        """Return how many differences concern things of one kind."""
        return sum(each.kind == kind for each in self.differences)

    def as_document(self) -> dict[str, Any]:
        """Return it for machines; its digest stands in the entry of the run."""
        return {
            "entries": self.entries,
            "things": dict(sorted(self.things.items())),
            "differences": [asdict(each) for each in self.differences],
        }


def reconcile(*, by: Actor, at: datetime) -> Reconciliation:
    """Compare log and database as they were at one instant, and put the outcome on record."""
    with _one_instant():
        told = replay(counting=COUNTING)
        result = compare(told)
    finished = ReconciliationFinished(
        reconciliation=new_reference("RC", at),
        entries=result.entries,
        things=result.total,
        differences=len(result.differences),
        report_sha256=hashlib.sha256(canonical(result.as_document())).hexdigest(),
    )
    with transaction.atomic():
        record(finished, by=by, at=at)
    return result


def reconcile_when_due(*, at: datetime) -> Reconciliation | None:
    """Reconcile once in RECONCILE_HOURS; None when it is not time yet, or never."""
    if not settings.RECONCILE_HOURS:
        return None
    entries = Entry.objects.order_by("position")
    last = entries.filter(name=ReconciliationFinished.name).last() or entries.first()
    if last is None or at - last.occurred_at < timedelta(hours=settings.RECONCILE_HOURS):
        return None
    return reconcile(by=Actor.system("reconciliation"), at=at)


@contextmanager
def _one_instant() -> Iterator[None]:
    """Read everything as of one moment: a snapshot on PostgreSQL, the writer's lock on SQLite."""
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost and connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def compare(told: Replay) -> Reconciliation:
    """Compare what the log tells with the database as it is now."""
    things: dict[str, int] = {}
    differences = [
        Difference(
            kind=each.kind,
            reference=each.reference,
            what="the state that an entry left",
            log=each.reached or ABSENT,
            database=each.claimed or ABSENT,
            entry=each.entry,
        )
        for each in told.broken
        if each.kind not in APART
    ]
    for model in _with_lifecycle():
        kind = model.lifecycle.kind  # type: ignore[attr-defined]
        said = {ref: (one.value, one.entry) for ref, one in told.states.get(kind, {}).items()}
        present = _statuses(model)
        things[kind] = len(said.keys() | present.keys())
        differences += _differ(kind, "state", said, present)
    for name, said, present in (
        ("account", _balances_told(told), _balances()),
        ("budget", _budgets_told(told), _budgets()),
    ):
        things[name] = len(said.keys() | present.keys())
        differences += _differ(name, "balance" if name == "account" else "use", said, present)
    return Reconciliation(entries=told.entries, things=things, differences=tuple(differences))


def _differ(
    kind: str, what: str, said: dict[str, tuple[str, str]], present: dict[str, str]
) -> Iterator[Difference]:
    for reference in sorted(said.keys() | present.keys()):
        value, entry = said.get(reference, (ABSENT, ""))
        found = present.get(reference, ABSENT)
        if value != found:
            yield Difference(
                kind=kind, reference=reference, what=what, log=value, database=found, entry=entry
            )


def _with_lifecycle() -> list[type[models.Model]]:
    lives = {m: getattr(m, "lifecycle", None) for m in apps.get_models()}
    kinds = {m: life.kind for m, life in lives.items() if isinstance(life, Lifecycle)}
    return sorted((m for m in kinds if kinds[m] not in APART), key=lambda model: kinds[model])


def _statuses(model: type[models.Model]) -> dict[str, str]:
    """Return the status of every row by the reference under which the log knows it."""
    names = {each.name for each in model._meta.get_fields()}  # noqa: SLF001  Django's documented name
    key = "reference" if "reference" in names else "pk"
    rows = model._default_manager.values_list(key, "status").order_by()  # noqa: SLF001  likewise
    return {str(reference): status for reference, status in rows.iterator()}


def _balances_told(told: Replay) -> dict[str, tuple[str, str]]:
    return {account: (_digits(amount), entry) for account, (amount, entry) in told.balances.items()}


def _balances() -> dict[str, str]:
    """Return every balance; accounts that nothing was ever booked on are not told of."""
    booked = Exists(Line.objects.filter(account=OuterRef("pk")))
    rows = Account.objects.filter(booked | ~Q(balance_minor=0))
    return {account.reference: _digits(account.balance.amount) for account in rows}


def _budgets_told(told: Replay) -> dict[str, tuple[str, str]]:
    used = told.counts.get("grant", {})
    opened = told.states.get("grant", {})
    return {
        reference: (str(count), entry)
        for reference, (count, entry) in (
            (reference, used.get(reference, (0, opening.entry)))
            for reference, opening in opened.items()
        )
    }


def _budgets() -> dict[str, str]:
    rows = Grant.objects.values_list("reference", "used_downloads").order_by()
    return {reference: str(used) for reference, used in rows.iterator()}


def _digits(amount: Decimal) -> str:
    """Write an amount without a sign before zero and without superfluous digits."""
    return format(amount.normalize() + 0, "f")
