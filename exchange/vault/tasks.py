"""What the vault tells others: whose a stored file is."""

from collections.abc import Iterable

from audit.retention.belonging import Thing, belongs

from .models import StoredObject


@belongs("object")
def owner_of_object(reference: str) -> Iterable[Thing]:
    """Name the organization that a file is kept for."""
    owners = StoredObject.objects.filter(reference=reference).values_list("owner", flat=True)
    return [("organization", owner) for owner in owners]
