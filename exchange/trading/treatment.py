"""Whether buyers are treated alike: the whole quoting path tried, what was concluded counted."""

import copy
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from statistics import median
from typing import Final

from audit.log.actors import Actor, ActorKind
from audit.log.errors import DomainError
from audit.log.models import Entry
from audit.rulebook.queries import day_of, get_pack
from exchange.catalog.models import Product
from exchange.catalog.states import ProductState
from exchange.parties.models import Organization
from exchange.parties.states import OrganizationState
from pricing.adjustment.models import PriceStep
from pricing.adjustment.states import PriceStepState
from pricing.equal_treatment import (
    Impact,
    Inequality,
    Outcome,
    Treated,
    impacts,
    unequal,
)
from pricing.models import Plan
from pricing.plans import PlanTerms
from pricing.policy import policy_of
from pricing.queries import current_plans
from pricing.quotes import trial_units

from .circumstances import VOID
from .models import Order
from .quoting import quotation_for
from .rules import why_not_order

DAYS: Final = 365
SIZES: Final = (1, 2, 5, 100, 1000)
LONG_NAME: Final = 8
PROVINCES: Final = ("11", "31", "44", "65")
KINDS: Final = ("11", "52", "91", "92")


@dataclass(frozen=True, kw_only=True)
class Examination:
    """What an examination found; `cases` quotes were tried and `orders` looked at."""

    at: datetime
    pack: str
    cases: int
    orders: int
    tried: Sequence[Inequality]
    concluded: Sequence[Inequality]
    impacts: Sequence[Impact]

    @property
    def adverse(self) -> list[Impact]:
        """The groups that fare worse than the rule allows."""
        return [impact for impact in self.impacts if not impact.fair]

    @property
    def passes(self) -> bool:
        """Whether nobody was found to be treated unequally."""
        return not (self.tried or self.concluded or self.adverse)


def examine(*, at: datetime, products: int = 20, buyers: int = 20) -> Examination:
    """Quote the newest listed products to buyers and their twins; count what was traded."""
    listed = Product.objects.filter(status=ProductState.LISTED).select_related("provider")
    admitted = Organization.objects.filter(status=OrganizationState.ADMITTED).order_by("pk")
    real = [each for each in admitted if "BUYER" in each.roles][:buyers]
    asking = [*real, *(twin for each in real[:buyers] for twin in twins_of(each))]
    tried = list(try_quotes(list(listed.order_by("-listed_at", "-pk")[:products]), asking, at=at))
    orders = _orders(at)
    return Examination(
        at=at,
        pack=get_pack("pricing", on=day_of(at)).label,
        cases=len(tried),
        orders=len(orders),
        tried=unequal(tried),
        concluded=unequal(concluded_cases(orders)),
        impacts=measure_impacts(orders, at=at),
    )


def measure_impacts(orders: Sequence[Order], *, at: datetime) -> list[Impact]:
    """Return how the groups of buyers fare in price, in refusals and in automatic rises."""
    policy = policy_of(get_pack("pricing", on=day_of(at))).treatment
    return impacts(outcomes_of(orders), policy)


def concluded_impacts(*, at: datetime) -> list[Impact]:
    """Return the impact ratios over what was ordered in the last year."""
    return measure_impacts(_orders(at), at=at)


def try_quotes(
    products: Iterable[Product], buyers: Sequence[Organization], *, at: datetime
) -> Iterator[Treated]:
    """Quote every product to every buyer, in quantities and scenarios that its plan knows."""
    shelf = list(products)
    plans = current_plans(product.reference for product in shelf)
    history = {buyer.pk: history_of(buyer, at=at) for buyer in buyers}
    for product in shelf:
        plan = plans.get(product.reference)
        if plan is None:
            continue
        for buyer in buyers:
            if buyer.pk == product.provider_id:
                continue
            entitled = entitlement_of(product, plan.terms, buyer, at=at)
            groups = groups_of(buyer, history[buyer.pk])
            for quantity in _quantities(plan.terms):
                for scenario in _scenarios(plan.terms):
                    yield Treated(
                        buyer=f"{buyer.reference} {buyer.name}",
                        conditions=(product.reference, str(quantity), scenario, *entitled),
                        groups=groups,
                        price=_price(product, plan, buyer, quantity, scenario, at),
                    )


def twins_of(buyer: Organization) -> Iterator[Organization]:
    """Return the same buyer under other regions, kinds and names; nothing else differs."""
    code = buyer.uscc
    changes: list[dict[str, str]] = [{"region": "新疆维吾尔自治区"}, {"region": ""}]
    changes += [{"uscc": code[:2] + province + code[4:]} for province in PROVINCES]
    changes += [{"uscc": kind + code[2:]} for kind in KINDS]
    changes += [{"name": "甲"}, {"name": "乙" * 60}, {"name_en": "Z" * 120}]
    for change in changes:
        twin = copy.copy(buyer)
        for name, value in change.items():
            setattr(twin, name, value)
        yield twin


def groups_of(buyer: Organization, history: int) -> dict[str, str]:
    """Return what a price may not depend on: region, kind, size, history and a bare proxy.

    Region and kind are read from the unified social credit code (GB 32100-2015), size is the
    number of persons who act for it.
    """
    people = buyer.members.count()
    return {
        "region": buyer.uscc[2:4] or buyer.region,
        "place": buyer.region,
        "kind": buyer.uscc[:2],
        "size": "1" if people <= 1 else "2-9" if people < 10 else "10+",  # noqa: PLR2004
        "history": "0" if not history else "1-2" if history < 3 else "3+",  # noqa: PLR2004
        "name": "long" if len(buyer.name) > LONG_NAME else "short",
    }


def history_of(buyer: Organization, *, at: datetime) -> int:
    """Count what a buyer bought before a moment."""
    return Order.objects.filter(buyer=buyer, paid_at__lt=at).count()


def entitlement_of(
    product: Product, terms: PlanTerms, buyer: Organization, *, at: datetime
) -> tuple[str, ...]:
    """Return what published rules of the plan allow to differ, read apart from the quoting path.

    The unused part of a free trial, a bundle with a product held, and the renewal of a running
    subscription: 真实需要、交易习惯、新用户优惠.
    """
    standing = Order.objects.filter(buyer=buyer).exclude(status__in=VOID)
    own = list(standing.filter(product=product).values_list("quote", flat=True))
    used = min(terms.trial_quota, sum(trial_units(quote) for quote in own))
    bundles: tuple[str, ...] = ()
    if terms.companions:
        wanted = {row.product: row.reduction for row in terms.companions}
        held = standing.filter(
            product__reference__in=wanted, paid_at__isnull=False, currency=terms.currency
        )
        paid = held.values_list("product__reference", "amount")
        bundles = tuple(sorted({name for name, amount in paid if amount >= wanted[name]}))
        if any(line["code"] == "bundle" for quote in own for line in quote["lines"]):
            bundles = ()
    running = standing.filter(product=product, contract__term_until__gt=at)
    held_plan = running.order_by("-placed_at", "-pk").values_list("plan", flat=True).first()
    renewal = ""
    if held_plan and held_plan.get("renewable") and held_plan["sha256"] != terms.sha256:
        renewal = str(held_plan["sha256"])
    return (f"trial {used}", f"bundle {','.join(bundles)}", f"renewal {renewal}")


def concluded_cases(orders: Iterable[Order]) -> Iterator[Treated]:
    """Return the concluded quotes that nobody negotiated, each with all its conditions."""
    for order in orders:
        stages = _stages(order)
        if order.status in VOID or stages["agreed"] != stages["adjusted"]:
            continue
        yield Treated(
            buyer=order.buyer.reference,
            conditions=(*_deal(order), *_entitlements(order)),
            groups=groups_of(order.buyer, history_of(order.buyer, at=order.placed_at)),
            price=stages["adjusted"],
        )


def outcomes_of(orders: Sequence[Order]) -> Iterator[Outcome]:
    """Return what happened to buyers: price against others', refusals, automatic rises."""
    refused = _refused_by_provider(orders)
    raised = _raised_plans(orders)
    prices: dict[tuple[str, ...], list[Decimal]] = defaultdict(list)
    for order in orders:
        if order.status not in VOID:
            prices[_deal(order)].append(_stages(order)["agreed"])
    for order in orders:
        groups = groups_of(order.buyer, history_of(order.buyer, at=order.placed_at))
        yield Outcome(measure="offer", groups=groups, favorable=order.reference not in refused)
        if order.status in VOID:
            continue
        yield Outcome(
            measure="step", groups=groups, favorable=order.plan["reference"] not in raised
        )
        others = prices[_deal(order)]
        if len(others) > 1:
            fair = _stages(order)["agreed"] <= median(others)
            yield Outcome(measure="price", groups=groups, favorable=fair)


def _price(
    product: Product,
    plan: Plan,
    buyer: Organization,
    quantity: int,
    scenario: str,
    at: datetime,
) -> Decimal | None:
    """Return what the buyer would pay with fee and tax, None where it is refused."""
    actor = Actor(
        kind=ActorKind.USER,
        id="user:equal-treatment",
        organization=buyer.reference,
        roles=frozenset(buyer.roles),
        member_role="TRADER",
    )
    if why_not_order(actor, product):
        return None
    try:
        found = quotation_for(
            product, plan, buyer=buyer, quantity=quantity, scenario=scenario, at=at
        )
    except DomainError:
        return None
    total = found.quote.total
    if found.charges is not None:
        total = total + found.charges.buyer_fee + found.charges.buyer_tax
    return total.amount


def _quantities(terms: PlanTerms) -> list[int]:
    if terms.packages:
        return [package.units for package in terms.packages]
    return list(SIZES if terms.kind.is_metered else SIZES[:3])


def _scenarios(terms: PlanTerms) -> list[str]:
    return ["", *(row.scenario for row in terms.scenarios)]


def _orders(at: datetime) -> list[Order]:
    since = at - timedelta(days=DAYS)
    rows = Order.objects.filter(placed_at__gt=since, placed_at__lte=at)
    return list(rows.select_related("product", "buyer", "provider").order_by("pk"))


def _deal(order: Order) -> tuple[str, ...]:
    use = str(order.scenario.get("use", ""))
    return (order.product.reference, order.plan["reference"], str(order.quantity), use)


def _entitlements(order: Order) -> list[str]:
    """Return what of a quote its plan's published rules allow to differ: trial and bundle."""
    published = {"bundle": order.plan.get("companions"), "trial": order.plan["trial_quota"]}
    codes = {str(line["code"]).partition("_")[0] for line in order.quote["lines"]}
    return sorted(code for code in codes if published.get(code))


def _stages(order: Order) -> Mapping[str, Decimal]:
    return {row["stage"]: Decimal(row["amount"]) for row in order.quote["pipeline"]}


def _refused_by_provider(orders: Sequence[Order]) -> set[str]:
    """Return the orders that their provider called off."""
    providers = {order.reference: order.provider.reference for order in orders}
    rows = Entry.objects.filter(
        name="trading.order.cancelled", subject_kind="order", subject__in=list(providers)
    ).values_list("subject", "organization")
    return {order for order, by in rows if providers[order] == by}


def _raised_plans(orders: Sequence[Order]) -> set[str]:
    plans = {order.plan["reference"] for order in orders}
    steps = PriceStep.objects.filter(status=PriceStepState.APPLIED, new_plan__in=plans)
    return {step.new_plan for step in steps if step.after_amount > step.before_amount}
