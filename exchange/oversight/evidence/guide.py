"""The reading guide of a bundle: what is in it and how to check it, in both languages.

Plain HTML that opens without a network; it holds no script and asks nobody for anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import Count
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from audit.log.events import label_of
from audit.log.models import Entry
from verify.manifest import SHARED

if TYPE_CHECKING:  # the packing calls this module
    from .packing import Contents

FILES = {"en": "README.html", "zh-hans": "README.zh.html"}
TEMPLATE = "evidence/guide.html"


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of a table of the guide."""

    path: str
    label: str
    at: object = None
    name: str = ""
    index: int = 0
    count: int = 0


def guides_of(contents: "Contents") -> dict[str, bytes]:
    """Return the guides by file name."""
    found = {}
    for language, name in FILES.items():
        with translation.override(language):
            page = render_to_string(TEMPLATE, _context(contents, language))
            found[name] = page.encode()
    return found


def _context(contents: "Contents", language: str) -> dict[str, Any]:
    bundle = contents.bundle
    shared = contents.form == SHARED
    parts = contents.selection.parts
    return {
        "bundle": bundle,
        "exchange": settings.EXCHANGE_NAME,
        "made_at": contents.at,
        "language": "zh-Hans" if language.startswith("zh") else "en",
        "other": {"en": "README.zh.html"}.get(language, "README.html"),
        "parts": parts,
        "count": contents.selection.count,
        "shared": shared,
        "stretches": contents.selection.stretches,
        "entries": [] if shared else _entries(contents),
        "events": _events(contents) if shared else [],
        "papers": [
            Line(path=each.path, label=str(_KINDS[each.what]), name=each.reference)
            for each in contents.exhibits
        ],
        "kinds": [
            Line(path=f"documents/{what}-…", label=str(_NOTES[what]), name=str(_KINDS[what]))
            for what in dict.fromkeys(each.what for each in contents.exhibits)
            if what in _NOTES
        ],
        "key": parts[-1].log.key,
    }


def _entries(contents: "Contents") -> list[Line]:
    return [
        Line(
            path=f"entries/{entry.id}.json",
            label=label_of(entry.name),
            at=entry.occurred_at,
            name=entry.name,
            index=entry.index - part.log.first,
        )
        for part in contents.selection.parts
        for entry in part.entries()
    ]


def _events(contents: "Contents") -> list[Line]:
    """Return how often each event occurs in the runs that are long."""
    counts: dict[str, int] = {}
    for part in contents.selection.parts:
        for run in part.runs:
            low, high = part.log.first + run.first, part.log.first + run.end
            rows = Entry.objects.filter(leaf__index__gte=low, leaf__index__lt=high)
            for name, count in rows.order_by().values_list("name").annotate(count=Count("pk")):
                counts[name] = counts.get(name, 0) + count
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [Line(path="", label=label_of(name), name=name, count=n) for name, n in ordered]


_KINDS: Mapping[str, str | Promise] = {
    "contract": gettext_lazy("contract"),
    "certificate": gettext_lazy("trade certificate"),
    "appraisal": gettext_lazy("appraisal report"),
    "screening": gettext_lazy("screening report"),
    "disclosure": gettext_lazy("algorithm disclosure"),
    "decision": gettext_lazy("decision of an algorithm"),
    "supervision": gettext_lazy("supervision order"),
    "evaluation": gettext_lazy("report on the measurement of an algorithm"),
    "evaluation_set": gettext_lazy("commitment of a sealed evaluation set"),
    "algorithm_audit": gettext_lazy("audit report on an algorithm"),
    "audit_finding": gettext_lazy("finding of an audit"),
    "algorithm_appeal": gettext_lazy("appeal against an algorithm"),
    "alert": gettext_lazy("alert of surveillance"),
}
_NOTES: Mapping[str, str | Promise] = {
    "decision": gettext_lazy(
        "What an algorithm decided, why, and under which version of its disclosure. What was put "
        "in is named by digest."
    ),
    "evaluation": gettext_lazy(
        "What the exchange measured of an algorithm on rows that its owner never saw, signed."
    ),
    "evaluation_set": gettext_lazy(
        "That rows were sealed before anything was measured on them: their digest and a salted "
        "commitment, neither of which tells a row."
    ),
    "algorithm_audit": gettext_lazy(
        "What an independent auditor reported of an algorithm, with the sample it drew, signed."
    ),
    "audit_finding": gettext_lazy(
        "What the auditor found and demands; what became of it is in the entries."
    ),
    "algorithm_appeal": gettext_lazy(
        "Against what somebody appealed and how it was answered. Who it was and what was said is "
        "not in it: only commitments are, in the entries."
    ),
    "alert": gettext_lazy(
        "What a rule of surveillance found, and what people made of it. It is no accusation."
    ),
}
