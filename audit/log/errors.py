"""What can go wrong in the domain; the faces turn each into words and a status code."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _


class DomainError(Exception):
    """A refusal that tells the caller what, where and what to do."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 400
    title: ClassVar[Any] = _("The request could not be carried out")

    def __init__(self, message: object = "") -> None:
        self.message = message or self.title
        super().__init__(str(self.message))

    def __str__(self) -> str:
        return str(self.message)

    def as_problem(self) -> dict[str, Any]:
        """Return the RFC 9457 members that describe this refusal."""
        return {
            "code": self.code,
            "title": str(self.title),
            "status": self.status,
            "detail": str(self.message),
        }


class Invalid(DomainError):
    """The input does not say what it must; `fields` holds the messages by field path."""

    code = "invalid"
    status = 422
    title = _("Some fields need correction")

    def __init__(self, fields: Mapping[str, Sequence[object]], message: object = "") -> None:
        self.fields = {name: list(messages) for name, messages in fields.items()}
        summary = "; ".join(
            f"{name}: {' '.join(str(text) for text in messages)}"
            for name, messages in self.fields.items()
        )
        super().__init__(message or summary)

    def as_problem(self) -> dict[str, Any]:
        errors = [
            {"field": name, "message": str(text)}
            for name, messages in self.fields.items()
            for text in messages
        ]
        return super().as_problem() | {"errors": errors}


class NotAllowed(DomainError):
    """A rule says no; the message is the rule's reason."""

    code = "not-allowed"
    status = 403
    title = _("This is not allowed")


class NotFound(DomainError):
    """There is no such thing, or the caller may not know of it."""

    code = "not-found"
    status = 404
    title = _("Nothing here under that reference")


class Conflict(DomainError):
    """The thing changed meanwhile, or the same key was used for something else."""

    code = "conflict"
    status = 409
    title = _("This no longer fits the current state")


class Gone(Conflict):
    """The thing was there once and is not any more."""

    code = "gone"
    status = 410
    title = _("This has been removed meanwhile")


class WrongState(Conflict):
    """The step is not possible from the state the thing is in."""

    code = "wrong-state"
    title = _("This step is not possible in the present state")

    def __init__(self, *, subject: str, status: str, allowed: Sequence[str]) -> None:
        self.subject = subject
        self.current = status
        self.allowed = list(allowed)
        words = _("%(subject)s is %(status)s; possible now: %(allowed)s.") % {
            "subject": subject,
            "status": status,
            "allowed": ", ".join(allowed) or "–",
        }
        super().__init__(words)

    def as_problem(self) -> dict[str, Any]:
        return super().as_problem() | {"state": self.current, "allowed_actions": self.allowed}
