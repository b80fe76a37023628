"""The audit trail: searched by event, thing, rule, actor, organization, words and time."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import path, reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from audit.log.errors import Invalid
from audit.log.events import label_of
from audit.log.queries import entries_for
from exchange.oversight.exports import CONTENT_TYPES, Format, export_trail
from exchange.oversight.search import Search, find
from exchange.oversight.services import INSPECTED_KINDS, save_search
from exchange.parties.queries import organization_names, people_names
from exchange.web.components import Column, Head, Link
from exchange.web.forms.decisions import valid
from exchange.web.forms.trail import SaveSearchForm, TrailForm
from exchange.web.pages import FormPage, put_errors
from exchange.web.timelines import actor_word
from exchange.web.words import event_choices, kind_word, place_of

from .inspection import Inspection

PAGE = 50

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
    """Entries by filters, the newest first; also as a file, and as a search to keep."""

    roles = ("REGULATOR", "OPERATOR")
    template_name = "regulator/trail.html"
    form: TrailForm
    said: dict[str, Any]
    search: Search

    def load(self, **_kwargs: Any) -> None:
        self.form = TrailForm(self.request.GET)
        self.said = valid(self.form)
        self.search = search_of(self.said)
        try:
            self.search.filters()
        except Invalid as error:
            put_errors(self.form, error)
            self.search = Search(reference="-")  # nothing is shown until it says more

    def subject(self) -> tuple[str, str]:
        if self._form is not None:
            return "trail.export", ""
        kind, reference = self.search.kind, self.search.reference
        named = reference and kind in INSPECTED_KINDS and entries_for(kind, reference).exists()
        return (kind, reference) if named else ("trail", "")

    def scope(self) -> str:
        return self.search.scope

    def get(  # type: ignore[override]  # a file may be sent while it is read
        self, request: Any, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        """Show a page of entries, or send them all as a file, which is recorded as such."""
        if self._form is None:
            return super().get(request, *args, **kwargs)
        name = f"trail-{self.now:%Y%m%d-%H%M%S}.{self._form}"
        return StreamingHttpResponse(
            export_trail(self.actor, self.search, self._form),
            content_type=CONTENT_TYPES[self._form],
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    @property
    def _form(self) -> Format | None:
        wanted = self.request.GET.get("format", "")
        return Format(wanted) if wanted in list(Format) else None

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        cursor = self.request.GET.get("cursor", "")
        before = int(cursor) if cursor.isdecimal() and len(cursor) < 16 else None  # noqa: PLR2004
        found = find(self.actor, self.search, before=before, limit=PAGE)
        query = self.request.GET.copy()
        query.pop("cursor", None)
        query.pop("format", None)
        head = Head(
            title=_("Audit trail"),
            kind=_("Regulator"),
            summary=_("Every entry stands in the signed log; nothing here can be changed."),
        )
        plain = [name for name in self.form.fields if name not in {"event", "organization"}]
        return super().get_context_data(
            head=head,
            form=self.form,
            fields=[self.form[name] for name in plain],
            tree=event_choices(),
            chosen=self.search.events,
            narrowed=bool(self.search.said()),
            save_form=SaveSearchForm(),
            query=query.urlencode(),
            rows=shown_rows(found.rows),
            columns=COLUMNS,
            older=found.cursor,
            paged=before is not None,
            **kwargs,
        )


def search_of(said: Mapping[str, Any]) -> Search:
    """Return what a bar of filters looks for."""
    names = {"event": "events", "request": "request_id"}
    words = {names.get(name, name): value for name, value in said.items() if value}
    return Search(
        **{
            name: value.strip() if isinstance(value, str) else value
            for name, value in words.items()
        }
        | {"events": tuple(words.get("events", ()))}
    )


class SaveSearch(FormPage):
    """Keeps the search whose filters stand in the address."""

    roles = ("REGULATOR", "OPERATOR")
    template_name = "regulator/save_search.html"
    form_class = SaveSearchForm
    done = gettext_lazy("The search is kept; what it finds from now on stands here.")

    def act(self, form: forms.Form) -> str:
        search = search_of(valid(TrailForm(self.request.GET)))
        saved = save_search(
            name=form.cleaned_data["name"],
            interval=form.cleaned_data["interval"],
            filters=search.said(),
            by=self.actor,
            at=self.now,
        )
        return reverse("regulator_search", args=[saved.reference])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        head = Head(
            title=_("Keep this search"),
            kind=_("Regulator"),
            crumbs=[Link(label=_("Audit trail"), url=reverse("regulator_trail"))],
        )
        return super().get_context_data(head=head, **kwargs)


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


urlpatterns = [
    path("regulator/trail/", Trail.as_view(), name="regulator_trail"),
    path("regulator/trail/save/", SaveSearch.as_view(), name="regulator_save_search"),
]
