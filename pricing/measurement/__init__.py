"""Measurements of the algorithms of pricing; found by the register under this module's name."""

from .appraisal import measure_appraisal
from .quality import measure_quality_scores
from .quotes import measure_price_quote
from .values import measure_values

__all__ = [
    "measure_appraisal",
    "measure_price_quote",
    "measure_quality_scores",
    "measure_values",
]
