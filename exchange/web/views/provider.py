"""The provider's console: what waits, and the products."""

from typing import Any

from django import forms
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exchange.catalog import rules
from exchange.catalog.models import Product
from exchange.catalog.queries import list_own_products
from exchange.catalog.states import ProductState
from exchange.parties.queries import get_organization
from exchange.settlement.queries import balance_of
from exchange.web.components import Action, Column, Head
from exchange.web.navigation import address
from exchange.web.pages import Page
from exchange.web.paging import paginate
from exchange.web.waiting import awaited_by, duties_of
from pricing.queries import current_appraisals, current_plans
from pricing.rules import asking_price

from . import (
    adjusting,
    appraisals,
    costs,
    listing,
    manual,
    prices,
    product,
    quality,
    releases,
    remedies,
    screening_report,
    training,
)
from .owned import PROVIDER

DUTY_COLUMNS = (
    Column(label=gettext_lazy("What to do")),
    Column(label=gettext_lazy("About")),
    Column(label=gettext_lazy("Why")),
    Column(label=gettext_lazy("Since")),
)
PRODUCT_COLUMNS = (
    Column(label=gettext_lazy("Product")),
    Column(label=gettext_lazy("Status")),
    Column(label=gettext_lazy("Current release")),
    Column(
        label=gettext_lazy("Price"),
        meaning=gettext_lazy("What you ask for one license, before tax"),
        number=True,
    ),
    Column(
        label=gettext_lazy("Appraised"),
        meaning=gettext_lazy("The signed band: low to high"),
        number=True,
    ),
    Column(label=gettext_lazy("Last edited")),
)


class Overview(Page):
    """What waits for the provider, and what it waits for."""

    roles = PROVIDER
    template_name = "provider/overview.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        own = list_own_products(self.actor)
        counts = {
            state: own.filter(status=state).count()
            for state in (ProductState.LISTED, ProductState.REQUESTED)
        }
        return super().get_context_data(
            head=Head(
                title=get_organization(self.actor.organization).name,
                kind=_("Overview"),
                reference=self.actor.organization,
                actions=[_new_product(self)],
            ),
            duties=duties_of(self.actor, at=self.now),
            awaited=awaited_by(self.actor),
            duty_columns=DUTY_COLUMNS,
            listed=counts[ProductState.LISTED],
            requested=counts[ProductState.REQUESTED],
            money=balance_of(self.actor.organization),
            account_url=address("provider_account"),
            **kwargs,
        )


def _new_product(page: Page) -> Action:
    return Action(
        label=_("New data product"),
        url=reverse("provider_product_new"),
        post=False,
        main=True,
        reason=rules.why_not_create(page.actor, page.actor.organization),
    )


class ProductFilter(forms.Form):
    """Narrow the list of one's own products."""

    text = forms.CharField(label=gettext_lazy("Name or reference"), required=False, max_length=80)
    status = forms.ChoiceField(
        label=gettext_lazy("Status"),
        required=False,
        choices=[("", gettext_lazy("any")), *ProductState.choices],
    )


class Products(Page):
    """The provider's own products."""

    roles = PROVIDER
    template_name = "provider/products.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        wanted = ProductFilter(self.request.GET)
        said = wanted.cleaned_data if wanted.is_valid() else {}
        rows = list_own_products(self.actor)
        if said.get("status"):
            rows = rows.filter(status=said["status"])
        if text := said.get("text"):
            rows = rows.filter(name__icontains=text) | rows.filter(reference__iexact=text)
        page = paginate(rows, self.request.GET, order=("-edited_at", "-pk"))
        return super().get_context_data(
            head=Head(
                title=_("Data products"),
                summary=_("What you describe, price and bring to the market."),
                actions=[_new_product(self)],
            ),
            filters=wanted,
            page=page,
            rows=_priced(list(page)),
            columns=PRODUCT_COLUMNS,
            new=_new_product(self),
            **kwargs,
        )


def _priced(products: list[Product]) -> list[dict[str, Any]]:
    references = [product.reference for product in products]
    plans, appraisals = current_plans(references), current_appraisals(references)
    return [
        {
            "product": product,
            "plan": (plan := plans.get(product.reference)),
            "ask": asking_price(plan, rows=product.current.rows, size=product.current.size)
            if plan and product.current
            else None,
            "appraisal": appraisals.get(product.reference),
        }
        for product in products
    ]


urlpatterns = [
    path("provider/", Overview.as_view(), name="provider_overview"),
    path("provider/products/", Products.as_view(), name="provider_products"),
    *manual.urlpatterns,
    *product.urlpatterns,
    *listing.urlpatterns,
    *prices.urlpatterns,
    *adjusting.urlpatterns,
    *appraisals.urlpatterns,
    *releases.urlpatterns,
    *screening_report.urlpatterns,
    *remedies.urlpatterns,
    *quality.urlpatterns,
    *costs.urlpatterns,
    *training.urlpatterns,
]
