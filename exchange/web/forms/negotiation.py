"""Forms of a negotiation: what is offered, and the answers to it."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from exchange.trading.fields import NOTE, REASON
from exchange.trading.states import DiscountReason

from .fields import form_fields_of
from .trade import LARGEST_QUANTITY


class RoundForm(forms.Form):
    """The offer that was read; another one on the table is a conflict."""

    round = forms.IntegerField(min_value=1, widget=forms.HiddenInput)


class RefusalForm(RoundForm):
    """Why an offer is refused."""

    reason = form_fields_of([REASON])["reason"]


def offer_form(
    *, today: date, days: int, reasons: Sequence[str], whole: bool, scenarios: Sequence[str] = ()
) -> type[forms.Form]:
    """Return the form of an offer: first with the scenario, in an answer with the round."""
    made: dict[str, forms.Field] = {}
    if scenarios:
        made["scenario"] = forms.ChoiceField(
            label=_("permitted scenario"),
            choices=[(text, text) for text in scenarios],
            widget=forms.RadioSelect,
        )
    else:
        made["round"] = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    if not whole:
        made["quantity"] = forms.IntegerField(
            label=_("quantity"),
            min_value=1,
            max_value=LARGEST_QUANTITY,
            widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        )
    made["amount"] = forms.DecimalField(
        label=_("price of the whole quantity"),
        help_text=_("Before fee and tax; not above the posted price and not below its floor."),
        max_digits=18,
        decimal_places=2,
    )
    made["reason"] = forms.ChoiceField(
        label=_("reason of the discount"),
        help_text=_("One of the published reasons; whoever meets it may ask for the same."),
        choices=[(code, label) for code, label in DiscountReason.choices if code in reasons],
    )
    note = form_fields_of([NOTE])["note"]
    note.widget.attrs["rows"] = 4
    made["note"] = note
    made["binding_on"] = forms.DateField(
        label=_("binds until the end of"),
        help_text=_("An offer cannot be taken back before (《民法典》第四百七十六条)."),
        widget=forms.DateInput(
            attrs={
                "type": "date",
                "min": today.isoformat(),
                "max": (today + timedelta(days=days)).isoformat(),
            },
            format="%Y-%m-%d",
        ),
    )
    return type("OfferForm", (forms.Form,), made)


def stated_in(form: forms.Form) -> dict[str, Any]:
    """Return what a valid form offers, in the words of its room."""
    said = form.cleaned_data
    return {
        "amount": said["amount"],
        "quantity": said.get("quantity"),
        "reason": said["reason"],
        "note": said["note"],
        "binding_on": said["binding_on"],
    }
