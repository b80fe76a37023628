"""Same conditions, same price: what is found where a rule discriminates, and what is not."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.core.management.base import CommandError

from audit.log.actors import Actor
from audit.log.errors import NotAllowed
from audit.log.models import Entry
from exchange.catalog.models import Product
from exchange.parties.models import Organization
from exchange.trading import quoting, treatment
from exchange.trading.invented import AT, invented_market
from exchange.trading.measurement import equal_cases, measure_price_adjustment
from exchange.trading.models import Order
from exchange.trading.treatment import examine, try_quotes, twins_of
from pricing.equal_treatment import Outcome, Treated, impacts, unequal
from pricing.methods.policies import TreatmentPolicy
from pricing.quotes import Circumstances
from tests.trading.making import Floor, tampering

RULE = TreatmentPolicy(impact_least=Decimal("0.80"), group_least=5)
Rule = Callable[[Organization], bool]


def case(
    buyer: str, price: str | None, conditions: tuple[str, ...] = ("P",), **groups: str
) -> Treated:
    """Return how a buyer was treated."""
    amount = None if price is None else Decimal(price)
    return Treated(buyer=buyer, conditions=conditions, groups=groups, price=amount)


def test_the_same_price_for_all_is_equal_and_other_conditions_are_another_matter() -> None:
    cases = [case("a", "1"), case("b", "1"), case("a", "2", ("Q",)), case("b", "2", ("Q",))]

    assert unequal(cases) == []


def test_what_is_told_apart_is_named() -> None:
    cases = [
        case("a", "1", region="31", size="1"),
        case("b", "1", region="31", size="10+"),
        case("c", "2", region="65", size="1"),
    ]

    (found,) = unequal(cases)

    assert (found.favored.buyer, found.disfavored.buyer, found.differ_in) == ("a", "c", ("region",))


def test_a_refusal_is_worse_than_any_price() -> None:
    (found,) = unequal([case("a", None, kind="52"), case("b", "900", kind="91")])

    assert (found.favored.buyer, found.disfavored.price) == ("b", None)


def outcomes(**groups: tuple[int, int]) -> Iterator[Outcome]:
    """Yield for each group so many favorable of so many."""
    for group, (good, whole) in groups.items():
        for number in range(whole):
            yield Outcome(measure="price", groups={"region": group}, favorable=number < good)


@pytest.mark.parametrize(
    ("good", "ratio", "fair"), [(8, "0.8000", True), (7, "0.7000", False), (10, "1.0000", True)]
)
def test_the_four_fifths_rule(
    good: int,
    ratio: str,
    fair: bool,  # noqa: FBT001  a column of the table
) -> None:
    found = {row.group: row for row in impacts(outcomes(a=(10, 10), b=(good, 10)), RULE)}

    assert (found["b"].ratio, found["b"].fair) == (Decimal(ratio), fair)
    assert found["a"].fair


def test_small_groups_are_shown_and_not_judged() -> None:
    found = {row.group: row for row in impacts(outcomes(a=(10, 10), b=(0, 4)), RULE)}

    assert (found["b"].count, found["b"].judged, found["b"].fair) == (4, False, True)


def test_where_nobody_fares_well_nobody_is_worse_off() -> None:
    assert all(
        row.fair and row.ratio is None for row in impacts(outcomes(a=(0, 9), b=(0, 9)), RULE)
    )


def test_the_shipped_rules_treat_all_alike(db: None) -> None:
    before = Entry.objects.count(), Organization.objects.count()

    metrics = {metric.name: metric for metric in measure_price_adjustment()}

    assert {name: metric.value for name, metric in metrics.items()} == {
        "agreement_with_independent_sum": "1.0000",
        "within_all_bounds": "1.0000",
        "same_price_on_same_conditions": "1.0000",
    }
    assert metrics["same_price_on_same_conditions"].n > 1000
    assert (Entry.objects.count(), Organization.objects.count()) == before


def _bought(buyer: Organization) -> int:
    return Order.objects.filter(buyer=buyer).count()


PLANTED: dict[str, tuple[Rule, str]] = {
    "region": (lambda buyer: buyer.uscc[2:4] == "65", "region"),
    "place": (lambda buyer: buyer.region.startswith("北京"), "place"),
    "kind": (lambda buyer: buyer.uscc[:2] == "52", "kind"),
    "size": (lambda buyer: buyer.members.count() > 5, "size"),
    "loyal customers pay more (杀熟)": (lambda buyer: _bought(buyer) > 2, "history"),
    "a proxy: long names": (lambda buyer: len(buyer.name) > 10, "name"),
    "two traits together": (
        lambda buyer: buyer.uscc[2:4] == "44" and _bought(buyer) == 0,
        "history",
    ),
}


def plant(monkeypatch: pytest.MonkeyPatch, rule: Rule) -> None:
    """Let whom the rule picks pay more: everybody else gets something off."""
    usual = quoting.circumstances_of

    def unfair(terms: Any, product: Product, buyer: Organization, **given: Any) -> Circumstances:
        found = usual(terms, product, buyer, **given)
        return found if rule(buyer) else replace(found, reduction=Decimal("0.01"))

    monkeypatch.setattr(quoting, "circumstances_of", unfair)


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_rule_is_found(db: None, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    rule, dimension = PLANTED[name]
    plant(monkeypatch, rule)

    with invented_market() as market:
        cases = list(try_quotes(market.products, market.buyers, at=AT))

    assert equal_cases(cases) < len(cases)
    assert dimension in {trait for found in unequal(cases) for trait in found.differ_in}


def test_a_planted_refusal_is_found(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = treatment.quotation_for

    def refusing(*args: Any, buyer: Organization, **given: Any) -> Any:
        if buyer.uscc[:2] == "11":
            raise NotAllowed("not for you")
        return usual(*args, buyer=buyer, **given)

    monkeypatch.setattr(treatment, "quotation_for", refusing)
    with invented_market() as market:
        cases = list(try_quotes(market.products[:1], market.buyers, at=AT))

    (first, *_rest) = unequal(cases)
    assert first.disfavored.price is None
    assert first.differ_in in {("kind",), ("kind", "name")}


def told(at: datetime, *arguments: str) -> str:
    """Run the command and return what it says."""
    out = StringIO()
    with time_machine.travel(at, tick=False):
        call_command("equal_treatment", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_passes_where_all_are_treated_alike(
    floor: Floor, stranger: object, at: datetime
) -> None:
    floor.contracted()

    said = json.loads(told(at, "--json"))

    assert (said["passes"], said["tried"], said["concluded"]) == (True, [], [])
    assert said["cases"] > 20
    assert said["orders"] == 1
    assert "Same conditions, same price." in told(at)


def test_the_command_fails_on_a_planted_rule_and_names_it(
    floor: Floor, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(monkeypatch, lambda buyer: buyer.uscc[2:4] == "65")
    out = StringIO()

    with time_machine.travel(at, tick=False), pytest.raises(CommandError, match="unequally"):
        call_command("equal_treatment", stdout=out)

    assert "they differ in: region of registration" in out.getvalue()
    assert floor.product.reference in out.getvalue()


def test_a_concluded_price_that_differs_is_found(
    floor: Floor, stranger: Actor, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    floor.contracted()
    plant(monkeypatch, lambda _buyer: False)
    replace(floor, buyer=stranger).contracted()
    monkeypatch.undo()

    found = examine(at=at, products=0)

    assert not found.passes
    (inequality,) = found.concluded
    assert inequality.disfavored.buyer == floor.buyer.organization


def test_a_price_agreed_on_is_no_inequality_but_counts_in_the_ratios(
    floor: Floor, stranger: Actor, at: datetime
) -> None:
    floor.contracted()
    bargained = replace(floor, buyer=stranger).contracted()
    quote = bargained.quote
    next(row for row in quote["pipeline"] if row["stage"] == "agreed")["amount"] = "80.00"
    with tampering():
        Order.objects.filter(pk=bargained.pk).update(quote=quote)

    found = examine(at=at, products=0)

    assert found.concluded == []
    rates = {row.group: row.rate for row in found.impacts if row.measure == "price"}
    assert rates["31"] == 0
    assert rates["44"] == 1


def test_twins_differ_in_one_trait_only(buyer_org: Organization) -> None:
    for twin in twins_of(buyer_org):
        changed = [
            field.name
            for field in Organization._meta.concrete_fields
            if getattr(twin, field.attname) != getattr(buyer_org, field.attname)
        ]
        assert len(changed) <= 1
        assert twin.pk == buyer_org.pk
