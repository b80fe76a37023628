"""The documents of a bundle: contracts, certificates, reports, disclosures, supervision orders.

Each is taken as it was signed, byte for byte, and only where whoever takes the bundle may read it.
"""

import base64
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from audit.decisions.models import Decision
from audit.decisions.queries import visible_to as decisions_visible_to
from audit.decisions.services import document_of
from audit.disclosure.models import Disclosure
from audit.disclosure.queries import visible_to as disclosures_visible_to
from audit.log.actors import Actor
from audit.log.canonical import canonical
from audit.log.models import Entry, EntryRef
from exchange.catalog.models import Product
from exchange.compliance.models import Screening
from exchange.compliance.queries import screenings_visible_to
from exchange.oversight.models import EvidenceBundle, SupervisionOrder
from exchange.oversight.queries import entries_visible_to, supervision_visible_to
from exchange.oversight.states import EvidenceKind
from exchange.trading.models import Contract, TradeCertificate
from exchange.trading.queries import certificates_visible_to, contracts_visible_to
from exchange.trading.signatures import time_text
from pricing.models import Appraisal
from pricing.queries import visible_to as appraisals_visible_to
from verify.documents import ORDERED, STATED_IN
from verify.manifest import DOCUMENTS

CHUNK = 200
Row = Contract | TradeCertificate | Appraisal | Screening | Disclosure | Decision | SupervisionOrder


@dataclass(frozen=True, kw_only=True)
class Exhibit:
    """One document; `index` is the place of the entry that states its digest, if it is at hand."""

    what: str
    reference: str
    index: int | None = None
    named_in: str = ""

    @property
    def path(self) -> str:
        """Its place in the bundle."""
        return f"documents/{self.what}-{self.reference}.json"

    @property
    def signatures_path(self) -> str:
        """The place of the signatures under it."""
        return f"documents/{self.what}-{self.reference}.signatures.json"


@dataclass(frozen=True, kw_only=True)
class Paper:
    """The content of a document, with the signatures under it as a bundle writes them."""

    content: bytes
    signatures: Sequence[Mapping[str, str]] = field(default_factory=list)


def find_exhibits(
    bundle: EvidenceBundle,
    viewer: Actor,
    entries: QuerySet[Entry],
    span: tuple[datetime, datetime],
    cut: int,
) -> list[Exhibit]:
    """Return the documents that the entries name, and the disclosures in force in their time."""
    found: list[Exhibit] = []
    named: dict[str, str] = {}
    for what in DOCUMENTS:
        references = set(_named(entries, what))
        if what == "disclosure":
            references |= named.keys() | set(_in_force(bundle, viewer, span))
        visible = sorted(_visible(what, viewer, references))
        places = _stated(what, viewer, visible, cut)
        exhibits = [
            Exhibit(
                what=what,
                reference=reference,
                index=places.get(reference),
                named_in="" if reference in places else named.get(reference, ""),
            )
            for reference in visible
        ]
        if what == "contract":
            named = _disclosures_named(exhibits)
        found += exhibits
    return found


def read_paper(exhibit: Exhibit) -> Paper:
    """Return a document with its signatures."""
    row = _ROWS[exhibit.what].objects.get(reference=exhibit.reference)
    match row:
        case Contract():
            return Paper(
                content=row.document.encode(),
                signatures=[
                    {
                        "key": each.key,
                        "side": each.side,
                        "statement": each.statement,
                        "signature": _as_base64(each.signature),
                    }
                    for each in row.signatures.order_by("signed_at", "pk")
                ],
            )
        case TradeCertificate():
            signed = _signed(row.key, _as_base64(row.signature))
            return Paper(content=row.document.encode(), signatures=signed)
        case Appraisal() | Disclosure():
            signed = _signed(row.signer, row.signature)
            return Paper(content=row.document.encode(), signatures=signed)
        case Screening():
            signed = _signed(row.signed_by, row.signature)
            return Paper(content=canonical(row.report), signatures=signed)
        case Decision():
            return Paper(content=canonical(document_of(row)))
    return Paper(content=canonical(_order_in_words(row)))


_ROWS: Mapping[str, type[Row]] = {
    "contract": Contract,
    "certificate": TradeCertificate,
    "appraisal": Appraisal,
    "screening": Screening,
    "disclosure": Disclosure,
    "decision": Decision,
    "supervision": SupervisionOrder,
}


def _named(entries: QuerySet[Entry], what: str) -> Iterator[str]:
    rows = EntryRef.objects.filter(kind=what, entry__in=entries.order_by().values("pk"))
    return rows.values_list("reference", flat=True).distinct().iterator()


def _visible(what: str, viewer: Actor, references: Iterable[str]) -> Iterator[str]:
    rows: QuerySet[Any] = {
        "contract": contracts_visible_to,
        "certificate": certificates_visible_to,
        "appraisal": appraisals_visible_to,
        "screening": screenings_visible_to,
        "disclosure": disclosures_visible_to,
        "decision": decisions_visible_to,
        "supervision": supervision_visible_to,
    }[what](viewer)
    if what == "screening":
        rows = rows.exclude(signature="")
    if what == "disclosure":
        rows = rows.filter(published_at__isnull=False)
    for some in _chunks(sorted(references)):
        yield from rows.filter(reference__in=some).values_list("reference", flat=True)


def _stated(what: str, viewer: Actor, references: Sequence[str], cut: int) -> dict[str, int]:
    """Return by document the place of the entry that states its digest, as far as it is open."""
    name = ORDERED if what == "supervision" else STATED_IN[what][0]
    rows = entries_visible_to(viewer).filter(name=name, subject_kind=what, leaf__index__lte=cut)
    return {
        reference: index
        for some in _chunks(references)
        for reference, index in rows.filter(subject__in=some).values_list("subject", "leaf__index")
    }


def _in_force(
    bundle: EvidenceBundle, viewer: Actor, span: tuple[datetime, datetime]
) -> Iterator[str]:
    """Yield the disclosures in force within the span: the platform's, and the provider's own."""
    started = disclosures_visible_to(viewer).filter(published_at__lte=span[1])
    rows = started.filter(Q(ended_at__isnull=True) | Q(ended_at__gt=span[0]))
    if bundle.kind != EvidenceKind.PERIOD:
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
    for some in _chunks(sorted(by_reference)):
        rows = Contract.objects.filter(reference__in=some).values_list("reference", "document")
        for reference, document in rows:
            for each in json.loads(document).get("disclosures", []):
                found.setdefault(each["reference"], by_reference[reference].path)
    return found


def _order_in_words(row: SupervisionOrder) -> dict[str, str]:
    """Return a supervision order as a document; that it was ordered so stands in the log."""
    return {
        "type": "quanheng.supervision-order.v1",
        "reference": row.reference,
        "product": row.product.reference,
        "authority": row.authority.reference,
        "authority_name": row.authority.name,
        "kind": row.kind,
        "reason": row.reason,
        "legal_basis": row.legal_basis,
        "ordered_at": time_text(row.ordered_at),
        "status": row.status,
        "lifted_at": time_text(row.lifted_at) if row.lifted_at else "",
        "lift_reason": row.lift_reason,
    }


def _signed(key: str, signature: str) -> list[dict[str, str]]:
    return [{"key": key, "side": "", "statement": "", "signature": signature}]


def _as_base64(hexadecimal: str) -> str:
    return base64.b64encode(bytes.fromhex(hexadecimal)).decode("ascii")


def _chunks(references: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(references), CHUNK):
        yield references[start : start + CHUNK]
