"""A disclosure beside another version of it, and its sheet for paper."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from audit.disclosure.comparison import Change, FigureChange, compare_figures, compare_texts
from audit.disclosure.fields import BY_CODE
from audit.disclosure.models import Disclosure
from audit.disclosure.queries import (
    accuracy_of,
    get_disclosure_for,
    get_versions_for,
    latest_evaluations_of,
)
from audit.disclosure.showing import publicly_shown_to
from audit.log.errors import NotFound
from exchange.parties.queries import organization_names
from exchange.web.components import Column, Head, Link
from exchange.web.pages import Page
from exchange.web.pdf import render_pdf, why_no_pdf
from exchange.web.sheets import verdict_of

from .algorithms import sheet_context

CHANGES = {
    Change.SAME: (gettext_lazy("unchanged"), "still"),
    Change.CHANGED: (gettext_lazy("changed"), "wait"),
    Change.ADDED: (gettext_lazy("added"), "good"),
    Change.REMOVED: (pgettext_lazy("change", "removed"), "stop"),
}
FIGURE_COLUMNS = (
    Column(label=gettext_lazy("Metric")),
    Column(label=gettext_lazy("Data")),
    Column(label=gettext_lazy("Earlier"), number=True),
    Column(label=gettext_lazy("Later"), number=True),
    Column(label=gettext_lazy("Change")),
)
TONGUES = {"en": "English", "zh": "中文"}
MARKUP = {"en": "en", "zh": "zh-Hans"}


class Comparison(Page):
    """Two versions of one algorithm's disclosure, what differs marked word by word."""

    public = True
    template_name = "registers/compare.html"
    earlier: Disclosure
    later: Disclosure

    def load(self, **kwargs: Any) -> None:
        self.earlier, self.later = get_versions_for(self.actor, kwargs["one"], kwargs["other"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        earlier, later = self.earlier, self.later
        fields = compare_texts(
            *(publicly_shown_to(self.actor, row).texts for row in (earlier, later))
        )
        figures = compare_figures(earlier.declared, later.declared)
        reports = latest_evaluations_of([earlier, later])
        return super().get_context_data(
            head=Head(
                title=_("%(name)s: what changed") % {"name": later.name},
                kind=_("Comparison of two versions"),
                crumbs=[
                    Link(label=_("Register of algorithms"), url=reverse("algorithms")),
                    Link(label=later.name, url=reverse("algorithm", args=[later.reference])),
                ],
            ),
            versions=[
                (row, *verdict_of(row, reports.get(row.pk), accuracy_of(row)))
                for row in (earlier, later)
            ],
            changed=[_field(field) for field in fields if field.change is not Change.SAME],
            same=[_label(field.code) for field in fields if field.change is Change.SAME],
            figures=[_figure(later, row) for row in figures if row.change is not Change.SAME],
            same_figures=sum(row.change is Change.SAME for row in figures),
            figure_columns=FIGURE_COLUMNS,
            **kwargs,
        )


def _label(code: str) -> str:
    return str(BY_CODE[code].label) if code in BY_CODE else code


def _field(field: Any) -> dict[str, Any]:
    words, tone = CHANGES[field.change]
    return {
        "label": _label(field.code),
        "words": words,
        "tone": tone,
        "languages": [
            {"name": TONGUES[code], "lang": MARKUP[code], "pieces": pieces}
            for code, pieces in field.words.items()
        ],
    }


def _figure(disclosure: Disclosure, row: FigureChange) -> dict[str, Any]:
    words, tone = CHANGES[row.change]
    label = disclosure.metric_label(row.metric)
    return {"row": row, "label": label, "words": words, "tone": tone}


class SheetPdf(Page):
    """The sheet as PDF; where none can be made, what is missing."""

    public = True
    disclosure: Disclosure

    def load(self, **kwargs: Any) -> None:
        self.disclosure = get_disclosure_for(self.actor, kwargs["reference"])
        if reason := why_no_pdf():
            raise NotFound(reason)

    def get(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Return the PDF."""
        row = self.disclosure
        here = request.build_absolute_uri(reverse("algorithm", args=[row.reference]))
        page = render_to_string(
            "registers/sheet_print.html",
            {
                **sheet_context(row, publicly_shown_to(self.actor, row)),
                "disclosure": row,
                "owner": organization_names([row.owner]).get(row.owner, row.owner)
                if row.owner
                else "",
                "here": here,
                "printed": True,
                "language": get_language(),
            },
            request=request,
        )
        return HttpResponse(
            render_pdf(page),
            content_type="application/pdf",
            headers={"Content-Disposition": f'inline; filename="{row.reference}.pdf"'},
        )


urlpatterns = [
    path(
        "algorithms/<str:one>/compare/<str:other>/",
        Comparison.as_view(),
        name="algorithm_compare",
    ),
    path("algorithms/<str:reference>/sheet.pdf", SheetPdf.as_view(), name="algorithm_pdf"),
]
