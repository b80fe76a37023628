"""Who is too near to an algorithm to seal the rows it is measured on; other rooms tell of ties.

Rooms above know shareholdings and accreditations; they register here how they are asked.
"""

from collections.abc import Callable
from datetime import datetime

TieFinder = Callable[[str, str], str]
AuditorTest = Callable[[str, datetime], bool]
_TIES: list[TieFinder] = []
_AUDITORS: list[AuditorTest] = []


def finds_ties(finder: TieFinder) -> TieFinder:
    """Register a function that says how two organizations are tied, or nothing.

    It takes two references and returns OWNS, OWNED, COMMON or an empty text.
    """
    _TIES.append(finder)
    return finder


def knows_auditors(test: AuditorTest) -> AuditorTest:
    """Register a function that says whether an organization is an accredited auditor now."""
    _AUDITORS.append(test)
    return test


def tie_between(one: str, other: str) -> str:
    """Return how two organizations are tied; empty where nothing on record ties them."""
    if one == other:
        return "SAME"
    return next((tie for finder in _TIES if (tie := finder(one, other))), "")


def is_auditor(organization: str, at: datetime) -> bool:
    """Whether an organization is accredited to audit algorithms."""
    return any(test(organization, at) for test in _AUDITORS)
