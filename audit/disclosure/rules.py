"""Who may describe, review, suspend and measure an algorithm."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from audit.log.actors import Actor

from .faults import faults_of_statement, faults_to_file
from .models import Disclosure, Suspension
from .states import STANDING, WAITING, DisclosureState

__all__ = [
    "disclosure_actions",
    "faults_of_statement",
    "faults_to_file",
    "why_not_call",
    "why_not_decide",
    "why_not_describe",
    "why_not_lift",
    "why_not_measure",
    "why_not_review_afterwards",
    "why_not_suspend",
    "why_not_take",
]


def why_not_describe(actor: Actor, owner: str) -> str | None:
    """Let only whoever answers for an algorithm disclose it (《算法推荐管理规定》第七条)."""
    if not owner:
        if actor.is_system or (actor.has_role("OPERATOR") and actor.may_write):
            return None
        return _("Only the operator discloses the platform's own algorithms.")
    if actor.organization != owner:
        return _("Only the owner of an algorithm discloses it.")
    if not actor.roles:
        return _("The organization is not admitted.")
    if not actor.may_write:
        return _("Your role in the organization only allows looking.")
    return None


def why_not_supervise(actor: Actor, owner: str) -> str | None:
    """Let the operator look after members' algorithms, a regulator after all; nobody after its own.

    The platform's own algorithms are the operator's, who therefore never judges them.
    """
    if not actor.has_role("OPERATOR", "REGULATOR") or not actor.may_write:
        return _("Only the operator or a regulator reviews disclosures.")
    if owner and actor.organization == owner:
        return _("Nobody decides about its own algorithm.")
    if not owner and not actor.has_role("REGULATOR"):
        return _("Only a regulator decides about the platform's own algorithms.")
    return None


def why_not_take(actor: Actor, disclosure: Disclosure, *, held: bool) -> str | None:
    """Let a reviewer take up what waits; a regulator may take it from the operator.

    `held` says that a regulator has it in hand, or suspended the algorithm.
    """
    if refusal := why_not_supervise(actor, disclosure.owner):
        return refusal
    if held and not actor.has_role("REGULATOR"):
        return _("A regulator has this algorithm in hand.")
    if disclosure.status == DisclosureState.UNDER_REVIEW:
        if disclosure.reviewer == actor.organization:
            return _("You have it in review already.")
        if not actor.has_role("REGULATOR"):
            return _("Somebody else reviews it.")
    return None


def why_not_decide(actor: Actor, disclosure: Disclosure) -> str | None:
    """Let only whoever took the review up decide."""
    if refusal := why_not_supervise(actor, disclosure.owner):
        return refusal
    if disclosure.reviewer != actor.organization:
        return _("Take the review up first.")
    return None


def why_not_review_afterwards(actor: Actor, disclosure: Disclosure) -> str | None:
    """Let a regulator say that it reviewed what was published under its owner's responsibility."""
    if not actor.has_role("REGULATOR") or not actor.may_write:
        return _("Only a regulator reviews what is published under the owner's responsibility.")
    if disclosure.status not in STANDING or disclosure.reviewer:
        return _("This was reviewed before it was published, or is not in the register.")
    return None


def why_not_suspend(actor: Actor, disclosure: Disclosure) -> str | None:
    """Let a regulator suspend any algorithm and the operator a member's; never the owner."""
    return why_not_supervise(actor, disclosure.owner)


def why_not_lift(
    actor: Actor, disclosure: Disclosure, suspensions: Iterable[Suspension]
) -> str | None:
    """Let only a regulator lift what a regulator ordered."""
    if refusal := why_not_supervise(actor, disclosure.owner):
        return refusal
    if any(each.by_regulator for each in suspensions) and not actor.has_role("REGULATOR"):
        return _("A regulator suspended it; only a regulator lifts that.")
    return None


def why_not_call(actor: Actor, disclosure: Disclosure) -> str | None:
    """Let owner, supervisors and the platform itself note that a filing is due."""
    if actor.is_system or why_not_describe(actor, disclosure.owner) is None:
        return None
    return why_not_supervise(actor, disclosure.owner)


def why_not_measure(actor: Actor) -> str | None:
    """Accuracy is recomputed by the platform; nobody types it in."""
    if actor.is_system:
        return None
    return _("Accuracy is measured by the platform itself.")


def disclosure_actions(
    actor: Actor,
    disclosure: Disclosure,
    *,
    suspensions: Iterable[Suspension] = (),
    held: bool = False,
) -> list[str]:
    """Return the verbs open to the actor on a version now, for both faces."""
    steps = disclosure.lifecycle.allowed(disclosure.status)
    found: list[str] = []
    if why_not_describe(actor, disclosure.owner) is None:
        if disclosure.status in {DisclosureState.DRAFT, DisclosureState.RETURNED}:
            found.append("edit")
        found += [verb for verb in ("file", "withdraw") if verb in steps]
        if disclosure.status in STANDING:
            found.append("supersede")
    if disclosure.status in WAITING and not why_not_take(actor, disclosure, held=held):
        found.append("take")
    if disclosure.status == DisclosureState.UNDER_REVIEW and not why_not_decide(actor, disclosure):
        found += ["publish", "return", "refuse"]
    if "suspend" in steps and not why_not_suspend(actor, disclosure):
        found.append("suspend")
    if "lift" in steps and not why_not_lift(actor, disclosure, suspensions):
        found.append("lift")
    if not why_not_review_afterwards(actor, disclosure):
        found.append("confirm")
    if disclosure.status in STANDING and not why_not_call(actor, disclosure):
        found.append("call")
    return found
