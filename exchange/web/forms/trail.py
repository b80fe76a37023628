"""What is looked for in the trail, and searches that are kept."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from exchange.oversight.states import Interval
from exchange.web.words import event_choices, kind_choices

from .decisions import ANY, instant_field


class TrailForm(forms.Form):
    """Filters of the trail; all have to hold, and empty means anything."""

    text = forms.CharField(label=_("Name or piece of a reference"), max_length=100, required=False)
    party = forms.CharField(
        label=pgettext_lazy("party", "Organization"),
        help_text=_("Name, code or reference; what it did and what names it."),
        max_length=200,
        required=False,
    )
    actor = forms.CharField(
        label=_("Actor"),
        help_text=_("A person's name or address, or an id of the log."),
        max_length=96,
        required=False,
    )
    rule = forms.CharField(
        label=_("Rule"), help_text=_("Such as R-PSEUDO."), max_length=24, required=False
    )
    kind = forms.ChoiceField(label=_("Kind of thing"), required=False)
    reference = forms.CharField(label=_("Reference"), max_length=64, required=False)
    since = instant_field(pgettext_lazy("time", "From"))
    until = instant_field(pgettext_lazy("time", "Before"))
    event = forms.MultipleChoiceField(label=_("Event"), required=False)
    request = forms.CharField(label=_("Request"), max_length=64, required=False)
    organization = forms.CharField(
        max_length=32, required=False, widget=forms.HiddenInput, label=_("Acting organization")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (("event", event_choices()), ("kind", [*ANY, *kind_choices()])):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101  declared so
            field.choices = choices


class SaveSearchForm(forms.Form):
    """A name for a search that is kept, and how often it looks."""

    name = forms.CharField(label=_("Name"), max_length=80)
    interval = forms.TypedChoiceField(
        label=_("Looks for new entries"),
        choices=Interval.choices,
        coerce=int,
        initial=Interval.HOUR.value,
    )


class WatchForm(forms.Form):
    """Whether a kept search gives notice, and how often it looks."""

    name = forms.CharField(label=_("Name"), max_length=80)
    interval = forms.TypedChoiceField(
        label=_("Looks for new entries"), choices=Interval.choices, coerce=int
    )
    alert = forms.BooleanField(label=_("Watch, and tell me here and by e-mail"), required=False)
