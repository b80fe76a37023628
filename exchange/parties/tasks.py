"""What parties tell others: which organizations a person acts for."""

from collections.abc import Iterable
from uuid import UUID

from audit.retention.belonging import Thing, belongs

from .models import Member


@belongs("member")
def organizations_of_member(public_id: str) -> Iterable[Thing]:
    """Name the organizations that a person acts for now; one filed by its own name is one."""
    try:
        UUID(public_id)
    except ValueError:
        return [("organization", public_id)]
    rows = Member.objects.filter(user__public_id=public_id)
    references = rows.values_list("organization__reference", flat=True)
    return [("organization", reference) for reference in references]
