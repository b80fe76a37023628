"""The verbs of the filter: screen a release, decide a case, derive what may be traded."""

from .cases import decide_case
from .derivations import (
    carry_out_derivation,
    derivations_to_hand_out,
    request_derivation,
    resume_derivations,
)
from .previews import Preview, preview_derivation
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
    "Preview",
    "begin_due",
    "cancel_rescreening",
    "carry_out_derivation",
    "decide_case",
    "derivations_to_hand_out",
    "free_items",
    "plan_rescreening",
    "preview_derivation",
    "queue_screening",
    "recover_screenings",
    "request_derivation",
    "resume_derivations",
    "run_screening",
    "screen_release",
    "work_on",
]
