"""Screenings of releases, their cases, what is derived from releases, and exports."""

from .appeal import Appeal
from .case import Case
from .derivation import Derivation, PseudonymKey
from .export import (
    ExportFiling,
    ExportRecord,
    ExportRoute,
    ExportStanding,
    ExportWarning,
    ExportYear,
)
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
    "ExportFiling",
    "ExportRecord",
    "ExportRoute",
    "ExportStanding",
    "ExportWarning",
    "ExportYear",
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
