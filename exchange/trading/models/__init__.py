"""What is traded and negotiated, on which terms, under whose signatures."""

from .negotiation import Negotiation, Offer
from .trade import Contract, Demand, Inquiry, Order, Signature, TradeCertificate

__all__ = [
    "Contract",
    "Demand",
    "Inquiry",
    "Negotiation",
    "Offer",
    "Order",
    "Signature",
    "TradeCertificate",
]
