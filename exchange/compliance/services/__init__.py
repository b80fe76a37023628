"""The verbs of the filter: screen a release, decide a case."""

from .cases import decide_case
from .screening import (
    SILENCE,
    queue_screening,
    recover_screenings,
    run_screening,
    screen_release,
)

__all__ = [
    "SILENCE",
    "decide_case",
    "queue_screening",
    "recover_screenings",
    "run_screening",
    "screen_release",
]
