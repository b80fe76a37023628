"""Reading what is in a table, without believing its column names. Pure: no Django, no network.

`scan_table` and `scan_parquet` read every row. For work that is spread over machines,
`measure_parquet` reads some row groups into a `Tally`, which travels as bytes (`Tally.to_bytes`,
`Tally.from_bytes`); `Tally.merge` adds the parts up in any order, and `judge` decides on the sum.
"""

from .combinations import Combination
from .files import count_row_groups, measure_parquet, scan_parquet, scan_table
from .judge import ColumnFinding, EntityFinding, ScanReport, judge
from .lexicon import Lexicon
from .measure import measure
from .tally import Tally
from .version import VERSION

__all__ = [
    "VERSION",
    "ColumnFinding",
    "Combination",
    "EntityFinding",
    "Lexicon",
    "ScanReport",
    "Tally",
    "count_row_groups",
    "judge",
    "measure",
    "measure_parquet",
    "scan_parquet",
    "scan_table",
]
