"""What is looked for in the trail."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from exchange.web.words import event_choices, kind_choices

from .decisions import ANY, instant_field


class TrailForm(forms.Form):
    """Filters of the trail; empty means anything."""

    event = forms.ChoiceField(label=_("Event"), required=False)
    kind = forms.ChoiceField(label=_("Kind of thing"), required=False)
    reference = forms.CharField(label=_("Reference"), max_length=64, required=False)
    actor = forms.CharField(label=_("Actor"), max_length=96, required=False)
    organization = forms.CharField(
        label=pgettext_lazy("party", "Organization"), max_length=32, required=False
    )
    request = forms.CharField(label=_("Request"), max_length=64, required=False)
    since = instant_field(pgettext_lazy("time", "From"))
    until = instant_field(pgettext_lazy("time", "Before"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (("event", event_choices()), ("kind", kind_choices())):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101  declared so
            field.choices = [*ANY, *choices]
