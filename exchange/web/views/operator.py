"""The operator's console: what waits and since when, and whether everything is in order."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import path, reverse
from django.utils.translation import gettext as _

from exchange.catalog.queries import list_requests, list_waiting_releases
from exchange.compliance.queries import cases_visible_to
from exchange.compliance.states import UNDECIDED
from exchange.parties.queries import applications
from exchange.settlement.queries import list_discrepancies
from exchange.web.components import Head
from exchange.web.pages import Page

from . import admissions, bank, listing_requests, statements
from .health import Health, abandoned_reactions, health_of_log, reactions_now


@dataclass(frozen=True, kw_only=True)
class Queue:
    """Things that wait for the operator."""

    label: str
    url: str
    count: int
    oldest: datetime | None


class Overview(Page):
    """What waits for the operator, the oldest first, and the exchange's own state."""

    roles = ("OPERATOR",)
    template_name = "operator/overview.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        head = Head(
            title=_("What waits"),
            kind=_("Operator"),
            summary=_("Every queue with its oldest case, and whether log and ledger are in order."),
        )
        return super().get_context_data(
            head=head,
            queues=self._queues(),
            log=health_of_log(self.now),
            discrepancies=list_discrepancies(),
            failing=[row for row in reactions_now() if row["is_failing"]],
            abandoned=abandoned_reactions(),
            **kwargs,
        )

    def _queues(self) -> list[Queue]:
        cases = cases_visible_to(self.actor).filter(status__in=UNDECIDED)
        own = cases.filter(authority="OPERATOR").order_by("opened_at")
        return [
            _queue(_("Applications"), "operator_admissions", applications(), "applied_at"),
            _queue(
                _("Listing requests"),
                "operator_listings",
                list_requests(self.actor),
                "requested_at",
            ),
            _queue(_("Cases"), "operator_cases", own, "opened_at"),
            _queue(_("Disputes"), "operator_settlement", bank.disputes_of(self), "delivered_at"),
            _queue(
                _("Releases before the filter"),
                "operator_health",
                list_waiting_releases(),
                "submitted_at",
            ),
        ]


def _queue(label: str, route: str, rows: Any, since: str) -> Queue:
    first = rows.first()
    return Queue(
        label=label,
        url=reverse(route),
        count=rows.count(),
        oldest=getattr(first, since) if first else None,
    )


urlpatterns = [
    path("operator/", Overview.as_view(), name="operator_overview"),
    path("operator/health/", Health.as_view(), name="operator_health"),
    *admissions.urlpatterns,
    *listing_requests.urlpatterns,
    *bank.urlpatterns,
    *statements.urlpatterns,
]
