"""The product manual as forms, one chapter each."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from exchange.catalog.chapters.definition import ManualField
from exchange.registry.fields import Kind
from exchange.vault.models import StoredObject

from .fields import form_fields_of, sent

UPLOAD = "__upload"
DOCUMENT_MOST = 20 * 1024**2
NEEDED = _("Needed for a listing.")


def chapter_form(
    fields: Sequence[ManualField], documents: Sequence[StoredObject]
) -> type[forms.Form]:
    """Return the form of one chapter; a document is chosen among those kept, or brought along."""
    made: dict[str, Any] = {}
    known = [("", "–"), *((d.reference, f"{d.filename} ({d.reference})") for d in documents)]
    for name, control in form_fields_of(fields).items():
        field = next(field for field in fields if field.name == name)
        if field.required_to_list:
            control.help_text = f"{control.help_text} {NEEDED}".strip()
        if field.kind != Kind.OBJECT:
            made[name] = control
            continue
        made[name] = forms.ChoiceField(
            label=str(field.label), help_text=str(field.help), choices=known, required=False
        )
        made[name + UPLOAD] = forms.FileField(
            label=_("… or a new file"),
            help_text=_("At most 20 MB. It is kept encrypted."),
            required=False,
            validators=[check_size],
        )
    made["version"] = forms.IntegerField(widget=forms.HiddenInput, required=False)
    return type("ChapterForm", (forms.Form,), made)


def check_size(file: Any) -> None:
    """Refuse a document that is too large before it is kept."""
    if file.size > DOCUMENT_MOST:
        raise forms.ValidationError(_("The file is larger than 20 MB."))


def uploads_of(form: forms.Form) -> Mapping[str, Any]:
    """Return the files brought along, by the name of their field."""
    return {
        name.removesuffix(UPLOAD): value
        for name, value in form.cleaned_data.items()
        if name.endswith(UPLOAD) and value
    }


def values_of(form: forms.Form, fields: Sequence[ManualField]) -> dict[str, Any]:
    """Return what the chapter says, without the files."""
    return sent(form, fields)
