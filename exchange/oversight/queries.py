"""What happened, for those who may know: the trail, timelines of things, and what supervision left.

A regulator and the operator read every entry. A party reads the entries that concern it: its own
acts, its trades on either side, its own products. Anonymous callers read none of this; what is
public has its own pages.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from audit.decisions.events import DecisionTaken
from audit.disclosure.models import Disclosure
from audit.log import queries as log_queries
from audit.log.actors import Actor
from audit.log.errors import Invalid, NotFound
from audit.log.events import label_of
from audit.log.models import Entry, EntryRef
from audit.log.queries import TrailFilters
from exchange.appraisers.models import Engagement
from exchange.catalog.models import Product
from exchange.parties.queries import organizations_visible_to
from exchange.trading.models import Inquiry, Negotiation, Order

from .models import EvidenceBundle, SupervisionOrder

WATCHERS = ("REGULATOR", "OPERATOR")
PAGE = 50
LARGEST_PAGE = 500

CONFIDENTIAL = "oversight.view."
"""Looks of the authorities, which the parties looked at do not see."""
EVIDENCE_TAKEN = "oversight.evidence."
"""Evidence that somebody takes, which nobody else but the watch sees."""
ALGORITHM_ROOMS = (
    "disclosure.",
    "algorithms.",
    "audits.",
    "decision.",
    "retention.",
    EVIDENCE_TAKEN,
)
"""Events that tell what became of an algorithm, and not what it did to others."""
MARKET_FACTS = (
    "catalog.listing.listed",
    "catalog.listing.suspended",
    "catalog.listing.resumed",
    "catalog.listing.ended",
    "catalog.release.cleared",
    "oversight.suspension.ordered",
    "oversight.suspension.lifted",
    "pricing.appraisal.signed",
)
"""Facts of a product that its buyers may know, since the market shows them anyway."""

RELATED_KINDS = {
    "order": (
        "contract",
        "grant",
        "access",
        "certificate",
        "transfer",
        "release",
        "appraisal",
        "export",
        "filing",
    ),
    "product": (
        "release",
        "screening",
        "case",
        "export",
        "proposal",
        "appeal",
        "derivation",
        "quality",
        "determination",
        "regrade",
        "rescreening",
        "object",
        "hold",
        "filing",
        "appraisal",
        "plan",
        "rights",
        "supervision",
        "order",
        "contract",
        "grant",
        "access",
        "certificate",
        "transfer",
        "inquiry",
        "negotiation",
        "engagement",
        "price_review",
    ),
}
"""Whose entries belong to the timeline of a thing, besides its own."""
TIMELINES = (*RELATED_KINDS, "organization")


@dataclass(frozen=True, kw_only=True)
class TrailRow:
    """One entry as a page or the API shows it, with its label in the reader's language."""

    index: int
    id: str
    name: str
    label: str
    version: int
    occurred_at: datetime
    actor: str
    organization: str
    kind: str
    subject: str
    request_id: str
    refs: Sequence[tuple[str, str]]
    body: dict[str, Any]
    leaf_hash: str


@dataclass(frozen=True, kw_only=True)
class TrailPage:
    """Some rows, and the cursor with which the next page begins; None at the end."""

    rows: Sequence[TrailRow]
    cursor: int | None


def entries_visible_to(actor: Actor) -> QuerySet[Entry]:
    """Return the entries an actor may read."""
    if watches(actor):
        return Entry.objects.all()
    if not actor.organization:
        return Entry.objects.none()
    return entries_concerning(actor.organization)


def entries_concerning(own: str, *, confidential: bool = False) -> QuerySet[Entry]:
    """Return what an organization may read: its acts, its trades on either side, its products.

    With `confidential` also what others did about these, which only the watch may read.
    """
    either = Q(buyer__reference=own) | Q(provider__reference=own)
    orders = Order.objects.filter(either)
    inquiries = Inquiry.objects.filter(either)
    engagements = Engagement.objects.filter(accreditation__organization__reference=own)
    negotiations = Negotiation.objects.filter(either)
    products = Product.objects.filter(provider__reference=own)
    bought = Product.objects.filter(orders__buyer__reference=own)
    concerning = (
        Q(kind__in=log_queries.PARTY_KINDS, reference=own)
        | Q(kind="order", reference__in=orders.values("reference"))
        | Q(kind="inquiry", reference__in=inquiries.values("reference"))
        | Q(kind="engagement", reference__in=engagements.values("reference"))
        | Q(kind="negotiation", reference__in=negotiations.values("reference"))
        | Q(kind="product", reference__in=products.values("reference"))
    )
    facts = Q(kind="product", reference__in=bought.values("reference"))
    taken_by_others = Q(name__startswith=EVIDENCE_TAKEN) & ~Exists(
        _refs_of_entry().filter(kind="organization", reference=own)
    )
    entries = Entry.objects.all()
    if not confidential:
        entries = entries.exclude(name__startswith=CONFIDENTIAL).exclude(taken_by_others)
    return entries.filter(
        Q(organization=own)
        | Exists(_refs_of_entry().filter(concerning))
        | (Q(name__in=MARKET_FACTS) & Exists(_refs_of_entry().filter(facts)))
    )


def trail(
    actor: Actor,
    filters: TrailFilters | None = None,
    *,
    before: int | None = None,
    limit: int = PAGE,
) -> TrailPage:
    """Return entries with their index, the newest first; `before` is the last page's cursor."""
    rows = log_queries.trail(filters).filter(leaf__isnull=False)
    if not watches(actor):
        rows = rows.filter(pk__in=entries_visible_to(actor).values("pk"))
    if before is not None:
        rows = rows.filter(position__lt=before)
    return page_of_entries(rows, limit, cursor="position")


def timeline(
    actor: Actor,
    kind: str,
    reference: str,
    *,
    filters: TrailFilters | None = None,
    after: int | None = None,
    limit: int = PAGE,
) -> TrailPage:
    """Return the history of a product, an order or an organization, oldest first.

    What belongs to a product or an order is read from the log itself: things that entries name
    together with it. Entries of other trades that share a release or an appraisal with an order
    stay out. An organization's history is what it did and what names it.
    """
    if kind not in TIMELINES:
        raise Invalid({"kind": [_("Timelines are kept of products, orders and organizations.")]})
    if not is_open_to(actor, kind, reference):
        raise NotFound
    rows = log_queries.trail(filters).filter(leaf__isnull=False).order_by("position")
    if kind == "organization":
        concerning = log_queries.trail(TrailFilters(parties=[reference]))
        rows = rows.filter(pk__in=concerning.order_by().values("pk"))
    else:
        rows = rows.filter(_belonging(kind, reference))
    if not watches(actor):
        rows = rows.filter(pk__in=entries_visible_to(actor).values("pk"))
    if after is not None:
        rows = rows.filter(position__gt=after)
    return page_of_entries(rows, limit, cursor="position")


def timeline_entries(actor: Actor, kind: str, reference: str) -> QuerySet[Entry]:
    """Return the entries of a timeline, as far as the actor may read them, in no order."""
    return entries_visible_to(actor).filter(_belonging(kind, reference), leaf__isnull=False)


def versions_of(disclosure: str) -> QuerySet[Disclosure]:
    """Return every version of the algorithm that a disclosure is of."""
    same = Disclosure.objects.filter(
        reference=disclosure, owner=OuterRef("owner"), algorithm=OuterRef("algorithm")
    )
    return Disclosure.objects.filter(Exists(same))


def entries_of_algorithm(actor: Actor, disclosure: str) -> QuerySet[Entry]:
    """Return what happened to an algorithm, as far as the actor may read it, but not what it did.

    Its decisions, and what others signed on them, belong to the things they are about.
    """
    versions = versions_of(disclosure).values("reference")
    naming = _refs_of_entry().filter(kind="disclosure", reference__in=versions)
    told = Q(*(("name__startswith", room) for room in ALGORITHM_ROOMS), _connector=Q.OR)
    rows = entries_visible_to(actor).filter(Exists(naming), told, leaf__isnull=False)
    return rows.exclude(name=DecisionTaken.name)


def _belonging(kind: str, reference: str) -> Q:
    """Return the condition for entries of a thing and of what entries name together with it.

    What names the thing itself belongs to it, and to every other that it names as well, such as
    the two products of a derivation.
    """
    kinds = (kind, *RELATED_KINDS[kind])
    touching = EntryRef.objects.filter(kind=kind, reference=reference)
    related = EntryRef.objects.filter(entry__in=touching.values("entry"), kind__in=kinds)
    named = EntryRef.objects.filter(kind__in=kinds, reference__in=related.values("reference"))
    others = _refs_of_entry().filter(kind=kind).exclude(reference=reference)
    itself = Q(pk__in=touching.order_by().values("entry"))
    return itself | (Q(pk__in=named.order_by().values("entry")) & Q(~Exists(others)))


def supervision_visible_to(actor: Actor) -> QuerySet[SupervisionOrder]:
    """Return supervision orders: all for the watch, those against its products for a provider."""
    rows = SupervisionOrder.objects.select_related("product", "product__provider", "authority")
    if watches(actor):
        return rows
    if not actor.organization:
        return rows.none()
    return rows.filter(product__provider__reference=actor.organization)


def get_supervision_for(actor: Actor, reference: str) -> SupervisionOrder:
    """Return a supervision order by reference; NotFound where the actor may not see it."""
    found = supervision_visible_to(actor).filter(reference=reference).first()
    if found is None:
        raise NotFound
    return found


def bundles_visible_to(actor: Actor) -> QuerySet[EvidenceBundle]:
    """Return the evidence bundles that the actor's organization asked for."""
    rows = EvidenceBundle.objects.select_related("organization", "stored")
    if actor.is_system:
        return rows
    if not actor.organization:
        return rows.none()
    return rows.filter(organization__reference=actor.organization)


def get_bundle_for(actor: Actor, reference: str) -> EvidenceBundle:
    """Return an evidence bundle by reference; NotFound where the actor may not see it."""
    found = bundles_visible_to(actor).filter(reference=reference).first()
    if found is None:
        raise NotFound
    return found


def watches(actor: Actor) -> bool:
    """Whether the actor reads every entry."""
    return actor.is_system or actor.has_role(*WATCHERS)


def is_open_to(actor: Actor, kind: str, reference: str) -> bool:
    """Whether the thing exists and the actor is party to it or watches the market."""
    if kind == "organization":
        return organizations_visible_to(actor).filter(reference=reference).exists()
    if kind == "algorithm":
        return _is_own_algorithm(actor, reference)
    rows = Order.objects.all() if kind == "order" else Product.objects.all()
    found = rows.filter(reference=reference)
    if watches(actor):
        return found.exists()
    own = Q(provider__reference=actor.organization)
    if kind == "order":
        own |= Q(buyer__reference=actor.organization)
    return bool(actor.organization) and found.filter(own).exists()


def _is_own_algorithm(actor: Actor, disclosure: str) -> bool:
    """Whether the version exists and the actor answers for the algorithm or watches the market."""
    found = Disclosure.objects.filter(reference=disclosure)
    if not watches(actor):
        found = found.filter(owner=actor.organization).exclude(owner="")
    return found.exists()


def _refs_of_entry() -> QuerySet[EntryRef]:
    return EntryRef.objects.filter(entry=OuterRef("pk"))


def page_of_entries(entries: QuerySet[Entry], limit: int, *, cursor: str = "index") -> TrailPage:
    """Return the first of `entries` as rows, and the place of the last when there are more."""
    size = max(1, min(limit, LARGEST_PAGE))
    found = list(entries.prefetch_related("refs")[: size + 1])
    rows = [_row(entry) for entry in found[:size]]
    last = found[size - 1] if len(found) > size else None
    places = {"index": last.leaf.index, "position": last.position} if last else {}
    return TrailPage(rows=rows, cursor=places.get(cursor))


def _row(entry: Entry) -> TrailRow:
    return TrailRow(
        index=entry.leaf.index,
        id=str(entry.id),
        name=entry.name,
        label=label_of(entry.name),
        version=entry.version,
        occurred_at=entry.occurred_at,
        actor=entry.actor,
        organization=entry.organization,
        kind=entry.subject_kind,
        subject=entry.subject,
        request_id=entry.request_id,
        refs=[(ref.kind, ref.reference) for ref in entry.refs.all()],
        body=json.loads(bytes(entry.data))["body"],
        leaf_hash=bytes(entry.leaf_hash).hex(),
    )
