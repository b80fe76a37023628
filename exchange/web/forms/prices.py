"""Forms of the self-set price and of the order of an appraisal."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from pricing.facts import BUYERS_MOST, Circulation, CostRecord, IncomeForecast
from pricing.models import Plan
from pricing.money import DEFAULT_CURRENCY, MINOR_UNITS, Money
from pricing.plans import PlanTerms, Tier
from pricing.rules import GUARANTEE_DAYS_MOST
from pricing.states import Period, PlanKind, Regime
from pricing.wording import STEPS

TIERS: Final = range(1, 6)
AMOUNT: Final[dict[str, Any]] = {"max_digits": 18, "decimal_places": 2, "min_value": Decimal(0)}
UNIT: Final[dict[str, Any]] = {"max_digits": 24, "decimal_places": 8, "min_value": Decimal(0)}

CIRCULATIONS: Final = (
    (Circulation.CLOSED.value, _("nobody else has it")),
    (Circulation.TRADED.value, _("sold to single buyers")),
    (Circulation.SHARED.value, _("shared among several organizations")),
    (Circulation.OPEN.value, _("open to everybody elsewhere")),
)


def price_form(kind: PlanKind, *, public: bool, on_market: bool) -> type[forms.Form]:
    """Return the form of one kind of price; it asks nothing that this kind does not know."""
    made: dict[str, forms.Field] = {}
    if public:
        made["regime"] = forms.ChoiceField(
            label=_("Price regime"),
            choices=[(r.value, r.label) for r in Regime if r != Regime.MARKET],
            help_text=_("Products from public data are free or capped (发改价格〔2025〕65号)."),
        )
    if kind in (PlanKind.ONE_OFF, PlanKind.SUBSCRIPTION):
        made["price"] = forms.DecimalField(label=_("Price before tax"), **AMOUNT)
    if kind == PlanKind.SUBSCRIPTION:
        made["period"] = forms.ChoiceField(label=_("for each"), choices=Period.choices)
    if kind.is_metered:
        made |= _meter()
    if kind != PlanKind.FREE:
        made["currency"] = forms.ChoiceField(
            label=_("Currency"),
            choices=[(code, code) for code in MINOR_UNITS],
            initial=DEFAULT_CURRENCY,
        )
        made["negotiable"] = forms.BooleanField(
            label=_("Buyers may negotiate"),
            help_text=_("The price stays what is asked; inquiries may agree on another."),
            required=False,
        )
    if public and kind != PlanKind.FREE:
        made |= _cap()
    made["guarantee_days"] = forms.IntegerField(
        label=_("Days a quote binds you"),
        help_text=_("Empty: as the pricing rules of the exchange say."),
        min_value=0,
        max_value=GUARANTEE_DAYS_MOST,
        required=False,
    )
    if on_market:
        made["justification"] = forms.CharField(
            label=_("Justification"),
            help_text=_("Needed when the new price stands outside the band of policy."),
            max_length=2000,
            required=False,
            widget=forms.Textarea(attrs={"rows": 4}),
        )
    return type("PriceForm", (forms.Form,), made)


def _meter() -> dict[str, forms.Field]:
    made: dict[str, forms.Field] = {}
    for number in TIERS:
        made[f"up_to_{number}"] = forms.IntegerField(
            label=_("Tier %(number)d: up to") % {"number": number}, min_value=1, required=False
        )
        made[f"unit_price_{number}"] = forms.DecimalField(
            label=_("Tier %(number)d: unit price") % {"number": number}, required=False, **UNIT
        )
    made["minimum"] = forms.DecimalField(
        label=_("Minimum charge of an order"), required=False, **AMOUNT
    )
    made["trial_quota"] = forms.IntegerField(
        label=_("Free units on trial, once for each buyer"), min_value=0, required=False
    )
    return made


def _cap() -> dict[str, forms.Field]:
    return {
        "cap": forms.DecimalField(label=_("Price cap for each unit"), required=False, **UNIT),
        "cap_basis": forms.CharField(
            label=_("Document that sets the cap"), max_length=200, required=False
        ),
        "revenue_cap": forms.DecimalField(
            label=_("Maximum allowed revenue"), required=False, **AMOUNT
        ),
    }


TIER_FIELDS: Final = frozenset(f"{name}_{n}" for n in TIERS for name in ("up_to", "unit_price"))


def tier_pairs(form: forms.Form) -> list[tuple[forms.BoundField, forms.BoundField]]:
    """Return limit and unit price of each tier, for the page to put side by side."""
    if "up_to_1" not in form.fields:
        return []
    return [(form[f"up_to_{n}"], form[f"unit_price_{n}"]) for n in TIERS]


def terms_of(kind: PlanKind, said: Mapping[str, Any]) -> PlanTerms:
    """Return the terms that a valid price form says."""
    pairs = [(said.get(f"up_to_{n}"), said.get(f"unit_price_{n}")) for n in TIERS]
    return PlanTerms(
        kind=kind,
        regime=Regime(said.get("regime") or Regime.MARKET),
        currency=said.get("currency") or DEFAULT_CURRENCY,
        price=said.get("price") or Decimal(0),
        period=Period(said["period"]) if said.get("period") else None,
        tiers=tuple(
            Tier(up_to=up_to, unit_price=unit) for up_to, unit in pairs if unit is not None
        ),
        minimum=said.get("minimum") or Decimal(0),
        trial_quota=said.get("trial_quota") or 0,
        negotiable=said.get("negotiable", False),
        cap=said.get("cap"),
        cap_basis=said.get("cap_basis", ""),
        revenue_cap=said.get("revenue_cap"),
        guarantee_days=said.get("guarantee_days"),
    )


def said_before(plan: Plan) -> dict[str, Any]:
    """Return a price in force as the form's first values."""
    terms = plan.terms
    said: dict[str, Any] = {
        "regime": terms.regime,
        "currency": terms.currency,
        "price": terms.price or None,
        "period": terms.period,
        "minimum": terms.minimum or None,
        "trial_quota": terms.trial_quota or None,
        "negotiable": terms.negotiable,
        "cap": terms.cap,
        "cap_basis": terms.cap_basis,
        "revenue_cap": terms.revenue_cap,
        "guarantee_days": terms.guarantee_days,
    }
    for number, tier in enumerate(terms.tiers, 1):
        said[f"up_to_{number}"] = tier.up_to
        said[f"unit_price_{number}"] = tier.unit_price.normalize()
    return said


class AppraisalForm(forms.Form):
    """What an appraisal needs beyond what was measured of the release."""

    expected_buyers = forms.IntegerField(
        label=_("Expected buyers"),
        help_text=_(
            "How many licenses you expect to sell. Data can be sold again, so its cost is borne "
            "by all of them."
        ),
        min_value=1,
        max_value=BUYERS_MOST,
        initial=10,
    )
    circulation = forms.ChoiceField(
        label=_("How far the same data goes round already"),
        choices=CIRCULATIONS,
        initial=Circulation.TRADED.value,
    )
    currency = forms.ChoiceField(
        label=_("Currency"), choices=[(code, code) for code in MINOR_UNITS]
    )
    incurred_on = forms.DateField(
        label=_("Costs were incurred by"),
        help_text=_("They are restated to the basis date by the cost index."),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    source = forms.CharField(
        label=_("Where the figures come from"),
        help_text=_("For example the cost ledger under 财会〔2023〕11号."),
        max_length=200,
        required=False,
    )
    yearly = forms.CharField(
        label=_("Forecast of yearly income"),
        help_text=_("From all sales of the product; one year a line, at most five."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "inputmode": "decimal"}),
    )
    discount_rate = forms.DecimalField(
        label=_("Discount rate"),
        help_text=_("A share such as 0.12."),
        min_value=0,
        max_value=Decimal("0.9999"),
        decimal_places=4,
        required=False,
    )
    contribution_rate = forms.DecimalField(
        label=_("Share of the income that is due to the data"),
        min_value=0,
        max_value=1,
        decimal_places=4,
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in CostRecord.kinds():
            self.fields[f"cost_{kind}"] = forms.DecimalField(
                label=str(STEPS[kind]), required=False, **AMOUNT
            )

    def clean_yearly(self) -> list[Decimal]:
        """Return the forecast as amounts."""
        lines = [line.strip().replace(",", "") for line in self.cleaned_data["yearly"].splitlines()]
        field = forms.DecimalField(**AMOUNT)
        return [field.clean(line) for line in lines if line]

    def clean(self) -> dict[str, Any]:
        """Ask for a discount rate where a forecast is given."""
        said = super().clean() or {}
        if said.get("yearly") and said.get("discount_rate") is None:
            self.add_error("discount_rate", _("A forecast needs a discount rate."))
        return said

    @property
    def costs(self) -> CostRecord:
        """The costs as pricing takes them."""
        said = self.cleaned_data
        kinds = CostRecord.kinds()
        amounts = {kind: said[f"cost_{kind}"] for kind in kinds if said.get(f"cost_{kind}")}
        record = CostRecord.of(said["currency"], **amounts)
        return CostRecord(**record.items(), incurred_on=said["incurred_on"], source=said["source"])

    @property
    def income(self) -> IncomeForecast | None:
        """The forecast as pricing takes it, or None."""
        said = self.cleaned_data
        if not said["yearly"]:
            return None
        share = said.get("contribution_rate")
        return IncomeForecast(
            yearly=tuple(Money(amount, said["currency"]) for amount in said["yearly"]),
            discount_rate=said["discount_rate"],
            contribution_rate=Decimal(1) if share is None else share,
            source=said["source"],
        )

    def cost_fields(self) -> list[forms.BoundField]:
        """Return the fields of the costs, for the page to put side by side."""
        return [self[f"cost_{kind}"] for kind in CostRecord.kinds()]

    def first_fields(self) -> list[forms.BoundField]:
        """Return the fields that come before the costs."""
        return [self[name] for name in ("expected_buyers", "circulation")]

    def book_fields(self) -> list[forms.BoundField]:
        """Return the fields about the costs."""
        return [self[name] for name in ("currency", "incurred_on", "source")]

    def income_fields(self) -> list[forms.BoundField]:
        """Return the fields of the forecast."""
        return [self[name] for name in ("yearly", "discount_rate", "contribution_rate")]
