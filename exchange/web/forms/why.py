"""Forms about decisions of algorithms: which ones, an override, and a check of the inputs."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.decisions.rules import OUTCOME_MOST, REASON_MOST
from audit.decisions.states import Result

ANY = [("", _("any"))]
INPUTS_MOST = 200_000


class DecisionFilter(forms.Form):
    """Which decisions: of one algorithm, of some days; bounds are included."""

    algorithm = forms.ChoiceField(label=_("Algorithm"), required=False)
    since = forms.DateField(
        label=pgettext_lazy("period", "From"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    until = forms.DateField(
        label=pgettext_lazy("period", "To"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    def __init__(self, *args: Any, algorithms: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["algorithm"] = forms.ChoiceField(
            label=_("Algorithm"), required=False, choices=[*ANY, *algorithms]
        )


class DoubtFilter(DecisionFilter):
    """Which decisions in doubt: also about what kind of thing, and because of which suspension."""

    kind = forms.ChoiceField(label=_("About"), required=False)
    suspension = forms.CharField(label=_("Suspension"), required=False, max_length=24)
    field_order = ("algorithm", "kind", "suspension", "since", "until")

    def __init__(self, *args: Any, kinds: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"] = forms.ChoiceField(
            label=_("About"), required=False, choices=[*ANY, *kinds]
        )
        self.order_fields(self.field_order)


class OverrideForm(forms.Form):
    """What a person makes of an algorithm's decision."""

    result = forms.ChoiceField(label=_("Result"), choices=Result.choices)
    outcome = forms.CharField(
        label=_("What holds instead"),
        help_text=_("A few words, such as the other grade or amount."),
        max_length=OUTCOME_MOST,
    )
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_(
            "Whom it concerns reads it. This goes on record beside the decision; what follows for "
            "the thing itself is done where it stands, for example in its case."
        ),
        max_length=REASON_MOST,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class InputsForm(forms.Form):
    """Inputs that somebody holds, to see whether they are those of the decision."""

    inputs = forms.CharField(
        label=_("Inputs as JSON"),
        help_text=_("Nothing of it is kept; only its digest is compared."),
        max_length=INPUTS_MOST,
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}),
    )
