"""What a text has to say to be pricing rules: every figure is there and exact."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from audit.rulebook.queries import Pack
from audit.rulebook.schemas import Fault, schema_of

from .policy import policy_of
from .quality import standard_of


@schema_of("pricing")
def check_pricing(data: Mapping[str, Any], base: Pack) -> Iterator[Fault]:
    """Read the policy; whatever it cannot read is no version."""
    policy_of(Pack(base.kind, base.version, base.digest, dict(data)))
    yield from ()


@schema_of("quality")
def check_quality(data: Mapping[str, Any], base: Pack) -> Iterator[Fault]:
    """Read the rules of quality; the dimensions' weights have to add up to 1."""
    try:
        standard_of(base.label, data)
    except (ArithmeticError, ValueError) as error:
        yield Fault(_("weights, grades"), str(error), _("Write figures as text, such as 0.25."))
