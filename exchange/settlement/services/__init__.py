"""Verbs of the ledger: money in and out through the bank, and escrow."""

from .escrow import HoldConditions, expire_hold, expire_holds, hold_funds, void_hold
from .funds import deposit, withdraw
from .payout import SettlementResult, refund_settlement, settle_hold

__all__ = [
    "HoldConditions",
    "SettlementResult",
    "deposit",
    "expire_hold",
    "expire_holds",
    "hold_funds",
    "refund_settlement",
    "settle_hold",
    "void_hold",
    "withdraw",
]
