"""Reading what is in a table, without believing its column names. Pure: no Django, no network.

`scan_table` and `scan_parquet` read every row; `measure`, `Tally.merge` and `judge` are the same
in three parts, for work that is spread over machines.
"""

from .files import scan_parquet, scan_table
from .judge import ColumnFinding, EntityFinding, ScanReport, judge
from .lexicon import Lexicon
from .measure import measure
from .tally import Tally

VERSION = "1.0.0"

__all__ = [
    "VERSION",
    "ColumnFinding",
    "EntityFinding",
    "Lexicon",
    "ScanReport",
    "Tally",
    "judge",
    "measure",
    "scan_parquet",
    "scan_table",
]
