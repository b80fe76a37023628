"""Who may put bytes into the vault, take them out, and have them destroyed."""

from django.utils.translation import gettext as _

from audit.log.actors import Actor

from .models import StoredObject


def why_not_store(actor: Actor, owner: str) -> str | None:
    """Why `actor` may not keep a file for the organization `owner`, or None."""
    if actor.is_system:
        return None
    if not owner or actor.organization != owner:
        return _("Files are kept for one's own organization only.")
    if not actor.may_write:
        return _("Your role allows looking only; ask an administrator of your organization.")
    return None


def why_not_destroy(actor: Actor, stored: StoredObject) -> str | None:
    """Why `actor` may not destroy `stored`, or None."""
    if actor.is_system:
        return None
    if actor.organization != stored.owner:
        return _("Only the organization that owns a file may have it destroyed.")
    if not actor.is_admin:
        return _("Only an administrator of the organization may have a file destroyed.")
    return None


def why_not_impound(actor: Actor) -> str | None:
    """Why `actor` may not seal a file as evidence or lift the seal, or None: the filter does."""
    if actor.is_system:
        return None
    return _("Files are sealed by the filter, and freed by another reading of it.")


def why_not_inspect(actor: Actor) -> str | None:
    """Why `actor` may not read an impounded file, or None: only a regulator does."""
    if actor.has_role("REGULATOR") and actor.may_write:
        return None
    return _("Only a regulator reads a sealed file.")


def why_not_rewrap(actor: Actor) -> str | None:
    """Why `actor` may not wrap keys anew, or None."""
    if actor.is_system or (actor.has_role("OPERATOR") and actor.is_admin):
        return None
    return _("Keys are rotated by the operator.")
