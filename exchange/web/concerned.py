"""Algorithms that concern a product or a contract, with the verdict on their accuracy."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from audit.disclosure.models import Disclosure
from audit.disclosure.queries import accuracy_of, latest_evaluations_of, latest_measurements_of
from exchange.web.sheets import verdict_of


@dataclass(frozen=True, kw_only=True)
class Concerned:
    """A version of a disclosure with the verdict on it."""

    disclosure: Disclosure
    verdict: str
    tone: str


def concerned(rows: Iterable[Disclosure]) -> list[Concerned]:
    """Return each version with its verdict, by as many queries for one as for a hundred."""
    found = list(rows)
    reports, measured = latest_evaluations_of(found), latest_measurements_of(found)
    told = []
    for row in found:
        accuracy = accuracy_of(row, measured.get(row.pk, []))
        verdict, tone = verdict_of(row, reports.get(row.pk), accuracy)
        told.append(Concerned(disclosure=row, verdict=verdict, tone=tone))
    return told


def named_in(document: Mapping[str, Any]) -> list[Concerned]:
    """Return the versions that a contract names, in its order; they bind, whatever came later."""
    references = [row["reference"] for row in document.get("disclosures", [])]
    rows = {row.reference: row for row in Disclosure.objects.filter(reference__in=references)}
    return concerned(rows[reference] for reference in references if reference in rows)
