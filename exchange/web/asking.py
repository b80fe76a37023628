"""Questions to data that stays within the exchange: the form, what was asked, and the figures."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from audit.log.actors import Actor
from audit.rulebook.queries import day_of
from exchange.compliance.remedies import read_recipe
from exchange.compliance.remedies.steps import Aggregate, Measure
from exchange.delivery import rules
from exchange.delivery.models import Grant
from exchange.delivery.questions import offer_for

from .components import Column
from .forms.questions import FIGURES, AskForm
from .profiles import TYPES
from .provenance import unit_of
from .templatetags.face import grouped

ANSWER_COLUMNS: Final = (
    Column(label=gettext_lazy("Answer")),
    Column(label=gettext_lazy("Taken")),
    Column(label=gettext_lazy("By")),
    Column(label=gettext_lazy("What was asked")),
    Column(
        label=gettext_lazy("Bytes sent"),
        meaning=gettext_lazy("All bytes that left, those of repeated parts included"),
        number=True,
    ),
    Column(label=gettext_lazy("Outcome")),
)
SHOWN: Final = 500
"""How many groups a page shows; the file has all."""
DIGITS: Final = 4
"""To how many places a page rounds a mean; the file has it whole."""


def asking(grant: Grant, actor: Actor, at: datetime, sent: AskForm | None) -> dict[str, Any] | None:
    """Return the form of a question with its limits; None where this actor cannot ask now."""
    reason = rules.why_not_reach(actor, grant, at=at) or rules.why_not_take(grant)
    if reason and sent is None:
        return None
    form = sent or AskForm(offer_for(grant.release, on=day_of(at)))
    offer = form.offer
    return {
        "form": form,
        "offer": offer,
        "rows": [row | {"type": TYPES.get(row["column"].kind, "")} for row in form.rows()],
        "heads": (
            Column(label=_("Column")),
            Column(label=_("Distinct"), number=True),
            Column(label=_("Group by")),
            Column(label=_("How coarse")),
            Column(label=_("Figures of each group")),
        ),
        "button": ngettext(
            "Ask – uses 1 of %(count)d answer left",
            "Ask – uses 1 of %(count)d answers left",
            grant.left_downloads,
        )
        % {"count": grant.left_downloads},
    }


def asked_in_words(question: Mapping[str, Any]) -> dict[str, Any]:
    """Return a question that was answered: its groups, its figures, and the smallest group."""
    coarse = {
        name: unit_of(step)
        for step in question["steps"][:-1]
        for name in (step["column"], step.get("longitude"))
        if name
    }
    groups = _groups_of(question)
    return {
        "by": _(", ").join(
            _("%(column)s (%(unit)s)") % {"column": name, "unit": coarse[name]}
            if coarse.get(name)
            else name
            for name in groups.by
        ),
        "figures": _(", ").join(_figure(measure) for measure in groups.measures),
        "smallest": groups.smallest,
        "person": groups.person,
    }


def table_of(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return an answer as columns and cells, as many groups as a page shows."""
    groups = _groups_of(answer["question"])
    by = len(groups.by)
    return {
        "columns": [
            *(Column(label=name) for name in groups.by),
            *(Column(label=_figure(measure), number=True) for measure in groups.measures),
        ],
        "rows": [
            (row[:by], [_cell(value) for value in row[by:]]) for row in answer["groups"][:SHOWN]
        ],
        "total": len(answer["groups"]),
        "is_cut": len(answer["groups"]) > SHOWN,
        "shown": SHOWN,
        "rows_read": answer["rows_read"],
        "rows_left_out": answer["rows_in_small_groups"],
    }


def _groups_of(question: Mapping[str, Any]) -> Aggregate:
    """Return the last step of a question that was answered: its groups."""
    return next(step for step in read_recipe(question).steps if isinstance(step, Aggregate))


def _figure(measure: Measure) -> str:
    if measure.take in FIGURES:
        return measure.name or str(FIGURES[measure.take]) % {"column": measure.column}
    return measure.name or _("Rows in the group")


def _cell(value: Any) -> str:
    """Return a figure for a cell; what comes as text is shown as it is."""
    if isinstance(value, str):
        return value
    return grouped(round(value, DIGITS) if isinstance(value, float) else value)
