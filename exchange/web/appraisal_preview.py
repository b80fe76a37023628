"""What an appraisal would find before it is signed: the band, the methods, the price beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from audit.rulebook.queries import day_of, get_pack
from exchange.catalog.models import Product
from exchange.catalog.valuation import asset_facts, find_comparables
from exchange.web.price_preview import CONSEQUENCES
from pricing.appraisal_rules import faults_of_inputs, why_no_band, why_not_weighed
from pricing.appraising import AppraisalInputs, AppraisalWorking, work_out_appraisal
from pricing.facts import Circulation
from pricing.methods.reconciling import NoValueToWeigh
from pricing.models import Appraisal
from pricing.money import Money
from pricing.policy import policy_of
from pricing.queries import current_plan
from pricing.rules import Deviation, asking_price, judge_price
from pricing.states import Purpose
from pricing.wording import METHODS, deviation_text, percent_text, why_not_applied

from .forms.appraisals import Given


@dataclass(frozen=True, kw_only=True)
class AppraisalPreview:
    """What keeps the inputs from being appraised, or the band and how the price stands to it."""

    faults: Sequence[str] = ()
    low: Money | None = None
    mid: Money | None = None
    high: Money | None = None
    confidence: str = ""
    methods: Sequence[str] = ()
    left_out: Sequence[str] = ()
    deviation: Deviation | None = None

    @property
    def distance(self) -> str:
        """How far the price in force is from the value, in words."""
        return deviation_text(self.deviation.rate) if self.deviation else ""

    @property
    def consequence(self) -> str:
        """What the policy asks for."""
        return CONSEQUENCES[self.deviation.zone]() if self.deviation else ""


def preview_appraisal(product: Product, given: Given, *, at: datetime) -> AppraisalPreview:
    """Work out what nobody signed yet as it would be worked out."""
    inputs = AppraisalInputs(
        facts=asset_facts(
            product,
            expected_buyers=given.expected_buyers,
            circulation=Circulation(given.circulation),
        ),
        costs=given.costs,
        comparables=tuple(find_comparables(product, currency=given.costs.collection.currency)),
        income=given.income,
        purpose=Purpose.TRADE.value,
        basis_on=day_of(at),
        weighing=given.weighing,
    )
    if faults := faults_of_inputs(inputs):
        return AppraisalPreview(faults=[str(text) for texts in faults.values() for text in texts])
    policy = policy_of(get_pack("pricing", on=day_of(at)))
    try:
        working = work_out_appraisal(inputs, policy)
    except NoValueToWeigh as error:
        return AppraisalPreview(faults=[why_not_weighed(error)])
    if working.band is None:
        return AppraisalPreview(faults=why_no_band(working, policy))
    return _preview(product, working, at=at)


def _preview(product: Product, working: AppraisalWorking, *, at: datetime) -> AppraisalPreview:
    band = working.band
    if band is None:
        raise TypeError
    plan, release = current_plan(product.reference), product.current
    deviation = None
    if plan is not None and release is not None and plan.currency == band.mid.currency:
        ask = asking_price(plan, rows=release.rows, size=release.size)
        found = Appraisal(
            currency=band.mid.currency,
            low_amount=band.low.amount,
            mid_amount=band.mid.amount,
            high_amount=band.high.amount,
        )
        deviation = judge_price(ask, found, get_pack("pricing", on=day_of(at)), kind=plan.kind)
    return AppraisalPreview(
        low=band.low,
        mid=band.mid,
        high=band.high,
        confidence=percent_text(band.confidence),
        methods=[
            f"{METHODS[row.method]}: {row.value.quantized().text} · {percent_text(row.weight)}"
            for row in band.shares
        ],
        left_out=[why_not_applied(item) for item in working.not_applicable],
        deviation=deviation,
    )
