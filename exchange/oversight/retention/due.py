"""What has outlived its term: content off the market, licenses of who left, rankings, statements.

Each finding names its class, when its term began and ended, and the legal holds that stop it. The
log and the ledger are never shortened (《个人信息保护法》第十九条, 《数据安全法》第三十三条).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Q, QuerySet

from audit.decisions.events import DecisionsSealed
from audit.decisions.models import Seal
from audit.log.models import PersonalValue
from audit.retention.queries import holds_on, term_of, things_of
from audit.retention.terms import RetentionClass, Term, class_of_object, classes_on, months_after
from audit.rulebook.queries import day_of
from exchange.algorithms.models import AlgorithmFile, EvaluationRun, EvaluationSet
from exchange.algorithms.states import UNDER_WAY, SetState
from exchange.catalog.models import Release
from exchange.catalog.states import ProductState, ReleaseState
from exchange.delivery.models import Access, Grant
from exchange.delivery.states import Form, GrantState
from exchange.parties.models import Erasure, Organization
from exchange.parties.states import ErasureState, OrganizationState
from exchange.trading.models import Order
from exchange.trading.states import OrderState
from exchange.vault.models import StoredObject
from exchange.vault.states import ObjectState, Purpose

OVER = (OrderState.SETTLED, OrderState.REFUNDED, OrderState.CANCELLED)
OFF_MARKET = (ReleaseState.WITHDRAWN, ReleaseState.BLOCKED)
OPEN = (GrantState.OPEN, GrantState.SUSPENDED)
LEFT = (OrganizationState.REJECTED, OrganizationState.TERMINATED)
BATCH = 200


@dataclass(frozen=True, kw_only=True)
class Due:
    """One thing whose term is over; `holds` are the legal holds that keep it nevertheless."""

    kind: str
    reference: str
    retention_class: str
    basis: str
    ended_at: datetime
    due_at: datetime
    holds: tuple[str, ...] = ()
    row: Any = None


def list_due(*, at: datetime) -> Iterator[Due]:
    """Yield everything whose term is over at `at`, held or not; nothing is changed."""
    classes = classes_on(day_of(at))
    yield from _content(classes, at)
    yield from _licenses(classes, at)
    yield from _answers(classes, at)
    yield from _sealed_sets(classes, at)
    yield from _handed_in(classes, at)
    yield from _rankings(classes, at)
    yield from _statements(classes, at)


def _content(classes: Sequence[RetentionClass], at: datetime) -> Iterator[Due]:
    """Yield the files of releases that are off the market and under no open access."""
    stored = Q(original__status=ObjectState.STORED) | Q(table__status=ObjectState.STORED)
    gone = Q(status__in=OFF_MARKET) | Q(product__status=ProductState.DELISTED)
    rows = Release.objects.filter(stored, gone).select_related("product", "original", "table")
    for release in rows.order_by("pk").iterator(chunk_size=BATCH):
        traded, ended = _end_of_release(release)
        if ended is None:
            continue
        files = {file.pk: file for file in (release.original, release.table)}
        for kept in files.values():
            each = class_of_object(classes, kept.purpose, traded=traded)
            if each and kept.status == ObjectState.STORED:
                yield from _object_due(kept, each, ended, at)


def _end_of_release(release: Release) -> tuple[bool, datetime | None]:
    """Return whether a release was traded, and when nobody had to do with it any more."""
    since = [release.status_since]
    if release.status not in OFF_MARKET:
        since.append(release.product.status_since)
    orders = list(Order.objects.filter(release=release))
    if any(order.status not in OVER for order in orders):
        return True, None
    since += [order.closed_at or order.settled_at or order.placed_at for order in orders]
    for grant in Grant.objects.filter(release=release):
        since.append(grant.valid_until)
        if grant.status in OPEN:
            return True, None
    return bool(orders), max(since)


def _licenses(classes: Sequence[RetentionClass], at: datetime) -> Iterator[Due]:
    """Yield the license files of organizations that left, and those that were replaced."""
    each = class_of_object(classes, Purpose.LICENSE)
    if each is None:
        return
    owners = {row.license_object: row for row in Organization.objects.exclude(license_object="")}
    rows = StoredObject.objects.filter(purpose=Purpose.LICENSE, status=ObjectState.STORED)
    for kept in rows.order_by("pk").iterator(chunk_size=BATCH):
        owner = owners.get(kept.reference)
        if owner is None:
            yield from _object_due(kept, each, kept.stored_at, at)
        elif owner.status in LEFT:
            yield from _object_due(kept, each, owner.status_since, at)


def _answers(classes: Sequence[RetentionClass], at: datetime) -> Iterator[Due]:
    """Yield answers that nobody may fetch any more; what was asked stays in the log."""
    each = class_of_object(classes, Purpose.RESULT)
    if each is None:
        return
    ended = dict(
        Access.objects.filter(form=Form.ANSWER, resumable_until__lte=at).values_list(
            "object", "resumable_until"
        )
    )
    rows = StoredObject.objects.filter(purpose=Purpose.RESULT, status=ObjectState.STORED)
    for kept in rows.filter(reference__in=list(ended)).order_by("pk").iterator(chunk_size=BATCH):
        yield from _object_due(kept, each, ended[kept.reference], at)


def _sealed_sets(classes: Sequence[RetentionClass], at: datetime) -> Iterator[Due]:
    """Yield rows of evaluation sets that are retired and on which nothing is measured any more."""
    each = class_of_object(classes, Purpose.EVALUATION_SET)
    if each is None:
        return
    rows = EvaluationSet.objects.filter(status=SetState.RETIRED, stored__status=ObjectState.STORED)
    for row in rows.select_related("stored").order_by("pk").iterator(chunk_size=BATCH):
        ended = _last_run(EvaluationRun.objects.filter(evaluation_set=row), row.retired_at)
        if ended is not None:
            yield from _object_due(row.stored, each, ended, at)


def _handed_in(classes: Sequence[RetentionClass], at: datetime) -> Iterator[Due]:
    """Yield models and rows of owners with which nothing was measured for a long time."""
    rows = AlgorithmFile.objects.filter(stored__status=ObjectState.STORED).select_related("stored")
    for row in rows.order_by("pk").iterator(chunk_size=BATCH):
        each = class_of_object(classes, row.stored.purpose)
        used = Q(model_object=row.stored) | Q(own_rows=row) | Q(training=row)
        ended = _last_run(EvaluationRun.objects.filter(used), row.handed_in_at)
        if each is not None and ended is not None:
            yield from _object_due(row.stored, each, ended, at)


def _last_run(runs: QuerySet[EvaluationRun], since: datetime | None) -> datetime | None:
    """Return the later of `since` and the end of the last run; None while one is under way."""
    if since is None or runs.filter(status__in=UNDER_WAY).exists():
        return None
    last: datetime | None = runs.aggregate(at=Max("finished_at"))["at"]
    return since if last is None else max(since, last)


def _rankings(classes: Sequence[RetentionClass], at: datetime) -> Iterator[Due]:
    """Yield seals whose rankings are over; the seal itself and its root stay."""
    kept = tuple(each for each in classes if each.holds_event(DecisionsSealed.name))
    seals = Seal.objects.annotate(left=Count("decisions")).filter(left__gt=0)
    for seal in seals.order_by("sealed_at", "pk"):
        term = Term(classes=kept, ended_at=seal.sealed_at)
        if term.due_at is None or at < term.due_at:
            return
        yield Due(
            kind="seal",
            reference=seal.reference,
            retention_class=",".join(each.id for each in kept),
            basis="; ".join(term.basis),
            ended_at=seal.sealed_at,
            due_at=term.due_at,
            holds=tuple(hold.reference for hold in holds_on([("seal", seal.reference)])),
            row=seal,
        )


def _object_due(
    kept: StoredObject, each: RetentionClass, ended: datetime, at: datetime
) -> Iterator[Due]:
    term = Term(classes=(each,), ended_at=ended)
    if term.due_at is None or at < term.due_at:
        return
    yield Due(
        kind="object",
        reference=kept.reference,
        retention_class=each.id,
        basis="; ".join(term.basis),
        ended_at=ended,
        due_at=term.due_at,
        holds=tuple(hold.reference for hold in holds_on([("object", kept.reference)])),
        row=kept,
    )


def _statements(classes: Sequence[RetentionClass], at: datetime) -> Iterator[Due]:
    """Yield statements about persons whose term is over, whether or not anybody asked.

    Only entries older than the whole term are looked at; those of blocked persons and of closed
    accounts are erased with the person.
    """
    old = Q(pk=None)
    for each in classes:
        if each.maximum and each.minimum:
            before = months_after(at, -each.maximum)
            for prefix in each.events:
                old |= Q(entry__name__startswith=prefix, entry__occurred_at__lte=before)
    waiting = Erasure.objects.filter(status=ErasureState.BLOCKED).values_list("person", flat=True)
    rows = PersonalValue.objects.filter(old).exclude(key_id__in=list(waiting))
    rows = rows.select_related("entry")
    for value in rows.order_by("pk").iterator(chunk_size=BATCH):
        term = term_of(value.entry, at=at)
        if term.ended_at is None or term.due_at is None or at < term.due_at:
            continue
        things = things_of(value.entry) | {("member", value.key_id)}
        yield Due(
            kind="statement",
            reference=str(value.entry.id),
            retention_class=",".join(each.id for each in term.classes),
            basis="; ".join(term.basis),
            ended_at=term.ended_at,
            due_at=term.due_at,
            holds=tuple(hold.reference for hold in holds_on(things)),
            row=value,
        )
