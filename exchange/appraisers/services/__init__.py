"""Verbs of appraisers: accreditation, engagements, and the appraisal they deliver."""

from .accrediting import (
    accredit_appraiser,
    apply_for_accreditation,
    expire_due_accreditations,
    reinstate_accreditation,
    reject_accreditation,
    suspend_accreditation,
    withdraw_accreditation,
)
from .engaging import (
    accept_engagement,
    decline_engagement,
    deliver_appraisal,
    recall_engagement,
    request_engagement,
)

__all__ = [
    "accept_engagement",
    "accredit_appraiser",
    "apply_for_accreditation",
    "decline_engagement",
    "deliver_appraisal",
    "expire_due_accreditations",
    "recall_engagement",
    "reinstate_accreditation",
    "reject_accreditation",
    "request_engagement",
    "suspend_accreditation",
    "withdraw_accreditation",
]
