"""The verbs of the filter: screen, decide a case, derive what may be traded, watch exports."""

from .appeals import answer_appeal, lodge_appeal, withdraw_appeal
from .cases import close_cases, extend_case
from .checks import Checked, check_file
from .deciding import (
    confirm_decision,
    decline_decision,
    propose_decision,
    withdraw_decision,
)
from .derivations import (
    carry_out_derivation,
    derivations_to_hand_out,
    figures_of,
    propose_derivation,
    request_derivation,
    resume_derivations,
)
from .documents import read_appeal_document, read_filing_document
from .exporting import count_access, count_export, declare_route
from .files import read_document, send_back_case, submit_case, write_part
from .filings import (
    complete_filing,
    expire_filings,
    file_evidence,
    reject_filing,
    revoke_filing,
    verify_filing,
)
from .limits import read_again, watch_limits
from .models import read_models_again
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
    retry_screening,
    run_screening,
    screen_release,
)
from .standings import set_standing
from .volume import count_sale, counts_of, rewrap_sketch_key

__all__ = [
    "SILENCE",
    "Checked",
    "Preview",
    "answer_appeal",
    "begin_due",
    "cancel_rescreening",
    "carry_out_derivation",
    "check_file",
    "close_cases",
    "close_regrade",
    "complete_filing",
    "confirm_decision",
    "count_access",
    "count_export",
    "count_sale",
    "counts_of",
    "declare_route",
    "decline_decision",
    "derivations_to_hand_out",
    "expire_filings",
    "extend_case",
    "figures_of",
    "file_evidence",
    "forsaken_screenings",
    "free_items",
    "help_screening",
    "lodge_appeal",
    "make_determination",
    "open_regrade",
    "plan_rescreening",
    "preview_derivation",
    "propose_decision",
    "propose_derivation",
    "queue_screening",
    "read_again",
    "read_appeal_document",
    "read_document",
    "read_filing_document",
    "read_models_again",
    "recover_screenings",
    "reject_filing",
    "request_derivation",
    "resume_derivations",
    "retry_screening",
    "revoke_filing",
    "rewrap_sketch_key",
    "run_screening",
    "screen_release",
    "send_back_case",
    "set_standing",
    "submit_case",
    "verify_filing",
    "watch_limits",
    "withdraw_appeal",
    "withdraw_decision",
    "withdraw_determination",
    "work_on",
    "write_part",
]
