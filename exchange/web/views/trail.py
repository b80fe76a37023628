"""The audit trail: what happened, by event, thing, actor, organization, request and time."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from django.http import HttpResponse
from django.urls import path
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from audit.log.events import label_of
from audit.log.queries import TrailFilters
from exchange.oversight.queries import LARGEST_PAGE, TrailRow, trail
from exchange.oversight.services import INSPECTED_KINDS, record_inspection
from exchange.parties.queries import organization_names, people_names
from exchange.web.components import Column, Head, Link
from exchange.web.forms.decisions import valid
from exchange.web.forms.trail import TrailForm
from exchange.web.spreadsheet import csv_response
from exchange.web.timelines import actor_word
from exchange.web.words import kind_word, place_of

from .inspection import TRAIL, Inspection

PAGE = 50
MOST_EXPORTED = 20_000

COLUMNS = (
    Column(label=gettext_lazy("Entry"), number=True),
    Column(label=gettext_lazy("Time")),
    Column(label=gettext_lazy("Event"), meaning=gettext_lazy("In both languages")),
    Column(label=gettext_lazy("Things"), meaning=gettext_lazy("Everything the entry names")),
    Column(label=gettext_lazy("Actor")),
    Column(label=pgettext_lazy("party", "Organization")),
    Column(label=gettext_lazy("Content")),
)


class Trail(Inspection):
    """Entries by filters, the newest first; also as a table for a spreadsheet."""

    roles = ("REGULATOR",)
    template_name = "regulator/trail.html"
    form: TrailForm
    said: dict[str, Any]

    def load(self, **_kwargs: Any) -> None:
        self.form = TrailForm(self.request.GET)
        self.said = valid(self.form)

    def subject(self) -> tuple[str, str]:
        kind, reference = self.said.get("kind", ""), self.said.get("reference", "")
        return (kind, reference) if reference and kind in INSPECTED_KINDS else (TRAIL, "")

    def show(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show a page of entries, or send them all as a file, which is recorded too."""
        if request.GET.get("format") == "csv":
            return self._export()
        return super().show(request, *args, **kwargs)

    @property
    def filters(self) -> TrailFilters:
        """What is looked for."""
        said = self.said
        return TrailFilters(
            names=[said["event"]] if said.get("event") else (),
            kind=said.get("kind", ""),
            reference=said.get("reference", "").strip(),
            actor=said.get("actor", "").strip(),
            organization=said.get("organization", "").strip(),
            request_id=said.get("request", "").strip(),
            since=said.get("since"),
            until=said.get("until"),
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        cursor = self.request.GET.get("cursor", "")
        before = int(cursor) if cursor.isdecimal() and len(cursor) < 16 else None  # noqa: PLR2004
        found = trail(self.actor, self.filters, before=before, limit=PAGE)
        query = self.request.GET.copy()
        query.pop("cursor", None)
        query["format"] = "csv"
        head = Head(
            title=_("Audit trail"),
            kind=_("Regulator"),
            summary=_("Every entry stands in the signed log; nothing here can be changed."),
        )
        return super().get_context_data(
            head=head,
            form=self.form,
            rows=shown_rows(found.rows),
            columns=COLUMNS,
            older=found.cursor,
            paged=before is not None,
            export=f"?{query.urlencode()}",
            **kwargs,
        )

    def _export(self) -> HttpResponse:
        assert self.visit is not None  # noqa: S101  shown only with a purpose
        record_inspection(
            what="trail.export", purpose=self.visit.purpose, by=self.actor, at=self.now
        )
        head = [
            _("Entry"),
            _("Time"),
            _("Event"),
            _("In words"),
            _("Things"),
            _("Actor"),
            pgettext("party", "Organization"),
            _("Request"),
            _("Id of the entry"),
            _("Leaf hash"),
            _("Content"),
        ]
        rows = [
            (
                row.index,
                row.occurred_at,
                row.name,
                row.label,
                "; ".join(f"{kind} {reference}" for kind, reference in row.refs),
                row.actor,
                row.organization,
                row.request_id,
                row.id,
                row.leaf_hash,
                json.dumps(row.body, ensure_ascii=False, sort_keys=True),
            )
            for row in self._all()
        ]
        return csv_response(f"trail-{self.now:%Y%m%d-%H%M%S}.csv", head, rows)

    def _all(self) -> Iterator[TrailRow]:
        """Yield what the filters leave, the newest first, up to a limit."""
        cursor, left = None, MOST_EXPORTED
        while left > 0:
            found = trail(self.actor, self.filters, before=cursor, limit=min(left, LARGEST_PAGE))
            yield from found.rows
            cursor, left = found.cursor, left - len(found.rows)
            if cursor is None:
                return


def shown_rows(rows: Any) -> list[dict[str, Any]]:
    """Return entries with names for pseudonyms, words in both languages, and ways onward."""
    organizations = organization_names(row.organization for row in rows)
    people = people_names(row.actor for row in rows)
    return [
        {
            "row": row,
            "labels": _labels(row.name),
            "actor": actor_word(row.actor, people),
            "organization": organizations.get(row.organization, row.organization),
            "refs": [
                Link(label=f"{kind_word(kind)} {reference}", url=place_of(kind, reference))
                for kind, reference in row.refs
            ],
            "body": _body(row.body, dict(row.refs)),
        }
        for row in rows
    ]


def _labels(name: str) -> tuple[tuple[str, str], tuple[str, str]]:
    """Return the event's label in both languages, with the language of each."""
    present = translation.get_language() or "en"
    other = "en" if present.startswith("zh") else "zh-hans"
    with translation.override(other):
        second = label_of(name)
    return (present, label_of(name)), (other, second)


def _body(body: Mapping[str, Any], refs: Mapping[str, str]) -> list[tuple[str, object]]:
    return [
        (name, value)
        for name, value in body.items()
        if name not in refs and value not in (None, "")
    ]


urlpatterns = [path("regulator/trail/", Trail.as_view(), name="regulator_trail")]
