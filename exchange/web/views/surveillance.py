"""Surveillance: the desk of alerts, one alert, and what a member may know of alerts about it."""

from collections.abc import Iterable
from typing import Any

from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from audit.disclosure.queries import current_disclosure
from exchange.oversight.surveillance import queries, rules, services, wording
from exchange.oversight.surveillance.models import Alert
from exchange.oversight.surveillance.states import AlertState
from exchange.parties.queries import organization_names
from exchange.web.alerts import shown_to
from exchange.web.charts import Bar
from exchange.web.components import Column, Head, Link
from exchange.web.forms.plain import PlainForm
from exchange.web.forms.surveillance import (
    AlertFilter,
    CloseForm,
    DismissForm,
    EscalateForm,
    suspend_form,
)
from exchange.web.pages import Page
from exchange.web.paging import paginate

from .desk import Decision, Desk

WATCH = ("OPERATOR", "REGULATOR")
COLUMNS = (
    Column(label=pgettext_lazy("surveillance", "Alert")),
    Column(label=gettext_lazy("Status")),
    Column(label=gettext_lazy("Score"), meaning=gettext_lazy("50 at the threshold, towards 100")),
    Column(label=gettext_lazy("Organizations")),
    Column(label=gettext_lazy("Raised")),
)
TALLY_COLUMNS = (
    Column(label=gettext_lazy("Rule")),
    Column(label=pgettext_lazy("alerts", "Raised"), number=True),
    Column(label=pgettext_lazy("alerts", "Open"), number=True),
    Column(label=pgettext_lazy("alerts", "Dismissed"), number=True),
    Column(label=pgettext_lazy("alerts", "Escalated"), number=True),
    Column(
        label=gettext_lazy("Upheld"),
        meaning=gettext_lazy("Escalated and not found unfounded, of what was decided"),
        number=True,
    ),
)
OWN_COLUMNS = (
    Column(label=pgettext_lazy("surveillance", "Alert")),
    Column(label=gettext_lazy("Status")),
    Column(label=gettext_lazy("Period")),
)


class Surveillance(Page):
    """Every alert with filters, and what became of the alerts of each rule."""

    roles = WATCH
    look = "alerts"
    template_name = "surveillance/desk.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = AlertFilter(self.request.GET)
        said = form.cleaned_data if form.is_valid() else {}
        found = queries.desk(self.actor, queries.AlertFilters(**said))
        page = paginate(found, self.request.GET, order=("-raised_at", "-pk"))
        tallies = queries.tallies()
        return super().get_context_data(
            head=Head(
                title=_("Surveillance"),
                kind=_("Early warning of abnormal trades"),
                summary=_(
                    "An alert says that a pattern deserves a look, not that anybody did wrong. "
                    "Take one up, then dismiss it or lay it before the regulator."
                ),
            ),
            form=form,
            page=page,
            rows=_lines(page),
            columns=COLUMNS,
            tallies=[{"row": row, "title": self._title(row.rule)} for row in tallies if row.raised],
            tally_columns=TALLY_COLUMNS,
            months=[
                Bar(
                    label=f"{month:%Y-%m}",
                    value=raised,
                    note=_("%(raised)d raised, %(decided)d decided")
                    % {"raised": raised, "decided": decided},
                )
                for month, raised, decided in queries.by_month()[-12:]
            ],
            disclosure=current_disclosure(services.ALGORITHM),
            **kwargs,
        )

    def _title(self, rule: str) -> str:
        _thresholds, pack = queries.thresholds_at(self.now)
        return wording.said(queries.words_of(rule, pack), "") or rule


def _lines(alerts: Iterable[Alert]) -> list[dict[str, Any]]:
    """Return what a row shows of each alert: its rule in words, and whom it concerns by name."""
    found = list(alerts)
    names = organization_names({each for alert in found for each in alert.organizations})
    return [
        {
            "alert": alert,
            "title": wording.title_of(alert),
            "organizations": [(each, names.get(each, each)) for each in alert.organizations],
        }
        for alert in found
    ]


class AlertDesk(Desk):
    """One alert: its picture, its facts, and the decision on it."""

    roles = WATCH
    look = "alert"
    template_name = "surveillance/alert.html"
    alert: Alert

    def load(self, **kwargs: Any) -> None:
        self.alert = queries.get_alert_for(self.actor, kwargs["reference"])

    @property
    def here(self) -> str:
        """This page."""
        return reverse("alert", args=[self.alert.reference])

    def decisions(self) -> list[Decision]:
        alert, reason = self.alert, rules.why_not_review(self.actor, self.alert)
        if alert.status == AlertState.OPEN:
            return [
                Decision(
                    name="take_up",
                    title=_("Take it up"),
                    note=_("Others see that you look at it. Nobody it concerns is told."),
                    verb=_("Take it up"),
                    form_class=PlainForm,
                    call=lambda _said: services.take_up_alert(
                        alert=alert, by=self.actor, at=self.now
                    ),
                    done=_("You look at this alert."),
                    onward=self.here,
                    reason=reason,
                )
            ]
        if alert.status == AlertState.UNDER_REVIEW:
            return [self._escalate(reason), self._dismiss(reason)]
        if alert.status == AlertState.ESCALATED:
            refusal = rules.why_not_close(self.actor, alert)
            return [*self._suspend(refusal), self._close(refusal)]
        return []

    def _escalate(self, reason: str | None) -> Decision:
        return Decision(
            name="escalate",
            title=_("Lay it before the regulator"),
            note=_("The organizations it concerns can read of it from this moment."),
            verb=_("Lay it before the regulator"),
            form_class=EscalateForm,
            call=lambda said: services.escalate_alert(
                alert=self.alert, by=self.actor, at=self.now, **said
            ),
            done=_("The alert is before the regulator."),
            onward=self.here,
            reason=reason,
        )

    def _dismiss(self, reason: str | None) -> Decision:
        return Decision(
            name="dismiss",
            title=_("Dismiss it"),
            note=_("The ground counts in how often this rule is right."),
            verb=_("Dismiss it"),
            form_class=DismissForm,
            call=lambda said: services.dismiss_alert(
                alert=self.alert, by=self.actor, at=self.now, **said
            ),
            done=_("The alert is dismissed."),
            onward=self.here,
            reason=reason,
        )

    def _suspend(self, reason: str | None) -> list[Decision]:
        products = shown_to(self.actor, self.alert)["products"]
        if not products:
            return []
        return [
            Decision(
                name="suspend",
                title=_("Order the suspension of a listing"),
                note=_("The listing and every access under it stop from this moment."),
                verb=_("Suspend the listing"),
                form_class=suspend_form(products),
                call=lambda said: services.suspend_upon_alert(
                    alert=self.alert, by=self.actor, at=self.now, **said
                ),
                done=_("The listing is suspended by your order."),
                onward=self.here,
                reason=reason,
                danger=True,
                folded=True,
            )
        ]

    def _close(self, reason: str | None) -> Decision:
        return Decision(
            name="close",
            title=_("Close it"),
            note=_("Say what was true of it; those it concerns read outcome and reason."),
            verb=_("Close it"),
            form_class=CloseForm,
            call=lambda said: services.close_alert(
                alert=self.alert, by=self.actor, at=self.now, **said
            ),
            done=_("The alert is closed."),
            onward=self.here,
            reason=reason,
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shown = shown_to(self.actor, self.alert)
        return super().get_context_data(
            head=_head(self.alert, shown["title"], "surveillance", _("Surveillance"), self.way()),
            alert=self.alert,
            shown=shown,
            measures=[measure.supervision for measure in self.alert.measures.all()],
            related=_lines(queries.related_to(self.actor, self.alert)[:20]),
            columns=COLUMNS,
            **kwargs,
        )


class OwnAlerts(Page):
    """Alerts about one's own organization that were laid before the regulator."""

    member = True
    template_name = "surveillance/own.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = queries.alerts_about(self.actor)
        page = paginate(found, self.request.GET, order=("-raised_at", "-pk"))
        return super().get_context_data(
            head=Head(
                title=_("Alerts about us"),
                kind=_("Organization"),
                summary=_(
                    "Alerts of surveillance that concern your organization are shown once they "
                    "were laid before the regulator."
                ),
            ),
            page=page,
            rows=[{"alert": alert, "title": wording.title_of(alert)} for alert in page],
            columns=OWN_COLUMNS,
            **kwargs,
        )


class OwnAlert(Page):
    """One alert as an organization it concerns may read it: its own part."""

    member = True
    template_name = "surveillance/own_alert.html"
    alert: Alert

    def load(self, **kwargs: Any) -> None:
        self.alert = queries.get_own_alert(self.actor, kwargs["reference"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shown = shown_to(self.actor, self.alert)
        return super().get_context_data(
            head=_head(self.alert, shown["title"], "own_alerts", _("Alerts about us"), []),
            alert=self.alert,
            shown=shown,
            disclosure=current_disclosure(services.ALGORITHM),
            **kwargs,
        )


def _head(alert: Alert, title: str, route: str, room: str, actions: list[Any]) -> Head:
    return Head(
        title=title,
        kind=_("Alert of surveillance"),
        reference=alert.reference,
        status=alert.status,
        status_label=alert.get_status_display(),
        since=alert.status_since,
        actions=actions,
        crumbs=[Link(label=room, url=reverse(route))],
    )


urlpatterns = [
    path("surveillance/", Surveillance.as_view(), name="surveillance"),
    path("surveillance/<str:reference>/", AlertDesk.as_view(), name="alert"),
    path("organization/alerts/", OwnAlerts.as_view(), name="own_alerts"),
    path("organization/alerts/<str:reference>/", OwnAlert.as_view(), name="own_alert"),
]
