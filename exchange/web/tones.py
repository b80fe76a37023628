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
    "ACCEPTED": "good",
    "ADMITTED": "good",
    "AMBER": "wait",
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
    "DECLINED": "stop",
    "DELISTED": "over",
    "DELIVERED": "moving",
    "DELIVERING": "moving",
    "DISCARDED": "over",
    "DISPUTED": "stop",
    "DONE": "good",
    "DRAFT": "still",
    "DRAFTED": "still",
    "EFFECTIVE": "good",
    "ERASED": "over",
    "EXHAUSTED": "over",
    "EXPIRED": "over",
    "FAILED": "stop",
    "FILED": "good",
    "GENERAL": "good",
    "GREEN": "good",
    "IMPORTANT": "wait",
    "IMPOUNDED": "stop",
    "IN_FORCE": "stop",
    "IN_REVIEW": "wait",
    "LAPSED": "over",
    "LIFTED": "over",
    "LISTED": "good",
    "LODGED": "wait",
    "MADE": "wait",
    "OPEN": "moving",
    "PAID": "moving",
    "PENDING": "moving",
    "PLACED": "moving",
    "PREPARING": "moving",
    "POSTED": "good",
    "PROPOSED": "wait",
    "PUBLISHED": "good",
    "QUEUED": "moving",
    "READY": "good",
    "RED": "stop",
    "REOPENED": "moving",
    "REFUNDED": "over",
    "REFUSED": "stop",
    "REJECTED": "stop",
    "REQUESTED": "wait",
    "RESCREENED": "moving",
    "REVIEW": "wait",
    "REVOKED": "stop",
    "RUNNING": "moving",
    "SCREENING": "moving",
    "SEQUENCED": "moving",
    "SETTLED": "over",
    "SETTLING": "moving",
    "SIGNED": "good",
    "SIGNED_BY_BUYER": "moving",
    "SIGNED_BY_PROVIDER": "moving",
    "STATED": "good",
    "SUBMITTED": "moving",
    "SUPERSEDED": "over",
    "SUSPENDED": "stop",
    "TERMINATED": "over",
    "UPHELD": "stop",
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


def tone_of(status: str) -> str:
    """Return the tone of a state; one that is not listed stays neutral."""
    return TONES.get(status, "still")
