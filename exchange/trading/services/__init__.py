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
from .adjusting import (
    assess,
    choose_adjustment,
    conclude,
    consent_to,
    end_adjustment,
    freeze_market,
    freeze_product,
    order_ceiling,
    run_price_clocks,
)
from .board import answer_inquiry, close_demand, open_inquiry, post_demand
from .measuring import measure_contributions_for
from .negotiating import (
    OfferStated,
    accept_offer,
    counter_offer,
    lapse_due_offers,
    open_negotiation,
    refuse_offer,
)
from .ordering import cancel_order, place_order
from .paying import pay_order
from .settling import begin_settlement, revoke_certificate, settle_order
from .signing import sign_contract
from .termination import complete_due_contracts, terminate_contract
from .training import state_model_training
from .watching import watch_sale

__all__ = [
    "OfferStated",
    "accept_due_orders",
    "accept_offer",
    "accept_order",
    "answer_inquiry",
    "assess",
    "begin_settlement",
    "cancel_order",
    "choose_adjustment",
    "close_demand",
    "close_window",
    "complete_due_contracts",
    "conclude",
    "consent_to",
    "counter_offer",
    "end_adjustment",
    "freeze_market",
    "freeze_product",
    "lapse_due_offers",
    "mark_delivered",
    "measure_contributions_for",
    "open_inquiry",
    "open_negotiation",
    "order_ceiling",
    "pay_order",
    "place_order",
    "post_demand",
    "refund_order",
    "refuse_offer",
    "reject_delivery",
    "release_order",
    "revoke_certificate",
    "run_price_clocks",
    "settle_order",
    "sign_contract",
    "state_model_training",
    "terminate_contract",
    "watch_sale",
]
