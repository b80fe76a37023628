"""Screenings of releases, and the cases they lead to."""

from .appeal import Appeal
from .case import Case
from .derivation import Derivation, PseudonymKey
from .file import FilePart
from .proposal import Proposal
from .rescreening import Rescreening, RescreeningItem
from .screening import Screening

__all__ = [
    "Appeal",
    "Case",
    "Derivation",
    "FilePart",
    "Proposal",
    "PseudonymKey",
    "Rescreening",
    "RescreeningItem",
    "Screening",
]
