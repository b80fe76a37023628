"""Forms of disclosures: described step by step, brought in as a file, reviewed, suspended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audit.disclosure.fields import FACTS, FIELDS, GROUPS, Field
from audit.disclosure.states import AlgorithmType, Duty
from audit.disclosure.tongues import LANGUAGES

from .reasons import ReasonForm

FIRST: Final = "questions"
STEPS: Final[dict[str, str | Promise]] = {FIRST: _("The four questions"), **GROUPS}
ASKED_FIRST: Final = ("name", "technique", "prediction_target", "stakeholders")
FIGURES_AT_ONCE: Final = 3
FIGURE: Final = {
    "metric": _("Metric"),
    "value": _("Value"),
    "dataset": _("Data it was measured on"),
    "n": _("Number of cases"),
    "measured_on": _("Measured on"),
    "ci_low": _("Interval from"),
    "ci_high": _("Interval to"),
    "note": _("Note"),
}
TONGUES: Final = {"zh": _("in Chinese"), "en": _("in English")}
TALL: Final = 1000


class RegisterFilter(forms.Form):
    """What is looked for in the public register."""

    ANYBODY, EXCHANGE, MEMBERS = "", "exchange", "members"

    text = forms.CharField(
        label=_("Words"),
        required=False,
        max_length=200,
        help_text=_("In names and public texts, filing numbers and names of owners."),
    )
    algorithm_type = forms.ChoiceField(
        label=_("Type of algorithm"),
        required=False,
        choices=[("", _("any")), *AlgorithmType.choices],
    )
    owner = forms.ChoiceField(
        label=_("Whose"),
        required=False,
        choices=[
            (ANYBODY, _("anybody's")),
            (EXCHANGE, _("the exchange's own")),
            (MEMBERS, _("of members")),
        ],
    )


@dataclass(frozen=True, kw_only=True)
class Row:
    """One field of the register on a form, in both languages, with help and example."""

    field: Field
    inputs: Sequence[forms.BoundField]
    note: str = ""

    @property
    def is_long(self) -> bool:
        """Whether a good answer takes some lines."""
        return self.field.most > TALL


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One declared figure on a form; `said` where it is to be seen unasked."""

    inputs: Sequence[forms.BoundField]
    said: bool


def fields_of(step: str) -> list[Field]:
    """Return the text fields that a step asks for."""
    if step == FIRST:
        return [field for field in FIELDS if field.code in ASKED_FIRST]
    return [field for field in FIELDS if field.group == step and field.code not in ASKED_FIRST]


class StepForm(forms.Form):
    """One step of the description; what is left empty can be written later."""

    def __init__(
        self, *args: Any, step: str, fixed_key: bool, notes: Mapping[str, str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.step, self.notes = step, notes
        if step == FIRST:
            self._ask_facts(fixed_key=fixed_key)
        for field in fields_of(step):
            for tongue in ("zh", "en"):
                self.fields[f"{field.code}.{tongue}"] = forms.CharField(
                    label=TONGUES[tongue],
                    required=False,
                    max_length=field.most,
                    widget=forms.Textarea(attrs={"rows": 4 if field.most > TALL else 2}),
                )

    def _ask_facts(self, *, fixed_key: bool) -> None:
        facts = {fact.code: fact for fact in FACTS}
        common: dict[str, Any] = {"required": False}
        if not fixed_key:
            self.fields["algorithm"] = forms.CharField(
                label=str(facts["algorithm"].label),
                help_text=str(facts["algorithm"].help),
                max_length=48,
            )
        self.fields["algorithm_type"] = forms.ChoiceField(
            label=str(facts["algorithm_type"].label),
            help_text=str(facts["algorithm_type"].help),
            choices=AlgorithmType.choices,
        )
        for code in ("service_began_on", "changed_on"):
            self.fields[code] = forms.DateField(
                label=str(facts[code].label),
                help_text=str(facts[code].help),
                widget=forms.DateInput(attrs={"type": "date"}),
                **common,
            )
        for code in ("model_sha256", "products"):
            self.fields[code] = forms.CharField(
                label=str(facts[code].label),
                help_text=str(facts[code].help),
                max_length=4800,
                **common,
            )
        for place in range(FIGURES_AT_ONCE):
            for name, label in FIGURE.items():
                self.fields[f"declared.{place}.{name}"] = forms.CharField(
                    label=label, max_length=500, **common
                )

    @property
    def facts(self) -> list[forms.BoundField]:
        """The inputs that are no texts."""
        names = ("algorithm", "algorithm_type", "service_began_on", "changed_on", "model_sha256")
        return [self[name] for name in (*names, "products") if name in self.fields]

    @property
    def figures(self) -> list[Figure]:
        """The inputs of the declared accuracy; further figures are folded while nothing is said."""
        if self.step != FIRST:
            return []
        lines = [
            [self[f"declared.{place}.{name}"] for name in FIGURE]
            for place in range(FIGURES_AT_ONCE)
        ]
        return [
            Figure(inputs=line, said=place == 0 or any(bound.value() for bound in line))
            for place, line in enumerate(lines)
        ]

    @property
    def rows(self) -> list[Row]:
        """The texts that are asked for."""
        return [
            Row(
                field=field,
                inputs=[self[f"{field.code}.{tongue}"] for tongue in ("zh", "en")],
                note=self.notes.get(field.code, ""),
            )
            for field in fields_of(self.step)
        ]

    def said(self, before: Mapping[str, Any]) -> dict[str, Any]:
        """Return the whole statement: what it said `before`, with this step written anew."""
        data = self.cleaned_data
        texts = {code: dict(words) for code, words in before["texts"].items()}
        for field in fields_of(self.step):
            texts[field.code] = {tongue: data[f"{field.code}.{tongue}"] for tongue in LANGUAGES}
        found = dict(before) | {"texts": texts}
        if self.step == FIRST:
            found |= self._facts()
        return found

    def _facts(self) -> dict[str, Any]:
        data = self.cleaned_data
        rows = [
            {name: data[f"declared.{place}.{name}"].strip() for name in FIGURE}
            for place in range(FIGURES_AT_ONCE)
        ]
        found: dict[str, Any] = {
            "algorithm_type": data["algorithm_type"],
            "declared": [
                row | {"n": int(row["n"]) if row["n"].isdecimal() else 0 if not row["n"] else -1}
                for row in rows
                if any(row.values())
            ],
            "products": data["products"].replace(",", " ").replace("，", " ").split(),
            "model_sha256": data["model_sha256"].strip().lower(),
        }
        for code in ("service_began_on", "changed_on"):
            found[code] = data[code].isoformat() if data[code] else ""
        if "algorithm" in self.fields:
            found["algorithm"] = data["algorithm"].strip()
        return found


def initial_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the forms begin with from a statement as plain values."""
    found: dict[str, Any] = {
        name: document.get(name, "")
        for name in (
            "algorithm",
            "algorithm_type",
            "service_began_on",
            "changed_on",
            "model_sha256",
        )
    }
    found["products"] = " ".join(document.get("products", []))
    for place, row in enumerate(document.get("declared", [])[:FIGURES_AT_ONCE]):
        for name in FIGURE:
            found[f"declared.{place}.{name}"] = row.get(name) or ""
    for code, texts in document.get("texts", {}).items():
        for tongue, text in texts.items():
            found[f"{code}.{tongue}"] = text
    return found


class ImportForm(forms.Form):
    """A disclosure as a file."""

    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "JSON: an export of a disclosure, or the card of an algorithm. At most 512 KiB."
        ),
    )
    algorithm = forms.CharField(
        label=_("Key of the algorithm"),
        help_text=_("Only for a card, which has none."),
        max_length=48,
        required=False,
    )


class WithdrawForm(ReasonForm):
    """Why, and the last day of service where it was in the register."""

    last_day = forms.DateField(
        label=_("Last day of service"),
        help_text=_("Needed for what is in the register; filed within twenty working days of it."),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )


class NoteForm(forms.Form):
    """What the reviewer says with a decision."""

    note = forms.CharField(
        label=_("Note"),
        help_text=_("Everybody reads it beside the disclosure."),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class SuspendForm(ReasonForm):
    """Why, on what basis, and from when decisions are in doubt."""

    basis = forms.CharField(
        label=_("Legal basis"),
        help_text=_("Law and article, or the rule of the exchange; it stands in the log."),
        max_length=400,
    )
    since = forms.DateField(
        label=_("Decisions in doubt since"),
        help_text=_(
            "Every decision of the algorithm from this day on is marked where it is shown."
        ),
        widget=forms.DateInput(attrs={"type": "date"}),
    )


class CallForm(ReasonForm):
    """What is to be filed, and since when."""

    duty = forms.ChoiceField(
        label=_("To be filed"), choices=[each for each in Duty.choices if each[0]]
    )
    since = forms.DateField(
        label=_("Since"),
        help_text=_("The day of the change, or the last day of service; the limit runs from it."),
        widget=forms.DateInput(attrs={"type": "date"}),
    )


def notes_form(fields: Sequence[Field]) -> type[forms.Form]:
    """Return the form of a return: a note for the whole, and one for each field."""
    members: dict[str, forms.Field] = {
        "whole": forms.CharField(
            label=_("On the whole"),
            max_length=2000,
            required=False,
            widget=forms.Textarea(attrs={"rows": 3}),
        )
    }
    for field in fields:
        members[field.code] = forms.CharField(
            label=str(field.label),
            max_length=2000,
            required=False,
            widget=forms.Textarea(attrs={"rows": 1}),
        )
    return type("NotesForm", (forms.Form,), members)
