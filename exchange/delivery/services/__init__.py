"""Verbs of delivery: grants, and the downloads under them."""

from .downloads import (
    Download,
    close_accesses,
    follow_link,
    issue_link,
    resume_download,
    take_download,
)
from .grants import (
    GrantTerms,
    expire_grants,
    open_grant,
    resume_grants,
    revoke_grant,
    suspend_grants,
)
from .inferences import Inference, call_model, check_calling, read_outputs
from .questions import ask_question, check_asking, read_answer

__all__ = [
    "Download",
    "GrantTerms",
    "Inference",
    "ask_question",
    "call_model",
    "check_asking",
    "check_calling",
    "close_accesses",
    "expire_grants",
    "follow_link",
    "issue_link",
    "open_grant",
    "read_answer",
    "read_outputs",
    "resume_download",
    "resume_grants",
    "revoke_grant",
    "suspend_grants",
    "take_download",
]
