"""What a text has to say to be a fee schedule: every price has its fee."""

from collections.abc import Iterator, Mapping
from typing import Any

from audit.rulebook.queries import Pack
from audit.rulebook.schemas import Fault, schema_of

from .fees import FeeSchedule


@schema_of("fees")
def check_fees(data: Mapping[str, Any], base: Pack) -> Iterator[Fault]:
    """Read the schedule; whatever it cannot read is no version."""
    FeeSchedule.from_pack(Pack(base.kind, base.version, base.digest, dict(data)))
    yield from ()
