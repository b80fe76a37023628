"""The form of an entry in the cost ledger."""

from decimal import Decimal
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from pricing.facts import CostRecord
from pricing.money import MINOR_UNITS, Money
from pricing.states import Allocation
from pricing.wording import STEPS

DAY: Final[dict[str, Any]] = {"widget": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}
FIGURE: Final[dict[str, Any]] = {"max_digits": 18, "decimal_places": 2, "min_value": Decimal(0)}
EVIDENCE_MOST: Final = 20 * 1024**2


class CostForm(forms.Form):
    """A cost, dated, with what of it falls to the product."""

    kind = forms.ChoiceField(
        label=_("Kind of cost"), choices=[(kind, STEPS[kind]) for kind in CostRecord.kinds()]
    )
    title = forms.CharField(label=_("What it was for"), max_length=200)
    amount = forms.DecimalField(label=_("Amount"), **FIGURE)
    currency = forms.ChoiceField(
        label=_("Currency"), choices=[(code, code) for code in MINOR_UNITS]
    )
    period_from = forms.DateField(label=_("From"), **DAY)
    period_until = forms.DateField(label=_("Until"), **DAY)
    allocation = forms.ChoiceField(
        label=_("A joint cost is divided"),
        choices=Allocation.choices,
        initial=Allocation.DIRECT.value,
    )
    part = forms.DecimalField(
        label=_("Users or revenue of this product"), initial=Decimal(1), required=False, **FIGURE
    )
    whole = forms.DecimalField(
        label=_("Of all products that share the cost"),
        initial=Decimal(1),
        required=False,
        **FIGURE,
    )
    bearer = forms.CharField(
        label=_("Borne by"),
        help_text=_("Reference of the organization that bore it; empty for your own."),
        max_length=24,
        required=False,
    )
    evidence = forms.FileField(
        label=_("Evidence"),
        help_text=_("Contract, invoice or time sheet. Only its SHA-256 is kept: keep the file."),
        required=False,
    )

    def clean_evidence(self) -> Any:
        """Refuse a document that is larger than any of these."""
        file = self.cleaned_data["evidence"]
        if file and file.size > EVIDENCE_MOST:
            raise forms.ValidationError(_("The document is larger than 20 MB."))
        return file

    def entry(self) -> dict[str, Any]:
        """Return the entry as the ledger takes it."""
        said = dict(self.cleaned_data)
        file, one = said.pop("evidence"), Decimal(1)
        direct = said["allocation"] == Allocation.DIRECT
        amount = Money(said.pop("amount"), said.pop("currency"))
        return {
            **said,
            "amount": amount,
            "part": one if direct or said["part"] is None else said["part"],
            "whole": one if direct or said["whole"] is None else said["whole"],
            "evidence": file.read() if file else None,
        }
