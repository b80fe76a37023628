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

__all__ = [
    "Download",
    "GrantTerms",
    "close_accesses",
    "expire_grants",
    "follow_link",
    "issue_link",
    "open_grant",
    "resume_download",
    "resume_grants",
    "revoke_grant",
    "suspend_grants",
    "take_download",
]
