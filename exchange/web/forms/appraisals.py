"""The form of the order of an appraisal: costs, uses of the data, weights of the approaches."""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from pricing.facts import BUYERS_MOST, Circulation, CostRecord
from pricing.income import (
    Charge,
    Expansion,
    IncomeForecast,
    IncomeForm,
    IncomeUse,
    Life,
    RateParts,
)
from pricing.methods.reconciling import Approach, Way, Weighing
from pricing.money import MINOR_UNITS, Money
from pricing.report_wording import EXPANSION, RATE_PARTS
from pricing.wording import APPROACHES, LIVES, STEPS, WAYS

from .appraisal_fields import CIRCULATIONS, OPTION, ORDER, PAIRS, RATES, USES, use_fields
from .figures import (
    AMOUNT,
    SHARE,
    lines_of,
    number_of,
    read_amounts,
    read_charges,
    read_judgment,
    read_scores,
)


@dataclass(frozen=True, kw_only=True)
class Given:
    """What the form says, as the catalog takes it."""

    costs: CostRecord
    income: IncomeForecast | None
    weighing: Weighing | None
    expected_buyers: int
    circulation: str


class AppraisalForm(forms.Form):
    """What an appraisal needs beyond what was measured of the release.

    `booked` are the costs of the product's ledger; where there is one, none are asked for.
    """

    expected_buyers = forms.IntegerField(
        label=_("Expected buyers"),
        help_text=_(
            "How many licenses you expect to sell. Data can be sold again, so its cost is borne "
            "by all of them. For example 20."
        ),
        min_value=1,
        max_value=BUYERS_MOST,
        initial=10,
    )
    circulation = forms.ChoiceField(
        label=_("How far the same data goes round already"),
        help_text=_("For example “sold to single buyers” for a table you license one by one."),
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
    way = forms.ChoiceField(
        label=_("How the approaches are weighed"),
        help_text=_(
            "Without a choice the rules of the exchange weigh them by how sure each is. Whoever "
            "chooses answers for the weights; they are named in the signed report."
        ),
        choices=[("", _("by the rules of the exchange")), *WAYS.items()],
        required=False,
    )
    approaches = forms.MultipleChoiceField(
        label=_("Approaches that count"),
        help_text=_("Each must have a value: income needs a forecast, market comparables."),
        choices=[(item.value, APPROACHES[item]) for item in ORDER],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    scores = forms.CharField(
        label=_("Scores by aspect"),
        help_text=_(
            "One aspect a line: its name, then a score from 0 to 100 for each approach that "
            "counts, in the order above."
        ),
        required=False,
        widget=lines_of(3, "inputs are documented: 40, 60, 90"),
    )
    weighing_source = forms.CharField(
        label=_("Who judged, and when"),
        help_text=_("For example: three appraisers, meeting of 2026-11-20."),
        max_length=200,
        required=False,
    )

    def __init__(self, *args: Any, booked: CostRecord | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.booked = booked
        if booked is None:
            for kind in CostRecord.kinds():
                self.fields[f"cost_{kind}"] = number_of(str(STEPS[kind]), "60000", **AMOUNT)
        else:
            del self.fields["incurred_on"]
            code = booked.collection.currency
            self.fields["currency"] = forms.ChoiceField(label=_("Currency"), choices=[(code, code)])
        for number in USES:
            self.fields |= use_fields(number)
        for name, label in LIVES.items():
            self.fields[f"life_{name}"] = number_of(label, "5", min_value=0, decimal_places=4)
        for name, example in RATES.items():
            label = RATE_PARTS[name]
            self.fields[f"rate_{name}"] = number_of(label, example, min_value=0, decimal_places=6)
        for name, example in OPTION.items():
            places = 2 if name in {"value", "outlay"} else 6
            field = number_of(
                EXPANSION[name], example, min_value=0, max_digits=18, decimal_places=places
            )
            self.fields[f"expansion_{name}"] = field
        for item in ORDER:
            self.fields[f"weight_{item}"] = number_of(APPROACHES[item], "0.5", **SHARE)
        for one, other in PAIRS:
            label = _("%(one)s over %(other)s")
            self.fields[f"judge_{one}_{other}"] = forms.CharField(
                label=str(label) % {"one": APPROACHES[one], "other": APPROACHES[other]},
                required=False,
                max_length=12,
                widget=forms.TextInput(attrs={"placeholder": "3, 1/3"}),
            )

    def clean(self) -> dict[str, Any]:
        """Read lists, amounts and judgments; say at each field what cannot be read."""
        said = super().clean() or {}
        for number in USES:
            for name in (f"yearly_{number}", f"without_{number}"):
                self._read(said, name, read_amounts)
            self._read(said, f"charges_{number}", read_charges)
            if said.get(f"yearly_{number}"):
                self._ask_rate(said, number)
        self._read(said, "scores", read_scores)
        for one, other in PAIRS:
            self._read(said, f"judge_{one}_{other}", read_judgment)
        return said

    def _ask_rate(self, said: dict[str, Any], number: int) -> None:
        """Ask for a discount rate where a forecast is given and none is built up."""
        if said.get(f"discount_rate_{number}") is None and said.get("rate_risk_free") is None:
            self.add_error(f"discount_rate_{number}", _("A forecast needs a discount rate."))

    def _read(self, said: dict[str, Any], name: str, read: Any) -> None:
        try:
            said[name] = read(said.get(name) or "")
        except ValidationError as error:
            self.add_error(name, error)

    @property
    def given(self) -> Given:
        """What was said, as the catalog takes it."""
        said = self.cleaned_data
        return Given(
            costs=self._costs(said),
            income=self._income(said),
            weighing=self._weighing(said),
            expected_buyers=said["expected_buyers"],
            circulation=said["circulation"],
        )

    def _costs(self, said: dict[str, Any]) -> CostRecord:
        if self.booked is not None:
            return self.booked
        kinds = CostRecord.kinds()
        amounts = {kind: said[f"cost_{kind}"] for kind in kinds if said.get(f"cost_{kind}")}
        record = CostRecord.of(said["currency"], **amounts)
        return replace(record, incurred_on=said["incurred_on"], source=said["source"])

    def _income(self, said: dict[str, Any]) -> IncomeForecast | None:
        uses = [_use(said, number) for number in USES if said.get(f"yearly_{number}")]
        if not uses:
            return None
        parts = _group(said, "rate", RATE_PARTS)
        life = _group(said, "life", LIVES)
        option = _group(said, "expansion", EXPANSION)
        currency = said["currency"]
        zero = Decimal(0)
        return IncomeForecast(
            uses=tuple(uses),
            rate_parts=RateParts(**({"beta": zero, "premium": zero} | parts)) if parts else None,
            life=Life(**life) if life else None,
            expansion=_expansion(option, currency) if option else None,
            source=said["source"],
        )

    def _weighing(self, said: dict[str, Any]) -> Weighing | None:
        if not said["way"]:
            return None
        way, counted = Way(said["way"]), [item for item in ORDER if item in said["approaches"]]
        judged = way in {Way.JUDGED, Way.CORRECTED}
        scored = way in {Way.SCORED, Way.CORRECTED}
        rows = said["scores"] if scored else []
        weights = [said[f"weight_{item}"] or Decimal(0) for item in counted]
        return Weighing(
            way=way,
            approaches=tuple(counted),
            weights=tuple(weights) if way == Way.STATED else (),
            judgments=_triangle(said, counted) if judged else (),
            aspects=tuple(name for name, _row in rows),
            scores=tuple(
                tuple(row[place] if place < len(row) else Decimal("NaN") for _name, row in rows)
                for place in range(len(counted) if rows else 0)
            ),
            source=said["weighing_source"],
        )

    def first_fields(self) -> list[forms.BoundField]:
        """Return the fields that come before the costs."""
        return [self[name] for name in ("expected_buyers", "circulation")]

    def cost_fields(self) -> list[forms.BoundField]:
        """Return the fields of the costs, for the page to put side by side."""
        names = [f"cost_{kind}" for kind in CostRecord.kinds()]
        return [self[name] for name in names if name in self.fields]

    def book_fields(self) -> list[forms.BoundField]:
        """Return the fields about the costs."""
        names = ("currency", "incurred_on", "source")
        return [self[name] for name in names if name in self.fields]

    def use_groups(self) -> list[dict[str, Any]]:
        """Return the fields of each use; those after the first are folded while empty."""
        return [
            {
                "number": number,
                "fields": [self[name] for name in use_fields(number)],
                "open": bool(self[f"yearly_{number}"].value()),
            }
            for number in USES
        ]

    def rate_fields(self) -> list[forms.BoundField]:
        """Return the parts of the discount rate."""
        return [self[f"rate_{name}"] for name in RATE_PARTS]

    @property
    def has_rate(self) -> bool:
        """Whether the folded group of rate, life and option was filled in or is wrong."""
        fields = [*self.rate_fields(), *self.life_fields(), *self.expansion_fields()]
        return any(bound.value() or bound.errors for bound in fields)

    def life_fields(self) -> list[forms.BoundField]:
        """Return the bounds of the economic life."""
        return [self[f"life_{name}"] for name in LIVES]

    def expansion_fields(self) -> list[forms.BoundField]:
        """Return the fields of the growth option."""
        return [self[f"expansion_{name}"] for name in EXPANSION]

    def weighing_fields(self) -> list[forms.BoundField]:
        """Return how the approaches are weighed."""
        return [self[name] for name in ("way", "approaches")]

    def weight_fields(self) -> list[forms.BoundField]:
        """Return the weights stated."""
        return [self[f"weight_{item}"] for item in ORDER]

    def judgment_fields(self) -> list[forms.BoundField]:
        """Return the judgments in pairs."""
        return [self[f"judge_{one}_{other}"] for one, other in PAIRS]

    def score_fields(self) -> list[forms.BoundField]:
        """Return the scores and who answers for them."""
        return [self[name] for name in ("scores", "weighing_source")]


def _use(said: dict[str, Any], number: int) -> IncomeUse:
    currency = said["currency"]
    weight = said.get(f"weight_{number}")
    form = IncomeForm(said.get(f"form_{number}") or IncomeForm.DIRECT)
    return IncomeUse(
        name=said[f"name_{number}"].strip() or str(_("use %(number)d") % {"number": number}),
        form=form,
        weight=Decimal(1) if weight is None else weight,
        yearly=_money(said[f"yearly_{number}"], currency),
        discount_rate=said.get(f"discount_rate_{number}"),
        contribution_rate=said.get(f"contribution_rate_{number}"),
        charges=tuple(
            Charge(name=name, yearly=_money(amounts, currency))
            for name, amounts in said[f"charges_{number}"]
        ),
        without=_money(said[f"without_{number}"], currency),
    )


def _expansion(said: dict[str, Decimal], currency: str) -> Expansion:
    whole = dict.fromkeys(EXPANSION, Decimal(0)) | said
    return Expansion(
        value=Money(whole["value"], currency),
        outlay=Money(whole["outlay"], currency),
        years=whole["years"],
        rate=whole["rate"],
        volatility=whole["volatility"],
    )


def _group(said: dict[str, Any], prefix: str, names: Any) -> dict[str, Decimal]:
    found = {name: said.get(f"{prefix}_{name}") for name in names}
    return {name: value for name, value in found.items() if value is not None}


def _triangle(said: dict[str, Any], counted: list[Approach]) -> tuple[tuple[Decimal, ...], ...]:
    nothing = Decimal("NaN")
    return tuple(
        tuple(said[f"judge_{one}_{other}"] or nothing for other in counted[place + 1 :])
        for place, one in enumerate(counted[:-1])
    )


def _money(amounts: list[Decimal], currency: str) -> tuple[Money, ...]:
    return tuple(Money(amount, currency) for amount in amounts)
