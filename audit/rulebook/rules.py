"""Who may publish rules."""

from django.utils.translation import gettext as _

from audit.log.actors import Actor


def why_not_publish(actor: Actor) -> str | None:
    """Return why `actor` may not make a rule pack binding, or None."""
    if actor.is_system or actor.has_role("OPERATOR", "REGULATOR"):
        return None
    return _("Only the operator or a regulator publishes rule packs.")
