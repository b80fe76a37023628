"""Measurements of the filter's algorithms; found by the register under this module's name."""

from .grading import measure_grading
from .scanner import measure_scanner
from .text import measure_text

__all__ = ["measure_grading", "measure_scanner", "measure_text"]
