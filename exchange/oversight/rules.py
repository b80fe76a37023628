"""Who may supervise and inspect. Each function returns the reason for a no, or None."""

from django.utils.translation import gettext as _

from audit.log.actors import Actor
from exchange.catalog.models import Product
from exchange.catalog.states import ProductState

from .models import EvidenceBundle, SupervisionOrder
from .states import EvidenceKind

WATCHERS = ("REGULATOR", "OPERATOR")


def why_not_supervise(actor: Actor) -> str | None:
    """Supervision orders are the regulator's (《数据安全法》第四十四条)."""
    if not actor.has_role("REGULATOR"):
        return _("Only a regulator issues and lifts supervision orders.")
    if not actor.may_write:
        return _("Your place in the authority lets you look, not act.")
    return None


def why_not_suspend(actor: Actor, product: Product) -> str | None:
    """Suspend what is on the market, or take over what somebody else suspended."""
    if refusal := why_not_supervise(actor):
        return refusal
    if product.status not in {ProductState.LISTED, ProductState.SUSPENDED}:
        return _("The product is not on the market now.")
    return None


def why_not_lift(actor: Actor, supervision: SupervisionOrder) -> str | None:
    """Lift a suspension, as the authority that ordered it."""
    if refusal := why_not_supervise(actor):
        return refusal
    if actor.organization != supervision.authority.reference:
        return _("Only the authority that gave the order lifts it.")
    return None


def why_not_inspect(actor: Actor) -> str | None:
    """Inspect records of other parties, as a regulator or the operator, on record."""
    if actor.has_role(*WATCHERS):
        return None
    return _("Only a regulator or the operator inspects records of other parties.")


def why_not_request_evidence(actor: Actor, kind: str, subject: str) -> str | None:
    """Take evidence: the watch of anything, a party of its own orders, products and itself."""
    if not actor.organization or not actor.roles:
        return _("Only an admitted organization takes evidence bundles.")
    if not actor.has_role(*WATCHERS):
        if not actor.may_write:
            return _("Your role allows looking only; ask an administrator of your organization.")
        if kind == EvidenceKind.PERIOD:
            return _("Only a regulator or the operator takes the evidence of a whole period.")
        if kind == EvidenceKind.ORGANIZATION and subject != actor.organization:
            return _("A party takes the evidence of its own organization only.")
    return None


def why_not_take_bundle(actor: Actor, bundle: EvidenceBundle) -> str | None:
    """Have the file, or have it removed: only who asked for it."""
    if actor.is_system or actor.organization == bundle.organization.reference:
        return None
    return _("A bundle is handed only to the organization that asked for it.")


def why_not_destroy_due(actor: Actor) -> str | None:
    """Destroy what is due: the clock's work, and the operator's administrators'."""
    if actor.is_system or (actor.has_role("OPERATOR") and actor.is_admin):
        return None
    return _("Only an administrator of the operator has destroyed what is due.")


def why_not_remove_bundle(actor: Actor, bundle: EvidenceBundle) -> str | None:
    """Have the file removed before its time: who asked for it, and may act there."""
    if refusal := why_not_take_bundle(actor, bundle):
        return refusal
    if not actor.may_write:
        return _("Your role allows looking only; ask an administrator of your organization.")
    return None
