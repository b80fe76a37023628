"""Verbs of the ledger: money in and out through the bank, escrow, shared proceeds."""

from .escrow import HoldConditions, expire_hold, expire_holds, hold_funds, void_hold
from .funds import deposit, withdraw
from .measuring import (
    TaskStated,
    measured_weights,
    recover_measurements,
    request_measurement,
    run_measurement,
)
from .payout import SettlementResult, refund_settlement, settle_hold
from .sharing import agree_share, decline_share, propose_share, withdraw_share

__all__ = [
    "HoldConditions",
    "SettlementResult",
    "TaskStated",
    "agree_share",
    "decline_share",
    "deposit",
    "expire_hold",
    "expire_holds",
    "hold_funds",
    "measured_weights",
    "propose_share",
    "recover_measurements",
    "refund_settlement",
    "request_measurement",
    "run_measurement",
    "settle_hold",
    "void_hold",
    "withdraw",
    "withdraw_share",
]
