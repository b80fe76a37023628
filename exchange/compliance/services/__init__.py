"""The verbs of the filter: screen a release, decide a case."""

from .cases import decide_case
from .rescreening import (
    begin_due,
    cancel_rescreening,
    free_items,
    plan_rescreening,
    work_on,
)
from .screening import (
    SILENCE,
    queue_screening,
    recover_screenings,
    run_screening,
    screen_release,
)

__all__ = [
    "SILENCE",
    "begin_due",
    "cancel_rescreening",
    "decide_case",
    "free_items",
    "plan_rescreening",
    "queue_screening",
    "recover_screenings",
    "run_screening",
    "screen_release",
    "work_on",
]
