"""The verbs of the filter: screen a release, decide a case, derive what may be traded."""

from .cases import extend_case
from .deciding import (
    confirm_decision,
    decline_decision,
    propose_decision,
    withdraw_decision,
)
from .derivations import (
    carry_out_derivation,
    derivations_to_hand_out,
    request_derivation,
    resume_derivations,
)
from .files import read_document, send_back_case, submit_case, write_part
from .parts import forsaken_screenings
from .previews import Preview, preview_derivation
from .regrading import (
    close_regrade,
    make_determination,
    open_regrade,
    withdraw_determination,
)
from .rescreening import (
    begin_due,
    cancel_rescreening,
    free_items,
    plan_rescreening,
    work_on,
)
from .screening import (
    SILENCE,
    help_screening,
    queue_screening,
    recover_screenings,
    run_screening,
    screen_release,
)
from .volume import count_sale, counts_of, rewrap_sketch_key

__all__ = [
    "SILENCE",
    "Preview",
    "begin_due",
    "cancel_rescreening",
    "carry_out_derivation",
    "close_regrade",
    "confirm_decision",
    "count_sale",
    "counts_of",
    "decline_decision",
    "derivations_to_hand_out",
    "extend_case",
    "forsaken_screenings",
    "free_items",
    "help_screening",
    "make_determination",
    "open_regrade",
    "plan_rescreening",
    "preview_derivation",
    "propose_decision",
    "queue_screening",
    "read_document",
    "recover_screenings",
    "request_derivation",
    "resume_derivations",
    "rewrap_sketch_key",
    "run_screening",
    "screen_release",
    "send_back_case",
    "submit_case",
    "withdraw_decision",
    "withdraw_determination",
    "work_on",
    "write_part",
]
