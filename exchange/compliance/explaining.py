"""Why the filter let a release pass, held or blocked it, and why it has its grade."""

from decimal import Decimal
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from audit.decisions.explanations import Explanation, Share, explains
from audit.decisions.models import Decision
from audit.decisions.verification import acts_by
from audit.rulebook.queries import find_pack

from .models import Screening
from .reports import steps_in_words
from .states import Grade, Outcome, PersonalClass

FACTS = ("content_sha256", "manual_sha256", "pack", "product", "rows", "scanner")

acts_by("compliance.screening.finished", "scanner", "grading")


@explains("scanner")
def explain_scan(decision: Decision) -> Explanation:
    """Name the rules that fired, each with its article, or say that none did."""
    told = decision.explanation
    titles = _titles(told["pack"])
    reasons = [_rule(row, titles) for row in told["rules"]]
    if not reasons:
        reasons.append(_("No rule of the pack %(pack)s fired.") % {"pack": told["pack"]})
    reasons.append(
        _("Every cell of %(rows)s rows in %(columns)s columns was read.")
        % {"rows": f"{told['rows']:,}", "columns": told["columns"]}
    )
    return Explanation(
        decided=_("The release was judged: %(outcome)s.")
        % {"outcome": Outcome(decision.output["outcome"]).label},
        inputs=_(
            "The whole content of the release, the product manual, the rule pack in force, and "
            "how many persons other releases of the provider tell of."
        ),
        recompute=FACTS,
        reasons=tuple(reasons),
        shares=tuple(
            Share(
                label=f"{row['id']} {titles.get(row['id'], {}).get('title', '')}".strip(),
                figure=str(_ACTIONS[row["action"]]()),
                rate=_LENGTHS[row["action"]],
                against=row["action"] in ("REVIEW", "BLOCK"),
            )
            for row in told["rules"]
        ),
        picture=_("Which rules fired, and how strict each is"),
    )


@explains("grading")
def explain_grading(decision: Decision) -> Explanation:
    """Give the steps of the standard, from the matrix to the level."""
    output, told = decision.output, decision.explanation
    screening = Screening.objects.filter(reference=decision.subject).first()
    report = screening.report if screening else {}
    reasons = steps_in_words(report, get_language() or "en") or [
        f"{step['code']}: {step['result']}" for step in told["steps"]
    ]
    return Explanation(
        decided=_("The release is %(grade)s, level %(level)s; persons: %(personal)s.")
        % {
            "grade": Grade(output["grade"]).label,
            "level": output["level"],
            "personal": PersonalClass(output["personal"]).label,
        },
        inputs=_(
            "What the scanner found in the content, the product manual, the determinations of "
            "reviewers, and the rule pack in force (GB/T 43697-2024)."
        ),
        recompute=FACTS,
        reasons=tuple(reasons),
        shares=tuple(
            Share(
                label=str(label),
                figure="●" if value == output["grade"] else "",
                rate=_GRADES[value] if value == output["grade"] else Decimal(0),
                against=value != Grade.GENERAL,
            )
            for value, label in Grade.choices
        ),
        picture=_("The grade among the three of the standard"),
    )


_ACTIONS = {
    "ALLOW": lambda: _("allowed"),
    "NOTICE": lambda: _("noted"),
    "REVIEW": lambda: _("a person decides"),
    "BLOCK": lambda: _("blocks"),
}
_LENGTHS = {
    "ALLOW": Decimal("0.1"),
    "NOTICE": Decimal("0.3"),
    "REVIEW": Decimal("0.6"),
    "BLOCK": Decimal(1),
}
_GRADES: dict[str, Decimal] = {
    Grade.GENERAL: Decimal("0.33"),
    Grade.IMPORTANT: Decimal("0.66"),
    Grade.CORE: Decimal(1),
}


def _titles(label: str) -> dict[str, dict[str, str]]:
    """Return title and basis of each rule in the current language, as the pack had them then."""
    tongue = "zh" if (get_language() or "en").startswith("zh") else "en"
    pack = find_pack(label)
    rows: list[dict[str, Any]] = list(pack.data["rules"]) if pack else []
    return {
        row["id"]: {"title": str(row[tongue]), "basis": str(row[f"basis_{tongue}"])} for row in rows
    }


def _rule(row: dict[str, Any], titles: dict[str, dict[str, str]]) -> str:
    known = titles.get(row["id"], {"title": "", "basis": ""})
    return _("Rule %(id)s fired: %(title)s (%(basis)s). What follows: %(action)s.") % {
        "id": row["id"],
        "title": known["title"] or row["id"],
        "basis": known["basis"] or "–",
        "action": _ACTIONS[row["action"]](),
    }
