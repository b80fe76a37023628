"""Who may seal, look, hand in and measure. Each returns the reason for a no, or None."""

from datetime import datetime

from django.utils.translation import gettext as _

from audit.disclosure.models import Disclosure
from audit.disclosure.states import DisclosureState
from audit.log.actors import Actor

from .independence import is_auditor, tie_between
from .models import EvaluationRun, EvaluationSet
from .states import RunState

WATCHERS = ("OPERATOR", "REGULATOR")


def why_not_seal(actor: Actor, at: datetime) -> str | None:
    """Let operator, regulators and accredited auditors seal: never those who are measured."""
    if not actor.has_role(*WATCHERS) and not is_auditor(actor.organization, at):
        return _("Only the operator, a regulator or an accredited auditor seals evaluation sets.")
    if not actor.may_write:
        return _("Your place in the organization lets you look, not act; ask its administrator.")
    return None


def why_not_retire(actor: Actor, evaluation_set: EvaluationSet) -> str | None:
    """Let those retire a set who sealed it, and those who watch."""
    own = actor.organization == evaluation_set.sealed_by.reference
    if not own and not actor.has_role(*WATCHERS):
        return _("Only who sealed the set, the operator or a regulator retires it.")
    if not actor.may_write:
        return _("Your place in the organization lets you look, not act; ask its administrator.")
    return None


def why_not_open(actor: Actor, evaluation_set: EvaluationSet) -> str | None:
    """Let nobody take out sealed rows but those who brought them."""
    if actor.organization != evaluation_set.sealed_by.reference:
        return _("Sealed rows are handed to nobody but those who sealed them.")
    if not actor.is_admin:
        return _("Only an administrator of the organization takes sealed rows out.")
    return None


def why_not_hand_in(actor: Actor) -> str | None:
    """Let an admitted organization hand in its own models and rows."""
    if not actor.organization or not actor.roles:
        return _("The organization is not admitted.")
    if not actor.may_write:
        return _("Your place in the organization lets you look, not act; ask its administrator.")
    return None


def why_not_measure(actor: Actor, disclosure: Disclosure) -> str | None:
    """Let the owner have its algorithm measured once it is described for the public."""
    if actor.organization != disclosure.owner or not actor.organization:
        return _("Only the owner of an algorithm has it measured; it holds the model.")
    if not actor.may_write:
        return _("Your place in the organization lets you look, not act; ask its administrator.")
    if disclosure.filed_at is None:
        return _("The disclosure is a draft. File it first; what is filed is what is measured.")
    return _why_not_by_state(disclosure.status)


def _why_not_by_state(status: str) -> str | None:
    if status == DisclosureState.WITHDRAWN:
        return _("The disclosure was withdrawn. Draft and file a new version first.")
    if status == DisclosureState.SUPERSEDED:
        return _("A later version of this disclosure is in force. Measure that one.")
    if status in (DisclosureState.RETURNED, DisclosureState.REFUSED):
        return _("Reviewers sent this version back. File a mended one first.")
    return None


def why_not_rehearse(actor: Actor, disclosure: Disclosure) -> str | None:
    """Let the owner try its algorithm on rows of its own, drafts included."""
    if actor.organization != disclosure.owner or not actor.organization:
        return _("Only the owner of an algorithm rehearses its measurement.")
    if not actor.may_write:
        return _("Your place in the organization lets you look, not act; ask its administrator.")
    return None


def why_not_independent(evaluation_set: EvaluationSet, owner: str) -> str | None:
    """Keep a set out whose sealers are, own, or are owned by the owner of the algorithm."""
    if not owner:
        if "OPERATOR" in evaluation_set.sealed_by.roles:
            return _("The operator may not seal the rows on which its own algorithms are measured.")
        return None
    words = {
        "SAME": _("This set was sealed by the owner of the algorithm itself. Choose another one."),
        "OWNS": _(
            "Whoever sealed this set holds a share of the algorithm's owner. Choose another one."
        ),
        "OWNED": _(
            "The algorithm's owner holds a share of whoever sealed this set. Choose another one."
        ),
        "COMMON": _(
            "Whoever sealed this set has an owner in common with the algorithm's owner. Choose "
            "another one."
        ),
    }
    tie = tie_between(evaluation_set.sealed_by.reference, owner)
    return words.get(tie) if tie else None


def why_not_cancel(actor: Actor, run: EvaluationRun) -> str | None:
    """Let the owner give a run up, and those who watch."""
    if actor.is_system:
        return None
    if actor.organization != run.owner and not actor.has_role(*WATCHERS):
        return _("Only the owner of the algorithm, the operator or a regulator cancels this.")
    if not actor.may_write:
        return _("Your place in the organization lets you look, not act; ask its administrator.")
    return None


def set_actions(actor: Actor, evaluation_set: EvaluationSet) -> list[str]:
    """Return the verbs open to the actor on a set, for both faces."""
    found = []
    if evaluation_set.is_sealed and why_not_retire(actor, evaluation_set) is None:
        found.append("retire")
    if why_not_open(actor, evaluation_set) is None:
        found.append("open")
    return found


def run_actions(actor: Actor, run: EvaluationRun) -> list[str]:
    """Return the verbs open to the actor on a run, for both faces."""
    stoppable = run.status in (RunState.QUEUED, RunState.RUNNING)
    return ["cancel"] if stoppable and why_not_cancel(actor, run) is None else []
