"""A verdict as a document: complete, without any value of the file, the same bytes every time."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from audit.rulebook.queries import Pack

from .grading import FiredRule, Verdict
from .papers import as_document
from .scanner import VERSION, ColumnFinding, EntityFinding, ScanReport
from .statements import ModelPapers
from .themes import Evidence
from .volume import VolumeAlert


def make_report(
    *,
    report: ScanReport,
    verdict: Verdict,
    pack: Pack,
    sha256: str,
    at: datetime,
    papers: ModelPapers | None = None,
) -> dict[str, Any]:
    """Return what is signed and kept; shares are written as text, since it holds no floats.

    Of a model, also what stood on record of it.
    """
    return {
        **({"model": as_document(papers)} if papers else {}),
        "content_sha256": sha256,
        "screened_at": at.isoformat(),
        "scanner": VERSION,
        "pack": pack.label,
        "pack_sha256": pack.digest,
        "outcome": verdict.outcome,
        "grade": verdict.grade,
        "level": verdict.level,
        "personal": verdict.personal,
        "persons": verdict.persons,
        "rows": report.rows,
        "bytes": report.size,
        "themes": [
            {
                "code": theme.code,
                "title": dict(theme.title),
                "factor": theme.factor,
                "relieved": theme.relieved,
                "entities": list(theme.entities),
                "columns": list(theme.columns),
            }
            for theme in verdict.themes
        ],
        "steps": [
            {
                "code": each.code,
                "result": each.result,
                "en": each.en,
                "zh": each.zh,
                "rules": list(each.rules),
                "columns": list(each.columns),
            }
            for each in verdict.steps
        ],
        "rules": [_rule(rule) for rule in verdict.rules],
        "alerts": [_alert(alert) for alert in verdict.alerts],
        "combinations": [
            {
                "columns": list(each.columns),
                "groups": each.groups,
                "k": each.k,
                "unique": _share(each.unique),
                "below": _share(each.below),
                "exact": each.exact,
            }
            for each in report.combinations
        ],
        "items": dict(verdict.items),
        "review_due": verdict.review_due.isoformat() if verdict.review_due else "",
        "columns": [
            {
                "name": column.name,
                "type": column.kind,
                "cells": column.cells,
                "nulls": column.nulls,
                "entities": [
                    {
                        "type": entity.type,
                        "count": entity.count,
                        "share": _share(entity.share),
                        "confidence": _share(entity.confidence),
                        "distinct": entity.distinct,
                        "examples": list(entity.examples),
                    }
                    for entity in shown_entities(column, verdict, pack)
                ],
            }
            for column in report.columns
        ],
    }


def shown_entities(column: ColumnFinding, verdict: Verdict, pack: Pack) -> list[EntityFinding]:
    """Return what a reader is shown of a column: supporting kinds only where a theme needs them."""
    used = {code for theme in verdict.themes for code in theme.entities}
    return [
        entity
        for entity in column.entities
        if entity.type in used or not pack.data["entities"].get(entity.type, {}).get("supporting")
    ]


def steps_in_words(report: Mapping[str, Any], language: str) -> list[str]:
    """Return the reasoning of a report in one language, step by step."""
    tongue = "zh" if language.startswith("zh") else "en"
    return [str(each[tongue]) for each in report.get("steps", ()) if isinstance(each, dict)]


def rules_in_words(report: Mapping[str, Any], language: str) -> list[dict[str, Any]]:
    """Return the rules of a report in one language: title, basis, remedy, where."""
    tongue = "zh" if language.startswith("zh") else "en"
    return [
        {
            "id": rule["id"],
            "action": rule["action"],
            "override": rule["override"],
            "title": rule["title"][tongue],
            "basis": rule["basis"][tongue],
            "remedy": rule["remedy"][tongue],
            "evidence": rule["evidence"],
        }
        for rule in report.get("rules", ())
    ]


def entity_names(pack: Pack, language: str) -> dict[str, str]:
    """Return the name of each kind of content in one language."""
    tongue = "zh" if language.startswith("zh") else "en"
    names = {code: str(entry[tongue]) for code, entry in pack.data["entities"].items()}
    minor = {"zh": "不满十四周岁者的出生日期", "en": "birth date of a person under fourteen"}
    return {"minor_birth": minor[tongue], **names}


def _rule(rule: FiredRule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "action": rule.action,
        "override": rule.override,
        "title": dict(rule.title),
        "basis": dict(rule.basis),
        "remedy": dict(rule.remedy),
        "themes": list(rule.themes),
        "evidence": [_evidence(evidence) for evidence in rule.evidence],
    }


def _alert(alert: VolumeAlert) -> dict[str, Any]:
    return {
        "rule": alert.rule,
        "scope": alert.scope,
        "count": alert.count,
        "line": alert.line,
        "action": alert.action,
        "title": dict(alert.title),
        "basis": dict(alert.basis),
    }


def _evidence(evidence: Evidence) -> dict[str, Any]:
    return {
        "column": evidence.column,
        "entity": evidence.entity,
        "count": evidence.count,
        "share": _share(evidence.share),
        "confidence": _share(evidence.confidence),
        "examples": list(evidence.examples),
    }


def _share(value: float) -> str:
    return f"{value:.4f}"
