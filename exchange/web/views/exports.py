"""Exports of data: the year's persons against the lines, evidence on file, the ledger."""

from typing import Any

from django import forms
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exchange.compliance import export_queries as queries
from exchange.compliance import services
from exchange.compliance.export_words import LINES, OUTCOMES
from exchange.compliance.filing_rules import allowed_on_filing
from exchange.compliance.models import ExportFiling
from exchange.compliance.states import DeclaredPlace, FilingKind
from exchange.web.components import Column, Head, Link
from exchange.web.forms.reasons import ReasonForm
from exchange.web.pages import Page
from exchange.web.paging import paginate

from .desk import Decision, Desk

LINE_COLUMNS = (
    Column(label=gettext_lazy("Processor")),
    Column(label=gettext_lazy("Needed from this line on")),
    Column(label=gettext_lazy("Line"), number=True),
    Column(label=gettext_lazy("Persons this year"), number=True),
    Column(label=gettext_lazy("Share")),
)
FILING_COLUMNS = (
    Column(label=gettext_lazy("Evidence")),
    Column(label=gettext_lazy("Organization")),
    Column(label=gettext_lazy("Status")),
    Column(label=gettext_lazy("Valid until")),
    Column(label=gettext_lazy("To do by")),
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
PLACES = dict(DeclaredPlace.choices)


class Exports(Page):
    """How far the year has come, what is on file and when it ends, and what left."""

    template_name = "exports/exports.html"
    console = "provider"
    look = "exports"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        own = queries.year_for(self.actor, self.now)
        watched = queries.years_for(self.actor, self.now)
        years = watched if self.console != "provider" else [own] if own else []
        head = Head(
            title=_("Exports of data"),
            kind=_("Provider") if self.console == "provider" else _("Supervision"),
            summary=_(
                "Distinct persons since 1 January, over all products and recipients; splitting "
                "does not help. Warnings come at four fifths of a line."
            ),
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
            filings=queries.filings_visible_to(self.actor)[:200],
            page=paginate(
                queries.exports_visible_to(self.actor),
                self.request.GET,
                order=("-counted_at", "-pk"),
            ),
            filing_route=f"{self.console}_filing",
            outcomes=OUTCOMES,
            line_columns=LINE_COLUMNS,
            filing_columns=FILING_COLUMNS,
            export_columns=EXPORT_COLUMNS,
            **kwargs,
        )


class FilingPage(Desk):
    """One piece of evidence: its scope, its terms, and what may be decided on it."""

    template_name = "exports/filing.html"
    console = "provider"
    look = "filing"
    filing: ExportFiling

    def load(self, **kwargs: Any) -> None:
        self.filing = queries.get_filing_for(self.actor, kwargs["reference"])

    def decisions(self) -> list[Decision]:
        filing, here = self.filing, reverse(f"{self.console}_filing", args=[self.filing.reference])
        allowed = allowed_on_filing(self.actor, filing)
        known = [
            Decision(
                name="verify",
                title=_("Verify"),
                note=_("Exports within its scope may rest on it from now on."),
                verb=_("Verify the evidence"),
                form_class=forms.Form,
                call=lambda _said: services.verify_filing(
                    filing=filing, by=self.actor, at=self.now
                ),
                done=_("Verified."),
                onward=here,
            ),
            Decision(
                name="reject",
                title=_("Reject"),
                verb=_("Reject the evidence"),
                form_class=ReasonForm,
                call=lambda said: services.reject_filing(
                    filing=filing, reason=said["reason"], by=self.actor, at=self.now
                ),
                done=_("Rejected."),
                onward=here,
                danger=True,
                folded=True,
            ),
            Decision(
                name="revoke",
                title=_("Revoke"),
                note=_("The next access under it is refused."),
                verb=_("Revoke the evidence"),
                form_class=ReasonForm,
                call=lambda said: services.revoke_filing(
                    filing=filing, reason=said["reason"], by=self.actor, at=self.now
                ),
                done=_("Revoked."),
                onward=here,
                danger=True,
                folded=True,
            ),
        ]
        return [decision for decision in known if decision.name in allowed]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        head = Head(
            title=str(FilingKind(self.filing.kind).label),
            kind=_("Evidence for exports"),
            reference=self.filing.reference,
            crumbs=[Link(label=_("Exports of data"), url=reverse(f"{self.console}_exports"))],
        )
        places = [PLACES.get(place, place) for place in self.filing.scope["places"]]
        return super().get_context_data(head=head, filing=self.filing, places=places, **kwargs)


urlpatterns = [
    path(
        f"{console}/exports/{tail}",
        view.as_view(console=console, roles=(console.upper(),)),
        name=f"{console}_{name}",
    )
    for console in ("provider", "regulator", "operator")
    for view, tail, name in ((Exports, "", "exports"), (FilingPage, "<str:reference>/", "filing"))
]
