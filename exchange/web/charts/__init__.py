"""Charts drawn on the server as SVG: pure functions, readable without colour and without script."""

from .claims import Claimed, Legend, claims
from .classes import Ratio, Stretch, calibration, confusion, ratios
from .distributions import Bar, Bin, bars, histogram, null_share, sparkline
from .marks import qr, seal
from .prices import Band, Leg, interval, waterfall
from .stairs import Flight, Stair, stairs
from .tornado import Swing, tornado
from .trades import Flow, Happening, happenings, ring
from .trends import Reading, trend

__all__ = [
    "Band",
    "Bar",
    "Bin",
    "Claimed",
    "Flight",
    "Flow",
    "Happening",
    "Leg",
    "Legend",
    "Ratio",
    "Reading",
    "Stair",
    "Stretch",
    "Swing",
    "bars",
    "calibration",
    "claims",
    "confusion",
    "happenings",
    "histogram",
    "interval",
    "null_share",
    "qr",
    "ratios",
    "ring",
    "seal",
    "sparkline",
    "stairs",
    "tornado",
    "trend",
    "waterfall",
]
