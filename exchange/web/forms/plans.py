"""The form of the self-set price: it asks nothing that the chosen kind of price does not know."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from pricing.models import Plan
from pricing.money import DEFAULT_CURRENCY, MINOR_UNITS
from pricing.plan_rules import GUARANTEE_DAYS_MOST, NOTICE_DAYS_MOST, RATE_MOST, UNITS_MOST
from pricing.plans import Companion, Package, PlanTerms, ScenarioPrice, Tier
from pricing.states import Period, PlanKind

TIERS: Final = range(1, 6)
AMOUNT: Final[dict[str, Any]] = {"max_digits": 18, "decimal_places": 2, "min_value": Decimal(0)}
UNIT: Final[dict[str, Any]] = {"max_digits": 24, "decimal_places": 8, "min_value": Decimal(0)}


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What a price form is made for: the product's data, manual and neighbors."""

    public: bool = False
    on_market: bool = False
    scenarios: Sequence[str] = ()
    neighbors: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, kw_only=True)
class Group:
    """Fields that stand together, a row for each tier, package or scenario."""

    legend: object
    help: object
    rows: list[list[forms.BoundField]]
    always: bool = False

    @property
    def is_open(self) -> bool:
        """Whether the group is shown unasked: it is the usual one, filled in, or wrong."""
        fields = [bound for row in self.rows for bound in row]
        return self.always or any(bound.value() or bound.errors for bound in fields)


def price_form(kind: PlanKind, around: Surroundings) -> type[forms.Form]:
    """Return the form of one kind of price."""
    made: dict[str, forms.Field] = {}
    if kind in (PlanKind.ONE_OFF, PlanKind.SUBSCRIPTION):
        made["price"] = forms.DecimalField(
            label=_("Price before tax"),
            help_text=_("Leave it empty where you sell in packages."),
            required=False,
            **AMOUNT,
        )
    if kind == PlanKind.SUBSCRIPTION:
        made |= _subscription()
    if kind.is_metered:
        made |= _meter()
    if kind.is_packed:
        made |= _packages()
    if kind != PlanKind.FREE:
        made |= _money(around)
    made["guarantee_days"] = forms.IntegerField(
        label=_("Days a quote binds you"),
        help_text=_("Empty: as the pricing rules of the exchange say."),
        min_value=0,
        max_value=GUARANTEE_DAYS_MOST,
        required=False,
    )
    if around.on_market:
        made["justification"] = forms.CharField(
            label=_("Justification"),
            help_text=_("Needed when the new price stands outside the band of policy."),
            max_length=2000,
            required=False,
            widget=forms.Textarea(attrs={"rows": 4}),
        )
    return type("PriceForm", (forms.Form,), made)


def _subscription() -> dict[str, forms.Field]:
    return {
        "period": forms.ChoiceField(label=_("for each"), choices=Period.choices),
        "renewable": forms.BooleanField(
            label=_("Can be renewed"),
            help_text=_("Whoever holds it may order the next periods at its price."),
            required=False,
        ),
        "notice_days": forms.IntegerField(
            label=_("Notice of a new price in days"),
            help_text=_("So long after you change the price, renewals still go at the old one."),
            min_value=0,
            max_value=NOTICE_DAYS_MOST,
            required=False,
        ),
    }


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


def _packages() -> dict[str, forms.Field]:
    made: dict[str, forms.Field] = {}
    for number in TIERS:
        made[f"units_{number}"] = forms.IntegerField(
            label=_("Package %(number)d: units") % {"number": number},
            min_value=1,
            max_value=UNITS_MOST,
            required=False,
        )
        made[f"package_price_{number}"] = forms.DecimalField(
            label=_("Package %(number)d: price") % {"number": number}, required=False, **AMOUNT
        )
    return made


def _money(around: Surroundings) -> dict[str, forms.Field]:
    made: dict[str, forms.Field] = {
        "currency": forms.ChoiceField(
            label=_("Currency"),
            choices=[(code, code) for code in MINOR_UNITS],
            initial=DEFAULT_CURRENCY,
        ),
        "negotiable": forms.BooleanField(
            label=_("Buyers may negotiate"),
            help_text=_(
                "The price stays what is asked; a buyer may offer less. What is agreed is "
                "published with its reason, without the buyer's name."
            ),
            required=False,
        ),
        "floor_rate": forms.DecimalField(
            label=_("Least share of the price that you agree on"),
            help_text=_("Such as 0.7 for 70 %; buyers see it. Empty: no floor is stated."),
            min_value=Decimal(0),
            max_value=Decimal(1),
            decimal_places=4,
            required=False,
        ),
    }
    for number, scenario in enumerate(around.scenarios, 1):
        made[f"rate_{number}"] = forms.DecimalField(
            label=_("%(scenario)s: times the price") % {"scenario": scenario},
            min_value=0,
            max_value=RATE_MOST,
            decimal_places=4,
            required=False,
        )
        if around.public:
            made[f"scenario_cap_{number}"] = forms.DecimalField(
                label=_("Price cap for each unit"), required=False, **UNIT
            )
            made[f"public_good_{number}"] = forms.BooleanField(
                label=_("Public governance or welfare, so free of charge"), required=False
            )
    if around.public:
        made |= _cap()
    if around.neighbors:
        made["companion"] = forms.ChoiceField(
            label=_("Bundle with"),
            help_text=_("Who holds a paid order of it pays less here, once."),
            choices=[("", _("no bundle")), *around.neighbors],
            required=False,
        )
        made["reduction"] = forms.DecimalField(label=_("Pays less by"), required=False, **AMOUNT)
    return made


def _cap() -> dict[str, forms.Field]:
    return {
        "cap": forms.DecimalField(label=_("Price cap for each unit"), required=False, **UNIT),
        "cap_basis": forms.CharField(
            label=_("Document that sets the cap"), max_length=200, required=False
        ),
        "revenue_cap": forms.DecimalField(
            label=_("Maximum allowed revenue"),
            help_text=_("What is earned above it is deducted in the next period."),
            required=False,
            **AMOUNT,
        ),
        "revenue_period": forms.ChoiceField(
            label=_("in each"), choices=[("", _("ever")), *Period.choices], required=False
        ),
    }


def groups_of(form: forms.Form) -> tuple[list[Group], list[forms.BoundField]]:
    """Return the fields that stand in rows, and the others, in their order."""
    found = [
        Group(
            legend=_("Tiers"),
            help=_("Each price holds for the units up to its limit; leave the last limit empty."),
            rows=_rows(form, "up_to", "unit_price"),
            always=True,
        ),
        Group(
            legend=_("Packages paid in advance"),
            help=_("They stand instead of a price by the unit; each is ordered as a whole."),
            rows=_rows(form, "units", "package_price"),
        ),
        Group(
            legend=_("Prices by scenario"),
            help=_("How many times the price each permitted scenario pays; empty: the price."),
            rows=_rows(form, "rate", "scenario_cap", "public_good"),
        ),
    ]
    groups = [group for group in found if group.rows]
    grouped = {bound.name for group in groups for row in group.rows for bound in row}
    return groups, [bound for bound in form if bound.name not in grouped]


def _rows(form: forms.Form, first: str, *others: str) -> list[list[forms.BoundField]]:
    rows = []
    number = 1
    while f"{first}_{number}" in form.fields:
        names = [f"{name}_{number}" for name in (first, *others)]
        rows.append([form[name] for name in names if name in form.fields])
        number += 1
    return rows


def terms_of(kind: PlanKind, said: Mapping[str, Any], scenarios: Sequence[str]) -> PlanTerms:
    """Return the terms that a valid price form says; the regime is not asked, it follows."""
    tiers = [(said.get(f"up_to_{n}"), said.get(f"unit_price_{n}")) for n in TIERS]
    packages = [(said.get(f"units_{n}"), said.get(f"package_price_{n}")) for n in TIERS]
    companion = said.get("companion")
    return PlanTerms(
        kind=kind,
        currency=said.get("currency") or DEFAULT_CURRENCY,
        price=said.get("price") or Decimal(0),
        period=_period(said.get("period")),
        tiers=tuple(
            Tier(up_to=up_to, unit_price=unit) for up_to, unit in tiers if unit is not None
        ),
        packages=tuple(
            Package(units=units or 0, price=price or Decimal(0))
            for units, price in packages
            if units is not None or price is not None
        ),
        minimum=said.get("minimum") or Decimal(0),
        trial_quota=said.get("trial_quota") or 0,
        negotiable=said.get("negotiable", False),
        floor_rate=said.get("floor_rate"),
        scenarios=tuple(_scenario_prices(said, scenarios)),
        companions=(
            (Companion(product=companion, reduction=said.get("reduction") or Decimal(0)),)
            if companion
            else ()
        ),
        renewable=said.get("renewable", False),
        notice_days=said.get("notice_days") or 0,
        cap=said.get("cap"),
        cap_basis=said.get("cap_basis", ""),
        revenue_cap=said.get("revenue_cap"),
        revenue_period=_period(said.get("revenue_period")),
        guarantee_days=said.get("guarantee_days"),
    )


def said_before(plan: Plan, scenarios: Sequence[str]) -> dict[str, Any]:
    """Return a price in force as the form's first values."""
    terms = plan.terms
    said: dict[str, Any] = {
        "currency": terms.currency,
        "price": terms.price or None,
        "period": terms.period,
        "minimum": terms.minimum or None,
        "trial_quota": terms.trial_quota or None,
        "negotiable": terms.negotiable,
        "floor_rate": None if terms.floor_rate is None else f"{terms.floor_rate.normalize():f}",
        "renewable": terms.renewable,
        "notice_days": terms.notice_days or None,
        "cap": terms.cap,
        "cap_basis": terms.cap_basis,
        "revenue_cap": terms.revenue_cap,
        "revenue_period": terms.revenue_period or "",
        "guarantee_days": terms.guarantee_days,
    }
    for number, tier in enumerate(terms.tiers, 1):
        said[f"up_to_{number}"] = tier.up_to
        said[f"unit_price_{number}"] = f"{tier.unit_price.normalize():f}"
    for number, package in enumerate(terms.packages, 1):
        said[f"units_{number}"] = package.units
        said[f"package_price_{number}"] = package.price
    for number, scenario in enumerate(scenarios, 1):
        if row := terms.price_in(scenario):
            said[f"rate_{number}"] = f"{row.rate.normalize():f}"
            said[f"scenario_cap_{number}"] = row.cap
            said[f"public_good_{number}"] = row.public_good
    for companion in terms.companions[:1]:
        said["companion"], said["reduction"] = companion.product, companion.reduction
    return said


def _scenario_prices(said: Mapping[str, Any], scenarios: Sequence[str]) -> list[ScenarioPrice]:
    found = []
    for number, scenario in enumerate(scenarios, 1):
        rate, cap = said.get(f"rate_{number}"), said.get(f"scenario_cap_{number}")
        good = bool(said.get(f"public_good_{number}"))
        if rate is None and cap is None and not good:
            continue
        usual = Decimal(0) if good else Decimal(1)
        found.append(
            ScenarioPrice(
                scenario=scenario, rate=usual if rate is None else rate, cap=cap, public_good=good
            )
        )
    return found


def _period(text: str | None) -> Period | None:
    return Period(text) if text else None
