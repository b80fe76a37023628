"""Verbs of the price adjustment on opaque products; who knows the market works the steps out."""

from .choosing import end_adjustment, set_adjustment
from .ordering import freeze_prices, lift_ceiling, lift_freeze, order_ceiling, order_freezes
from .stepping import (
    ALGORITHM,
    Proposal,
    conclude_step,
    consent_step,
    decline_step,
    lapse_pending,
    lapse_step,
    propose_step,
)

__all__ = [
    "ALGORITHM",
    "Proposal",
    "conclude_step",
    "consent_step",
    "decline_step",
    "end_adjustment",
    "freeze_prices",
    "lapse_pending",
    "lapse_step",
    "lift_ceiling",
    "lift_freeze",
    "order_ceiling",
    "order_freezes",
    "propose_step",
    "set_adjustment",
]
