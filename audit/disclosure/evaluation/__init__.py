"""Measuring somebody's algorithm: card, model and rows in, what it is worth out. No framework.

The model is executed only in a confined child that never sees the answers; the parent handles
plain arrays. `evaluate` is the one entrance.
"""

from .cards import Card, read_card
from .evaluating import evaluate
from .frames import Frame
from .limits import RunLimits
from .refusals import Refused
from .results import Claim, Evaluation, Figure, Finding
from .running import inspect_model, read_frame

__all__ = [
    "Card",
    "Claim",
    "Evaluation",
    "Figure",
    "Finding",
    "Frame",
    "Refused",
    "RunLimits",
    "evaluate",
    "inspect_model",
    "read_card",
    "read_frame",
]
