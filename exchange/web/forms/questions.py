"""A question to data that stays within the exchange: groups, how coarse, and figures of each."""

from collections.abc import Iterator
from datetime import date
from typing import Any, Final
from uuid import uuid4

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.log.errors import DomainError, Invalid
from exchange.compliance.remedies.menu import KEEP, Choices
from exchange.compliance.remedies.steps import Measure
from exchange.delivery.questions import Offer, Offered, question_of
from exchange.web.pages import put_errors

from .remedies import words_of

SUM, MEAN, COUNT = "SUM", "MEAN", "COUNT"
FIGURES: Final = {
    SUM: gettext_lazy("Sum of %(column)s"),
    MEAN: gettext_lazy("Mean of %(column)s"),
}
"""What can be taken of a column of numbers."""
LETTERS: Final = {SUM: "s", MEAN: "m"}
"""How the field of a figure begins; the number of its column follows."""


class AskForm(forms.Form):
    """What a buyer asks: columns to group by, how coarse each is taken, and which figures."""

    key = forms.CharField(widget=forms.HiddenInput, required=False)
    count = forms.BooleanField(
        label=gettext_lazy("Count the rows of each group"), required=False, initial=True
    )

    def __init__(self, offer: Offer, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer = offer
        self.fields["key"].initial = uuid4().hex
        self.fields["smallest"] = forms.IntegerField(
            label=_("Smallest group"),
            help_text=_smallest_in_words(offer),
            min_value=offer.least,
            max_value=100_000,
            initial=offer.least,
        )
        for number, column in enumerate(offer.columns):
            self._add(number, column)

    def _add(self, number: int, column: Offered) -> None:
        named = {"column": column.name}
        by = _("Group by %(column)s") % named
        coarse = _("How coarse %(column)s is taken") % named
        self.fields[f"by{number}"] = _tick(by)
        self.fields[f"a{number}"] = forms.ChoiceField(
            label=coarse,
            choices=[(each, words_of(each)) for each in column.options],
            initial=KEEP,
            required=False,
            widget=forms.Select(attrs={"aria-label": coarse}),
        )
        for take, words in FIGURES.items():
            if column.number and take in self.offer.takes:
                self.fields[f"{LETTERS[take]}{number}"] = _tick(str(words) % named)

    def rows(self) -> Iterator[dict[str, Any]]:
        """Return the columns with their fields, as a table shows them."""
        for number, column in enumerate(self.offer.columns):
            yield {
                "column": column,
                "by": self[f"by{number}"],
                "coarser": self[f"a{number}"],
                "figures": [
                    self[name]
                    for take in FIGURES
                    if (name := f"{LETTERS[take]}{number}") in self.fields
                ],
            }

    def clean(self) -> dict[str, Any]:
        """Refuse a question without groups or figures, and one that says two things at once."""
        values = super().clean() or {}
        if not self._by(values) and self.offer.columns:
            self.add_error("by0", _("Tick at least one column to group by."))
        if not self._measures(values):
            self.add_error("count", _("Choose at least one figure: a count, a sum or a mean."))
        for number in range(len(self.offer.columns)):
            coarse = values.get(f"a{number}") or KEEP
            if coarse != KEEP and not values.get(f"by{number}"):
                words = _("Tick the column as well, to group by it; otherwise leave it as it is.")
                self.add_error(f"a{number}", words)
        self._check_pairs(values)
        return values

    def _check_pairs(self, values: dict[str, Any]) -> None:
        """Refuse cells of two sizes for the two coordinates of one point."""
        for latitude, longitude in self.offer.pairs.items():
            cells = {
                action
                for name in (latitude, longitude)
                if (action := self._actions(values).get(name, KEEP)).startswith("grid")
            }
            if len(cells) > 1:
                field = f"a{self._number(longitude)}"
                self.add_error(field, _("Both coordinates move to the middle of the same cell."))

    def question(self, on: date) -> dict[str, Any]:
        """Return what was chosen as a question."""
        values = self.cleaned_data
        choices = Choices(
            actions=self._actions(values),
            pairs=self.offer.pairs,
            masks={},
            by=self._by(values),
            measures=tuple(measure for _name, measure in self._measures(values)),
            smallest=values["smallest"],
        )
        return question_of(choices, on=on)

    def refuse(self, error: DomainError, question: dict[str, Any]) -> None:
        """Say what is wrong beside the field it was said in."""
        if not isinstance(error, Invalid):
            put_errors(self, error)
            return
        for place, texts in error.fields.items():
            for text in texts:
                self.add_error(self._field_at(place, question), str(text))

    def _field_at(self, place: str, question: dict[str, Any]) -> str | None:
        """Return the field that a place of the question came from."""
        _question, part, position, *_rest = [*place.split("."), "", "", ""]
        match part:
            case "smallest":
                return "smallest"
            case "by":
                return f"a{self._number(question['by'][int(position or 0)])}"
            case "coarser" if position:
                return f"a{self._number(question['coarser'][int(position)]['column'])}"
            case "measures" if position:
                return self._measures(self.cleaned_data)[int(position)][0]
            case "measures":
                return "count"
        return None

    def _number(self, name: str) -> int:
        return [column.name for column in self.offer.columns].index(name)

    def _by(self, values: dict[str, Any]) -> tuple[str, ...]:
        return tuple(
            column.name
            for number, column in enumerate(self.offer.columns)
            if values.get(f"by{number}")
        )

    def _actions(self, values: dict[str, Any]) -> dict[str, str]:
        return {
            column.name: values.get(f"a{number}") or KEEP
            for number, column in enumerate(self.offer.columns)
        }

    def _measures(self, values: dict[str, Any]) -> list[tuple[str, Measure]]:
        """Return the figures that were ticked, each with its field."""
        chosen = [("count", Measure(take=COUNT))] if values.get("count") else []
        return chosen + [
            (name, Measure(take=take, column=column.name))
            for number, column in enumerate(self.offer.columns)
            for take in FIGURES
            if values.get(name := f"{LETTERS[take]}{number}")
        ]


def _tick(label: str) -> forms.BooleanField:
    return forms.BooleanField(
        label=label,
        required=False,
        widget=forms.CheckboxInput(attrs={"aria-label": label}),
    )


def _smallest_in_words(offer: Offer) -> str:
    words = _("Groups of fewer rows are left out; %(least)d at least.")
    if offer.person:
        words = _("Groups of fewer persons are left out; %(least)d at least.")
    return words % {"least": offer.least}
