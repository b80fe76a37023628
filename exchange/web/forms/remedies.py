"""A form with one row for each column of a release: what was found, and what to do about it."""

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from exchange.compliance.remedies.menu import Choices
from exchange.compliance.remedies.proposing import MOST_MEASURES, Plan
from exchange.compliance.remedies.steps import Measure

PRESET_WORDS: Final[Mapping[str, str | Promise]] = {
    "STRICT": gettext_lazy("Anonymize strictly"),
    "PSEUDONYMS": gettext_lazy("Keep a keyed pseudonym"),
    "STATISTICS": gettext_lazy("Statistics of groups only"),
}
VERBS: Final[Mapping[str, str | Promise]] = {
    "keep": gettext_lazy("keep as it is"),
    "drop": gettext_lazy("leave out"),
    "redact": gettext_lazy("replace numbers and addresses in the text"),
    "mask": gettext_lazy("mask, as is usual for its kind"),
    "pseudonym": gettext_lazy("keyed pseudonym"),
    "period:MONTH": gettext_lazy("month"),
    "period:QUARTER": gettext_lazy("quarter"),
    "period:YEAR": gettext_lazy("year"),
    "period:DECADE": gettext_lazy("decade"),
    "region:CITY": pgettext_lazy("region", "city"),
    "region:PROVINCE": pgettext_lazy("region", "province"),
}
COUNTED: Final[Mapping[str, str | Promise]] = {
    "mask": gettext_lazy("show the first %(count)s characters only"),
    "band": gettext_lazy("bands of %(count)s"),
    "age_band": gettext_lazy("ages in bands of %(count)s years"),
    "grid": gettext_lazy("middle of a cell of %(count)s meters"),
}


def words_of(action: str) -> str:
    """Return an action of the menu in the reader's language."""
    if action in VERBS:
        return str(VERBS[action])
    verb, _colon, count = action.partition(":")
    return str(COUNTED[verb]) % {"count": count}


class RemedyForm(forms.Form):
    """The actions chosen for each column, and what is done about rare rows."""

    preset = forms.CharField(widget=forms.HiddenInput)
    k = forms.IntegerField(
        label=gettext_lazy("Rows or persons that share each combination"),
        help_text=gettext_lazy(
            "Rows whose combination of the ticked columns is rarer are left out. 0 leaves none out."
        ),
        min_value=0,
        max_value=10_000,
        required=False,
    )
    smallest = forms.IntegerField(
        label=gettext_lazy("Smallest group"),
        help_text=gettext_lazy("Groups of fewer persons, or rows, are left out."),
        min_value=2,
        max_value=100_000,
        required=False,
    )
    key = forms.ChoiceField(
        label=gettext_lazy("Key of the pseudonyms"),
        choices=(
            ("PRODUCT", gettext_lazy("one for this product, so that its releases can be joined")),
            ("RECIPE", gettext_lazy("a new one that is forgotten, so that nothing can be joined")),
        ),
        required=False,
    )

    def __init__(self, plan: Plan, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.plan = plan
        grouped = plan.preset == "STATISTICS"
        ticked = plan.choices.by if grouped else plan.choices.quasi
        self.fields["preset"].initial = plan.preset
        self.fields["k"].initial = plan.choices.k
        self.fields["smallest"].initial = plan.choices.smallest
        for name in ("k",) if grouped else ("smallest",):
            del self.fields[name]
        for number, column in enumerate(plan.columns):
            label = _("What to do with %(column)s") % {"column": column.column}
            self.fields[f"a{number}"] = forms.ChoiceField(
                choices=[(each, words_of(each)) for each in column.options],
                initial=column.action,
                widget=forms.Select(attrs={"aria-label": label}),
            )
            counted = _("Count %(column)s among what must not be rare")
            by = _("Group by %(column)s")
            told = (by if grouped else counted) % {"column": column.column}
            self.fields[f"q{number}"] = forms.BooleanField(
                required=False,
                initial=column.column in ticked,
                widget=forms.CheckboxInput(attrs={"aria-label": told}),
            )

    def clean(self) -> dict[str, Any]:
        """Refuse statistics without groups."""
        values = super().clean() or {}
        if self.plan.preset == "STATISTICS" and not self._ticked(values):
            raise forms.ValidationError(_("Tick at least one column to group by."))
        return values

    def choices(self) -> Choices:
        """Return what was chosen, as a recipe is made of it."""
        values, plan = self.cleaned_data, self.plan
        actions = {
            column.column: values[f"a{number}"] for number, column in enumerate(plan.columns)
        }
        ticked = self._ticked(values)
        grouped = plan.preset == "STATISTICS"
        return Choices(
            actions=actions,
            pairs=plan.choices.pairs,
            masks=plan.choices.masks,
            quasi=() if grouped else ticked,
            k=values.get("k") or 0,
            person=plan.choices.person,
            by=ticked if grouped else (),
            measures=self._measures(ticked) if grouped else (),
            smallest=values.get("smallest") or plan.choices.smallest,
            key=values.get("key") or "PRODUCT",
        )

    def _ticked(self, values: Mapping[str, Any]) -> tuple[str, ...]:
        return tuple(
            column.column
            for number, column in enumerate(self.plan.columns)
            if values.get(f"q{number}")
        )

    def _measures(self, by: tuple[str, ...]) -> tuple[Measure, ...]:
        """Return the figures that are proposed, without those of the groups' own columns."""
        chosen = [each for each in self.plan.choices.measures if each.column not in by]
        return tuple(chosen[: MOST_MEASURES + 1])


class CheckForm(forms.Form):
    """A file that is read and not kept."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy(
            "CSV, TSV, JSON, JSON Lines, GeoJSON, XLSX or Parquet. It is read to its end and "
            "graded; nothing of it is kept."
        ),
    )
