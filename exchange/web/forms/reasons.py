"""Forms that ask for words, not for data."""

from django import forms
from django.utils.translation import gettext_lazy as _


class ReasonForm(forms.Form):
    """Why something is ended or taken back; it becomes part of the record."""

    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("It becomes part of the record and is shown to those it concerns."),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
