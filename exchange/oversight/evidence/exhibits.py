"""The documents of a bundle: contracts, certificates, reports, disclosures, audits, alerts.

Each is taken as it was signed, byte for byte, and only where whoever takes the bundle may read it.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from audit.decisions.queries import visible_to as decisions_visible_to
from audit.disclosure.models import EvaluationReport
from audit.disclosure.queries import visible_to as disclosures_visible_to
from audit.log.actors import Actor
from audit.log.models import Entry, EntryRef
from exchange.algorithms.queries import sets_visible_to
from exchange.audits.appeal_queries import appeals_visible_to
from exchange.audits.models import AlgorithmAppeal, AlgorithmAudit
from exchange.audits.queries import audits_visible_to, findings_visible_to
from exchange.catalog.models import Product
from exchange.compliance.queries import screenings_visible_to
from exchange.oversight.models import EvidenceBundle
from exchange.oversight.queries import (
    entries_visible_to,
    supervision_visible_to,
    versions_of,
    watches,
)
from exchange.oversight.states import EvidenceKind
from exchange.oversight.surveillance.events import AlertRaised, AlertTold
from exchange.oversight.surveillance.queries import alerts_visible_to
from exchange.trading.models import Contract
from exchange.trading.queries import certificates_visible_to, contracts_visible_to
from pricing.queries import visible_to as appraisals_visible_to
from verify.documents import SAID_IN, STATED_IN
from verify.manifest import DOCUMENTS

from .leads import chunks, leads_to

OF_ALGORITHMS = (
    "evaluation",
    "evaluation_set",
    "algorithm_audit",
    "audit_finding",
    "algorithm_appeal",
    "alert",
)
"""Documents found by what they are about; each leans on an entry that was there by the request."""
SAYS_NO_MORE = frozenset(OF_ALGORITHMS) - {"alert"}
"""Whose entry tells nothing but what the document tells: who may read one may read the other."""
FOLLOWED = ("decision", "algorithm_audit", "audit_finding", "algorithm_appeal", "alert")
"""Documents whose other entries come with them, as far as they are open."""


@dataclass(frozen=True, kw_only=True)
class Exhibit:
    """One document; `index` is the place of the entry that states its digest, if it is at hand.

    `told_to` is the organization for which an alert was cut down to its own part.
    """

    what: str
    reference: str
    index: int | None = None
    named_in: str = ""
    told_to: str = ""

    @property
    def path(self) -> str:
        """Its place in the bundle."""
        return f"documents/{self.what}-{self.reference}.json"

    @property
    def signatures_path(self) -> str:
        """The place of the signatures under it."""
        return f"documents/{self.what}-{self.reference}.signatures.json"


def find_exhibits(
    bundle: EvidenceBundle,
    viewer: Actor,
    entries: QuerySet[Entry],
    span: tuple[datetime, datetime],
    cut: int,
) -> list[Exhibit]:
    """Return the documents that the entries name, the disclosures in force, and what these lead to.

    A period has what its entries name, and the disclosures in force.
    """
    found: list[Exhibit] = []
    named: dict[str, str] = {}
    known: dict[str, list[str]] = {}
    for what in DOCUMENTS:
        references = set(_named(entries, what)) | set(leads_to(what, bundle, known))
        if what == "disclosure":
            references |= named.keys() | set(_in_force(bundle, viewer, span))
        visible = sorted(set(_visible(what, viewer, references)))
        places = _stated(what, viewer, visible, cut)
        if what in OF_ALGORITHMS:
            visible = [reference for reference in visible if reference in places]
        known[what] = visible
        exhibits = [
            Exhibit(
                what=what,
                reference=reference,
                index=places.get(reference),
                named_in="" if reference in places else named.get(reference, ""),
                told_to="" if what != "alert" or watches(viewer) else viewer.organization,
            )
            for reference in visible
        ]
        if what == "contract":
            named = _disclosures_named(exhibits)
        found += exhibits
    return found


def entries_about(viewer: Actor, exhibits: Sequence[Exhibit], cut: int) -> Iterator[int]:
    """Yield the indexes of what else happened to audits, findings, appeals, alerts, decisions."""
    rows = entries_visible_to(viewer).filter(leaf__index__lte=cut)
    for kind in FOLLOWED:
        references = [each.reference for each in exhibits if each.what == kind]
        for some in chunks(references):
            naming = EntryRef.objects.filter(entry=OuterRef("pk"), kind=kind, reference__in=some)
            found = rows.filter(Exists(naming)).order_by()
            yield from found.values_list("leaf__index", flat=True)


def _named(entries: QuerySet[Entry], what: str) -> Iterator[str]:
    rows = EntryRef.objects.filter(kind=what, entry__in=entries.order_by().values("pk"))
    return rows.values_list("reference", flat=True).distinct().iterator()


def _visible(what: str, viewer: Actor, references: Iterable[str]) -> Iterator[str]:
    rows = _READERS[what](viewer)
    if what == "screening":
        rows = rows.exclude(signature="")
    if what == "disclosure":
        rows = rows.filter(published_at__isnull=False)
    for some in chunks(sorted(references)):
        yield from rows.filter(reference__in=some).values_list("reference", flat=True)


def _reports(_viewer: Actor) -> QuerySet[EvaluationReport]:
    """Return what was measured; anybody reads it in the register."""
    return EvaluationReport.objects.all()


def _audits(viewer: Actor) -> QuerySet[AlgorithmAudit]:
    """Return the audits that the viewer may read and that were reported."""
    return audits_visible_to(viewer).exclude(report="")


def _appeals(viewer: Actor) -> QuerySet[AlgorithmAppeal]:
    """Return the appeals that the organization may read: a bundle is for all of its members."""
    return appeals_visible_to(replace(viewer, id=""))


_READERS: Mapping[str, Callable[[Actor], QuerySet[Any]]] = {
    "contract": contracts_visible_to,
    "certificate": certificates_visible_to,
    "appraisal": appraisals_visible_to,
    "screening": screenings_visible_to,
    "disclosure": disclosures_visible_to,
    "decision": decisions_visible_to,
    "supervision": supervision_visible_to,
    "evaluation": _reports,
    "evaluation_set": sets_visible_to,
    "algorithm_audit": _audits,
    "audit_finding": findings_visible_to,
    "algorithm_appeal": _appeals,
    "alert": alerts_visible_to,
}


def _stated(what: str, viewer: Actor, references: Sequence[str], cut: int) -> dict[str, int]:
    """Return by document the place of the entry that states its digest, as far as it is open."""
    name = STATED_IN[what][0] if what in STATED_IN else next(iter(SAID_IN[what]))
    if what == "alert":
        name = AlertRaised.name if watches(viewer) else AlertTold.name
    rows = Entry.objects.all() if what in SAYS_NO_MORE else entries_visible_to(viewer)
    rows = rows.filter(name=name, subject_kind=what, leaf__index__lte=cut)
    return {
        reference: index
        for some in chunks(references)
        for reference, index in rows.filter(subject__in=some).values_list("subject", "leaf__index")
    }


def _in_force(
    bundle: EvidenceBundle, viewer: Actor, span: tuple[datetime, datetime]
) -> Iterator[str]:
    """Yield the disclosures in force within the span: the platform's, and the provider's own."""
    visible = disclosures_visible_to(viewer)
    started = visible.filter(published_at__lte=span[1])
    rows = started.filter(Q(ended_at__isnull=True) | Q(ended_at__gt=span[0]))
    if bundle.kind == EvidenceKind.ALGORITHM:
        rows = visible.filter(pk__in=versions_of(bundle.subject))
    elif bundle.kind != EvidenceKind.PERIOD:
        rows = rows.filter(owner__in=["", *_owners(bundle)])
    return rows.values_list("reference", flat=True).iterator()


def _owners(bundle: EvidenceBundle) -> list[str]:
    if bundle.kind == EvidenceKind.ORGANIZATION:
        return [bundle.subject]
    path = "orders__reference" if bundle.kind == EvidenceKind.ORDER else "reference"
    products = Product.objects.filter(**{path: bundle.subject})
    return list(products.values_list("provider__reference", flat=True))


def _disclosures_named(contracts: Sequence[Exhibit]) -> dict[str, str]:
    """Return the disclosures that contracts name by digest, each with the path of one such."""
    found: dict[str, str] = {}
    by_reference = {
        exhibit.reference: exhibit for exhibit in contracts if exhibit.index is not None
    }
    for some in chunks(sorted(by_reference)):
        rows = Contract.objects.filter(reference__in=some).values_list("reference", "document")
        for reference, document in rows:
            for each in json.loads(document).get("disclosures", []):
                found.setdefault(each["reference"], by_reference[reference].path)
    return found
