"""Saved searches of the person who looks, and what they found."""

from typing import Any

from django import forms
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exchange.oversight.findings import findings_of, get_search_for, searches_visible_to
from exchange.oversight.models import SavedSearch
from exchange.oversight.services import change_search, mark_seen, remove_search
from exchange.web.components import Action, Column, Head, Link
from exchange.web.forms.trail import WatchForm
from exchange.web.pages import ActPage, FormPage, Page

from .inspection import Inspection
from .trail import COLUMNS, shown_rows

WATCHERS = ("REGULATOR", "OPERATOR")
PAGE = 50
SEARCH_COLUMNS = (
    Column(label=gettext_lazy("Search")),
    Column(label=gettext_lazy("Not opened yet"), number=True),
    Column(label=gettext_lazy("Found in all"), number=True),
    Column(label=gettext_lazy("Looks for new entries")),
    Column(label=gettext_lazy("Last compared")),
)


class Searches(Page):
    """The searches one keeps, with what they found since one looked."""

    roles = WATCHERS
    template_name = "regulator/searches.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        head = Head(
            title=_("Saved searches"),
            kind=_("Regulator"),
            summary=_("They watch the trail for you and tell you, here and by e-mail."),
        )
        return super().get_context_data(
            head=head,
            searches=list(searches_visible_to(self.actor)),
            columns=SEARCH_COLUMNS,
            **kwargs,
        )


class SearchPage(Inspection):
    """What one search found, the newest first; what is shown counts as opened."""

    roles = WATCHERS
    look = "search"
    template_name = "regulator/search.html"
    search: SavedSearch

    def load(self, **kwargs: Any) -> None:
        self.search = get_search_for(self.actor, kwargs["reference"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        search = self.search
        cursor = self.request.GET.get("cursor", "")
        before = int(cursor) if cursor.isdecimal() and len(cursor) < 16 else None  # noqa: PLR2004
        found = findings_of(self.actor, search, before=before, limit=PAGE)
        indexes = [row.index for row in found.rows]
        mark_seen(search=search, indexes=indexes, by=self.actor, at=self.now)
        place = [search.reference]
        remove = Action(
            label=_("Remove the search"),
            url=reverse("regulator_search_remove", args=place),
            ask=_("It watches no longer, and what it found is not shown any more. Remove it?"),
            danger=True,
        )
        change = Action(
            label=_("Name and notices"),
            url=reverse("regulator_search_change", args=place),
            post=False,
        )
        head = Head(
            title=search.name,
            kind=_("Saved search"),
            reference=search.reference,
            summary=search.get_interval_display() if search.alert else _("It does not watch now."),
            actions=[change, remove],
            crumbs=[Link(label=_("Saved searches"), url=reverse("regulator_searches"))],
        )
        return super().get_context_data(
            head=head,
            search=search,
            conditions=sorted(search.filters.items()),
            rows=shown_rows(found.rows),
            columns=COLUMNS,
            older=found.cursor,
            paged=before is not None,
            **kwargs,
        )


class ChangeSearch(FormPage):
    """Name, notices and interval of a search."""

    roles = WATCHERS
    template_name = "regulator/save_search.html"
    form_class = WatchForm
    done = gettext_lazy("The search is changed.")
    search: SavedSearch

    def load(self, **kwargs: Any) -> None:
        self.search = get_search_for(self.actor, kwargs["reference"])

    def initial(self) -> dict[str, Any]:
        search = self.search
        return {"name": search.name, "interval": search.interval, "alert": search.alert}

    def act(self, form: forms.Form) -> str:
        change_search(search=self.search, by=self.actor, at=self.now, **form.cleaned_data)
        return reverse("regulator_searches")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        head = Head(
            title=self.search.name,
            kind=_("Saved search"),
            reference=self.search.reference,
            crumbs=[Link(label=_("Saved searches"), url=reverse("regulator_searches"))],
        )
        return super().get_context_data(head=head, **kwargs)


class RemoveSearch(ActPage):
    """Lets a search watch no longer."""

    roles = WATCHERS
    done = gettext_lazy("The search is removed.")
    search: SavedSearch

    def load(self, **kwargs: Any) -> None:
        self.search = get_search_for(self.actor, kwargs["reference"])

    def act(self) -> str:
        remove_search(search=self.search, by=self.actor, at=self.now)
        return reverse("regulator_searches")


PLACE = "regulator/searches/<str:reference>"
urlpatterns = [
    path("regulator/searches/", Searches.as_view(), name="regulator_searches"),
    path(f"{PLACE}/", SearchPage.as_view(), name="regulator_search"),
    path(f"{PLACE}/change/", ChangeSearch.as_view(), name="regulator_search_change"),
    path(f"{PLACE}/remove/", RemoveSearch.as_view(), name="regulator_search_remove"),
]
