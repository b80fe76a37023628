"""Forms of compliance cases: what is proposed, how it is answered, and longer time limits."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from exchange.catalog.vocabulary import DeliveryMode
from exchange.compliance.conditions import FIELDS

from .fields import form_fields_of

LINES = forms.Textarea(attrs={"rows": 3})
LONGEST = 2000


class WhyForm(forms.Form):
    """A reason that stands in the record."""

    reason = forms.CharField(
        label=_("Reason"),
        help_text=_(
            "Name the fact and the article that carry the decision. The provider reads it."
        ),
        max_length=LONGEST,
        widget=LINES,
    )


class ApproveForm(WhyForm):
    """An approval with its conditions; `ways` are the ways of delivery that may be chosen."""

    ways: ClassVar[frozenset[str]] = frozenset()

    valid_until = forms.DateField(
        label=_("Valid until"),
        help_text=_("Left open: as long as the rules of cases allow."),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields |= form_fields_of(FIELDS)
        channels = cast("forms.MultipleChoiceField", self.fields["channels"])
        channels.choices = [each for each in DeliveryMode.choices if each[0] in self.ways]

    @classmethod
    def for_ways(cls, ways: Iterable[str]) -> type["ApproveForm"]:
        """Return the form that offers these ways of delivery."""
        return type(cls.__name__, (cls,), {"ways": frozenset(ways)})

    @staticmethod
    def conditions(said: Mapping[str, Any]) -> dict[str, Any]:
        """Return the conditions as the room reads them."""
        return {
            field.name: said[field.name]
            for field in FIELDS
            if said.get(field.name) not in (None, "", [])
        }


class AnswerForm(WhyForm):
    """An answer to the proposal that was read."""

    proposal = forms.CharField(widget=forms.HiddenInput, max_length=24)


class ExtendForm(WhyForm):
    """A longer time limit."""

    workdays = forms.IntegerField(label=_("Working days more"), min_value=1, max_value=366)
    field_order = ("workdays", "reason")
