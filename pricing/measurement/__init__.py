"""Measurements of the algorithms of pricing; found by the register under this module's name."""

from .appraisal import measure_appraisal
from .quotes import measure_price_quote

__all__ = ["measure_appraisal", "measure_price_quote"]
