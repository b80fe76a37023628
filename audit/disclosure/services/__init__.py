"""Verbs of the register: describe, file, review, publish, suspend, withdraw, measure."""

from .calling import call_for_filing
from .drafting import draft_disclosure, edit_disclosure
from .evaluating import record_evaluation
from .filing import file_disclosure, supersede_disclosure, withdraw_disclosure
from .measuring import record_measurement
from .platform import file_platform_disclosures, read_platform_statements
from .reviewing import (
    confirm_disclosure,
    publish_disclosure,
    refuse_disclosure,
    return_disclosure,
    take_review,
)
from .suspending import lift_suspension, suspend_disclosure
from .watching import watch_disclosures

__all__ = [
    "call_for_filing",
    "confirm_disclosure",
    "draft_disclosure",
    "edit_disclosure",
    "file_disclosure",
    "file_platform_disclosures",
    "lift_suspension",
    "publish_disclosure",
    "read_platform_statements",
    "record_evaluation",
    "record_measurement",
    "refuse_disclosure",
    "return_disclosure",
    "supersede_disclosure",
    "suspend_disclosure",
    "take_review",
    "watch_disclosures",
    "withdraw_disclosure",
]
