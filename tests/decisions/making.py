"""Decisions for tests, of any algorithm of the platform."""

from datetime import datetime
from typing import Any

from audit.decisions.models import Decision, StandingDecision
from audit.decisions.sealing import keep_standing
from audit.decisions.services import record_decision
from audit.log.actors import Actor

PLATFORM = Actor.system("pricing")


def decide(at: datetime, **named: Any) -> Decision:
    """Return an appraisal's decision about the provider's product."""
    words: dict[str, Any] = {
        "algorithm": "appraisal",
        "subject": ("appraisal", "A-2026-00000001"),
        "concerning": "ORG-PROVIDER",
        "inputs": {"rows": 1000, "price": "12.50"},
        "output": {"low": "10.00", "high": "15.00"},
        "explanation": {"weights": [{"method": "cost", "rate": "0.6"}]},
    }
    return record_decision(**words | named, by=PLATFORM, at=at)


def taken(subject: str) -> tuple[str, str]:
    """Return the entry of the one decision about a thing, as `log()` tells it."""
    return "decision.taken", Decision.objects.get(subject=subject).reference


def stand(at: datetime, number: int = 0, **named: Any) -> StandingDecision:
    """Return the order of one product for a search."""
    words: dict[str, Any] = {
        "algorithm": "search_ranking",
        "inputs": {"filters": {}, "phrases": [f"word{number}"]},
        "output": {"products": ["P-2026-00000001"], "scores": [8]},
        "explanation": {"phrases": 1, "rows": [{"product": "P-2026-00000001", "name": 8}]},
    }
    return keep_standing(**words | named, at=at)
