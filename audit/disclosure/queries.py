"""Reads of the register: what is in force, what it was before, and how accurate it measured."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import F, Max, Q, QuerySet
from django.utils.translation import gettext as _

from audit.log.actors import Actor
from audit.log.errors import Gone, NotFound

from .models import Disclosure, EvaluationReport, Measurement, Suspension
from .overdue import list_called as list_called
from .overdue import overdue_cancellations as overdue_cancellations
from .overdue import overdue_changes as overdue_changes
from .overdue import overdue_filings as overdue_filings
from .overdue import overdue_reviews as overdue_reviews
from .publication import Standing, standing_of
from .statements import DeclaredAccuracy
from .states import OPEN, STANDING, WAITING, DisclosureState

PLATFORM = ""
"""The owner of the exchange's own algorithms."""
MOST_WORDS = 8


@dataclass(frozen=True, kw_only=True)
class RegisterSearch:
    """What somebody looks for in the register; empty means anything.

    `owner` is an organization's reference, empty for the exchange itself, None for any. `owners`
    are those whose names hold the words.
    """

    text: str = ""
    algorithm_type: str = ""
    status: str = ""
    owner: str | None = None
    owners: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class AccuracyRow:
    """One metric: what the owner declares beside what the platform found."""

    metric: str
    label: str
    claim: DeclaredAccuracy | None
    measured: Measurement | None

    @property
    def declared(self) -> str:
        """The figure that the owner declares, or nothing."""
        return self.claim.value if self.claim else ""

    @property
    def declared_note(self) -> str:
        """What the owner says about it; a published figure has the measurement's own note."""
        return "" if self.claim is None or self.claim.is_published else self.claim.note

    @property
    def standing(self) -> Standing | None:
        """What becomes of a published figure here; None for what a person declares."""
        if self.claim is None:
            return Standing.NOT_PUBLISHED if self.measured else None
        return standing_of(self.claim, self.measured) if self.claim.is_published else None

    @property
    def is_measured(self) -> bool:
        """Whether there is a measured value; if not, pages say so plainly."""
        return self.measured is not None


def register() -> QuerySet[Disclosure]:
    """Return the public register: what is published or suspended, the platform's own first."""
    return Disclosure.objects.filter(status__in=STANDING).order_by("owner", "algorithm")


def current_disclosure(algorithm: str, *, owner: str = PLATFORM) -> Disclosure | None:
    """Return the disclosure in force of an algorithm: the published one, not a suspended one."""
    return Disclosure.objects.filter(
        owner=owner, algorithm=algorithm, status=DisclosureState.PUBLISHED
    ).first()


def reference_in_force(algorithm: str, *, owner: str = PLATFORM) -> str:
    """Return the reference a decision names as its algorithm's disclosure, or nothing."""
    found = current_disclosure(algorithm, owner=owner)
    return found.reference if found else ""


def standing_disclosure(algorithm: str, *, owner: str = PLATFORM) -> Disclosure | None:
    """Return the version in the register, be it in force or suspended."""
    return register().filter(owner=owner, algorithm=algorithm).first()


def open_disclosure(algorithm: str, *, owner: str = PLATFORM) -> Disclosure | None:
    """Return the version that is on its way: draft, filed, under review or returned."""
    return Disclosure.objects.filter(owner=owner, algorithm=algorithm, status__in=OPEN).first()


def lock_disclosure(disclosure: Disclosure) -> Disclosure:
    """Return a version as it is now, locked until the end of the transaction."""
    rows = Disclosure.objects.select_for_update(of=("self",))
    try:
        return rows.get(pk=disclosure.pk)
    except Disclosure.DoesNotExist:
        raise Gone from None


def lock_standing(disclosure: Disclosure) -> Disclosure | None:
    """Return the version in the register of the same algorithm, locked."""
    rows = Disclosure.objects.select_for_update(of=("self",)).filter(status__in=STANDING)
    return rows.filter(owner=disclosure.owner, algorithm=disclosure.algorithm).first()


def suspensions_of(algorithm: str, *, owner: str = PLATFORM) -> QuerySet[Suspension]:
    """Return every suspension of an algorithm, whichever version it met, the latest first."""
    rows = Suspension.objects.filter(disclosure__owner=owner, disclosure__algorithm=algorithm)
    return rows.select_related("disclosure").order_by("-suspended_at", "-pk")


def open_suspensions(algorithm: str, *, owner: str = PLATFORM) -> QuerySet[Suspension]:
    """Return the suspensions that are not lifted."""
    return suspensions_of(algorithm, owner=owner).filter(lifted_at=None)


def suspended_now(algorithm: str, *, owner: str = PLATFORM) -> bool:
    """Whether an algorithm is not to decide; withdrawing a suspended version does not change it."""
    return open_suspensions(algorithm, owner=owner).exists()


def is_held_by_regulator(disclosure: Disclosure) -> bool:
    """Whether only a regulator may let the algorithm (back) into the register.

    So it is while a regulator's suspension is open, and once a regulator took up a version since
    the last one that was published, even if that was refused or withdrawn.
    """
    suspensions = open_suspensions(disclosure.algorithm, owner=disclosure.owner)
    if suspensions.filter(by_regulator=True).exists():
        return True
    rows = Disclosure.objects.filter(owner=disclosure.owner, algorithm=disclosure.algorithm)
    last = rows.filter(published_at__isnull=False).aggregate(last=Max("version"))["last"] or 0
    return rows.filter(regulator_reviews=True, version__gt=last, published_at__isnull=True).exists()


def history_of(algorithm: str, *, owner: str = PLATFORM) -> QuerySet[Disclosure]:
    """Return every version that was ever public, the newest first."""
    return Disclosure.objects.filter(
        owner=owner, algorithm=algorithm, published_at__isnull=False
    ).order_by("-version")


def list_own(actor: Actor) -> QuerySet[Disclosure]:
    """Return every version that an actor's organization answers for, the newest first."""
    owner = PLATFORM if actor.has_role("OPERATOR") else actor.organization
    if not owner and not actor.has_role("OPERATOR"):
        return Disclosure.objects.none()
    return Disclosure.objects.filter(owner=owner).order_by("algorithm", "-version")


def list_waiting(actor: Actor) -> QuerySet[Disclosure]:
    """Return what waits for a review that the actor may take up or has, the nearest limit first."""
    if not actor.has_role("OPERATOR", "REGULATOR"):
        return Disclosure.objects.none()
    rows = Disclosure.objects.filter(status__in=WAITING).exclude(owner=actor.organization)
    if not actor.has_role("REGULATOR"):
        rows = rows.exclude(owner=PLATFORM)
    return rows.order_by(F("due_on").asc(nulls_last=True), "filed_at")


def visible_to(actor: Actor) -> QuerySet[Disclosure]:
    """Return what was ever public, for anybody, and all versions for owner and supervisors.

    Which texts of them a reader sees is another matter: `showing.py`.
    """
    if actor.is_system or actor.has_role("OPERATOR", "REGULATOR"):
        return Disclosure.objects.all()
    public = Q(published_at__isnull=False)
    if actor.organization:
        public |= Q(owner=actor.organization)
    return Disclosure.objects.filter(public)


def search(rows: QuerySet[Disclosure], said: RegisterSearch) -> QuerySet[Disclosure]:
    """Narrow a list by words and filters; words are looked for in public texts only."""
    for word in said.text.lower().split()[:MOST_WORDS]:
        found = (
            Q(searchable__contains=word)
            | Q(reference__iexact=word)
            | Q(filing_number__icontains=word)
        )
        if said.owners:
            found |= Q(owner__in=said.owners)
        rows = rows.filter(found)
    if said.algorithm_type:
        rows = rows.filter(algorithm_type=said.algorithm_type)
    if said.status:
        rows = rows.filter(status=said.status)
    if said.owner is not None:
        rows = rows.filter(owner=said.owner)
    return rows


def get_disclosure_for(actor: Actor, reference: str) -> Disclosure:
    """Return a disclosure, or NotFound for whoever may not see it."""
    try:
        return visible_to(actor).get(reference=reference)
    except Disclosure.DoesNotExist:
        raise NotFound from None


def get_registered(reference: str) -> Disclosure:
    """Return a version that is in force or suspended. Raises NotFound."""
    found = register().filter(reference=reference).first()
    if found is None:
        raise NotFound
    return found


def get_versions_for(actor: Actor, one: str, other: str) -> tuple[Disclosure, Disclosure]:
    """Return two versions of one algorithm, the earlier first. Raises NotFound."""
    earlier, later = sorted(
        (get_disclosure_for(actor, reference) for reference in (one, other)),
        key=lambda row: row.version,
    )
    if (earlier.owner, earlier.algorithm) != (later.owner, later.algorithm):
        raise NotFound(_("These are two different algorithms."))
    return earlier, later


def measurements_of(algorithm: str, *, owner: str = PLATFORM) -> QuerySet[Measurement]:
    """Return every figure ever measured of an algorithm, the newest first."""
    return Measurement.objects.filter(
        disclosure__owner=owner, disclosure__algorithm=algorithm
    ).select_related("disclosure")


def latest_measurements(disclosure: Disclosure) -> list[Measurement]:
    """Return the figures of the latest run, whichever version of the text was filed then."""
    return latest_measurements_of([disclosure]).get(disclosure.pk, [])


def latest_measurements_of(disclosures: Iterable[Disclosure]) -> dict[int, list[Measurement]]:
    """Return the latest run's figures for many disclosures, by primary key, in two queries."""
    wanted = {(item.owner, item.algorithm): item.pk for item in disclosures}
    every = Measurement.objects.filter(
        disclosure__algorithm__in={algorithm for _owner, algorithm in wanted},
        disclosure__owner__in={owner for owner, _algorithm in wanted},
    )
    groups = every.order_by().values_list("disclosure__owner", "disclosure__algorithm")
    last = {moment for *_group, moment in groups.annotate(last=Max("measured_at"))}
    rows = (
        every.filter(measured_at__in=last)
        .select_related("disclosure")
        .order_by("-measured_at", "-pk")
    )
    runs: dict[int, str] = {}
    found: dict[int, list[Measurement]] = {}
    for row in rows:
        key = wanted.get((row.disclosure.owner, row.disclosure.algorithm))
        if key is not None and runs.setdefault(key, row.run) == row.run:
            found.setdefault(key, []).append(row)
    return {key: sorted(rows, key=lambda row: row.position) for key, rows in found.items()}


def accuracy_of(
    disclosure: Disclosure, measured: list[Measurement] | None = None
) -> list[AccuracyRow]:
    """Put declared and measured accuracy side by side, metric by metric.

    Pass `measured` when it was read for many disclosures at once.
    """
    rows = latest_measurements(disclosure) if measured is None else measured
    claims = [DeclaredAccuracy(**item) for item in disclosure.declared]
    found = [
        AccuracyRow(
            metric=row.metric,
            label=disclosure.metric_label(row.metric),
            claim=_claim_for(row, claims),
            measured=row,
        )
        for row in rows
    ]
    told = {id(row.claim) for row in found}
    found += [
        AccuracyRow(
            metric=claim.metric,
            label=disclosure.metric_label(claim.metric),
            claim=claim,
            measured=None,
        )
        for claim in claims
        if id(claim) not in told
    ]
    return found


def _claim_for(row: Measurement, claims: list[DeclaredAccuracy]) -> DeclaredAccuracy | None:
    """Return what is declared of a measured figure; a published one is of certain data."""
    same = [claim for claim in claims if claim.metric == row.metric]
    on_it = (claim for claim in same if claim.dataset == row.dataset)
    return next(on_it, next((claim for claim in same if not claim.is_published), None))


def evaluations_of(disclosure: Disclosure) -> QuerySet[EvaluationReport]:
    """Return what evaluations on sealed sets found of this version, the newest first."""
    return EvaluationReport.objects.filter(disclosure=disclosure).select_related("disclosure")


def evaluations_of_algorithm(
    algorithm: str, *, owner: str = PLATFORM
) -> QuerySet[EvaluationReport]:
    """Return the evaluations of every version of an algorithm, the newest first."""
    return EvaluationReport.objects.filter(
        disclosure__owner=owner, disclosure__algorithm=algorithm
    ).select_related("disclosure")


def latest_evaluation_of(disclosure: Disclosure) -> EvaluationReport | None:
    """Return the newest evaluation of this version; claims of other versions are not its own."""
    return evaluations_of(disclosure).first()


def latest_evaluations_of(disclosures: Iterable[Disclosure]) -> dict[int, EvaluationReport]:
    """Return the newest evaluation of each version, by primary key, in one query."""
    rows = EvaluationReport.objects.filter(
        disclosure__in=[item.pk for item in disclosures]
    ).order_by("measured_at", "pk")
    return {row.disclosure_id: row for row in rows}


def get_evaluation(reference: str) -> EvaluationReport:
    """Return an evaluation report; anybody may read it. Raises NotFound."""
    try:
        return EvaluationReport.objects.select_related("disclosure").get(reference=reference)
    except EvaluationReport.DoesNotExist:
        raise NotFound from None
