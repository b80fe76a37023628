"""Charts drawn on the server as SVG: pure functions, readable without colour and without script."""

from .distributions import Bar, Bin, bars, histogram, null_share, sparkline
from .marks import qr, seal
from .prices import Band, Leg, interval, waterfall

__all__ = [
    "Band",
    "Bar",
    "Bin",
    "Leg",
    "bars",
    "histogram",
    "interval",
    "null_share",
    "qr",
    "seal",
    "sparkline",
    "waterfall",
]
