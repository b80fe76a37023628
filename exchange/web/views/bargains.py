"""Negotiations of one side, and the discounts that were agreed on, for anybody to compare."""

from typing import Any, ClassVar

from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exchange.catalog.models import Product
from exchange.catalog.queries import get_product_for
from exchange.trading import queries
from exchange.trading.states import NegotiationState
from exchange.web.components import Column, Head
from exchange.web.forms.trade import StatusFilter
from exchange.web.pages import Page
from exchange.web.paging import paginate
from exchange.web.trade import OwnPage, links, way

COLUMNS = (
    Column(label=gettext_lazy("Product")),
    Column(label=gettext_lazy("Reference")),
    Column(label=gettext_lazy("Other side")),
    Column(label=gettext_lazy("Quantity"), number=True),
    Column(label=gettext_lazy("On the table"), number=True),
    Column(label=gettext_lazy("Status")),
    Column(label=gettext_lazy("Binds until")),
)
DISCOUNT_COLUMNS = (
    Column(label=gettext_lazy("Reason")),
    Column(label=gettext_lazy("Scenario")),
    Column(label=gettext_lazy("Quantity"), number=True),
    Column(label=gettext_lazy("Below the posted price"), number=True),
    Column(label=gettext_lazy("Agreed in")),
)


class Negotiations(OwnPage):
    """The negotiations of one side."""

    template_name = "negotiations/list.html"
    side: ClassVar[str]
    empty: ClassVar[Any]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        own = {f"{self.side}__reference": self.actor.organization}
        rows = queries.negotiations_visible_to(self.actor).filter(**own)
        status = self.request.GET.get("status", "")
        if status in NegotiationState.values:
            rows = rows.filter(status=status)
        page = paginate(rows.prefetch_related("offers"), self.request.GET)
        return super().get_context_data(**kwargs) | {
            "head": Head(
                title=_("Negotiations"),
                summary=_("Offers bind until their day; an agreed price is honored for its days."),
            ),
            "filters": StatusFilter(self.request.GET, choices=NegotiationState.choices),
            "page": page,
            "rows": [{"row": row, "last": list(row.offers.all())[-1]} for row in page],
            "columns": COLUMNS,
            "side": self.side,
            "empty": self.empty,
        }


class BuyerNegotiations(Negotiations):
    """What one's organization offered."""

    roles = ("BUYER",)
    side = "buyer"
    empty = gettext_lazy("You negotiate nothing. A product whose price is negotiable says so.")


class ProviderNegotiations(Negotiations):
    """What one's organization was offered."""

    roles = ("PROVIDER",)
    side = "provider"
    empty = gettext_lazy(
        "Nobody made an offer yet. Offers come in on products whose price may be negotiated."
    )


class Discounts(Page):
    """What was agreed below the posted price, for anybody to compare."""

    public = True
    template_name = "negotiations/discounts.html"
    product: Product

    def load(self, **kwargs: Any) -> None:
        self.product = get_product_for(self.actor, kwargs["reference"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        product = self.product
        return super().get_context_data(
            head=Head(
                title=_("Agreed discounts"),
                kind=_("Data product"),
                reference=product.reference,
                summary=_(
                    "What was agreed below the posted price, and the condition it was agreed for. "
                    "Whoever meets the same condition may ask for the same; buyers are not named."
                ),
                crumbs=links(
                    (_("Market"), reverse("market")),
                    (product.name, way("product", product.reference)),
                ),
            ),
            page=paginate(
                queries.agreed_discounts(product),
                self.request.GET,
                order=("-closed_at", "-pk"),
            ),
            columns=DISCOUNT_COLUMNS,
            **kwargs,
        )


urlpatterns = [
    path("buyer/negotiations/", BuyerNegotiations.as_view(), name="buyer_negotiations"),
    path("provider/negotiations/", ProviderNegotiations.as_view(), name="provider_negotiations"),
    path("market/<str:reference>/discounts/", Discounts.as_view(), name="product_discounts"),
]
