"""What an appraisal may be told over REST, and the whole of what it says."""

from decimal import Decimal
from typing import Any, Final

from django.urls import reverse
from rest_framework import serializers

from pricing.documents import as_plain
from pricing.facts import Circulation, CostRecord
from pricing.income import (
    USES_MOST,
    Charge,
    Expansion,
    IncomeForecast,
    IncomeForm,
    IncomeUse,
    Life,
    RateParts,
)
from pricing.methods.reconciling import Approach, Way, Weighing
from pricing.models import Appraisal
from pricing.money import DEFAULT_CURRENCY, Money
from pricing.queries import appraisal_before
from pricing.report import report_of
from pricing.verification import content_of, faults_of_appraisal

from .amounts import MoneyField
from .serializers import StrictSerializer

AMOUNT: Final[dict[str, Any]] = {"max_digits": 18, "decimal_places": 2}
RATE: Final[dict[str, Any]] = {"max_digits": 12, "decimal_places": 8}
YEARS_SAID: Final = 50


def _yearly(**changes: Any) -> serializers.ListField:
    amount = serializers.DecimalField(**AMOUNT)
    return serializers.ListField(child=amount, max_length=YEARS_SAID, **changes)


class CostsIn(StrictSerializer):
    """What the data cost to make, by kind, in one currency."""

    currency = serializers.CharField(max_length=3, default=DEFAULT_CURRENCY)
    planning = serializers.DecimalField(**AMOUNT, required=False)
    collection = serializers.DecimalField(**AMOUNT, required=False)
    cleaning = serializers.DecimalField(**AMOUNT, required=False)
    labeling = serializers.DecimalField(**AMOUNT, required=False)
    compute = serializers.DecimalField(**AMOUNT, required=False)
    storage = serializers.DecimalField(**AMOUNT, required=False)
    compliance = serializers.DecimalField(**AMOUNT, required=False)
    overhead = serializers.DecimalField(**AMOUNT, required=False)
    opportunity = serializers.DecimalField(**AMOUNT, required=False)
    taxes = serializers.DecimalField(**AMOUNT, required=False)


class ChargeIn(StrictSerializer):
    """What another contributing asset is paid in each year."""

    name = serializers.CharField(max_length=80)
    yearly = _yearly()


class UseIn(StrictSerializer):
    """One use of the data: its income, how it is found, its weight and rate."""

    name = serializers.CharField(max_length=80)
    form = serializers.ChoiceField([form.value for form in IncomeForm], default="DIRECT")
    weight = serializers.DecimalField(**RATE, default=Decimal(1))
    yearly = _yearly(help_text="R of each year, from all sales of the product")
    discount_rate = serializers.DecimalField(
        **RATE, required=False, help_text="without it the built-up rate of the forecast holds"
    )
    contribution_rate = serializers.DecimalField(**RATE, required=False, help_text="K of ROYALTY")
    charges = ChargeIn(many=True, default=list, help_text="C of EXCESS")
    without = _yearly(default=list, help_text="RN of INCREMENTAL")


class RatePartsIn(StrictSerializer):
    """The discount rate built up: r_f + β × ERP + size + the data's own risks."""

    risk_free = serializers.DecimalField(**RATE)
    beta = serializers.DecimalField(**RATE)
    premium = serializers.DecimalField(**RATE)
    size = serializers.DecimalField(**RATE, default=Decimal(0))
    management = serializers.DecimalField(**RATE, default=Decimal(0))
    circulation = serializers.DecimalField(**RATE, default=Decimal(0))
    security = serializers.DecimalField(**RATE, default=Decimal(0))
    supervision = serializers.DecimalField(**RATE, default=Decimal(0))


class LifeIn(StrictSerializer):
    """How long the data may earn, in years; what is not known is left out."""

    legal = serializers.DecimalField(**RATE, required=False)
    contract = serializers.DecimalField(**RATE, required=False)
    technical = serializers.DecimalField(**RATE, required=False)
    renewal = serializers.DecimalField(**RATE, required=False)


class ExpansionIn(StrictSerializer):
    """The right to expand the use later, valued as a growth option."""

    value = serializers.DecimalField(**AMOUNT)
    outlay = serializers.DecimalField(**AMOUNT)
    years = serializers.DecimalField(**RATE)
    rate = serializers.DecimalField(**RATE)
    volatility = serializers.DecimalField(**RATE)


class IncomeIn(StrictSerializer):
    """What the data is expected to earn, in the currency of the costs."""

    uses = serializers.ListField(child=UseIn(), min_length=1, max_length=USES_MOST)
    rate_parts = RatePartsIn(required=False)
    life = LifeIn(required=False)
    expansion = ExpansionIn(required=False)
    source = serializers.CharField(  # type: ignore[assignment]
        max_length=200, default="", allow_blank=True
    )


class WeighingIn(StrictSerializer):
    """How the approaches are weighed; lists follow the order of `approaches`."""

    way = serializers.ChoiceField([way.value for way in Way])
    approaches = serializers.ListField(
        child=serializers.ChoiceField([item.value for item in Approach]), max_length=3
    )
    weights = serializers.ListField(
        child=serializers.DecimalField(**RATE), default=list, max_length=3
    )
    judgments = serializers.ListField(
        child=serializers.ListField(child=serializers.DecimalField(**RATE), max_length=2),
        default=list,
        max_length=2,
        help_text="upper triangle of the comparison in pairs, 1/9 to 9",
    )
    aspects = serializers.ListField(
        child=serializers.CharField(max_length=80), default=list, max_length=9
    )
    scores = serializers.ListField(
        child=serializers.ListField(child=serializers.DecimalField(**RATE), max_length=9),
        default=list,
        max_length=3,
        help_text="a row for each approach, a column for each aspect",
    )
    source = serializers.CharField(  # type: ignore[assignment]
        max_length=200, default="", allow_blank=True
    )


class AppraiseIn(StrictSerializer):
    """What an appraisal needs beyond the release itself."""

    costs = CostsIn(required=False, help_text="left out where the product has a cost ledger")
    expected_buyers = serializers.IntegerField(min_value=1, default=1)
    circulation = serializers.ChoiceField(
        [item.value for item in Circulation], default=Circulation.TRADED.value
    )
    income = IncomeIn(required=False)
    weighing = WeighingIn(required=False)
    declares_independence = serializers.BooleanField(default=False)


class BandOut(serializers.Serializer[Appraisal]):
    """The signed value band that stands beside the price."""

    reference = serializers.CharField()
    asset = serializers.CharField(help_text="reference of the product")
    release = serializers.CharField()
    status = serializers.CharField()
    purpose = serializers.CharField()
    basis_on = serializers.DateField()
    valid_until = serializers.DateField()
    low = MoneyField()
    mid = MoneyField()
    high = MoneyField()
    confidence_rate = serializers.DecimalField(max_digits=5, decimal_places=4)
    methods = serializers.CharField()
    guideline = serializers.CharField()
    inputs_sha256 = serializers.CharField()
    disclosure = serializers.CharField()
    pack = serializers.CharField()
    signer = serializers.CharField()
    signed_at = serializers.DateTimeField()


class AppraisalOut(BandOut):
    """The whole report, for those who may read its inputs."""

    inputs = serializers.JSONField()
    result = serializers.JSONField()
    document = serializers.CharField()
    signature = serializers.CharField()
    faults = serializers.SerializerMethodField(help_text="empty when signature and figures hold")
    report = serializers.SerializerMethodField(
        help_text="what the page says: methods with their numbers put in, comparables with "
        "weights and why, tornado, uses, weights; in the language asked for"
    )
    previous = serializers.SerializerMethodField(help_text="reference of the one before, or empty")
    pdf = serializers.SerializerMethodField(help_text="address of the report as PDF")

    def get_faults(self, row: Appraisal) -> list[str]:
        """Check the signature and work the figures out again."""
        return faults_of_appraisal(row)

    def get_report(self, row: Appraisal) -> dict[str, Any]:
        """Say everything that the page says."""
        plain: dict[str, Any] = as_plain(report_of(row, content_of(row)))
        return plain

    def get_previous(self, row: Appraisal) -> str:
        """Name the appraisal that this one followed."""
        before = appraisal_before(row)
        return before.reference if before else ""

    def get_pdf(self, row: Appraisal) -> str:
        """Return where the report is as PDF."""
        return reverse("appraisal_pdf", args=[row.reference])


def inputs_of(said: dict[str, Any]) -> dict[str, Any]:
    """Return what was sent as the catalog takes it."""
    stated = said.pop("costs", None)
    costs = dict(stated or {})
    currency = costs.pop("currency", DEFAULT_CURRENCY)
    income, weighing = said.pop("income", None), said.pop("weighing", None)
    return said | {
        "costs": CostRecord.of(currency, **costs) if stated else None,
        "circulation": Circulation(said["circulation"]),
        "income": None if income is None else _income(income, currency),
        "weighing": None if weighing is None else _weighing(weighing),
    }


def _income(said: dict[str, Any], currency: str) -> IncomeForecast:
    expansion = said.get("expansion")
    if expansion is not None:
        amounts = {name: Money(expansion[name], currency) for name in ("value", "outlay")}
        expansion = Expansion(**(dict(expansion) | amounts))
    return IncomeForecast(
        uses=tuple(_use(use, currency) for use in said["uses"]),
        rate_parts=RateParts(**said["rate_parts"]) if "rate_parts" in said else None,
        life=Life(**said["life"]) if "life" in said else None,
        expansion=expansion,
        source=said["source"],
    )


def _use(said: dict[str, Any], currency: str) -> IncomeUse:
    charges = (
        Charge(name=charge["name"], yearly=_amounts(charge["yearly"], currency))
        for charge in said["charges"]
    )
    return IncomeUse(
        name=said["name"],
        form=IncomeForm(said["form"]),
        weight=said["weight"],
        yearly=_amounts(said["yearly"], currency),
        discount_rate=said.get("discount_rate"),
        contribution_rate=said.get("contribution_rate"),
        charges=tuple(charges),
        without=_amounts(said["without"], currency),
    )


def _amounts(amounts: list[Decimal], currency: str) -> tuple[Money, ...]:
    return tuple(Money(amount, currency) for amount in amounts)


def _weighing(said: dict[str, Any]) -> Weighing:
    return Weighing(
        way=Way(said["way"]),
        approaches=tuple(Approach(name) for name in said["approaches"]),
        weights=tuple(said["weights"]),
        judgments=tuple(map(tuple, said["judgments"])),
        aspects=tuple(said["aspects"]),
        scores=tuple(map(tuple, said["scores"])),
        source=said["source"],
    )
