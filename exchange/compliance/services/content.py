"""What a reading of a release brought, on its way to the verdict that is kept."""

from dataclasses import dataclass
from typing import Any

from audit.rulebook.queries import Pack
from exchange.compliance.scanning import TableScan


@dataclass(frozen=True)
class Content:
    """What a reading of a release brought."""

    scan: TableScan
    pack: Pack
    sample: dict[str, Any]
