"""What may leave the mainland, and by which mechanism (数据出境). Pure: no database, no clock."""

from .decision import Decision, Told, decide
from .facts import Cargo, Filed, Heads, Party, Route, Scope, Situation
from .lines import Line, crossed, lines_of, standing
from .places import OUTSIDE, Networks, Place, read_networks
from .rules import ExportRules, read_rules

__all__ = [
    "OUTSIDE",
    "Cargo",
    "Decision",
    "ExportRules",
    "Filed",
    "Heads",
    "Line",
    "Networks",
    "Party",
    "Place",
    "Route",
    "Scope",
    "Situation",
    "Told",
    "crossed",
    "decide",
    "lines_of",
    "read_networks",
    "read_rules",
    "standing",
]
