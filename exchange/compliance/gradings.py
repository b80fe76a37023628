"""What reviewers determined, and which releases are owed a new grading, as readers see them."""

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from audit.log.actors import Actor
from audit.log.errors import NotFound
from exchange.catalog.models import Product

from .models import Determination, Regrade
from .queries import WATCHERS, regrades_visible_to
from .rules import why_not_close_regrade, why_not_determine
from .states import DETERMINATION, REGRADE, DeterminationState, RegradeState


def determinations_visible_to(actor: Actor) -> QuerySet[Determination]:
    """Return the determinations an actor may read: on its own products, or all for the watch."""
    found = Determination.objects.select_related("product__provider")
    if actor.is_system or actor.has_role(*WATCHERS):
        return found
    own = Q(product__provider__reference=actor.organization)
    return found.filter(own) if actor.organization else found.none()


def get_determination_for(actor: Actor, reference: str) -> Determination:
    """Return one determination the actor may read; NotFound tells nothing about others."""
    found = determinations_visible_to(actor).filter(reference=reference).first()
    if found is None:
        raise NotFound(_("There is no determination %(reference)s.") % {"reference": reference})
    return found


def get_regrade_for(actor: Actor, reference: str) -> Regrade:
    """Return one re-grading the actor may read; NotFound tells nothing about others."""
    found = regrades_visible_to(actor).filter(reference=reference).first()
    if found is None:
        raise NotFound(_("There is no re-grading %(reference)s.") % {"reference": reference})
    return found


def due_regrades(actor: Actor) -> QuerySet[Regrade]:
    """Return the re-gradings that are still owed, the most urgent first."""
    rows = regrades_visible_to(actor).filter(status=RegradeState.DUE)
    return rows.order_by("due_at", "pk")


def regrades_of(actor: Actor, product: Product) -> QuerySet[Regrade]:
    """Return the re-gradings of a product that an actor may read, those still owed first."""
    rows = regrades_visible_to(actor).filter(release__product=product)
    return rows.order_by("-status", "due_at", "pk")


def allowed_on_determination(actor: Actor, determination: Determination) -> list[str]:
    """Return the verbs open to the actor on a determination, for both faces."""
    if determination.status not in DETERMINATION.withdraw.sources:
        return []
    return ["withdraw"] if why_not_determine(actor, determination.product) is None else []


def allowed_on_regrade(actor: Actor, regrade: Regrade) -> list[str]:
    """Return the verbs open to the actor on a re-grading, for both faces."""
    if regrade.status not in REGRADE.close.sources:
        return []
    return ["close"] if why_not_close_regrade(actor, regrade) is None else []


def standing_first(actor: Actor, product: Product) -> QuerySet[Determination]:
    """Return what was determined about a product, what still stands first."""
    rows = determinations_visible_to(actor).filter(product=product)
    return rows.order_by("status", "-made_at", "-pk")


def all_standing(actor: Actor) -> QuerySet[Determination]:
    """Return every determination that stands, the latest first."""
    rows = determinations_visible_to(actor).filter(status=DeterminationState.STANDING)
    return rows.order_by("-made_at", "-pk")
