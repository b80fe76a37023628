"""Screenings of releases, and the cases they lead to."""

from .appeal import Appeal
from .case import Case
from .derivation import Derivation, PseudonymKey
from .file import FilePart
from .part import ScreeningPart
from .proposal import Proposal
from .regrading import Determination, Regrade
from .rescreening import Rescreening, RescreeningItem
from .screening import Screening
from .volume import KeySketch, ReleaseVolume, Sale, SketchKey

__all__ = [
    "Appeal",
    "Case",
    "Derivation",
    "Determination",
    "FilePart",
    "KeySketch",
    "Proposal",
    "PseudonymKey",
    "Regrade",
    "ReleaseVolume",
    "Rescreening",
    "RescreeningItem",
    "Sale",
    "Screening",
    "ScreeningPart",
    "SketchKey",
]
