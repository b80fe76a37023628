"""Reading rules: the version of a day, and the drafts of an authority."""

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from audit.log.actors import Actor
from audit.log.errors import NotFound

from .models import RuleDraft
from .shelf import (
    NoPack,
    Pack,
    begins_at,
    day_of,
    file_packs,
    find_pack,
    forget_packs,
    get_pack,
    list_kinds,
    list_packs,
    seal_of,
)

__all__ = [
    "NoPack",
    "Pack",
    "begins_at",
    "day_of",
    "drafts_visible_to",
    "file_packs",
    "find_pack",
    "forget_packs",
    "get_draft_for",
    "get_pack",
    "list_kinds",
    "list_packs",
    "seal_of",
]


def drafts_visible_to(actor: Actor) -> QuerySet[RuleDraft]:
    """Return the drafts an actor may read: those of its own authority."""
    if not actor.has_role("REGULATOR") or not actor.organization:
        return RuleDraft.objects.none()
    return RuleDraft.objects.filter(authority=actor.organization)


def get_draft_for(actor: Actor, reference: str) -> RuleDraft:
    """Return one draft the actor may read; NotFound tells nothing about others."""
    found = drafts_visible_to(actor).filter(reference=reference).first()
    if found is None:
        raise NotFound(_("There is no draft %(reference)s.") % {"reference": reference})
    return found
