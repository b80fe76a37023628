"""The refusal a provider meets when a file cannot be read."""

from collections.abc import Mapping

from audit.log.errors import Invalid
from exchange.vault.formats.faults import FaultCode, Scalar

from .messages import describe_fault

INSUFFICIENT_STORAGE = 507


class Unreadable(Invalid):
    """The file cannot be read to its end; says what is wrong, where, and what to do.

    `code` is one of `FaultCode`; `what` and `params` allow the sentence to be said again in
    another language.
    """

    def __init__(self, code: FaultCode, what: str, params: Mapping[str, Scalar]) -> None:
        self.what = what
        self.params = dict(params)
        super().__init__({"file": [describe_fault(what, self.params)]})
        self.message = self.fields["file"][0]
        self.code = str(code)  # type: ignore[misc]  # each fault has its own code
        if code == FaultCode.DISK_FULL:
            self.status = INSUFFICIENT_STORAGE  # type: ignore[misc]  # not the file's fault
