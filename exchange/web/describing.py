"""Values that the pages of disclosures show: limits, how complete a draft is, its steps."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from audit.disclosure.faults import faults_to_file
from audit.disclosure.fields import BY_CODE, FACTS, FIELDS
from audit.disclosure.limits import left_until, stage_of
from audit.disclosure.models import Disclosure
from audit.disclosure.services.drafting import statement_of
from audit.rulebook.queries import day_of

from .forms.disclosures import FIRST, STEPS, fields_of


def limit_of(row: Disclosure, on: Any) -> dict[str, Any] | None:
    """Return the time limit that runs, with the working days left, for the templates."""
    stage = stage_of(row)
    if stage is None or row.due_on is None:
        return None
    left = left_until(on, row.due_on)
    return {"stage": stage.label, "due_on": row.due_on, "left": left, "late": -left}


def completeness_of(row: Disclosure) -> dict[str, Any]:
    """Return how many fields are filled, and what filing still lacks, for the templates."""
    said = sum(field.code in row.statement for field in FIELDS) + bool(row.declared)
    faults = faults_to_file(
        statement_of(row), on=day_of(row.drafted_at), measures_itself=row.is_platform
    )
    labels = {field.code: field.label for field in (*FIELDS, *FACTS)}
    total = len(FIELDS) + 1
    return {
        "said": said,
        "total": total,
        "percent": said * 100 // total,
        "missing": [labels.get(code.partition(".")[0], code) for code in faults],
    }


def _said_in(row: Disclosure, step: str) -> int:
    """Count what a step says; the declared accuracy belongs to the first."""
    said = sum(field.code in row.statement for field in fields_of(step))
    return said + (step == FIRST and bool(row.declared))


def steps_of(row: Disclosure | None) -> list[dict[str, Any]]:
    """Return the steps with how many of their fields are filled, for the templates."""
    return [
        {
            "code": code,
            "label": label,
            "said": _said_in(row, code) if row else 0,
            "total": len(fields_of(code)) + (code == FIRST),
            "url": reverse("provider_algorithm_step", args=[row.reference, code]) if row else "",
        }
        for code, label in STEPS.items()
    ]


def label_of(code: str) -> object:
    """Return what a field is called; a note may be about the whole."""
    labels = {field.code: field.label for field in FACTS} | {
        code: field.label for code, field in BY_CODE.items()
    }
    return labels.get(code, _("On the whole"))
