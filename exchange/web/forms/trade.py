"""Forms of the trade floor, made from the fields that the rooms define."""

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from exchange.catalog.models import Product
from exchange.catalog.vocabulary import Permission
from exchange.registry.fields import Field, Kind
from exchange.trading.fields import ANSWER, DEMAND_FIELDS, QUESTION, REASON, SCENARIO_FIELDS
from exchange.trading.states import DisputeGround

from .fields import form_fields_of, form_of

SCENE = "scenario."
"""Before the names of a scenario's fields, as the room names them in its refusals."""
LARGEST_QUANTITY = 1_000_000_000

DemandForm = form_of("DemandForm", DEMAND_FIELDS)
QuestionForm = form_of("QuestionForm", [QUESTION])
AnswerForm = form_of("AnswerForm", [ANSWER])
ReasonForm = form_of("ReasonForm", [REASON])


class GroundForm(ReasonForm):  # type: ignore[misc, valid-type]
    """Why a delivery is not as agreed, or why a contract ends."""

    ground = forms.ChoiceField(label=_("ground"), choices=DisputeGround.choices)
    field_order = ("ground", "reason")


class SignForm(forms.Form):
    """The signer says that it read what it signs, and that it may."""

    read = forms.BooleanField(
        label=_("I have read the contract above, and this is the text I sign."),
    )
    may_bind = forms.BooleanField(
        label=_("I am authorized to bind my organization."),
    )


class PayForm(forms.Form):
    """A payment under an id that is made when the form is shown: sent twice, it pays once."""

    transfer_id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)


class PeriodForm(forms.Form):
    """A part of a statement, both days included."""

    since = forms.DateField(
        label=pgettext_lazy("period", "From"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    until = forms.DateField(
        label=pgettext_lazy("period", "To"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


class StatusFilter(forms.Form):
    """A list narrowed to one status."""

    status = forms.ChoiceField(label=_("Status"), required=False)

    def __init__(self, *args: Any, choices: list[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["status"] = forms.ChoiceField(
            label=_("Status"), required=False, choices=[("", _("any")), *choices]
        )


def order_form(product: Product, *, whole: bool) -> type[forms.Form]:
    """Return the form of an order; what is sold `whole` has no quantity to choose."""
    fields: dict[str, forms.Field] = {}
    if not whole:
        fields["quantity"] = forms.IntegerField(
            label=_("quantity"),
            min_value=1,
            max_value=LARGEST_QUANTITY,
            initial=1,
            widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        )
    made = form_fields_of(SCENARIO_FIELDS)
    allowed = [str(text) for text in product.manual.get("scenarios_allowed", [])]
    made["use"] = forms.ChoiceField(
        label=made["use"].label,
        help_text=_("Only these are permitted by the provider."),
        choices=[(text, text) for text in allowed],
        widget=forms.RadioSelect,
    )
    for name in ("resale", "export"):
        if product.manual.get(name, Permission.NO) == Permission.NO:
            made[name].disabled = True
            made[name].help_text = _("The provider does not permit this.")
    made["purpose"].widget.attrs["rows"] = 5
    fields |= {f"{SCENE}{name}": field for name, field in made.items()}
    fields["negotiation"] = forms.CharField(widget=forms.HiddenInput, required=False, max_length=24)
    fields["seen_terms"] = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    return type("OrderForm", (forms.Form,), fields)


def scenario_of(form: forms.Form) -> dict[str, Any]:
    """Return the scenario that was filled in, in the shape its room reads."""
    return {
        field.name: _sent(field, form.cleaned_data.get(f"{SCENE}{field.name}"))
        for field in SCENARIO_FIELDS
    }


def _sent(field: Field, value: Any) -> Any:
    if field.kind == Kind.YES_NO:
        return bool(value)
    return field.empty if value in (None, "") else value
