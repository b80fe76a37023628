"""Reading uploaded files into tables; all contact with their bytes is in a limited child."""

from exchange.vault.formats.limits import Limits

from .faults import Unreadable
from .files import Reading, check_table, profile_file, read_file
from .messages import describe_note

__all__ = [
    "Limits",
    "Reading",
    "Unreadable",
    "check_table",
    "describe_note",
    "profile_file",
    "read_file",
]
