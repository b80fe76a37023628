"""A verdict as the catalog keeps it, and in whose name the filter acts."""

from dataclasses import dataclass

from audit.log.actors import Actor
from exchange.compliance.models import Screening
from exchange.compliance.states import Grade, PersonalClass

FILTER = Actor.system("compliance")


@dataclass(frozen=True)
class Verdict:
    """A screening as the catalog keeps it; an unread content counts as the strictest level."""

    reference: str
    sha256: str
    grade: str
    level: int
    personal: str


def verdict_of(screening: Screening) -> Verdict:
    """Return what the catalog keeps of a screening."""
    return Verdict(
        reference=screening.reference,
        sha256=screening.sha256,
        grade=screening.grade or Grade.GENERAL,
        level=screening.level or 4,
        personal=screening.personal or PersonalClass.NONE,
    )
