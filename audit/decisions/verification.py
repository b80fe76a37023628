"""Whether the decision log is whole: every decision leads somewhere, and every act to a decision.

Rooms say with `acts_by` in their `explaining.py` which events are acts of algorithms; each such
entry since the first decision has to have its decision.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from audit.disclosure.models import Disclosure
from audit.log.models import Entry

from .explanations import NotExplained, explain_in_all_languages
from .models import Decision, Override, Seal, StandingDecision
from .sealing import root_of
from .services import digest_of, document_of

TAKEN = "decision.taken"
_ACTS: dict[str, tuple[str, ...]] = {}


def acts_by(event: str, *algorithms: str) -> None:
    """Say that every entry of `event` is an act about which these algorithms decided."""
    _ACTS[event] = algorithms


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What is wrong with what: a code for machines, and the reference to look at."""

    code: str
    reference: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.code} {self.reference} {self.detail}".strip()


@dataclass(frozen=True, kw_only=True)
class Counts:
    """How much was walked."""

    decisions: int
    standing: int
    overrides: int
    acts: int


def verify_decisions() -> tuple[Counts, list[Fault]]:
    """Walk every decision, seal and act; return how many there were and every fault."""
    faults = [
        *_faults_of_decisions(),
        *_faults_of_entries(),
        *_faults_of_overrides(),
        *_faults_of_seals(),
        *_faults_of_acts(),
    ]
    counts = Counts(
        decisions=Decision.objects.count(),
        standing=StandingDecision.objects.count(),
        overrides=Override.objects.count(),
        acts=_acts().count(),
    )
    return counts, faults


def was_in_force(disclosure: Disclosure, at: datetime) -> bool:
    """Whether a version was published by then, had not ended and was not suspended."""
    begun = disclosure.published_at or disclosure.filed_at
    if begun is None or at < begun:
        return False
    if disclosure.ended_at is not None and disclosure.ended_at < at:
        return False
    return not any(
        each.suspended_at < at and (each.lifted_at is None or at < each.lifted_at)
        for each in disclosure.suspensions.all()
    )


def _faults_of_decisions() -> Iterator[Fault]:
    entries = Entry.objects.filter(name=TAKEN)
    for row in Decision.objects.select_related("disclosure").order_by("pk").iterator():
        yield from _faults_of_one(row)
        entry = entries.filter(subject=row.reference).first()
        if entry is None:
            yield Fault(code="no-entry", reference=row.reference)
            continue
        body = json.loads(bytes(entry.data))["body"]
        yield from _faults_of_body(row, body)
        about = Entry.objects.filter(subject_kind=row.subject_kind, subject=row.subject)
        if not about.exists():
            subject = f"{row.subject_kind} {row.subject}"
            yield Fault(code="no-subject", reference=row.reference, detail=subject)
    for standing in StandingDecision.objects.select_related("disclosure").iterator():
        yield from _faults_of_one(standing)


def _faults_of_one(row: Decision | StandingDecision) -> Iterator[Fault]:
    if row.disclosure.algorithm != row.algorithm or row.disclosure.owner:
        yield Fault(code="other-algorithm", reference=row.reference, detail=row.algorithm)
    if not was_in_force(row.disclosure, row.taken_at):
        yield Fault(code="not-in-force", reference=row.reference, detail=row.disclosure.reference)
    try:
        explain_in_all_languages(row)
    except NotExplained as error:
        yield Fault(code="not-explained", reference=row.reference, detail=str(error))


def _faults_of_body(row: Decision, body: dict[str, str]) -> Iterator[Fault]:
    kept = {
        "disclosure": row.disclosure.reference,
        "organization": row.concerning,
        "algorithm": row.algorithm,
        "about": row.subject_kind,
        "about_reference": row.subject,
        "inputs_sha256": row.inputs_sha256,
        "document_sha256": digest_of(document_of(row)),
    }
    for name, value in kept.items():
        if body.get(name) != value:
            yield Fault(code="differs", reference=row.reference, detail=name)


def _faults_of_entries() -> Iterator[Fault]:
    known = Decision.objects.values("reference")
    gone = Entry.objects.filter(name=TAKEN).exclude(subject__in=known)
    for subject in gone.values_list("subject", flat=True):
        yield Fault(code="decision-gone", reference=subject)


def _faults_of_overrides() -> Iterator[Fault]:
    for row in Override.objects.select_related("decision").order_by("pk").iterator():
        entry = Entry.objects.filter(name="decision.overridden", subject=row.reference).first()
        if entry is None:
            yield Fault(code="no-entry", reference=row.reference)
            continue
        body = json.loads(bytes(entry.data))["body"]
        said = hashlib.sha256(row.reason.encode()).hexdigest()
        if (body["decision"], body["outcome"], body["reason_sha256"]) != (
            row.decision.reference,
            row.outcome,
            said,
        ):
            yield Fault(code="differs", reference=row.reference)


def _faults_of_seals() -> Iterator[Fault]:
    for seal in Seal.objects.order_by("pk").iterator():
        entry = Entry.objects.filter(name="decision.sealed", subject=seal.reference).first()
        if entry is None:
            yield Fault(code="no-entry", reference=seal.reference)
            continue
        body = json.loads(bytes(entry.data))["body"]
        emptied = Entry.objects.filter(name="decision.seal.emptied", subject=seal.reference)
        rows = list(StandingDecision.objects.filter(seal=seal).order_by("pk"))
        if not rows and emptied.exists():
            continue
        if len(rows) != body["decisions_count"] or root_of(rows).hex() != body["root_sha256"]:
            yield Fault(code="seal-broken", reference=seal.reference)


def _acts() -> QuerySet[Entry]:
    """Return the acts since decisions are kept: an older exchange has some from before."""
    first = Entry.objects.filter(name=TAKEN).order_by("position").first()
    acts = Entry.objects.filter(name__in=_ACTS)
    if first is None:
        return acts
    return acts.filter(Q(position__gte=first.position) | Q(transaction=first.transaction))


def _faults_of_acts() -> Iterator[Fault]:
    """Ask of every act of an algorithm for its decision; it is in the act's own transaction."""
    for entry in _acts().order_by("position").iterator():
        for algorithm in _ACTS[entry.name]:
            decided = Decision.objects.filter(
                algorithm=algorithm, subject_kind=entry.subject_kind, subject=entry.subject
            )
            if not decided.exists():
                yield Fault(
                    code="no-decision",
                    reference=entry.subject,
                    detail=f"{entry.name} by {algorithm}",
                )
