"""What can be wrong with a file, in codes that the parent turns into the caller's language."""

import enum

from confined.faults import Fault, Scalar

__all__ = ["Fault", "FaultCode", "Scalar", "malformed", "too_large", "truncated", "unsupported"]


class FaultCode(enum.StrEnum):
    """The kinds of refusal a provider can meet when a file is read."""

    EMPTY = "EMPTY"
    TRUNCATED = "TRUNCATED"
    ENCODING = "ENCODING"
    TOO_LARGE = "TOO_LARGE"
    MISNAMED = "MISNAMED"
    MALFORMED = "MALFORMED"
    UNSUPPORTED = "UNSUPPORTED"
    BOMB = "BOMB"
    TIMEOUT = "TIMEOUT"
    MEMORY = "MEMORY"
    DISK_FULL = "DISK_FULL"
    CRASHED = "CRASHED"


def malformed(what: str, **params: Scalar) -> Fault:
    """Return the fault of a file that breaks the rules of its own format."""
    return Fault(FaultCode.MALFORMED, what, **params)


def too_large(what: str, **params: Scalar) -> Fault:
    """Return the fault of a file beyond one of the limits."""
    return Fault(FaultCode.TOO_LARGE, what, **params)


def truncated(what: str, **params: Scalar) -> Fault:
    """Return the fault of a file that ends too early."""
    return Fault(FaultCode.TRUNCATED, what, **params)


def unsupported(what: str, **params: Scalar) -> Fault:
    """Return the fault of a file that is sound but not a table the exchange reads."""
    return Fault(FaultCode.UNSUPPORTED, what, **params)
