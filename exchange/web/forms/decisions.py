"""Forms of operator and regulator: checks, admissions, listings, cases, money, supervision."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.retention.states import HoldKind
from exchange.catalog.states import ProductState
from exchange.compliance.states import Grade, Outcome
from exchange.parties.states import CheckKind, OrganizationRole, OrganizationState
from pricing.money import MINOR_UNITS
from pricing.states import Zone

ANY = [("", _("any"))]
LINES = forms.Textarea(attrs={"rows": 3})
INSTANT = "%Y-%m-%dT%H:%M"


class CheckForm(forms.Form):
    """One verification about an applicant."""

    kind = forms.ChoiceField(label=_("What was checked"), choices=CheckKind.choices)
    passed = forms.ChoiceField(
        label=_("Result"),
        choices=[("yes", _("passed")), ("no", _("not passed"))],
        widget=forms.RadioSelect,
        initial="yes",
    )
    evidence = forms.CharField(
        label=_("Evidence"),
        help_text=_("Where it was looked up, when, and what stood there. It is kept for good."),
        max_length=500,
        widget=LINES,
    )


def admit_form(roles: list[str]) -> type[forms.Form]:
    """Return the form of an admission: the roles applied for, of which fewer can be granted."""
    field = forms.MultipleChoiceField(
        label=_("Admitted as"),
        help_text=_("Only roles that were applied for; leave out those not justified."),
        choices=[(role, OrganizationRole(role).label) for role in roles],
        initial=roles,
        widget=forms.CheckboxSelectMultiple,
    )
    return type("AdmitForm", (forms.Form,), {"roles": field})


class NoteForm(forms.Form):
    """What the operator says beside a listing; `version` is the description that was read."""

    note = forms.CharField(
        label=pgettext_lazy("listing", "Note"),
        help_text=_(
            "Shown with the price on the market. Required where the price stands far off the band."
        ),
        max_length=2000,
        required=False,
        widget=LINES,
    )
    version = forms.IntegerField(widget=forms.HiddenInput)


class SuspensionForm(forms.Form):
    """An order against a listing."""

    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("The provider and the log hold it word for word."),
        max_length=500,
        widget=LINES,
    )
    basis = forms.CharField(
        label=_("Legal basis"),
        help_text=_("Law and article, such as 《数据安全法》第四十四条."),
        max_length=400,
    )


class HoldForm(forms.Form):
    """A legal hold on a thing that the log knows."""

    kind = forms.ChoiceField(label=_("On what"), choices=HoldKind.choices)
    subject = forms.CharField(
        label=_("Reference"),
        help_text=_(
            "Such as O-2026-…, P-2026-… or ORG-2026-…; of an algorithm any version of its "
            "disclosure, of a person the pseudonym."
        ),
        max_length=64,
    )
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("Kept with the hold; the log holds its digest only."),
        max_length=2000,
        widget=LINES,
    )
    basis = forms.CharField(
        label=_("Legal basis"),
        help_text=_("Law and article, such as 《数据安全法》第四十四条."),
        max_length=400,
    )

    def clean_subject(self) -> str:
        """Return the reference without the mark that a pseudonym bears in the log."""
        return str(self.cleaned_data["subject"]).strip().removeprefix("user:")


class PurposeForm(forms.Form):
    """What records of others are looked at for."""

    purpose = forms.CharField(
        label=_("Purpose"),
        help_text=_(
            "Case number or subject of the supervision. It stands in the log, and what you read "
            "may be used for it only."
        ),
        max_length=200,
    )


class BankForm(forms.Form):
    """Money that the bank received or paid; the transfer's id is made when the form is shown."""

    organization = forms.ChoiceField(label=pgettext_lazy("party", "Organization"))
    amount = forms.DecimalField(
        label=_("Amount"), max_digits=18, decimal_places=2, min_value=0, localize=False
    )
    currency = forms.ChoiceField(
        label=_("Currency"), choices=[(code, code) for code in MINOR_UNITS]
    )
    bank_reference = forms.CharField(
        label=_("The bank's reference"),
        help_text=_("As it stands on the bank statement; one reference is booked once."),
        max_length=64,
    )
    transfer_id = forms.UUIDField(widget=forms.HiddenInput)


class StatementForm(forms.Form):
    """Which statement, and of what time."""

    currency = forms.ChoiceField(
        label=_("Currency"), choices=[(code, code) for code in MINOR_UNITS], required=False
    )
    since = forms.DateField(
        label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    until = forms.DateField(
        label=_("Until, included"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )


class OrganizationFilter(forms.Form):
    """Which organizations."""

    status = forms.ChoiceField(
        label=_("Status"), choices=[*ANY, *OrganizationState.choices], required=False
    )
    role = forms.ChoiceField(
        label=_("Role"), choices=[*ANY, *OrganizationRole.choices], required=False
    )
    text = forms.CharField(label=_("Name, code or reference"), max_length=100, required=False)


class ProductFilter(forms.Form):
    """Which listings."""

    status = forms.ChoiceField(
        label=_("Status"), choices=[*ANY, *ProductState.choices], required=False
    )
    grade = forms.ChoiceField(label=_("Grade"), choices=[*ANY, *Grade.choices], required=False)
    zone = forms.ChoiceField(
        label=_("Price against the band"), choices=[*ANY, *Zone.choices], required=False
    )
    text = forms.CharField(label=_("Name or reference"), max_length=100, required=False)


class ScreeningFilter(forms.Form):
    """Which screenings; without a choice, those that stopped something."""

    outcome = forms.ChoiceField(
        label=_("Outcome"),
        choices=[("", _("stopped")), *Outcome.choices],
        required=False,
    )
    rule = forms.CharField(label=_("Rule"), max_length=24, required=False)


class EntryForm(forms.Form):
    """Of which entry a receipt is taken."""

    entry = forms.UUIDField(
        label=_("Id of the entry"),
        help_text=_("It stands beside every line of the trail and of a timeline."),
    )


def instant_field(label: Any) -> forms.DateTimeField:
    """Return a field for an instant, in the zone that pages show."""
    return forms.DateTimeField(
        label=label,
        required=False,
        input_formats=[INSTANT, "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=INSTANT),
    )


def valid(form: forms.Form) -> dict[str, Any]:
    """Return what a bar of filters says; a value that is none filters nothing."""
    form.is_valid()
    return {name: value for name, value in form.cleaned_data.items() if value not in (None, "")}
