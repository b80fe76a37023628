"""What evidence is asked for, and what for."""

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from exchange.oversight.states import EvidenceKind

from .decisions import instant_field


class OwnEvidenceForm(forms.Form):
    """What a party takes of its own."""

    kind = forms.ChoiceField(
        label=_("Evidence of"),
        choices=[(kind, kind.label) for kind in EvidenceKind if kind != EvidenceKind.PERIOD],
    )
    reference = forms.CharField(
        label=_("Reference"),
        help_text=_(
            "Of the order, the data product or the organization, such as O-2026-7K3M9QX2; of an "
            "algorithm the reference of any version of its disclosure."
        ),
        max_length=32,
        required=False,
    )
    purpose = forms.CharField(
        label=_("Purpose"),
        help_text=_("It stands in the log and in the bundle."),
        max_length=200,
    )


class EvidenceForm(OwnEvidenceForm):
    """What the watch takes of anything."""

    kind = forms.ChoiceField(label=_("Evidence of"), choices=EvidenceKind.choices)
    since = instant_field(pgettext_lazy("time", "From"))
    until = instant_field(pgettext_lazy("time", "Before"))
    field_order = ("kind", "reference", "since", "until", "purpose")

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["since"].help_text = _("Only of a period.")
        self.fields["until"].help_text = _("Only of a period, which has to be over.")
