"""Calls of a model on pages: the form for one row, the same for a program, and what is used."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

from django import forms
from django.db.models import Count
from django.db.models.functions import TruncDate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from audit.log.actors import Actor
from exchange.catalog.models import Product
from exchange.delivery import rules
from exchange.delivery.models import Access, Grant
from exchange.delivery.states import Channel, Form

from .charts import Bar
from .components import Column

CALL_COLUMNS: Final = (
    Column(label=gettext_lazy("Call")),
    Column(label=gettext_lazy("Taken")),
    Column(label=gettext_lazy("By")),
    Column(label=gettext_lazy("Rows"), number=True),
    Column(
        label=gettext_lazy("Bytes sent"),
        meaning=gettext_lazy("All bytes that left, those of repeated parts included"),
        number=True,
    ),
    Column(label=gettext_lazy("Outcome")),
)
OUTPUT_COLUMNS: Final = (
    Column(label=gettext_lazy("Output")),
    Column(label=gettext_lazy("Row"), number=True),
    Column(label=gettext_lazy("Value")),
)
USAGE_COLUMNS: Final = (
    Column(label=gettext_lazy("Grant")),
    Column(label=gettext_lazy("Buyer")),
    Column(label=gettext_lazy("Used")),
)
DAYS: Final = 30
SHOWN: Final = 200


class CallForm(forms.Form):
    """One row for each input, as JSON values divided by commas."""

    key = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, model: Mapping[str, Any], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.names = [str(slot["name"]) for slot in model["inputs"]]
        self.fields["key"].initial = uuid4().hex
        for place, slot in enumerate(model["inputs"]):
            width = slot["shape"][1] if len(slot["shape"]) > 1 else 1
            self.fields[f"i{place}"] = forms.CharField(
                label=f"{slot['name']} ({slot['kind']})",
                help_text=_("Values of one row, divided by commas: %(count)s.")
                % {"count": width or _("any number")},
                initial=_sample(str(slot["kind"]), width),
                max_length=20_000,
            )

    def clean(self) -> None:
        """Read each line as values of JSON."""
        for place in range(len(self.names)):
            name = f"i{place}"
            text = self.cleaned_data.get(name)
            if text is None:
                continue
            try:
                self.cleaned_data[name] = json.loads(f"[{text}]")
            except ValueError:
                words = _("Write numbers, or texts in double quotation marks, divided by commas.")
                self.add_error(name, words)

    def inputs(self) -> dict[str, list[Any]]:
        """Return the row as a program would send it."""
        return {name: [self.cleaned_data[f"i{i}"]] for i, name in enumerate(self.names)}

    def refuse(self, fields: Mapping[str, list[Any]]) -> None:
        """Put what a room found wrong at its input."""
        for path, words in fields.items():
            parts = path.split(".")
            known = len(parts) > 1 and parts[1] in self.names
            self.add_error(f"i{self.names.index(parts[1])}" if known else None, words)


def calling(
    grant: Grant, actor: Actor, at: datetime, sent: CallForm | None, address: str
) -> dict[str, Any]:
    """Return the form of a call and its curl line; without a form where this actor cannot call."""
    reason = rules.why_not_reach(actor, grant, at=at) or rules.why_not_take(grant)
    form = None if reason and sent is None else sent or CallForm(grant.release.model)
    row = {
        str(slot["name"]): [json.loads(f"[{_sample(str(slot['kind']), _width(slot))}]")]
        for slot in grant.release.model["inputs"]
    }
    body = json.dumps({"inputs": row}, ensure_ascii=False)
    curl = (
        f"curl -X POST {address} \\\n  -H 'Authorization: Bearer qh_…' \\\n"
        f"  -H 'Idempotency-Key: {uuid4().hex[:8]}' \\\n"
        f"  -H 'Content-Type: application/json' \\\n  -d '{body}'"
    )
    return {
        "form": form,
        "curl": curl,
        "button": ngettext(
            "Call – uses 1 of %(count)d call left",
            "Call – uses 1 of %(count)d calls left",
            grant.left_downloads,
        )
        % {"count": grant.left_downloads},
    }


def used(grant: Grant) -> dict[str, Any]:
    """Return how much of a budget is used, for a picture."""
    percent = 100 * grant.used_downloads // grant.budget_downloads
    return {"percent": percent, "used": grant.used_downloads, "budget": grant.budget_downloads}


def usage_of(product: Product) -> dict[str, Any]:
    """Return how a model is used: calls of the last days, and each grant's budget."""
    grants = Grant.objects.filter(product=product, channel=Channel.INFERENCE)
    accesses = Access.objects.filter(grant__in=grants, form=Form.INFERENCE)
    days = accesses.annotate(day=TruncDate("taken_at")).values("day").annotate(calls=Count("pk"))
    newest = list(days.order_by("-day")[:DAYS])[::-1]
    return {
        "calls": accesses.count(),
        "bars": [Bar(label=each["day"].isoformat(), value=each["calls"]) for each in newest],
        "grants": [
            {"grant": grant, "use": used(grant)}
            for grant in grants.select_related("grantee").order_by("-opened_at")[:SHOWN]
        ],
    }


def rows_of(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the outputs of a call as rows of a table."""
    return [
        {"name": name, "row": number, "value": json.dumps(value, ensure_ascii=False)}
        for name, rows in answer["outputs"].items()
        for number, value in enumerate(rows[:SHOWN])
    ]


def _width(slot: Mapping[str, Any]) -> int:
    return slot["shape"][1] if len(slot["shape"]) > 1 else 1


def _sample(kind: str, width: int) -> str:
    return ", ".join(['"…"' if kind == "string" else "0"] * min(width or 1, 64))
