"""Who may set an algorithm's decision aside, and who may read it."""

from django.utils.translation import gettext as _

from audit.log.actors import Actor

from .states import WATCHERS

REASON_MOST = 2000
OUTCOME_MOST = 200


def why_not_override(actor: Actor) -> str | None:
    """Let only people who answer for the market set an algorithm's decision aside.

    What else a person decides differently (a case, a grade, a price step declined) is recorded by
    the act itself, under its own rules.
    """
    if actor.is_system:
        return _("Only a person sets an algorithm's decision aside.")
    if not actor.has_role(*WATCHERS):
        return _("Only the operator or a regulator sets an algorithm's decision aside.")
    if not actor.may_write:
        return _("Your role in the organization only allows looking.")
    return None
