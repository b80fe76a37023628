"""What the exchange knows of trades, as the facts that are watched.

Only the exchange's own currency is read: amounts in others are not compared. Every organization is
read always, since ties need all; of orders and accesses only what the new facts touch.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import numpy as np
from django.db.models import Q, QuerySet

from exchange.appraisers.models import Accreditation, Engagement
from exchange.catalog.models import Product
from exchange.compliance.models import ExportRecord, ExportStanding, ReleaseVolume
from exchange.delivery.models import Access, Grant
from exchange.parties.models import Member, Organization
from exchange.trading.models import Offer, Order
from exchange.trading.states import OrderState
from pricing.models import Appraisal
from pricing.money import DEFAULT_CURRENCY

from .detection.control import control_of
from .detection.facts import Accesses, Bonds, Exports, Facts, Grants, Offers, Orders, Stakes

MOST_TOUCHED: Final = 5000
"""Organizations or products that are named in a query; of more, everything is read."""
ORGAN_OF_STATE: Final = "11"
"""How the unified social credit code of an organ of state begins (GB 32100-2015)."""
MIDDLING: Final = "MIDDLE"


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Which facts are read: since when, and what they touch; None touches everything."""

    since: datetime
    until: datetime
    organizations: frozenset[str] | None = None
    products: frozenset[str] | None = None
    market_days: int = 180
    circle_days: int = 30

    @property
    def is_whole(self) -> bool:
        """Whether everything since the day is read."""
        touched = (self.organizations, self.products)
        return any(each is None or len(each) > MOST_TOUCHED for each in touched)


@dataclass
class _Numbers:
    """References and the numbers they are known by."""

    numbers: dict[str, int] = field(default_factory=dict)

    def __getitem__(self, reference: str) -> int:
        return self.numbers.setdefault(reference, len(self.numbers))

    @property
    def names(self) -> list[str]:
        return list(self.numbers)


def read_facts(scope: Scope) -> Facts:
    """Return the facts of a scope."""
    parties = list(Organization.objects.order_by("reference").values_list("reference", "uscc"))
    names = [reference for reference, _uscc in parties]
    numbers = {reference: number for number, reference in enumerate(names)}
    goods, markets = _Numbers(), _Numbers()
    orders = _orders(scope, numbers, goods, markets)
    accesses, grants = _accesses(scope, numbers, goods)
    return Facts(
        organizations=names,
        orders=orders,
        offers=_offers(scope, numbers, goods),
        accesses=accesses,
        grants=grants,
        exports=_exports(scope, numbers, goods),
        stakes=_stakes({uscc: numbers[reference] for reference, uscc in parties}),
        bonds=_bonds(numbers),
        products=goods.names,
        markets=markets.names,
    )


def with_their_groups(touched: Iterable[str], *, tie_share: float) -> frozenset[str]:
    """Return organizations with all that are tied to them."""
    parties = list(Organization.objects.order_by("reference").values_list("reference", "uscc"))
    names = [reference for reference, _uscc in parties]
    numbers = {reference: number for number, reference in enumerate(names)}
    stakes = _stakes({uscc: numbers[reference] for reference, uscc in parties})
    alone = Facts(organizations=names, products=(), stakes=stakes, bonds=_bonds(numbers))
    group = control_of(alone, least_share=tie_share).group
    wanted = np.isin(group, [group[numbers[each]] for each in touched if each in numbers])
    return frozenset(names[int(number)] for number in np.flatnonzero(wanted))


def _touching(scope: Scope, buyer: str, provider: str, product: str) -> Q:
    if scope.is_whole or scope.organizations is None or scope.products is None:
        return Q()
    return (
        Q(**{f"{buyer}__in": scope.organizations})
        | Q(**{f"{provider}__in": scope.organizations})
        | Q(**{f"{product}__in": scope.products})
    )


def _orders(scope: Scope, numbers: Mapping[str, int], goods: _Numbers, markets: _Numbers) -> Orders:
    rows = Order.objects.filter(
        currency=DEFAULT_CURRENCY, paid_at__gte=scope.since, paid_at__lte=scope.until
    )
    chosen = _touching(scope, "buyer__reference", "provider__reference", "product__reference")
    if chosen:
        recent = scope.until - timedelta(days=scope.circle_days)
        chosen |= Q(paid_at__gte=recent) | _same_market(scope)
        rows = rows.filter(chosen)
    return Orders.of(_order_rows(rows.order_by("paid_at", "pk"), numbers, goods, markets))


def _same_market(scope: Scope) -> Q:
    """Return the orders of products comparable with those touched, of late."""
    since = scope.until - timedelta(days=scope.market_days)
    touched = Product.objects.filter(reference__in=scope.products or ())
    pairs = touched.values_list("industry", "product_type").distinct().order_by()
    found = Q(pk__in=[])
    for industry, product_type in pairs:
        found |= Q(
            product__industry=industry, product__product_type=product_type, paid_at__gte=since
        )
    return found


_ORDER: Final = (
    "reference",
    "buyer__reference",
    "provider__reference",
    "product__reference",
    "product__industry",
    "product__product_type",
    "product__manual",
    "release_id",
    "amount",
    "quantity",
    "quote",
    "negotiation_id",
    "placed_at",
    "paid_at",
    "closed_at",
    "status",
)


def _order_rows(
    rows: QuerySet[Order], numbers: Mapping[str, int], goods: _Numbers, markets: _Numbers
) -> Iterator[tuple[Any, ...]]:
    persons = _persons(rows)
    middles = _appraised(rows)
    for row in rows.values(*_ORDER).iterator(chunk_size=5000):
        industry = row["product__industry"]
        severe, medium, other = persons.get(row["release_id"], (0, 0, 0))
        counted = severe or medium or other
        middle = middles.get(row["product__reference"])
        yield (
            row["reference"],
            numbers[row["buyer__reference"]],
            numbers[row["provider__reference"]],
            goods[row["product__reference"]],
            markets[f"{industry}/{row['product__product_type']}"] if industry else -1,
            _fen(row["amount"]),
            row["quantity"],
            _listed(row["quote"]),
            _fen(middle) * row["quantity"] if middle is not None else 0,
            _seconds(row["placed_at"]),
            _seconds(row["paid_at"]),
            _seconds(row["closed_at"]) if row["status"] == OrderState.REFUNDED else 0,
            row["negotiation_id"] is not None,
            severe,
            medium,
            other,
            bool(counted) and _in_service(row["product__manual"]),
        )


def _persons(rows: QuerySet[Order]) -> dict[int, tuple[int, int, int]]:
    """Return the persons named in each release by class of items, as the filter counted them."""
    volumes = ReleaseVolume.objects.filter(
        release__in=rows.order_by().values("release"), item_class__gt=""
    )
    found = {}
    for release, persons, kind in volumes.values_list("release_id", "persons", "item_class"):
        by_class = {"SEVERE": 0, MIDDLING: 0, "OTHER": 0} | {kind: persons}
        found[release] = (by_class["SEVERE"], by_class[MIDDLING], by_class["OTHER"])
    return found


def _appraised(rows: QuerySet[Order]) -> dict[str, Decimal]:
    """Return the middle of the signed band of each product, the latest."""
    assets = rows.order_by().values("product__reference")
    signed = Appraisal.objects.filter(asset__in=assets, currency=DEFAULT_CURRENCY)
    return dict(signed.order_by("signed_at").values_list("asset", "mid_amount"))


def _in_service(manual: Mapping[str, Any]) -> bool:
    """Whether the data was obtained in performing duties or services (第五条第一款第八项)."""
    return manual.get("source_kind") == "COLLECTED"


def _listed(quote: Mapping[str, Any]) -> int:
    """Return what is posted for the quantity, before any agreement."""
    stages = {each.get("stage"): each.get("amount") for each in quote.get("pipeline", ())}
    posted = stages.get("adjusted") or stages.get("declared")
    return _fen(Decimal(str(posted))) if posted else 0


def _offers(scope: Scope, numbers: Mapping[str, int], goods: _Numbers) -> Offers:
    found: list[tuple[int, int, int, int, bool]] = []
    made = Offer.objects.filter(offered_at__gte=scope.since, offered_at__lte=scope.until)
    names = [f"negotiation__{name}__reference" for name in ("buyer", "provider", "product")]
    made = made.filter(_touching(scope, *names))
    for *who, at, status, round_, number in made.values_list(
        *names, "offered_at", "negotiation__status", "negotiation__round", "number"
    ).iterator():
        buyer, provider, product = who
        concluded = status == "AGREED" and round_ == number
        found.append((numbers[buyer], numbers[provider], goods[product], _seconds(at), concluded))
    names = ["buyer__reference", "provider__reference", "product__reference"]
    placed = Order.objects.filter(placed_at__gte=scope.since, placed_at__lte=scope.until)
    placed = placed.filter(_touching(scope, *names))
    for buyer, provider, product, at, status in placed.values_list(
        *names, "placed_at", "status"
    ).iterator():
        concluded = status != OrderState.CANCELLED
        found.append((numbers[buyer], numbers[provider], goods[product], _seconds(at), concluded))
    return Offers.of(found)


def _accesses(scope: Scope, numbers: Mapping[str, int], goods: _Numbers) -> tuple[Accesses, Grants]:
    rows = Access.objects.filter(taken_at__gte=scope.since, taken_at__lte=scope.until)
    if not scope.is_whole:
        rows = rows.filter(grant__grantee__reference__in=scope.organizations or ())
    granted = Grant.objects.filter(pk__in=rows.order_by().values("grant"))
    grants: dict[int, int] = {}
    terms = []
    for pk, budget, start, end in granted.values_list(
        "pk", "budget_downloads", "valid_from", "valid_until"
    ):
        grants[pk] = len(grants)
        terms.append((budget, max(1, (end - start).days)))
    taken = rows.order_by("taken_at", "pk").values_list(
        "grant__grantee__reference", "grant__product__reference", "grant_id", "taken_at", "question"
    )
    return (
        Accesses.of(
            (numbers[who], goods[product], grants[grant], _seconds(at), _digest(question))
            for who, product, grant, at, question in taken.iterator(chunk_size=5000)
        ),
        Grants.of(terms),
    )


def _exports(scope: Scope, numbers: Mapping[str, int], goods: _Numbers) -> Exports:
    names = (
        "route__exporter__reference",
        "route__recipient__reference",
        "route__release__product__reference",
    )
    rows = ExportRecord.objects.filter(counted_at__gte=scope.since, counted_at__lte=scope.until)
    rows = rows.filter(_touching(scope, *names)).order_by("counted_at", "pk")
    return Exports.of(
        (
            order,
            numbers[exporter],
            numbers[recipient],
            goods[product],
            _seconds(at),
            ordinary,
            sensitive,
            not mechanism,
        )
        for order, exporter, recipient, product, at, ordinary, sensitive, mechanism in (
            rows.values_list(
                "route__order", *names, "counted_at", "ordinary", "sensitive", "mechanism"
            )
        )
    )


def _stakes(codes: dict[str, int]) -> Stakes:
    """Return shareholdings as appraisers and providers declared them, by code."""
    nodes = dict(codes)
    found: set[tuple[int, int, int, bool]] = set()

    def add(owner: str, held: str, share: Any) -> None:
        if not owner or not held or owner == held:
            return
        for code in (owner, held):
            nodes.setdefault(code, len(nodes))
        part = int(Decimal(str(share or 0)) * 10_000)
        found.add((nodes[owner], nodes[held], part, owner.startswith(ORGAN_OF_STATE)))

    for uscc, owners, holdings in Accreditation.objects.values_list(
        "organization__uscc", "owners", "holdings"
    ):
        for row in owners:
            add(row["uscc"], uscc, row["share"])
        for row in holdings:
            add(uscc, row["uscc"], row["share"])
    for uscc, owners in Engagement.objects.values_list("product__provider__uscc", "owners"):
        for row in owners:
            add(row["uscc"], uscc, row["share"])
    return Stakes.of(sorted(found))


def _bonds(numbers: Mapping[str, int]) -> Bonds:
    """Return organizations for which the same person acts, or that are one processor."""
    together: dict[tuple[str, Any], list[int]] = {}
    acting = Member.objects.values_list("user_id", "organization__reference")
    for user, organization in acting:
        together.setdefault(("person", user), []).append(numbers[organization])
    standing = ExportStanding.objects.values_list("processor", "organization__reference")
    for processor, organization in standing:
        together.setdefault(("processor", processor), []).append(numbers[organization])
    return Bonds.of(_chains(together.values()))


def _chains(groups: Iterable[list[int]]) -> Iterator[tuple[int, int]]:
    for members in groups:
        ordered = sorted(set(members))
        yield from (
            (one, other) for place, one in enumerate(ordered) for other in ordered[place + 1 :]
        )


def _seconds(at: datetime | None) -> int:
    return 0 if at is None else int(at.astimezone(UTC).timestamp())


def _fen(amount: Decimal) -> int:
    return int(amount * 100)


def _digest(question: Mapping[str, Any]) -> int:
    """Return a number for what was asked; 0 where a file was fetched."""
    if not question:
        return 0
    words = repr(sorted(question.items(), key=lambda item: item[0])).encode()
    return int.from_bytes(hashlib.sha256(words).digest()[:7], "big") or 1
