"""What waits while an algorithm that a verdict needs may not decide.

A verdict of the filter is two decisions, of the scanner and of the grading. While one of them is
suspended, or has no disclosure in force, releases wait in the queue: nothing is read, no verdict
is given, and nothing counts as failed.
"""

from dataclasses import dataclass
from typing import Final

from django.db.models import QuerySet

from audit.disclosure.models import Disclosure, Suspension
from audit.disclosure.queries import PLATFORM, standing_disclosure, suspensions_of
from audit.disclosure.states import DisclosureState

from .models import Screening
from .states import ScreeningState

SCANNER: Final = "scanner"
GRADING: Final = "grading"
DECIDES: Final = (SCANNER, GRADING)
"""Keys of the algorithms whose disclosures have to be in force for a verdict."""


@dataclass(frozen=True, kw_only=True)
class Resting:
    """An algorithm that may not decide now.

    `disclosure` is its version in the register, which is then suspended; `suspension` the open one.
    Either is None where there is none.
    """

    algorithm: str
    disclosure: Disclosure | None
    suspension: Suspension | None


def may_judge() -> bool:
    """Whether every algorithm that a verdict needs has a disclosure in force."""
    rows = Disclosure.objects.filter(owner=PLATFORM, status=DisclosureState.PUBLISHED)
    return rows.filter(algorithm__in=DECIDES).count() == len(DECIDES)


def resting_algorithms() -> list[Resting]:
    """Return the algorithms for which screenings wait now, with the suspension that stops each."""
    if may_judge():
        return []
    found = []
    for algorithm in DECIDES:
        disclosure = standing_disclosure(algorithm)
        if disclosure is not None and disclosure.status == DisclosureState.PUBLISHED:
            continue
        suspension = suspensions_of(algorithm).filter(lifted_at=None).first()
        found.append(Resting(algorithm=algorithm, disclosure=disclosure, suspension=suspension))
    return found


def waiting_screenings() -> QuerySet[Screening]:
    """Return the releases' screenings that are lined up, the longest waiting first."""
    rows = Screening.objects.filter(status=ScreeningState.QUEUED, rescreening=None)
    return rows.select_related("release__product__provider").order_by("created_at", "pk")
