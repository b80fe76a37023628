"""Screenings of releases, and the cases they lead to."""

from .case import Case
from .screening import Screening

__all__ = ["Case", "Screening"]
