"""The verbs of parties: accounts, admission, members, credentials."""

from .admission import (
    Check,
    admit_organization,
    apply_for_admission,
    attach_license,
    create_operator,
    record_check,
    reinstate_organization,
    reject_organization,
    suspend_organization,
    terminate_organization,
)
from .copying import copy_person
from .erasure import (
    Preview,
    erase_closed_accounts,
    erase_person,
    finish_erasures,
    preview_erasure,
)
from .members import add_member, change_member_role, remove_member
from .tokens import authenticate_token, issue_token, revoke_token
from .users import choose_language, deactivate_user, register_user

__all__ = [
    "Check",
    "Preview",
    "add_member",
    "admit_organization",
    "apply_for_admission",
    "attach_license",
    "authenticate_token",
    "change_member_role",
    "choose_language",
    "copy_person",
    "create_operator",
    "deactivate_user",
    "erase_closed_accounts",
    "erase_person",
    "finish_erasures",
    "issue_token",
    "preview_erasure",
    "record_check",
    "register_user",
    "reinstate_organization",
    "reject_organization",
    "remove_member",
    "revoke_token",
    "suspend_organization",
    "terminate_organization",
]
