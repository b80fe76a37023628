"""What the public sheet of an algorithm says of its audits; for `registers/audits.html`."""

from dataclasses import dataclass
from typing import Any

from audit.disclosure.models import Disclosure
from exchange.audits.models import AlgorithmAudit
from exchange.audits.queries import audits_of, finding_counts
from exchange.audits.states import FindingState, ScopePart, Severity

MOST = 20


@dataclass(frozen=True, kw_only=True)
class PublicAudit:
    """One reported audit as anybody may know it."""

    audit: AlgorithmAudit
    scope: list[str]
    counts: list[tuple[str, str, int]]


def audits_block(disclosure: Disclosure) -> dict[str, Any]:
    """Return the context of the block: the reported audits of an algorithm, the latest first."""
    rows = audits_of(disclosure.algorithm, owner=disclosure.owner)[:MOST]
    return {"audits": [_public(row) for row in rows]}


def _public(row: AlgorithmAudit) -> PublicAudit:
    return PublicAudit(
        audit=row,
        scope=[str(ScopePart(part).label) for part in row.scope],
        counts=[
            (
                str(Severity(each["severity"]).label),
                str(FindingState(each["status"]).label),
                each["count"],
            )
            for each in finding_counts(row)
        ],
    )
