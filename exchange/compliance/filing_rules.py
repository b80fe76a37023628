"""Who may file evidence for exports, verify it, and see whose exports."""

from django.utils.translation import gettext as _

from audit.log.actors import Actor
from exchange.catalog.models import Product
from exchange.parties.models import Organization

from .models import ExportFiling

WATCHERS = ("OPERATOR", "REGULATOR")


def watches(actor: Actor) -> bool:
    """Whether an actor sees the exports of everybody."""
    return actor.is_system or actor.has_role(*WATCHERS)


def why_not_set_standing(actor: Actor, organization: Organization) -> str | None:
    """Let operator or regulator state where an organization stands, never its own."""
    if not actor.has_role(*WATCHERS) or not actor.may_write:
        return _("Only the operator or a regulator states where an organization stands.")
    if actor.organization == organization.reference:
        return _("Nobody decides on its own organization.")
    return None


def why_not_file(actor: Actor) -> str | None:
    """Let a provider put evidence for its exports on file."""
    if not actor.has_role("PROVIDER"):
        return _("Only an organization that is admitted as a provider may do this.")
    if not actor.may_write:
        return _("Your place in the organization lets you look, not act; ask its administrator.")
    return None


def why_not_weigh(actor: Actor, product: Product, recipient: Organization) -> str | None:
    """Tell what an export would need to the provider, who would file it, and to who would order."""
    if watches(actor) or actor.organization == product.provider.reference:
        return None
    if actor.has_role("BUYER") and actor.organization == recipient.reference:
        return None
    return _("Only the provider of the product, or who would receive the data, may ask this.")


def is_own_affair(actor: Actor, product: Product) -> bool:
    """Whether the actor reads how far the provider's year and evidence have come."""
    return watches(actor) or actor.organization == product.provider.reference


def why_not_complete(actor: Actor, filing: ExportFiling) -> str | None:
    """Let the provider note that it filed with the authority."""
    if actor.organization != filing.organization.reference:
        return _("Only the provider that filed it may do this.")
    return why_not_file(actor)


def why_not_decide_filing(actor: Actor, filing: ExportFiling) -> str | None:
    """Let operator or regulator verify evidence, never that of its own organization."""
    if not actor.has_role(*WATCHERS) or not actor.may_write:
        return _("Only the operator or a regulator verifies evidence for exports.")
    if actor.organization == filing.organization.reference:
        return _("Nobody decides on its own organization.")
    return None


def why_not_revoke_filing(actor: Actor, filing: ExportFiling) -> str | None:
    """Let the watch revoke evidence, and the provider give up its own."""
    own = actor.organization == filing.organization.reference
    if own and actor.has_role("PROVIDER") and actor.may_write:
        return None
    return why_not_decide_filing(actor, filing)


def allowed_on_filing(actor: Actor, filing: ExportFiling) -> list[str]:
    """Return the verbs open to the actor on a filing in its present state, for both faces."""
    steps = filing.lifecycle.allowed(filing.status)
    may = {
        "verify": why_not_decide_filing(actor, filing) is None,
        "reject": why_not_decide_filing(actor, filing) is None,
        "revoke": why_not_revoke_filing(actor, filing) is None,
    }
    found = [verb for verb in may if verb in steps and may[verb]]
    open_filing = filing.file_by is not None and filing.authority_filed_on is None
    if open_filing and "revoke" in steps and why_not_complete(actor, filing) is None:
        found.append("complete")
    return found
