"""Who may place and lift legal holds, and when nothing may be destroyed."""

from django.utils.translation import gettext as _

from audit.log.actors import Actor

from .models import LegalHold

WATCHERS = ("REGULATOR", "OPERATOR")


def why_not_hold(actor: Actor) -> str | None:
    """Why `actor` may not place a legal hold, or None."""
    if actor.is_system:
        return None
    if not actor.has_role(*WATCHERS):
        return _("Only a regulator or the operator places legal holds.")
    if not actor.may_write:
        return _("Your place lets you look, not act.")
    return None


def why_not_lift(actor: Actor, hold: LegalHold) -> str | None:
    """Why `actor` may not lift `hold`: the operator does not lift what an authority placed."""
    if refusal := why_not_hold(actor):
        return refusal
    if hold.authority.startswith("system:") and actor.has_role("REGULATOR"):
        return None  # what the filter holds as evidence is the authority's to give free
    if actor.organization != hold.authority:
        return _("Only who placed a hold lifts it.")
    return None
