"""Reading screenings and cases."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from audit.log.actors import Actor
from audit.log.errors import NotFound
from exchange.catalog.models import Product, Release
from exchange.vault.states import ObjectState

from .models import Case, Derivation, Determination, Regrade, Rescreening, Screening
from .states import (
    DeterminationState,
    ItemOutcome,
    Outcome,
    RegradeState,
    ScreeningState,
)

WATCHERS = ("OPERATOR", "REGULATOR")


def screenings_visible_to(actor: Actor) -> QuerySet[Screening]:
    """Return the screenings an actor may read: its own releases', or all for the watch."""
    found = Screening.objects.select_related("release__product__provider", "case")
    return found if _watches(actor) else found.filter(_own(actor, "release"))


def cases_visible_to(actor: Actor) -> QuerySet[Case]:
    """Return the cases an actor may read."""
    found = Case.objects.select_related("screening__release__product__provider")
    return found if _watches(actor) else found.filter(_own(actor, "screening__release"))


def get_screening_for(actor: Actor, reference: str) -> Screening:
    """Return one screening the actor may read; NotFound tells nothing about others."""
    found = screenings_visible_to(actor).filter(reference=reference).first()
    if found is None:
        raise NotFound(_("There is no screening %(reference)s.") % {"reference": reference})
    return found


def get_case_for(actor: Actor, reference: str) -> Case:
    """Return one case the actor may read; NotFound tells nothing about others."""
    found = cases_visible_to(actor).filter(reference=reference).first()
    if found is None:
        raise NotFound(_("There is no case %(reference)s.") % {"reference": reference})
    return found


def derivations_visible_to(actor: Actor) -> QuerySet[Derivation]:
    """Return the derivations an actor may know of: its own, or all for the watch."""
    found = Derivation.objects.select_related("source__product__provider", "product", "result")
    return found if _watches(actor) else found.filter(_own(actor, "source"))


def get_derivation_for(actor: Actor, reference: str) -> Derivation:
    """Return one derivation the actor may know of; NotFound tells nothing about others."""
    found = derivations_visible_to(actor).filter(reference=reference).first()
    if found is None:
        raise NotFound(_("There is no derivation %(reference)s.") % {"reference": reference})
    return found


def derivation_of(release: Release) -> Derivation | None:
    """Return how a release was made of another, or None for one that was uploaded."""
    made = Derivation.objects.filter(result=release)
    return made.select_related("source__product__provider", "product").first()


def finished_screening(release: Release) -> Screening | None:
    """Return the last screening of a release that came to a verdict."""
    done = Screening.objects.filter(release=release, status=ScreeningState.DONE)
    return done.order_by("-finished_at", "-pk").first()


def sealed_releases(actor: Actor) -> QuerySet[Release]:
    """Return the releases whose file is sealed, the latest first; all for the watch, else none."""
    rows = Release.objects.select_related("product__provider", "original")
    if not _watches(actor):
        return rows.none()
    return rows.filter(original__status=ObjectState.IMPOUNDED).order_by("-status_since", "-pk")


def latest_screening(release: Release) -> Screening | None:
    """Return the screening that speaks for a release now, none that was read ahead."""
    speaking = Q(rescreening=None) | Q(reference=release.screening)
    found = Screening.objects.filter(speaking, release=release)
    return found.order_by("-created_at", "-pk").first()


def unfinished_screening(release: Release) -> Screening | None:
    """Return the screening of a release that is queued or running, none that reads ahead."""
    unfinished = (ScreeningState.QUEUED, ScreeningState.RUNNING)
    found = Screening.objects.filter(release=release, status__in=unfinished)
    return found.filter(rescreening=None).first()


def overdue_regrade(release: Release, at: datetime) -> Regrade | None:
    """Return a re-grading of a release that should have been done by now."""
    owed = Regrade.objects.filter(release=release, status=RegradeState.DUE, due_at__lte=at)
    return owed.order_by("due_at", "pk").first()


def regrades_visible_to(actor: Actor) -> QuerySet[Regrade]:
    """Return the re-gradings an actor may read: of its own releases, or all for the watch."""
    found = Regrade.objects.select_related("release__product__provider")
    return found if _watches(actor) else found.filter(_own(actor, "release"))


def standing_determinations(product: Product) -> QuerySet[Determination]:
    """Return what reviewers determined about a product and did not take back."""
    rows = Determination.objects.filter(product=product, status=DeterminationState.STANDING)
    return rows.order_by("made_at", "pk")


def is_foreseen(release: Release, pack: str) -> bool:
    """Whether exactly this content was read ahead of the day `pack` binds, and passes under it."""
    return Screening.objects.filter(
        release=release,
        rescreening__pack=pack,
        pack=pack,
        sha256=release.sha256,
        status=ScreeningState.DONE,
        outcome=Outcome.CLEAR,
    ).exists()


def rescreenings_visible_to(actor: Actor) -> QuerySet[Rescreening]:
    """Return the runs an actor may follow: all for the watch, none for others."""
    return Rescreening.objects.all() if _watches(actor) else Rescreening.objects.none()


def get_rescreening_for(actor: Actor, reference: str) -> Rescreening:
    """Return one run the actor may follow; NotFound tells nothing about others."""
    found = rescreenings_visible_to(actor).filter(reference=reference).first()
    if found is None:
        raise NotFound(_("There is no re-screening %(reference)s.") % {"reference": reference})
    return found


@dataclass(frozen=True)
class RunProgress:
    """How far a run is: `read` have a verdict, the others are what became of the settled."""

    total: int
    read: int
    renewed: int
    stopped: int
    failed: int
    left: int

    @property
    def settled(self) -> int:
        """Releases with which the run is through."""
        return self.renewed + self.stopped + self.failed + self.left


def progress_of(run: Rescreening) -> RunProgress:
    """Count the releases of a run by what became of them."""
    counts = run.items.aggregate(
        total=Count("pk"),
        read=Count("pk", Q(screening__status=ScreeningState.DONE) | Q(settled_at__isnull=False)),
        **{outcome.lower(): Count("pk", Q(outcome=outcome)) for outcome in ItemOutcome},
    )
    return RunProgress(**counts)


def foreseen_outcomes(run: Rescreening) -> dict[str, int]:
    """Count the verdicts that were read ahead: what a run will mean once its rules bind."""
    rows = run.items.filter(screening__status=ScreeningState.DONE, settled_at=None)
    counted = rows.order_by().values("screening__outcome").annotate(count=Count("pk"))
    return {row["screening__outcome"]: row["count"] for row in counted}


def _watches(actor: Actor) -> bool:
    return actor.is_system or actor.has_role(*WATCHERS)


def _own(actor: Actor, path: str) -> Q:
    if not actor.organization:
        return Q(pk__in=())
    return Q(**{f"{path}__product__provider__reference": actor.organization})
