"""Disclosures, measurements and evaluations: what is said of an algorithm, and what was found."""

from .disclosure import Disclosure
from .evaluation import EvaluationReport
from .measurement import Measurement
from .suspension import Suspension

__all__ = ["Disclosure", "EvaluationReport", "Measurement", "Suspension"]
