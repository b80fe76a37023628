"""Verbs of the trade floor: board, orders, contracts, payment, acceptance, settlement, end."""

from .acceptance import (
    accept_due_orders,
    accept_order,
    close_window,
    mark_delivered,
    refund_order,
    reject_delivery,
    release_order,
)
from .board import answer_inquiry, close_demand, open_inquiry, post_demand
from .ordering import cancel_order, place_order
from .paying import pay_order
from .settling import begin_settlement, revoke_certificate, settle_order
from .signing import sign_contract
from .termination import complete_due_contracts, terminate_contract

__all__ = [
    "accept_due_orders",
    "accept_order",
    "answer_inquiry",
    "begin_settlement",
    "cancel_order",
    "close_demand",
    "close_window",
    "complete_due_contracts",
    "mark_delivered",
    "open_inquiry",
    "pay_order",
    "place_order",
    "post_demand",
    "refund_order",
    "reject_delivery",
    "release_order",
    "revoke_certificate",
    "settle_order",
    "sign_contract",
    "terminate_contract",
]
