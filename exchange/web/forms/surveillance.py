"""Forms of those who look at alerts."""

from django import forms
from django.utils.translation import gettext_lazy as _

from exchange.oversight.surveillance.detection.thresholds import RULES
from exchange.oversight.surveillance.states import AlertState, CloseOutcome, DismissGround

ANY = [("", _("any"))]
LINES = forms.Textarea(attrs={"rows": 3})
LOOKED = _("What you looked at and what it shows; it stays with the alert.")


class AlertFilter(forms.Form):
    """Which alerts the desk shows."""

    status = forms.ChoiceField(
        label=_("Status"), choices=[*ANY, *AlertState.choices], required=False
    )
    rule = forms.ChoiceField(
        label=_("Rule"), choices=[*ANY, *((rule, rule) for rule in RULES)], required=False
    )
    subject = forms.CharField(
        label=_("Organization, product or order"), max_length=24, required=False
    )


class DismissForm(forms.Form):
    """Why an alert is no case."""

    ground = forms.ChoiceField(
        label=_("Ground"), choices=DismissGround.choices, widget=forms.RadioSelect
    )
    reason = forms.CharField(label=_("Reason"), help_text=LOOKED, max_length=2000, widget=LINES)


class EscalateForm(forms.Form):
    """Why an alert is laid before the regulator."""

    reason = forms.CharField(label=_("Reason"), help_text=LOOKED, max_length=2000, widget=LINES)


class CloseForm(forms.Form):
    """What was true of an alert."""

    outcome = forms.ChoiceField(
        label=_("Outcome"), choices=CloseOutcome.choices, widget=forms.RadioSelect
    )
    reason = forms.CharField(label=_("Reason"), help_text=LOOKED, max_length=2000, widget=LINES)


def suspend_form(products: list[tuple[str, str]]) -> type[forms.Form]:
    """Return the form of an order against one of the products an alert concerns."""
    fields = {
        "product": forms.ChoiceField(label=_("Data product"), choices=products),
        "reason": forms.CharField(
            label=_("Reason"),
            help_text=_("The provider and the log hold it word for word."),
            max_length=500,
            widget=LINES,
        ),
        "basis": forms.CharField(
            label=_("Legal basis"),
            help_text=_("Law and article, such as 《数据安全法》第四十四条."),
            max_length=400,
        ),
    }
    return type("SuspendForm", (forms.Form,), fields)
