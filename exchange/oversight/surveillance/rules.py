"""Who may look at alerts and decide on them. Each function returns the reason for a no, or None."""

from django.utils.translation import gettext as _

from audit.log.actors import Actor
from exchange.oversight.rules import WATCHERS

from .models import Alert


def why_not_watch(actor: Actor) -> str | None:
    """See all alerts: the operator, whose early warning it is, and the regulator."""
    if actor.is_system or actor.has_role(*WATCHERS):
        return None
    return _("Alerts of surveillance are read by the operator and the regulator.")


def why_not_review(actor: Actor, alert: Alert) -> str | None:
    """Take up, dismiss or escalate: the operator or the regulator, and nobody it concerns."""
    if refusal := why_not_watch(actor):
        return refusal
    if not actor.may_write:
        return _("Your role allows looking only; ask an administrator of your organization.")
    if actor.organization in alert.organizations:
        return _("The alert concerns your own organization; somebody else decides.")
    return None


def why_not_close(actor: Actor, alert: Alert) -> str | None:
    """Say what was true of it: the regulator, before whom it was laid."""
    if not actor.has_role("REGULATOR"):
        return _("Only a regulator closes an alert that was laid before it.")
    return why_not_review(actor, alert)
