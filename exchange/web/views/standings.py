"""Where an organization stands in the rules on export, as the watch verified it."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from exchange.compliance import export_queries as queries
from exchange.compliance import services
from exchange.compliance.exports import export_rules
from exchange.compliance.filing_rules import why_not_set_standing
from exchange.parties.models import Organization
from exchange.parties.queries import get_organization_for
from exchange.web.components import Column, Head, Link
from exchange.web.forms.filings import StandingForm

from .desk import Decision, Desk

COLUMNS = (
    Column(label=pgettext_lazy("party", "Organization")),
    Column(label=gettext_lazy("Registered in")),
    Column(label=gettext_lazy("Free trade zone")),
    Column(label=gettext_lazy("Critical infrastructure")),
    Column(label=gettext_lazy("Counted under")),
    Column(label=pgettext_lazy("state", "Since")),
)


class StandingPage(Desk):
    """Where one organization stands, and the form that states it."""

    template_name = "exports/standing.html"
    console = "operator"
    look = "party"
    organization: Organization

    def load(self, **kwargs: Any) -> None:
        self.organization = get_organization_for(self.actor, kwargs["reference"])
        self.standing = queries.standing_of(self.organization, self.now)

    def decisions(self) -> list[Decision]:
        standing = self.standing
        return [
            Decision(
                name="state",
                title=_("State where it stands"),
                note=_("The persons of this year are counted anew, so that splitting is no help."),
                verb=_("State it"),
                form_class=partial(StandingForm, zones=sorted(export_rules(self.now).zones())),  # type: ignore[arg-type]
                call=self._state,
                done=_("The standing is stated."),
                onward=reverse(f"{self.console}_standing", args=[self.organization.reference]),
                reason=why_not_set_standing(self.actor, self.organization),
                initial={
                    "place": standing.place,
                    "zone": standing.zone,
                    "critical": standing.critical,
                },
            )
        ]

    def _state(self, said: Mapping[str, Any]) -> object:
        other = said["counted_with"].strip()
        return services.set_standing(
            organization=self.organization,
            place=said["place"],
            zone=said["zone"],
            critical=said["critical"],
            counted_with=get_organization_for(self.actor, other) if other else None,
            by=self.actor,
            at=self.now,
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        head = Head(
            title=self.organization.name,
            kind=_("Standing for exports"),
            reference=self.organization.reference,
            actions=self.way(),
            crumbs=[Link(label=_("Exports of data"), url=reverse(f"{self.console}_exports"))],
        )
        return super().get_context_data(head=head, standing=self.standing, **kwargs)


urlpatterns = [
    path(
        f"{console}/exports/standings/<str:reference>/",
        StandingPage.as_view(roles=(console.upper(),), console=console),
        name=f"{console}_standing",
    )
    for console in ("regulator", "operator")
]
