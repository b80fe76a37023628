"""What a text has to say to be rules of audits and appeals."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from audit.disclosure.states import AlgorithmType
from audit.rulebook.queries import Pack
from audit.rulebook.schemas import Fault, schema_of

from .states import ScopePart, Severity, Wish

KNOWN = {"severities": Severity, "scope": ScopePart, "wishes": Wish}
LONGEST_MONTHS = 36


@schema_of("audits")
def check_audits(data: Mapping[str, Any], base: Pack) -> Iterator[Fault]:
    """Yield entries nothing works by, limits that are none, and periods too long to be periodic."""
    del base
    for section, choices in KNOWN.items():
        named = {row["id"] for row in data[section]}
        for missing in sorted(set(choices.values) ^ named):
            yield Fault(f"{section}.{missing}", _("Each of them stands here once, no other."))
    for kind in AlgorithmType.values:
        if not 1 <= data["months"].get(kind, 0) <= LONGEST_MONTHS:
            yield Fault(
                f"months.{kind}",
                _("An audit is periodic when it comes back."),
                _("Give 1 to %(most)d months.") % {"most": LONGEST_MONTHS},
            )
    for row in data["severities"]:
        if row["workdays"] < 1:
            yield Fault(f"severities.{row['id']}", _("A time limit has at least one day."))
    for section in ("audit", "finding", "appeal"):
        for name, value in data[section].items():
            if value < 1:
                yield Fault(f"{section}.{name}", _("A time limit has at least one day."))
