"""What supervision does: orders, looks, and searches that watch for it."""

from .looks import COLLECTIONS, INSPECTED_KINDS, PURPOSE, record_inspection, record_view
from .searches import change_search, mark_seen, remove_search, save_search
from .supervision import BASIS, lift_suspension, order_suspension

__all__ = [
    "BASIS",
    "COLLECTIONS",
    "INSPECTED_KINDS",
    "PURPOSE",
    "change_search",
    "lift_suspension",
    "mark_seen",
    "order_suspension",
    "record_inspection",
    "record_view",
    "remove_search",
    "save_search",
]
