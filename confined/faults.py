"""How work in a child ends badly, in codes that each caller turns into words."""

import enum
from collections.abc import Mapping

Scalar = str | int


class Ending(enum.StrEnum):
    """The endings that are the child's and not the work's own."""

    TIMEOUT = "TIMEOUT"
    MEMORY = "MEMORY"
    DISK_FULL = "DISK_FULL"
    TOO_LARGE = "TOO_LARGE"
    CRASHED = "CRASHED"


class Fault(Exception):
    """Why the work was not done: `what` names the sentence, `params` say where.

    `peak` and `processor` are what the child had taken by then, where there was one.
    """

    peak = 0
    processor = 0.0

    def __init__(self, code: str, what: str, **params: Scalar) -> None:
        super().__init__(code, what, params)
        self.code = code
        self.what = what
        self.params: Mapping[str, Scalar] = params


def crashed(reason: str) -> Fault:
    """Return the fault of a child that ended, or answered, as no honest one does."""
    return Fault(Ending.CRASHED, "crashed", reason=reason)
