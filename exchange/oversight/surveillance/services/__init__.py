"""The verbs of surveillance: look over the market, and decide on what was found."""

from .deciding import (
    close_alert,
    dismiss_alert,
    escalate_alert,
    suspend_upon_alert,
    take_up_alert,
)
from .raising import ALGORITHM, raise_alerts
from .sweeping import find_since, sweep, sweep_since

__all__ = [
    "ALGORITHM",
    "close_alert",
    "dismiss_alert",
    "escalate_alert",
    "find_since",
    "raise_alerts",
    "suspend_upon_alert",
    "sweep",
    "sweep_since",
    "take_up_alert",
]
