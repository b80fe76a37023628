"""The fields of the order of an appraisal: which there are, and which fault belongs to which."""

from decimal import Decimal
from typing import Final

from django import forms
from django.utils.translation import gettext_lazy as _

from audit.log.errors import Invalid
from pricing.facts import Circulation
from pricing.income import IncomeForm
from pricing.methods.reconciling import Approach
from pricing.wording import INCOME_FORMS

from .figures import SHARE, lines_of, number_of

USES: Final = (1, 2, 3)
ORDER: Final = (Approach.MARKET, Approach.INCOME, Approach.COST)
PAIRS: Final = tuple((one, other) for i, one in enumerate(ORDER) for other in ORDER[i + 1 :])

CIRCULATIONS: Final = (
    (Circulation.CLOSED.value, _("nobody else has it")),
    (Circulation.TRADED.value, _("sold to single buyers")),
    (Circulation.SHARED.value, _("shared among several organizations")),
    (Circulation.OPEN.value, _("open to everybody elsewhere")),
)
RATES: Final = {
    "risk_free": "0.025",
    "beta": "1.1",
    "premium": "0.06",
    "size": "0.02",
    "management": "0.01",
    "circulation": "0.015",
    "security": "0.01",
    "supervision": "0.005",
}
OPTION: Final = {
    "value": "400000",
    "outlay": "500000",
    "years": "2",
    "rate": "0.03",
    "volatility": "0.4",
}
"""Examples of the parts of a discount rate and of a growth option."""

FIELDS: Final = {  # where a field is not called like the part of the inputs
    "income.uses": "weight_1",
    "weighing.judgments": f"judge_{PAIRS[0][0]}_{PAIRS[0][1]}",
    "weighing.weights": f"weight_{ORDER[0]}",
    "weighing.aspects": "scores",
}
PREFIXES: Final = {"costs": "cost_", "facts": "", "weighing": ""}


def use_fields(number: int) -> dict[str, forms.Field]:
    """Return the fields of one use of the data."""
    return {
        f"name_{number}": forms.CharField(
            label=_("Use of the data"),
            help_text=_("For example: pricing of flight delay insurance."),
            max_length=80,
            required=False,
        ),
        f"form_{number}": forms.ChoiceField(
            label=_("How the income of a year is found"),
            choices=[(form.value, INCOME_FORMS[form]) for form in IncomeForm],
            initial=IncomeForm.DIRECT.value,
            required=False,
        ),
        f"weight_{number}": number_of(_("Weight among the uses"), "1", **SHARE),
        f"yearly_{number}": forms.CharField(
            label=_("Forecast of yearly income"),
            help_text=_("R, from all sales of the product; one year a line, at most five."),
            required=False,
            widget=lines_of(3, "90000\n95000\n100000"),
        ),
        f"discount_rate_{number}": number_of(
            _("Discount rate"), "0.12", min_value=0, max_value=Decimal("0.9999"), decimal_places=6
        ),
        f"contribution_rate_{number}": number_of(
            _("K: share of the income that is due to the data"), "0.35", **SHARE
        ),
        f"charges_{number}": forms.CharField(
            label=_("C: what other assets are paid"),
            help_text=_("One asset a line: its name, then an amount for each year."),
            required=False,
            widget=lines_of(2, "servers: 20000, 21000, 22000"),
        ),
        f"without_{number}": forms.CharField(
            label=_("RN: income without the data"),
            help_text=_("One year a line, as many as above."),
            required=False,
            widget=lines_of(3, "70000\n72000\n75000"),
        ),
    }


def at_fields(error: Invalid) -> Invalid:
    """Name the fields of this form that the faults of an appraisal's inputs are about."""
    named: dict[str, list[str]] = {}
    for name, texts in error.fields.items():
        named.setdefault(_field_of(name), []).extend(str(text) for text in texts)
    return Invalid(named)


def _field_of(name: str) -> str:
    if name in FIELDS:
        return FIELDS[name]
    match name.split("."):
        case ["income", "uses", place, part]:
            return f"{part}_{int(place) + 1}"
        case ["income", group, part]:
            return f"{group.removesuffix('_parts')}_{part}"
        case [group, part] if group in PREFIXES:
            return f"{PREFIXES[group]}{part}"
    return name
