"""The market method of an appraisal where comparables are weighed: its refusals, its working."""

from dataclasses import replace
from decimal import Decimal

import pytest

from pricing.appraising import AppraisalInputs, work_out_appraisal
from pricing.documents import as_plain, digest_of, read_inputs
from pricing.facts import Comparable, Traits
from pricing.methods.market import appraise_by_market
from pricing.methods.working import Estimate, NotApplicable, Operation
from pricing.money import Money
from pricing.wording import remark_text, step_text

from .making import BASIS, COSTS, comparables, facts, policy

RULES = policy()
SUBJECT = Traits(title="企业工商信息查询", text="按名称查询", unit="license")


def _listed(place: int, title: str, price: int, **changes: str) -> Comparable:
    traits = Traits(title=title, text=f"第{place}种", unit=changes.pop("unit", "license"))
    return Comparable(
        reference=f"P-{place}",
        owner=changes.pop("owner", f"ORG-{place % 6}"),
        price=Money.of(price),
        priced_on=BASIS,
        traits=traits,
    )


OTHERS = [
    *(_listed(place, "企业工商信息查询接口", 100 + place) for place in range(9)),
    *(_listed(place, "全国气象降水格点", 90_000 + place) for place in range(9, 18)),
]


def _appraise(
    others: list[Comparable], traits: Traits | None = SUBJECT, *, per_license: bool = True
) -> Estimate | NotApplicable:
    return appraise_by_market(
        facts(traits=traits, demand=None, rows=0, expected_buyers=20),
        others,
        policy=RULES.market,
        quality=RULES.quality,
        basis_on=BASIS,
        per_license=per_license,
    )


def test_the_alike_price_it_and_the_rest_do_not() -> None:
    found = _appraise(OTHERS)

    assert isinstance(found, Estimate)
    assert 100 <= found.value.amount <= 108
    heavy = [row for row in found.adjustments if row.weight and row.weight > Decimal("0.02")]
    assert {row.reference for row in heavy} <= {f"P-{place}" for place in range(9)}
    assert sum(row.weight or 0 for row in found.adjustments) == pytest.approx(
        1, abs=Decimal("1E-4")
    )
    assert found.steps[0].code == "weighted_comparables"
    assert found.steps[0].operation == Operation.AVERAGE
    assert found.steps[-1].value == found.value.amount
    codes = [remark.code for remark in found.remarks]
    assert codes[-2:] == ["weighed_by_likeness", "leave_provider_out"]
    assert "outlier" not in codes
    for remark in found.remarks:
        assert remark_text(as_plain(remark))
    assert step_text(found.steps[0].code)


def test_twice_the_prices_give_twice_the_value_by_the_same_weights() -> None:
    found = _appraise(OTHERS)
    assert isinstance(found, Estimate)
    whole = _appraise(OTHERS, per_license=False)

    assert isinstance(whole, Estimate)
    assert whole.value.amount == found.value.amount * 20
    twice = _appraise([replace(item, price=item.price * 2) for item in OTHERS])
    assert isinstance(twice, Estimate)
    assert twice.value.amount == found.value.amount * 2
    assert twice.spread == found.spread
    assert [row.weight for row in twice.adjustments] == [row.weight for row in found.adjustments]


def test_ones_own_products_change_nothing() -> None:
    own = [
        replace(item, owner="ORG-PROVIDER", reference=f"own-{item.reference}", price=Money.of(7))
        for item in OTHERS
    ]

    beside, alone = _appraise(OTHERS + own), _appraise(OTHERS)

    assert isinstance(beside, Estimate)
    assert isinstance(alone, Estimate)
    assert (beside.value, beside.spread) == (alone.value, alone.spread)
    assert beside.adjustments == alone.adjustments


def _refusal(others: list[Comparable], traits: Traits = SUBJECT) -> str:
    found = _appraise(others, traits)
    assert isinstance(found, NotApplicable)
    assert remark_text(as_plain(found.remark))
    return found.remark.code


def test_it_refuses_and_says_why() -> None:
    own = [replace(item, owner="ORG-PROVIDER") for item in OTHERS]
    calls = [_listed(place, "企业工商信息查询", 1, unit="call") for place in range(18)]

    assert _refusal(own) == "only_own_products"
    assert _refusal(calls) == "only_other_units"
    assert _refusal(OTHERS[:2] + calls) == "too_few_comparables"
    assert _refusal(OTHERS, replace(SUBJECT, title="zzz", text="")) == "nothing_alike"


def test_what_does_not_say_what_it_is_is_not_weighed() -> None:
    plain = comparables(*([1000] * 12), owner="ORG-OTHER")

    for others, traits in ((plain, SUBJECT), (OTHERS, None), (OTHERS[:5], SUBJECT)):
        found = _appraise(others, traits)
        assert isinstance(found, Estimate)
        assert found.steps[0].code == "comparables"
        assert all(row.weight is None for row in found.adjustments)


def _inputs(traits: Traits | None) -> AppraisalInputs:
    return AppraisalInputs(
        facts=facts(traits=traits),
        costs=COSTS,
        comparables=tuple(OTHERS if traits else comparables(1000, 1100, 1200)),
        income=None,
        purpose="TRADE",
        basis_on=BASIS,
    )


def test_the_document_can_be_worked_out_again() -> None:
    inputs = _inputs(SUBJECT)
    plain = as_plain(inputs)

    again = read_inputs(plain)

    assert again == inputs
    assert digest_of(as_plain(again)) == digest_of(plain)
    assert as_plain(work_out_appraisal(again, RULES)) == as_plain(work_out_appraisal(inputs, RULES))


def test_documents_from_before_keep_their_digest() -> None:
    """What nobody knew then is not written now, neither of the inputs nor of the result."""
    plain = as_plain(_inputs(None))
    result = as_plain(work_out_appraisal(_inputs(None), RULES))

    assert "traits" not in plain["facts"]
    assert all("traits" not in row for row in plain["comparables"])
    market = next(row for row in result["estimates"] if row["method"] == "MARKET")
    assert all("weight" not in row for row in market["adjustments"])


@pytest.mark.parametrize(
    ("traits", "field"),
    [(Traits(title=" "), "traits.title"), (Traits(title="a", size=-1), "traits.size")],
)
def test_traits_that_cannot_be(traits: Traits, field: str) -> None:
    assert field in facts(traits=traits).problems()
    assert field in replace(OTHERS[0], traits=traits).problems()
