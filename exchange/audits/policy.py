"""The rules of audits and appeals in effect on a day, as the rooms ask for them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.utils.translation import get_language

from audit.retention.terms import months_after
from audit.rulebook.queries import Pack, get_pack
from audit.rulebook.workdays import add_workdays

KIND: Final = "audits"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One entry of the pack that has words: a part of the scope, a severity, a wish."""

    id: str
    title: str
    words: str
    basis: str


@dataclass(frozen=True)
class Policy:
    """The pack of a day. Times are in working days unless they say months."""

    pack: Pack

    @classmethod
    def on(cls, day: date) -> "Policy":
        """Return the rules in effect on a day; raises NoPack before there were any."""
        return cls(get_pack(KIND, on=day))

    @property
    def label(self) -> str:
        """What a decision stores as the version it used."""
        return self.pack.label

    def months(self, algorithm_type: str) -> int:
        """Return the months between two audits of an algorithm of this type."""
        months: Mapping[str, int] = self.pack.data["months"]
        return int(months.get(algorithm_type, months["OTHER"]))

    def figure(self, section: str, name: str) -> int:
        """Return one figure of `audit`, `finding` or `appeal`."""
        return int(self.pack.data[section][name])

    def next_report(self, algorithm_type: str, last: date) -> date:
        """Return the day by which the next report is due after one of `last`."""
        return months_after(last, self.months(algorithm_type))

    def finding_due(self, severity: str, on: date) -> date:
        """Return the day by which a finding raised on `on` has to be answered."""
        rows = {row["id"]: int(row["workdays"]) for row in self.pack.data["severities"]}
        return add_workdays(on, rows[severity])

    def entries(self, section: str) -> list[Entry]:
        """Return `severities`, `scope` or `wishes` in the reader's language."""
        language = "zh" if (get_language() or "en").startswith("zh") else "en"
        return [_entry(row, language) for row in self.pack.data[section]]


def _entry(row: Mapping[str, Any], language: str) -> Entry:
    asks = row.get(f"asks_{language}")
    return Entry(
        id=str(row["id"]),
        title=str(row[language]) if asks else "",
        words=str(asks or row[language]),
        basis=str(row.get("basis", "")),
    )
