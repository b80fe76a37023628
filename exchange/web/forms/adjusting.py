"""Forms of the price adjustment: what a price follows, freezes and ceilings."""

from decimal import Decimal
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from exchange.catalog.vocabulary import Industry
from pricing.adjustment.rules import Choice
from pricing.adjustment.wording import MEANINGS, TRIGGERS
from pricing.methods.adjusting import CHOSEN

from .reasons import ReasonForm

AMOUNT: Final[dict[str, Any]] = {
    "max_digits": 18,
    "decimal_places": 2,
    "min_value": Decimal("0.01"),
}


class ChoiceForm(forms.Form):
    """What the price follows, and how far it may go by itself."""

    triggers = forms.MultipleChoiceField(
        label=_("What the price follows"),
        widget=forms.CheckboxSelectMultiple,
    )
    step_most = forms.DecimalField(
        label=_("Largest single step"),
        help_text=_("A share of the price such as 0.03; the rules allow no more than theirs."),
        max_digits=5,
        decimal_places=4,
        initial=Decimal("0.03"),
    )
    floor = forms.DecimalField(
        label=_("Lowest price of one license"),
        help_text=_("Never below the appraised band, whatever stands here."),
        required=False,
        **AMOUNT,
    )
    ceiling = forms.DecimalField(
        label=_("Highest price of one license"),
        help_text=_("Never above the appraised band, a cap or an order, whatever stands here."),
        required=False,
        **AMOUNT,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["triggers"]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101  as declared
        field.choices = [
            (name.value, f"{TRIGGERS[name.value]} – {MEANINGS[name.value]}") for name in CHOSEN
        ]


def choice_of(said: dict[str, Any]) -> Choice:
    """Return the choice a valid form says."""
    return Choice(
        triggers=tuple(said["triggers"]),
        step_most=said["step_most"],
        floor=said["floor"],
        ceiling=said["ceiling"],
    )


class MarketFreezeForm(ReasonForm):
    """A freeze of one industry, or of all."""

    industry = forms.ChoiceField(
        label=_("Industry"),
        required=False,
        choices=[("", _("the whole market")), *Industry.choices],
    )
    field_order = ("industry", "reason")


class ProductFreezeForm(ReasonForm):
    """A freeze of one product."""

    product = forms.CharField(label=_("Reference of the product"), max_length=24)
    field_order = ("product", "reason")


class CeilingForm(ReasonForm):
    """An order that one license of a product asks no more than an amount."""

    product = forms.CharField(label=_("Reference of the product"), max_length=24)
    amount = forms.DecimalField(label=_("At most, for one license"), **AMOUNT)
    basis = forms.CharField(
        label=_("Legal basis"),
        help_text=_("Law and article, such as 《价格法》第三十条."),
        max_length=200,
    )
    field_order = ("product", "amount", "basis", "reason")


class LiftForm(ReasonForm):
    """Which freeze or ceiling is lifted, and why."""

    reference = forms.CharField(widget=forms.HiddenInput, max_length=24)
