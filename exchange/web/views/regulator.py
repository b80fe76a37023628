"""The regulator's console: the market in numbers and pictures, without anybody's records."""

from typing import Any

from django.db.models import Count
from django.urls import path, reverse
from django.utils.translation import gettext as _

from audit.rulebook.queries import day_of
from exchange.catalog.queries import products_visible_to
from exchange.catalog.states import ProductState
from exchange.compliance.gradings import due_regrades
from exchange.compliance.queries import cases_visible_to
from exchange.compliance.states import UNDECIDED
from exchange.oversight.findings import unseen_findings
from exchange.oversight.queries import supervision_visible_to
from exchange.oversight.states import SupervisionState
from exchange.oversight.statistics import blocked_statistics
from exchange.trading.queries import orders_visible_to
from exchange.trading.states import OrderState
from exchange.web.charts import Bar
from exchange.web.components import Head
from exchange.web.pages import Page

from . import inspection, log_health, price_watch, receipts, searches, stopped, supervision, trail
from .findings import rule_titles
from .health import health_of_log

NEWEST = 5


class Overview(Page):
    """Listings, orders by state, what was blocked by which rule, orders in force, the log."""

    roles = ("REGULATOR",)
    template_name = "regulator/overview.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        products = _by_status(products_visible_to(self.actor))
        orders = _by_status(orders_visible_to(self.actor))
        supervisions = supervision_visible_to(self.actor)
        cases = cases_visible_to(self.actor).filter(status__in=UNDECIDED)
        head = Head(
            title=_("The market now"),
            kind=_("Regulator"),
            summary=_("Counts of all parties together; looking at records asks for a purpose."),
        )
        counts = blocked_statistics(self.actor)
        return super().get_context_data(
            head=head,
            tiles=[
                (
                    ProductState.LISTED.label,
                    products.get(ProductState.LISTED, 0),
                    _listings("LISTED"),
                ),
                (
                    ProductState.SUSPENDED.label,
                    products.get(ProductState.SUSPENDED, 0),
                    _listings("SUSPENDED"),
                ),
                (
                    _("Orders in force"),
                    supervisions.filter(status=SupervisionState.IN_FORCE).count(),
                    reverse("regulator_orders"),
                ),
                (_("Open cases"), cases.count(), reverse("regulator_cases")),
                (
                    _("New gradings owed"),
                    due_regrades(self.actor).count(),
                    reverse("regulator_gradings"),
                ),
                (
                    _("Findings not opened"),
                    unseen_findings(self.actor),
                    reverse("regulator_searches"),
                ),
                (
                    _("Disputes"),
                    orders.get(OrderState.DISPUTED, 0),
                    f"{reverse('regulator_trail')}?event=trading.order.disputed",
                ),
            ],
            product_bars=_bars(products, ProductState),
            order_bars=_bars(orders, OrderState),
            blocked_bars=stopped.bars_of(counts, rule_titles(day_of(self.now))),
            newest=list(supervisions[:NEWEST]),
            order_columns=supervision.ORDER_COLUMNS,
            log=health_of_log(self.now),
            **kwargs,
        )


def _by_status(rows: Any) -> dict[str, int]:
    counted = rows.order_by().values("status").annotate(count=Count("pk"))
    return {row["status"]: row["count"] for row in counted}


def _bars(counts: dict[str, int], states: Any) -> list[Bar]:
    return [
        Bar(label=str(state.label), value=counts[state]) for state in states if counts.get(state)
    ]


def _listings(status: str) -> str:
    return f"{reverse('regulator_products')}?status={status}"


urlpatterns = [
    path("regulator/", Overview.as_view(), name="regulator_overview"),
    *supervision.urlpatterns,
    *price_watch.urlpatterns,
    *stopped.urlpatterns,
    *receipts.urlpatterns,
    *log_health.urlpatterns,
    *trail.urlpatterns,
    *searches.urlpatterns,
    *inspection.urlpatterns,
]
