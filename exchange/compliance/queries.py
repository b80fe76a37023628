"""Reading screenings and cases."""

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from audit.log.actors import Actor
from audit.log.errors import NotFound
from exchange.catalog.models import Release

from .models import Case, Screening
from .states import ScreeningState

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


def latest_screening(release: Release) -> Screening | None:
    """Return the screening that speaks for a release now."""
    return Screening.objects.filter(release=release).order_by("-created_at", "-pk").first()


def unfinished_screening(release: Release) -> Screening | None:
    """Return the screening of a release that is queued or running."""
    unfinished = (ScreeningState.QUEUED, ScreeningState.RUNNING)
    return Screening.objects.filter(release=release, status__in=unfinished).first()


def _watches(actor: Actor) -> bool:
    return actor.is_system or actor.has_role(*WATCHERS)


def _own(actor: Actor, path: str) -> Q:
    if not actor.organization:
        return Q(pk__in=())
    return Q(**{f"{path}__product__provider__reference": actor.organization})
