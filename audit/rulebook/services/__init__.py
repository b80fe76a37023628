"""The verbs of the rulebook: publish files, write versions, take them back."""

from .drafting import (
    approve_draft,
    discard_draft,
    edit_draft,
    propose_draft,
    publish_draft,
    return_draft,
    start_draft,
    withdraw_pack,
)
from .publishing import publish_packs

__all__ = [
    "approve_draft",
    "discard_draft",
    "edit_draft",
    "propose_draft",
    "publish_draft",
    "publish_packs",
    "return_draft",
    "start_draft",
    "withdraw_pack",
]
