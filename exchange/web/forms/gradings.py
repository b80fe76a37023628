"""Forms of gradings: what is determined about a product, and calls for a new grading."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from exchange.compliance.states import DeterminationKind, Grade, Trigger
from exchange.web.screenings import AFFECTED, DEGREES

LONGEST = 2000
NAME_LONGEST = 24
BETWEEN = "/"


class GradingReason(forms.Form):
    """Why; the provider reads it, its digest stands in the log."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy(
            "Name the fact and the article. The provider reads it; its digest stands in the log."
        ),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class CatalogForm(GradingReason):
    """The catalogue or notice that lists the data."""

    code = forms.CharField(
        label=gettext_lazy("Catalogue or notice"),
        help_text=gettext_lazy("Its short name or number, such as 沪网信〔2026〕7号."),
        max_length=NAME_LONGEST,
    )
    field_order = ("code", "reason")


class CallForm(GradingReason):
    """What calls for a new grading."""

    trigger = forms.ChoiceField(
        label=gettext_lazy("What happened"),
        help_text=gettext_lazy("GB/T 43697-2024, Annex J; each trigger has its days."),
        choices=Trigger.choices,
    )
    field_order = ("trigger", "reason")


def determination_form(kind: str, pack: Mapping[str, Any]) -> type[GradingReason]:
    """Return the form of one kind of determination under a version of the rules."""
    match kind:
        case DeterminationKind.FACTOR:
            label, name, choices = _("Factor of Annex G"), "code", factor_choices(pack)
        case DeterminationKind.IMPACT:
            label, name, choices = _("Harm if it leaks"), "harm", harm_choices(pack)
        case DeterminationKind.CATALOG:
            return CatalogForm
        case _:
            return GradingReason
    field = forms.ChoiceField(label=label, choices=choices)
    return type("DeterminationForm", (GradingReason,), {name: field, "field_order": (name,)})


def factor_choices(pack: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the factors, those first that only persons find."""
    tongue = "zh" if (get_language() or "").startswith("zh") else "en"
    found = sorted(pack["factors"].items(), key=lambda pair: pair[1]["hook"] != "MANUAL")
    return [(code, f"{code} {words[tongue]}") for code, words in found]


def harm_choices(pack: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return object and degree of harm with the grade that each leads to."""
    return [
        (
            f"{affected}{BETWEEN}{degree}",
            _("%(affected)s, %(degree)s: %(grade)s")
            % {
                "affected": AFFECTED.get(affected, affected),
                "degree": DEGREES.get(degree, degree),
                "grade": Grade(grade).label,
            },
        )
        for affected, row in pack["matrix"].items()
        for degree, grade in row.items()
    ]
