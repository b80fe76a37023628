"""Forms of revenue sharing: the terms proposed, and the task whose data is valued."""

from decimal import Decimal
from typing import Any, Final

from django import forms
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from audit.log.errors import Invalid
from exchange.registry.fields import Field, Kind, read_values
from pricing.sharing import BadShare, Basis, Cut, CutKind, RevenueShare
from pricing.valuation.refusals import Unmeasurable
from pricing.valuation.tasks import Kind as TaskKind
from pricing.valuation.tasks import Method, Metric, Task
from pricing.value_wording import BASES, METHODS, METRICS, refusal_text, share_fault_text

from .fields import form_fields_of, sent

HOLDOUT_MOST: Final = 2_000_000
NUMBER: Final = r"[0-9]{1,16}(?:\.[0-9]{1,9})?"


class CutChoice(TextChoices):
    """How a cut ahead of the sources is reckoned."""

    FIXED = CutKind.FIXED.value, _("fixed amount")
    RATE = CutKind.RATE.value, _("rate of the net")


PARTY: Final = Field(
    name="party", label=_("organization"), kind=Kind.TEXT, required=True, max_length=24
)
SHARE_FIELDS: Final[tuple[Field, ...]] = (
    Field(
        name="cuts",
        label=_("Cuts ahead of the sources"),
        help=_("In their order: organization, FIXED or RATE, the amount or a rate such as 0.10."),
        kind=Kind.ROWS,
        columns=(
            PARTY,
            Field(name="kind", label=_("kind"), kind=Kind.CHOICE, choices=CutChoice, required=True),
            Field(name="value", label=_("value"), kind=Kind.TEXT, required=True, pattern=NUMBER),
        ),
        max_items=20,
    ),
    Field(
        name="sources",
        label=_("Sources"),
        help=_(
            "Each source: organization, weight such as 0.65, and its releases divided by spaces. "
            "The weights add up to 1."
        ),
        kind=Kind.ROWS,
        columns=(
            PARTY,
            Field(name="weight", label=_("weight"), kind=Kind.TEXT, pattern=NUMBER),
            Field(name="releases", label=_("releases"), kind=Kind.TEXT, max_length=520),
        ),
        required=True,
        max_items=100,
    ),
)


class ShareForm(forms.Form):
    """How the proceeds of a product are divided."""

    basis = forms.ChoiceField(
        label=_("Where the weights come from"), choices=[(b.value, BASES[b]) for b in Basis]
    )
    measurement = forms.CharField(
        label=_("Value measurement"),
        help_text=_("Reference of a signed measurement, where the weights are measured."),
        required=False,
        max_length=24,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields |= form_fields_of(SHARE_FIELDS)

    def share(self, measured: dict[str, Decimal] | None) -> tuple[RevenueShare, dict[str, Any]]:
        """Return the division and the releases of each source; Invalid where it cannot be."""
        values: dict[str, Any] = read_values(SHARE_FIELDS, sent(self, SHARE_FIELDS))
        sources = values["sources"]
        stated = {row["party"]: Decimal(row["weight"]) for row in sources if row["weight"]}
        weights = stated or measured or {}
        try:
            share = RevenueShare(
                cuts=tuple(
                    Cut(
                        party=row["party"],
                        kind=CutKind(row["kind"]),
                        value=Decimal(row["value"]),
                    )
                    for row in values["cuts"]
                ),
                weights=weights,
                basis=Basis(self.cleaned_data["basis"]),
            )
        except BadShare as fault:
            raise Invalid({"sources": [share_fault_text(fault)]}) from None
        releases = {row["party"]: row["releases"].split() for row in sources if row["releases"]}
        return share, releases


class TaskForm(forms.Form):
    """A use of the data: what is predicted from what, and how success is judged."""

    purpose = forms.CharField(
        label=_("Scenario"),
        help_text=_("What the data is used for; it stands in the signed result."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    target = forms.CharField(label=_("Column that is predicted"), max_length=120)
    features = forms.CharField(
        label=_("Columns it is predicted from"),
        help_text=_("One a line."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    kind = forms.ChoiceField(
        label=_("What is predicted"),
        choices=[
            (TaskKind.CLASSES.value, _("one of several classes")),
            (TaskKind.AMOUNTS.value, _("an amount")),
        ],
    )
    metric = forms.ChoiceField(
        label=_("What counts as success"), choices=[(m.value, METRICS[m]) for m in Metric]
    )
    method = forms.ChoiceField(
        label=_("How it is divided"), choices=[(m.value, METHODS[m]) for m in Method]
    )
    k = forms.IntegerField(label=_("Neighbors"), min_value=1, max_value=1000, initial=5)
    holdout = forms.CharField(
        label=_("Rows of your own, as CSV"),
        help_text=_(
            "With a head of column names; the sources are judged on them. They are erased after "
            "use, their digest stays."
        ),
        strip=False,
        max_length=HOLDOUT_MOST,
        widget=forms.Textarea(attrs={"rows": 8, "class": "mono"}),
    )

    def task(self) -> Task:
        """Return the task; Invalid at the field that makes it meaningless."""
        said = self.cleaned_data
        names = [line.strip() for line in said["features"].splitlines() if line.strip()]
        try:
            return Task(
                target=said["target"].strip(),
                features=tuple(names),
                kind=TaskKind(said["kind"]),
                metric=Metric(said["metric"]),
                method=Method(said["method"]),
                k=said["k"],
            )
        except Unmeasurable as refusal:
            field = "metric" if "metric" in refusal.code else "features"
            raise Invalid({field: [refusal_text(refusal)]}) from None
