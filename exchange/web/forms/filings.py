"""Forms of evidence for exports: what each kind asks, its document, and a question before it."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exchange.catalog.models import Product
from exchange.compliance.export_fields import fields_of
from exchange.compliance.states import DeclaredPlace, FilingKind
from exchange.registry.fields import Field
from exchange.vault.models import StoredObject

from .fields import form_fields_of, sent
from .manual import DOCUMENT_MOST, UPLOAD, check_size

__all__ = ["DOCUMENT_MOST", "CompleteForm", "StandingForm", "WeighForm", "filing_form", "filled_in"]


def filing_form(
    kind: FilingKind,
    *,
    products: Sequence[Product],
    documents: Sequence[StoredObject],
    grounds: Mapping[str, str],
) -> type[forms.Form]:
    """Return the form of one kind of evidence, its choices among what is one's own."""
    made: dict[str, Any] = form_fields_of(fields_of(kind))
    made["products"] = forms.MultipleChoiceField(
        label=made["products"].label,
        choices=[(row.reference, f"{row.name} ({row.reference})") for row in products],
        widget=forms.CheckboxSelectMultiple,
    )
    if "ground" in made:
        made["ground"] = forms.ChoiceField(
            label=made["ground"].label, choices=list(grounds.items()), widget=forms.RadioSelect
        )
    known = [("", "–"), *((d.reference, f"{d.filename} ({d.reference})") for d in documents)]
    made["document"] = forms.ChoiceField(
        label=made["document"].label,
        help_text=made["document"].help_text,
        choices=known,
        required=False,
    )
    made[f"document{UPLOAD}"] = forms.FileField(
        label=_("… or a new file"),
        help_text=_("At most 20 MB. It is kept encrypted."),
        required=False,
        validators=[check_size],
    )

    def clean(form: forms.Form) -> dict[str, Any]:
        said = super(type(form), form).clean() or {}
        if not said.get("document") and not said.get(f"document{UPLOAD}"):
            form.add_error(f"document{UPLOAD}", _("Choose a document or bring a new file."))
        return said

    return type("FilingForm", (forms.Form,), made | {"clean": clean})


def filled_in(form: forms.Form, fields: Sequence[Field], kind: FilingKind) -> dict[str, Any]:
    """Return what was filled in as its room reads it; the document is added by who keeps it."""
    return {"kind": str(kind)} | sent(form, fields)


class CompleteForm(forms.Form):
    """That a contract was filed with the authority."""

    number = forms.CharField(label=gettext_lazy("Number of the filing"), max_length=80)
    filed_on = forms.DateField(
        label=gettext_lazy("Filed on"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


class WeighForm(forms.Form):
    """An order that might be placed: of what, to whom, read from where."""

    product = forms.ChoiceField(label=gettext_lazy("Product"))
    recipient = forms.CharField(
        label=gettext_lazy("Recipient"),
        help_text=gettext_lazy("The reference of an organization, as in the register."),
        max_length=24,
    )
    recipient_place = forms.ChoiceField(
        label=gettext_lazy("Place of the recipient"), choices=DeclaredPlace.choices
    )
    access_places = forms.MultipleChoiceField(
        label=gettext_lazy("Where the data will be read"),
        choices=DeclaredPlace.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    use = forms.CharField(
        label=gettext_lazy("Permitted scenario"),
        help_text=gettext_lazy("One of the scenarios of the product manual, word by word."),
        max_length=120,
        required=False,
    )

    def __init__(self, *args: Any, products: Sequence[Product], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["product"] = forms.ChoiceField(
            label=_("Product"), choices=[(row.reference, row.name) for row in products]
        )


class StandingForm(forms.Form):
    """Where an organization is registered, and with whom it is counted."""

    place = forms.ChoiceField(label=gettext_lazy("Registered in"), choices=DeclaredPlace.choices)
    zone = forms.ChoiceField(
        label=gettext_lazy("Free trade zone"),
        help_text=gettext_lazy("Only zones whose list is in force."),
        required=False,
    )
    critical = forms.BooleanField(
        label=gettext_lazy("It operates critical information infrastructure"), required=False
    )
    counted_with = forms.CharField(
        label=gettext_lazy("Counted together with"),
        help_text=gettext_lazy(
            "The reference of another organization of the same processor; their persons of a year "
            "count together (《个人信息出境认证办法》第五条)."
        ),
        max_length=24,
        required=False,
    )

    def __init__(self, *args: Any, zones: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["zone"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  as defined above
        field.choices = [("", "–"), *((zone, zone) for zone in zones)]
