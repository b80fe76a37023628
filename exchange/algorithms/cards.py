"""The card that a run is measured by: the disclosure's words, the set's columns, the owner's part.

What is measured and how it is told apart comes from whoever sealed the rows; the owner says how its
model is fed and read. Nobody sets the other's part.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from django.utils.translation import gettext as _

from audit.disclosure.evaluation.cards import Card, CardRefused, read_card
from audit.disclosure.evaluation.frames import Column, Frame
from audit.disclosure.evaluation.metrics import metric_named
from audit.disclosure.evaluation.refusals import Refused
from audit.disclosure.evaluation.running import facts_from, make_plan
from audit.disclosure.models import Disclosure
from audit.disclosure.wording import describe_card_fault, describe_reason
from audit.log.errors import Invalid

from .models import EvaluationSet

TECHNICAL: Final = (
    "features",
    "onnx_input",
    "onnx_outputs",
    "classes",
    "positive_class",
    "threshold",
    "at",
    "higher_is_anomalous",
    "main_metric",
)
"""What the owner says of its model."""
OF_ROWS: Final = (
    "task",
    "target_column",
    "group_columns",
    "query_column",
    "time_column",
)
"""What whoever brings the rows says of them; in a rehearsal that is the owner."""


def check_parts(technical: Any, *, rehearsal: bool) -> dict[str, Any]:
    """Return the owner's part without empty members; raises Invalid for what is not its to say."""
    if not isinstance(technical, Mapping):
        raise Invalid({"card": [_("The technical part is an object of named values.")]})
    known = (*TECHNICAL, *OF_ROWS) if rehearsal else TECHNICAL
    faults = {}
    for name in technical:
        if name in OF_ROWS and not rehearsal:
            faults[f"card.{name}"] = [_("The set says this; leave it out.")]
        elif name not in known:
            faults[f"card.{name}"] = [
                _("The technical part has no such field. It has: %(known)s.")
                % {"known": ", ".join(known)}
            ]
    if faults:
        raise Invalid(faults)
    return {str(name): value for name, value in technical.items() if value not in ("", None, [])}


def card_document(
    disclosure: Disclosure, technical: Mapping[str, Any], evaluation_set: EvaluationSet | None
) -> dict[str, Any]:
    """Return the whole card as plain values, as `manage.py evaluate_algorithm` takes it."""
    claimed: dict[str, str] = {}
    for item in disclosure.declared:
        claimed.setdefault(item["metric"], item["value"])
    document = dict(disclosure.statement) | dict(technical)
    document |= {"name": disclosure.algorithm, "claimed": claimed}
    if evaluation_set is not None:
        document |= {
            "task": evaluation_set.task,
            "target_column": evaluation_set.target,
            "group_columns": list(evaluation_set.group_columns),
            "query_column": evaluation_set.query_column,
            "time_column": evaluation_set.time_column,
        }
        document.setdefault("features", list(evaluation_set.features))
        if evaluation_set.positive_class:
            document["positive_class"] = evaluation_set.positive_class
    task = str(document.get("task") or "")
    if "main_metric" not in document:
        known = (name for name in claimed if metric_named(name, task=task))
        document["main_metric"] = next(known, next(iter(claimed), ""))
    return document


def card_for(
    disclosure: Disclosure, technical: Mapping[str, Any], evaluation_set: EvaluationSet | None
) -> Card:
    """Return the card of a run; raises Invalid with every fault named."""
    try:
        card = read_card(card_document(disclosure, technical, evaluation_set))
    except CardRefused as refusal:
        raise Invalid(
            {f"card.{fault.name}": [describe_card_fault(fault)] for fault in refusal.faults}
        ) from None
    if metric_named(card.main_metric, task=card.task) is None:
        params = {"name": card.main_metric, "task": card.task}
        raise Invalid({"card.main_metric": [describe_reason("unknown-metric", params)]})
    if evaluation_set is not None:
        _check_features(card, evaluation_set)
    return card


def check_fit(card: Card, seen: Mapping[str, Any], columns: list[dict[str, Any]]) -> None:
    """Raise Invalid where a model cannot be fed with these columns; nothing is executed."""
    frame = Frame(
        Path(),
        1,
        tuple(Column(row["name"], row["kind"], int(row["width"])) for row in columns),
    )
    try:
        make_plan(card, facts_from(seen), frame)
    except Refused as fault:
        raise Invalid({"card": [describe_reason(fault.what, fault.params)]}) from None


def _check_features(card: Card, evaluation_set: EvaluationSet) -> None:
    offered = set(evaluation_set.features)
    if strange := [name for name in card.features if name not in offered]:
        words = _("The set offers no feature of this name: %(names)s. It offers: %(offered)s.")
        said = {
            "names": ", ".join(strange)[:200],
            "offered": ", ".join(evaluation_set.features)[:400],
        }
        raise Invalid({"card.features": [words % said]})
