"""Verbs of audits, findings and appeals."""

from .answering import answer_appeal, extend_appeal
from .appealing import (
    Lodged,
    erase_appellant,
    lodge_appeal,
    refer_appeal,
    withdraw_appeal,
)
from .clocks import run_clocks
from .fieldwork import begin_fieldwork, draft_finding, drop_draft, read_sample
from .findings import answer_finding, close_finding, send_back_finding, take_over_finding
from .ordering import (
    accept_audit,
    cancel_audit,
    give_back_audit,
    order_audit,
    plan_audit,
)
from .reporting import read_audit_document, report_audit

__all__ = [
    "Lodged",
    "accept_audit",
    "answer_appeal",
    "answer_finding",
    "begin_fieldwork",
    "cancel_audit",
    "close_finding",
    "draft_finding",
    "drop_draft",
    "erase_appellant",
    "extend_appeal",
    "give_back_audit",
    "lodge_appeal",
    "order_audit",
    "plan_audit",
    "read_audit_document",
    "read_sample",
    "refer_appeal",
    "report_audit",
    "run_clocks",
    "send_back_finding",
    "take_over_finding",
    "withdraw_appeal",
]
