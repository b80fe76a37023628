"""What a text has to say to be pricing rules: every figure is there and exact."""

from collections.abc import Iterator, Mapping
from typing import Any

from audit.rulebook.queries import Pack
from audit.rulebook.schemas import Fault, schema_of

from .policy import policy_of


@schema_of("pricing")
def check_pricing(data: Mapping[str, Any], base: Pack) -> Iterator[Fault]:
    """Read the policy; whatever it cannot read is no version."""
    policy_of(Pack(base.kind, base.version, base.digest, dict(data)))
    yield from ()
