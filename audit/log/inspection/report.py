"""What an inspection found, each fault with its exact place."""

from collections.abc import Callable
from dataclasses import dataclass, field

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Finding:
    """One contradiction: where, and what is wrong there."""

    place: str
    fault: str

    def __str__(self) -> str:
        return f"{self.place}: {self.fault}"


@dataclass
class Report:
    """The result of an inspection; the log is sound when there is no finding."""

    size: int = 0
    root: bytes = b""
    checkpoints: int = 0
    pending: int = 0
    findings: list[Finding] = field(default_factory=list)

    def add(self, place: str, fault: str) -> None:
        """Note a contradiction."""
        self.findings.append(Finding(place, fault))

    @property
    def is_sound(self) -> bool:
        """Whether nothing contradicts anything."""
        return not self.findings
