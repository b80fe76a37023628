"""Screenings of releases, and the cases they lead to."""

from .case import Case
from .rescreening import Rescreening, RescreeningItem
from .screening import Screening

__all__ = ["Case", "Rescreening", "RescreeningItem", "Screening"]
