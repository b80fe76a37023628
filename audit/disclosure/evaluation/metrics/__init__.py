"""The accuracy metrics: names, directions, and how each is computed with its interval."""

from .names import METRICS, Metric, metric_named
from .scoring import Scores

__all__ = ["METRICS", "Metric", "Scores", "metric_named"]
