"""Who may publish rules, and who may write, approve and take back versions of them."""

from datetime import date, datetime

from django.utils.translation import gettext as _

from audit.log.actors import Actor, ActorKind

from . import shelf
from .models import RuleDraft, RulePack
from .states import OPEN, DraftState, PackState


def why_not_publish(actor: Actor) -> str | None:
    """Return why `actor` may not make a rule pack binding, or None."""
    if actor.is_system or actor.has_role("OPERATOR", "REGULATOR"):
        return None
    return _("Only the operator or a regulator publishes rule packs.")


def why_not_write(actor: Actor) -> str | None:
    """Let persons of a regulator write rules; a token has no second pair of eyes."""
    if not actor.has_role("REGULATOR"):
        return _("Only a regulator writes rules.")
    if actor.kind != ActorKind.USER:
        return _("Rules are written and approved by persons, not by tokens.")
    if not actor.may_write:
        return _("Your place in the authority lets you look, not act.")
    return None


def why_not_edit(actor: Actor, draft: RuleDraft) -> str | None:
    """Let persons of the authority that began it change a draft that is still open."""
    if refusal := why_not_write(actor):
        return refusal
    if actor.organization != draft.authority:
        return _("Only the authority that began the draft changes it.")
    if draft.status not in OPEN:
        return _("The draft is closed; begin another one.")
    return None


def why_not_approve(actor: Actor, draft: RuleDraft) -> str | None:
    """Ask for a second pair of eyes: nobody approves what bears his own hand."""
    if refusal := why_not_edit(actor, draft):
        return refusal
    if draft.status != DraftState.PROPOSED:
        return _("The draft has not been proposed for approval.")
    if actor.id in draft.authors:
        return _("You wrote part of this draft; a second person of the authority approves it.")
    return None


def why_not_make_binding(actor: Actor, draft: RuleDraft, at: datetime) -> str | None:
    """Publish what was approved, as it was approved, and early enough to be known everywhere."""
    if refusal := why_not_edit(actor, draft):
        return refusal
    if draft.status != DraftState.APPROVED:
        return _("The draft has not been approved by a second person.")
    if draft.seal != shelf.seal_of(draft.kind, draft.effective_on, draft.text):
        return _("The draft is not the one that was approved.")
    return why_not_begin_on(draft.kind, draft.base, draft.effective_on, at)


def why_not_begin_on(kind: str, base: str, day: date | None, at: datetime) -> str | None:
    """Return why a version begun from `base` may not bind from `day`, or None."""
    if day is None:
        return _("Name the day from which the rules bind.")
    if shelf.begins_at(day) - at < shelf.LEAD:
        return _(
            "Rules bind from a coming midnight, at least ten minutes after their publication; "
            "name a later day."
        )
    versions = shelf.list_packs(kind)
    if any(pack.effective_on == day for pack in versions):
        return _("A version for this day is published already; name another day.")
    before = [pack for pack in versions if pack.effective_on < day]
    if not before or before[-1].label != base:
        now = before[-1].label if before else "–"
        return _(
            "On that day %(now)s would be replaced, but the draft was begun from %(base)s. Begin "
            "a draft from %(now)s."
        ) % {"now": now, "base": base}
    if before[-1] != versions[-1]:
        return _("A version for a later day is published already; withdraw it first.")
    return None


def why_not_withdraw(actor: Actor, pack: RulePack, at: datetime) -> str | None:
    """Take a version back while it does not bind yet, and nothing was built on it."""
    if refusal := why_not_write(actor):
        return refusal
    known = shelf.find_pack(pack.reference)
    if pack.status != PackState.PUBLISHED or known is None:
        return _("Only a published version can be withdrawn.")
    if known in shelf.file_packs(pack.kind):
        return _("This version is part of the program and cannot be withdrawn here.")
    if shelf.begins_at(known.effective_on) - at < shelf.LEAD:
        return _(
            "The version is in force, or so nearly that it cannot be stopped; publish another."
        )
    if shelf.list_packs(pack.kind)[-1] != known:
        return _("A later version was built on this one; withdraw that first.")
    return None
