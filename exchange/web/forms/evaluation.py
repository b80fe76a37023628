"""Forms of evaluation: sealing rows, handing in a model, and how the model is fed and read."""

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.disclosure.models import Disclosure
from exchange.algorithms.models import AlgorithmFile, EvaluationSet

TASKS: Final = (
    ("classification", _("classification")),
    ("regression", _("regression")),
    ("forecast", _("forecast")),
    ("ranking", pgettext_lazy("task", "ranking")),
    ("anomaly_detection", _("detection of anomalies")),
)
NAMES = _("Names of columns, divided by commas.")


def task_words(task: str) -> str:
    """Return a task in the reader's language."""
    return str(dict(TASKS).get(task, task))


class NamesField(forms.CharField):
    """Names, divided by commas."""

    def to_python(self, value: Any) -> Any:
        """Return the names."""
        text = ",".join(value) if isinstance(value, list) else value or ""
        return [part.strip() for part in text.replace("，", ",").split(",") if part.strip()]

    def prepare_value(self, value: Any) -> Any:
        """Return the names as one line."""
        return ", ".join(map(str, value)) if isinstance(value, list | tuple) else value


class SealForm(forms.Form):
    """Rows with answers, and what has to be said of them."""

    file = forms.FileField(
        label=_("Rows"),
        help_text=_("Parquet, one row a case, at least 30; every row with its answer."),
    )
    title = forms.CharField(label=_("Title"), max_length=120)
    task = forms.ChoiceField(label=_("Task"), choices=TASKS)
    target = forms.CharField(label=_("Column of the answers"), max_length=200)
    features = NamesField(
        label=_("Features"),
        required=False,
        help_text=_("What a model may be fed with. Empty: every column but the answers."),
    )
    group_columns = NamesField(
        label=_("Groups to compare"),
        required=False,
        help_text=_("Columns such as region or sex, by whose values results are compared."),
    )
    positive_class = forms.CharField(
        label=_("Positive class"), max_length=200, required=False,
        help_text=_("For two classes: which one precision and recall are about."),
    )  # fmt: skip
    query_column = forms.CharField(
        label=_("Column of the query"), max_length=200, required=False,
        help_text=_("For rankings."),
    )  # fmt: skip
    time_column = forms.CharField(
        label=_("Column of time"), max_length=200, required=False,
        help_text=_("For forecasts."),
    )  # fmt: skip
    provenance = forms.CharField(
        label=_("Where the rows are from"),
        help_text=_("Who collected them, when, how they were drawn, and who has seen them."),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=4000,
    )
    licence = forms.CharField(
        label=_("License"), max_length=120, help_text=_("SPDX name, or in words.")
    )


class HandInForm(forms.Form):
    """Which algorithm, and its model: a file, or one that was handed in before."""

    disclosure = forms.ChoiceField(label=_("Algorithm"))
    file = forms.FileField(
        label=_("Model"),
        required=False,
        help_text=_(
            "ONNX, everything in one file. It is looked into now and run only by a worker."
        ),
    )
    model = forms.ChoiceField(label=_("or a model handed in before"), required=False)

    def __init__(
        self,
        *args: Any,
        disclosures: list[Disclosure],
        models: list[AlgorithmFile],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        choices = [(row.reference, f"{row.name} · {row.reference}") for row in disclosures]
        self.fields["disclosure"].choices = choices  # type: ignore[attr-defined]
        known = [(row.reference, f"{row.stored.filename} · {row.reference}") for row in models]
        self.fields["model"].choices = [("", "–"), *known]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Demand one of the two."""
        said: dict[str, Any] = super().clean() or {}
        if not said.get("file") and not said.get("model") and "file" not in self.errors:
            self.add_error("file", str(_("Choose an ONNX file, or a model from before.")))
        return said


class MeasureForm(forms.Form):
    """On which rows, and how the model is fed and read. Prefilled from the file."""

    evaluation_set = forms.ChoiceField(label=_("Sealed set"), required=False)
    rows = forms.FileField(
        label=_("or rows of your own, as a rehearsal"),
        required=False,
        help_text=_("Parquet. The result is only yours and in no register."),
    )
    training = forms.FileField(
        label=_("Training rows"),
        required=False,
        help_text=_("Parquet. With them copies and scores of the training are found or ruled out."),
    )
    features = NamesField(
        label=_("Features"), required=False,
        help_text=_("In the order of the model's input. Empty: all that the set offers."),
    )  # fmt: skip
    onnx_input = forms.CharField(label=_("Input"), required=False, max_length=200)
    onnx_outputs = NamesField(label=_("Outputs"), required=False, help_text=NAMES)
    classes = NamesField(
        label=_("Classes"), required=False,
        help_text=_("In the order of the probabilities, where the model does not say it itself."),
    )  # fmt: skip
    main_metric = forms.ChoiceField(label=_("Judged by the claim"), required=False)
    threshold = forms.FloatField(label=_("Threshold"), required=False)
    task = forms.ChoiceField(
        label=_("Task, for a rehearsal"), required=False, choices=[("", "–"), *TASKS]
    )
    target_column = forms.CharField(
        label=_("Column of the answers, for a rehearsal"), required=False, max_length=200
    )

    def __init__(
        self, *args: Any, sets: list[tuple[EvaluationSet, str]], metrics: list[str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        offered = [(row.reference, words) for row, words in sets]
        self.fields["evaluation_set"].choices = [("", "–"), *offered]  # type: ignore[attr-defined]
        self.fields["main_metric"].choices = [(name, name) for name in metrics]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Demand one kind of rows."""
        said: dict[str, Any] = super().clean() or {}
        if bool(said.get("evaluation_set")) == bool(said.get("rows")) and "rows" not in self.errors:
            words = _("Choose a sealed set, or rows of your own for a rehearsal.")
            self.add_error("evaluation_set", str(words))
        return said

    @property
    def technical(self) -> Mapping[str, Any]:
        """The owner's part of the card."""
        said = self.cleaned_data
        names = ("features", "onnx_input", "onnx_outputs", "classes", "main_metric", "threshold")
        found = {name: said[name] for name in names}
        if said.get("rows"):
            found |= {"task": said["task"], "target_column": said["target_column"]}
        return {name: value for name, value in found.items() if value not in ("", None, [])}


class CopyForm(forms.Form):
    """What a copy of sealed rows is for."""

    purpose = forms.CharField(
        label=_("Purpose"), max_length=200, help_text=_("It stands in the log with your name.")
    )
