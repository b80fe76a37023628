"""What a screening found, in the reader's language: rules, evidence, columns."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from audit.rulebook.queries import NoPack, Pack, get_pack, list_packs
from exchange.compliance.models import Screening
from exchange.compliance.reports import entity_names, rules_in_words
from exchange.web.components import Column
from exchange.web.screenings import ACTIONS, OVERRIDES

EVIDENCE_COLUMNS = (
    Column(label=_("Column")),
    Column(label=_("What it holds")),
    Column(label=_("Cells"), number=True),
    Column(label=_("Share"), meaning=_("Share of the column's cells"), number=True),
    Column(label=_("Masked examples")),
)


def findings_of(screening: Screening) -> dict[str, Any]:
    """Return a screening with its rules and masked evidence in words, for one template."""
    language = get_language() or "en"
    pack = _pack_of(screening)
    names = entity_names(pack, language) if pack else {}
    rules = rules_in_words(screening.report, language)
    for rule in rules:
        rule["effect"], rule["tone"] = ACTIONS.get(rule["action"], (rule["action"], "still"))
        rule["who"] = "" if rule["action"] == "NOTICE" else OVERRIDES.get(rule["override"], "")
        rule["evidence"] = [
            {**found, "what": names.get(found["entity"], found["entity"])}
            for found in rule["evidence"]
        ]
    return {
        "screening": screening,
        "rules": rules,
        "rows": screening.report.get("rows"),
        "persons": screening.report.get("persons"),
        "evidence_columns": EVIDENCE_COLUMNS,
    }


def rule_titles(on: date) -> dict[str, Mapping[str, str]]:
    """Return title and legal basis of each rule in force, in the reader's language."""
    try:
        pack = get_pack("compliance", on=on)
    except NoPack:
        return {}
    tongue = "zh" if (get_language() or "").startswith("zh") else "en"
    return {
        rule["id"]: {
            "title": str(rule[tongue]),
            "basis": str(rule[f"basis_{tongue}"]),
            "remedy": str(rule[f"remedy_{tongue}"]),
        }
        for rule in pack.data["rules"]
    }


def _pack_of(screening: Screening) -> Pack | None:
    """Return the rules a screening was made under, as far as they are still at hand."""
    known = {pack.label: pack for pack in list_packs("compliance")}
    return known.get(screening.pack)
