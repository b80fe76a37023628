"""The one error of the verifier, and the kinds of it that are no refutation."""

from pathlib import Path


class VerificationError(Exception):
    """The evidence does not prove what it claims, or is not written as the format demands."""


class Contradiction(VerificationError):
    """The log signed two notes of which one takes back the other; `folder` holds both, if kept."""

    def __init__(
        self, message: str, *, kept: bytes, seen: bytes, folder: Path | None = None
    ) -> None:
        super().__init__(message)
        self.kept, self.seen, self.folder = kept, seen, folder


class Missing(VerificationError):
    """A copy of the log lacks a file that it must have."""


class Unavailable(VerificationError):
    """What should be checked could not be fetched, which proves nothing about the log."""


class Withheld(Missing, Unavailable):
    """The server answers, but does not give this file, or not to us."""
