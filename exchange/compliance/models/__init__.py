"""Screenings of releases, the cases they lead to, and what is derived from releases."""

from .case import Case
from .derivation import Derivation, PseudonymKey
from .rescreening import Rescreening, RescreeningItem
from .screening import Screening

__all__ = [
    "Case",
    "Derivation",
    "PseudonymKey",
    "Rescreening",
    "RescreeningItem",
    "Screening",
]
