"""Exports of data: the year's persons against the lines, evidence on file, the ledger."""

from typing import Any

from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exchange.compliance import export_queries as queries
from exchange.compliance.export_words import LINES, OUTCOMES, tongue
from exchange.compliance.exports import export_rules
from exchange.compliance.filing_rules import why_not_file
from exchange.compliance.models import ExportRecord
from exchange.compliance.states import FilingKind, Whereabouts
from exchange.web.components import Action, Column, Head
from exchange.web.pages import Page
from exchange.web.paging import paginate

from . import filings, standings, weighing

LINE_COLUMNS = (
    Column(label=gettext_lazy("Processor")),
    Column(label=gettext_lazy("Needed from this line on")),
    Column(label=gettext_lazy("Line"), number=True),
    Column(label=gettext_lazy("Persons this year"), number=True),
    Column(label=gettext_lazy("Share")),
)
FILING_COLUMNS = (
    Column(label=gettext_lazy("Evidence")),
    Column(label=gettext_lazy("Filed by")),
    Column(label=gettext_lazy("Status")),
    Column(label=gettext_lazy("Valid until")),
    Column(label=gettext_lazy("To do by")),
    Column(
        label=gettext_lazy("Persons used"),
        meaning=gettext_lazy("Distinct persons that left under it, of those it covers"),
    ),
)
EXPORT_COLUMNS = (
    Column(label=gettext_lazy("Export")),
    Column(label=gettext_lazy("Order")),
    Column(label=gettext_lazy("Recipient")),
    Column(label=gettext_lazy("Places")),
    Column(label=gettext_lazy("By")),
    Column(label=gettext_lazy("Persons"), number=True),
    Column(label=gettext_lazy("Recorded")),
)
PLACES = dict(Whereabouts.choices)
GROUNDS_AND_KINDS = {**OUTCOMES, **dict(FilingKind.choices)}


FILINGS_SHOWN = 200


class Exports(Page):
    """How far the year has come, what is on file and when it ends, and what left."""

    template_name = "exports/exports.html"
    console = "provider"
    look = "exports"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        own = queries.year_for(self.actor, self.now)
        watched = queries.years_for(self.actor, self.now)
        years = watched if self.console != "provider" else [own] if own else []
        ledger = paginate(
            queries.exports_visible_to(self.actor), self.request.GET, order=("-counted_at", "-pk")
        )
        head = Head(
            title=_("Exports of data"),
            kind=_("Provider") if self.console == "provider" else _("Supervision"),
            summary=_(
                "Distinct persons since 1 January, over all products and recipients; splitting "
                "does not help. Warnings come at four fifths of a line."
            ),
            actions=self._actions(),
        )
        return super().get_context_data(
            head=head,
            lines=[
                (year, line, LINES[line.name], count, share)
                for year in years
                for line, count, share in year.lines
            ],
            notices=[
                (warning, LINES[warning.line])
                for warning in queries.warnings_visible_to(self.actor)[:50]
            ],
            filings=[
                (filing, queries.uses_of(filing))
                for filing in queries.filings_visible_to(self.actor)[:FILINGS_SHOWN]
            ],
            standing=queries.standing_for(self.actor, self.now)
            if self.console == "provider"
            else None,
            standings=queries.standings_visible_to(self.actor)[:FILINGS_SHOWN]
            if self.console != "provider"
            else [],
            standing_route=f"{self.console}_standing",
            standing_columns=standings.COLUMNS,
            page=ledger,
            rows=[
                (row, [PLACES.get(place, place) for place in row.places], self._by(row))
                for row in ledger
            ],
            filing_route=f"{self.console}_filing",
            line_columns=LINE_COLUMNS,
            filing_columns=FILING_COLUMNS,
            export_columns=EXPORT_COLUMNS,
            **kwargs,
        )

    def _by(self, row: ExportRecord) -> str:
        """Return what an export rests on: a kind of evidence, a ground, or its outcome."""
        if row.ground:
            known = export_rules(self.now).grounds.get(row.ground)
            return known.words.title[tongue()] if known else row.ground
        return str(GROUNDS_AND_KINDS.get(row.mechanism or row.outcome, row.outcome))

    def _actions(self) -> list[Action]:
        if self.console != "provider":
            return []
        return [
            Action(
                label=_("File evidence"),
                url=reverse("provider_filing_new"),
                post=False,
                main=True,
                reason=why_not_file(self.actor),
            ),
            Action(
                label=_("May it go there?"),
                url=reverse("provider_weigh"),
                post=False,
                reason=why_not_file(self.actor),
            ),
        ]


urlpatterns = [
    *filings.urlpatterns,
    *weighing.urlpatterns,
    *standings.urlpatterns,
    *[
        path(
            f"{console}/exports/",
            Exports.as_view(console=console, roles=(console.upper(),)),
            name=f"{console}_exports",
        )
        for console in ("provider", "regulator", "operator")
    ],
    *filings.filing_patterns,
]
