"""How a state looks: one of six tones, each a shape as well as a colour."""

from typing import Final

SHAPES: Final = {  # tone: symbol in the sprite
    "still": "still",  # nothing is asked of anybody
    "moving": "moving",  # work is under way
    "wait": "wait",  # somebody has to decide
    "good": "good",  # in force, passed, done
    "over": "over",  # ended in good order
    "stop": "stop",  # blocked, refused, suspended
}

TONES: Final = {
    "ABSENT": "still",
    "ESCALATED": "stop",
    "DISMISSED": "over",
    "ACCEPTED": "good",
    "ACCREDITED": "good",
    "ADMITTED": "good",
    "AGREED": "good",
    "AMBER": "wait",
    "ANSWERED": "moving",
    "APPLIED": "wait",
    "APPLYING": "moving",
    "APPRAISED": "moving",
    "APPROVED": "good",
    "BLOCK": "stop",
    "BLOCKED": "stop",
    "CANCELLED": "over",
    "CLEAR": "good",
    "CLEARED": "good",
    "CLOSED": "over",
    "COMPLETED": "over",
    "CONFIRMED": "good",
    "CONTRACTED": "moving",
    "CORE": "stop",
    "COUNTERED": "wait",
    "DECLINED": "stop",
    "DELISTED": "over",
    "DELIVERED": "moving",
    "DELIVERING": "moving",
    "DISCARDED": "over",
    "DISPUTED": "stop",
    "DONE": "good",
    "DRAFT": "still",
    "DRAFTED": "still",
    "DUE": "wait",
    "EFFECTIVE": "good",
    "ERASED": "over",
    "EXHAUSTED": "over",
    "EXPIRED": "over",
    "FAILED": "stop",
    "FIELDWORK": "moving",
    "FILED": "good",
    "GENERAL": "good",
    "GREEN": "good",
    "IMPORTANT": "wait",
    "IMPOUNDED": "stop",
    "IN_FORCE": "stop",
    "IN_REVIEW": "wait",
    "LAPSED": "over",
    "LATE": "stop",
    "LIFTED": "over",
    "LISTED": "good",
    "LODGED": "wait",
    "MADE": "wait",
    "OFFERED": "wait",
    "OPEN": "moving",
    "ORDERED": "moving",
    "OVERDUE": "stop",
    "PAID": "moving",
    "PARTLY_UPHELD": "good",
    "PENDING": "moving",
    "PLACED": "moving",
    "PLANNED": "wait",
    "POSTED": "good",
    "PREPARING": "moving",
    "PROPOSED": "wait",
    "PUBLISHED": "good",
    "QUEUED": "moving",
    "READY": "good",
    "RECALLED": "over",
    "RED": "stop",
    "REFERRED": "wait",
    "REFUNDED": "over",
    "REFUSED": "stop",
    "REJECTED": "stop",
    "REOPENED": "moving",
    "REPORTED": "wait",
    "REQUESTED": "wait",
    "RESCREENED": "moving",
    "REVIEW": "wait",
    "RETURNED": "wait",
    "REVOKED": "stop",
    "RUNNING": "moving",
    "SCREENING": "moving",
    "SEQUENCED": "moving",
    "SETTLED": "over",
    "SETTLING": "moving",
    "SIGNED": "good",
    "SIGNED_BY_BUYER": "moving",
    "SIGNED_BY_PROVIDER": "moving",
    "STANDING": "wait",
    "STATED": "good",
    "SUBMITTED": "moving",
    "SUPERSEDED": "over",
    "SUSPENDED": "stop",
    "TAKEN_OVER": "stop",
    "TERMINATED": "over",
    "UPHELD": "stop",
    "VERIFIED": "good",
    "UNDER_REVIEW": "moving",
    "VOIDED": "over",
    "WITHDRAWN": "over",
}


ASIDE: Final = frozenset(
    {
        "CANCELLED",
        "DELISTED",
        "EXPIRED",
        "REFUNDED",
        "REVOKED",
        "SUPERSEDED",
        "TERMINATED",
        "VOIDED",
        "WITHDRAWN",
    }
)
"""Ends that nobody sets out for; the usual path of a lifecycle leaves them out."""


OWN: Final = {
    "adjustment": {"IN_FORCE": "good", "ENDED": "over"},
    "agreement": {"IN_FORCE": "good"},
    "disclosure": {"FILED": "wait"},
    "filing": {"FILED": "wait"},
    "price_step": {"ANNOUNCED": "moving", "APPLIED": "good", "DECLINED": "over"},
    "measurement": {"MEASURED": "good", "REFUSED": "stop", "RUNNING": "wait"},
}
"""Lifecycles in which a state means something else than in the others."""


def tone_of(status: str, of: str = "") -> str:
    """Return the tone of a state, in the lifecycle `of`; one that is not listed stays neutral."""
    return OWN.get(of, {}).get(status) or TONES.get(status, "still")
