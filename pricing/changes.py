"""Two appraisals of one thing side by side: what changed in inputs, coefficients and result."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from .models import Appraisal
from .money import MINOR_UNITS
from .report import amount_text, figure, report_of
from .report_wording import EXPANSION, FACTS, RATE_PARTS
from .wording import DIMENSIONS, INCOME_FORMS, LIVES, METHODS, STEPS, WAYS, percent_text

ABSENT = "—"


@dataclass(frozen=True, kw_only=True)
class Change:
    """One thing that is not as it was."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class Changes:
    """What changed, by part of the report; parts without a change are empty."""

    inputs: Sequence[Change]
    comparables: Sequence[Change]
    coefficients: Sequence[Change]
    result: Sequence[Change]


def changes_between(before: Appraisal, after: Appraisal) -> Changes:
    """Compare two appraisals; values that are the same are left out."""
    return Changes(
        inputs=_changed(_inputs(before), _inputs(after)),
        comparables=_changed(_comparables(before), _comparables(after)),
        coefficients=_changed(_coefficients(before), _coefficients(after)),
        result=_changed(_result(before), _result(after)),
    )


def _changed(before: Mapping[str, str], after: Mapping[str, str]) -> list[Change]:
    return [
        Change(label=label, before=before.get(label, ABSENT), after=after.get(label, ABSENT))
        for label in dict.fromkeys((*before, *after))
        if before.get(label) != after.get(label)
    ]


def _inputs(appraisal: Appraisal) -> dict[str, str]:
    return dict(_told(appraisal))


def _told(appraisal: Appraisal) -> Iterator[tuple[str, str]]:
    inputs = appraisal.inputs
    for name, value in inputs["facts"].items():
        if name in FACTS and value not in (None, ""):
            yield str(FACTS[name]), _plain(value)
    for name, share in (inputs["facts"].get("measured") or {}).get("shares", {}).items():
        yield _("quality: %(dimension)s") % {"dimension": DIMENSIONS[name]}, share
    for name, value in inputs["costs"].items():
        label = STEPS.get(name) or FACTS.get(name)
        if label and value not in (None, "") and not str(value).startswith("0 "):
            yield _("cost: %(kind)s") % {"kind": label}, _plain(value)
    yield str(FACTS["basis_on"]), inputs["basis_on"]
    yield from _income(inputs["income"])
    yield from _weighing(inputs.get("weighing"), appraisal.result.get("weighed"))


def _income(income: Mapping[str, Any] | None) -> Iterator[tuple[str, str]]:
    for use in (income or {}).get("uses", ()):
        told = [str(INCOME_FORMS[use["form"]]), ", ".join(_plain(flow) for flow in use["yearly"])]
        told += [f"w = {use['weight']}"]
        told += [f"i = {use['discount_rate']}"] if use["discount_rate"] else []
        told += [f"K = {use['contribution_rate']}"] if use["contribution_rate"] else []
        yield _("income: %(use)s") % {"use": use["name"]}, "; ".join(told)
    for name, label, words in (
        ("rate_parts", _("discount rate, built up"), RATE_PARTS),
        ("life", _("economic life"), LIVES),
        ("expansion", _("growth option"), EXPANSION),
    ):
        part = (income or {}).get(name) or {}
        said = [f"{words[key]} {_plain(value)}" for key, value in part.items() if value]
        if said:
            yield label, "; ".join(said)


def _weighing(
    said: Mapping[str, Any] | None, found: Mapping[str, Any] | None
) -> Iterator[tuple[str, str]]:
    if said and found:
        weights = ", ".join(percent_text(Decimal(weight)) for weight in found["weights"].values())
        yield _("weights of the approaches"), f"{WAYS[said['way']]}: {weights}"


def _comparables(appraisal: Appraisal) -> dict[str, str]:
    return {row["reference"]: _plain(row["price"]) for row in appraisal.inputs["comparables"]}


def _coefficients(appraisal: Appraisal) -> dict[str, str]:
    report = report_of(appraisal, {})
    return {
        f"{method.label}: {row.label}": figure(row.value)
        for method in report.methods
        for row in method.coefficients
    }


def _result(appraisal: Appraisal) -> dict[str, str]:
    shares = {
        _("weight: %(method)s") % {"method": METHODS[row["method"]]}: percent_text(
            Decimal(row["weight"])
        )
        for row in appraisal.result["band"]["shares"]
    }
    return {
        _("low value"): _amount(appraisal.low_amount, appraisal),
        _("middle value"): _amount(appraisal.mid_amount, appraisal),
        _("high value"): _amount(appraisal.high_amount, appraisal),
        _("confidence"): percent_text(appraisal.confidence_rate),
        _("valid until"): appraisal.valid_until.isoformat(),
        _("rule pack"): appraisal.pack,
        **shares,
    }


def _amount(value: Decimal, appraisal: Appraisal) -> str:
    return f"{value:,.2f} {appraisal.currency}"


def _plain(value: object) -> str:
    """Write a stored value: an amount with its places grouped, anything else as it is."""
    text = str(value)
    return amount_text(text) if text.rpartition(" ")[2] in MINOR_UNITS else text
