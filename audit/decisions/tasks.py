"""Sealing what is the same for everybody."""

from datetime import datetime, timedelta

from audit.log.actors import Actor

from .models import StandingDecision
from .sealing import BATCH, seal_decisions

BY = Actor.system("decisions")
WAITS = timedelta(minutes=5)
"""So long a standing decision waits for others of its batch at most."""


def seal_when_due(*, at: datetime) -> int:
    """Seal every full batch, and what has waited long enough; return how many seals were made."""
    made = 0
    while _is_due(at) and seal_decisions(by=BY, at=at):
        made += 1
    return made


def _is_due(at: datetime) -> bool:
    waiting = StandingDecision.objects.filter(seal=None)
    if waiting.filter(taken_at__lte=at - WAITS).exists():
        return True
    return waiting[BATCH - 1 : BATCH].exists()
