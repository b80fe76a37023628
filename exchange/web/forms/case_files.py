"""One head of a case's file as a form: its fields, the documents kept, and new ones."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exchange.compliance.heads import Head
from exchange.compliance.states import Wish

from .fields import form_fields_of
from .manual import check_size

AT_ONCE = 3
LINES = forms.Textarea(attrs={"rows": 5})


def upload_fields() -> dict[str, forms.Field]:
    """Return fields for documents brought along."""
    return {
        f"file_{number}": forms.FileField(
            label=_("New document %(number)d") % {"number": number},
            help_text=_("At most 20 MB. It is kept encrypted; its digest goes into the log."),
            required=False,
            validators=[check_size],
        )
        for number in range(1, AT_ONCE + 1)
    }


def head_form(head: Head, documents: Sequence[Mapping[str, Any]]) -> type[forms.Form]:
    """Return the form of a head; nothing is required before the file is handed in."""
    made: dict[str, Any] = form_fields_of(head.fields)
    for field in made.values():
        field.required = False
    if documents:
        made["kept"] = forms.MultipleChoiceField(
            label=_("Documents kept"),
            help_text=_("Take the mark away to leave one out of the new version."),
            choices=[(each["object"], each["filename"]) for each in documents],
            widget=forms.CheckboxSelectMultiple,
            required=False,
        )
    return type("HeadForm", (forms.Form,), made | upload_fields())


def brought(form: forms.Form) -> list[Any]:
    """Return the files brought along."""
    names = (f"file_{number}" for number in range(1, AT_ONCE + 1))
    return [form.cleaned_data[name] for name in names if form.cleaned_data.get(name)]


class AppealForm(forms.Form):
    """An appeal with its grounds."""

    wish = forms.ChoiceField(label=gettext_lazy("What you ask for"), choices=Wish.choices)
    grounds = forms.CharField(
        label=gettext_lazy("Grounds"),
        help_text=gettext_lazy("What is wrong with the block, and what shows it."),
        max_length=2000,
        widget=LINES,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields |= upload_fields()
