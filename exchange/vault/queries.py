"""Finding objects. What an organization stored is visible to it, and to nobody else from here.

Buyers reach bytes through a grant, regulators through the record that names the object.
"""

from django.db.models import QuerySet

from audit.log.actors import Actor
from audit.log.errors import NotFound

from .models import StoredObject


def objects_visible_to(actor: Actor) -> QuerySet[StoredObject]:
    """Return the objects that `actor` may know of."""
    if actor.is_system:
        return StoredObject.objects.all()
    if not actor.organization:
        return StoredObject.objects.none()
    return StoredObject.objects.filter(owner=actor.organization)


def get_object_for(actor: Actor, reference: str) -> StoredObject:
    """Return the object `reference`, if `actor` may know of it; raises NotFound otherwise."""
    found = objects_visible_to(actor).filter(reference=reference).first()
    if found is None:
        raise NotFound
    return found


def get_object(reference: str) -> StoredObject:
    """Return the object `reference` for work that was permitted elsewhere; raises NotFound."""
    found = StoredObject.objects.filter(reference=reference).first()
    if found is None:
        raise NotFound
    return found
