"""What a text has to say to be rules of the register: no limit is longer than the law's."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.utils.translation import gettext as _

from audit.rulebook.queries import Pack
from audit.rulebook.schemas import Fault, schema_of

LONGEST: Final = {"file": 10, "change": 10, "cancel": 20, "decide": 30}
"""《算法推荐管理规定》第二十四条、第二十五条."""


@schema_of("disclosure")
def check_disclosure(data: Mapping[str, Any], base: Pack) -> Iterator[Fault]:  # noqa: ARG001  all checks take the base
    """Yield every limit that is none, or longer than the law allows."""
    for name, days in data["workdays"].items():
        most = LONGEST.get(name, 60)
        if not 1 <= days <= most:
            yield Fault(
                f"workdays.{name}",
                _("This limit has 1 to %(most)d working days.") % {"most": most},
                _("Take a number in this range."),
            )
