"""Supervision: every listing, and the orders against them."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from exchange.catalog import queries as catalog
from exchange.catalog.models import Product
from exchange.compliance import queries as compliance
from exchange.oversight import queries, rules, services
from exchange.oversight.models import SupervisionOrder
from exchange.oversight.states import SupervisionState
from exchange.web.components import Action, Column, Head, Link
from exchange.web.evidence import evidence_action
from exchange.web.forms.decisions import (
    ProductFilter,
    SuspensionForm,
    valid,
)
from exchange.web.forms.reasons import ReasonForm
from exchange.web.pages import Page
from exchange.web.paging import paginate
from exchange.web.timelines import moments_for
from pricing.queries import current_appraisal, current_plan
from pricing.rules import asking_price

from .desk import Decision, Desk
from .findings import findings_of

REGULATOR = ("REGULATOR",)

PRODUCT_COLUMNS = (
    Column(label=gettext_lazy("Product")),
    Column(label=gettext_lazy("Reference")),
    Column(label=gettext_lazy("Status")),
    Column(label=gettext_lazy("Grade"), meaning="GB/T 43697-2024"),
    Column(label=gettext_lazy("Price against the band")),
    Column(label=pgettext_lazy("state", "Since")),
)
ORDER_COLUMNS = (
    Column(label=gettext_lazy("Product")),
    Column(label=pgettext_lazy("supervision", "Order")),
    Column(label=gettext_lazy("Status")),
    Column(label=gettext_lazy("Reason and legal basis")),
    Column(label=gettext_lazy("Ordered")),
)


class Products(Page):
    """Every product with its state, grade and price zone."""

    roles = REGULATOR
    look = "products"
    template_name = "regulator/products.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = ProductFilter(self.request.GET)
        seen = catalog.for_lists(catalog.products_visible_to(self.actor))
        found = _narrowed(seen, valid(form))
        head = Head(
            title=_("Listings"),
            kind=_("Regulator"),
            summary=_("Every product, listed or not; a listing is suspended on its own page."),
        )
        return super().get_context_data(
            head=head,
            form=form,
            page=paginate(found, self.request.GET, order=("-status_since", "-pk")),
            columns=PRODUCT_COLUMNS,
            **kwargs,
        )


def _narrowed(rows: QuerySet[Product], said: Mapping[str, Any]) -> QuerySet[Product]:
    if status := said.get("status"):
        rows = rows.filter(status=status)
    if grade := said.get("grade"):
        rows = rows.filter(current__grade=grade)
    if zone := said.get("zone"):
        rows = rows.filter(zone=zone)
    if text := said.get("text", "").strip():
        rows = rows.filter(
            Q(name__icontains=text)
            | Q(name_en__icontains=text)
            | Q(reference__iexact=text)
            | Q(provider__name__icontains=text)
        )
    return rows


class ProductDesk(Desk):
    """One product before the regulator: what it is, what it was judged by, and the order."""

    roles = REGULATOR
    look = "product"
    template_name = "regulator/product.html"
    product: Product

    def load(self, **kwargs: Any) -> None:
        self.product = catalog.get_product_for(self.actor, kwargs["reference"])

    def decisions(self) -> list[Decision]:
        orders = queries.supervision_visible_to(self.actor).filter(
            product=self.product, status=SupervisionState.IN_FORCE
        )
        reason = rules.why_not_suspend(self.actor, self.product)
        if present := orders.first():
            reason = _("The order %(reference)s is in force already.") % {
                "reference": present.reference
            }
        return [
            Decision(
                name="suspend",
                title=_("Order the suspension"),
                note=_("The listing and every access under it stop from this moment."),
                verb=_("Suspend the listing"),
                form_class=SuspensionForm,
                call=self._suspend,
                done=_("The listing is suspended by your order."),
                onward=reverse("regulator_product", args=[self.product.reference]),
                reason=reason,
                danger=True,
            )
        ]

    def _suspend(self, said: Mapping[str, Any]) -> None:
        services.order_suspension(
            product=self.product,
            reason=said["reason"],
            basis=said["basis"],
            by=self.actor,
            at=self.now,
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        product, release = self.product, self.product.current
        plan, appraisal = current_plan(product.reference), current_appraisal(product.reference)
        ask = None
        if plan is not None and release is not None:
            ask = asking_price(plan, rows=release.rows, size=release.size)
        newest = catalog.list_releases(self.actor, product).first()
        screening = compliance.latest_screening(newest) if newest else None
        return super().get_context_data(
            product=product,
            release=release,
            head=_product_head(
                product,
                [*self.way(), *evidence_action(self.actor, "PRODUCT", product.reference)],
            ),
            ask=ask,
            appraisal=appraisal,
            orders=list(queries.supervision_visible_to(self.actor).filter(product=product)),
            order_columns=ORDER_COLUMNS,
            findings=findings_of(screening) if screening else None,
            moments=moments_for(self.actor, "product", product.reference),
            **kwargs,
        )


def _product_head(product: Product, actions: Sequence[Action]) -> Head:
    return Head(
        title=product.name,
        kind=product.get_product_type_display(),
        reference=product.reference,
        owner=Link(
            label=product.provider.name,
            url=f"{reverse('regulator_products')}?text={product.provider.name}",
        ),
        status=product.status,
        status_label=product.get_status_display(),
        since=product.status_since,
        summary=product.name_en,
        actions=actions,
        crumbs=[Link(label=_("Listings"), url=reverse("regulator_products"))],
        why=[
            Link(
                label=_("Page and manual as buyers read them"),
                url=reverse("product", args=[product.reference]),
            ),
            Link(
                label=_("Full timeline"),
                url=reverse("timeline", args=["product", product.reference]),
            ),
            Link(label=_("Screening"), url="#screening"),
            Link(label=_("Grading"), url=reverse("regulator_grading", args=[product.reference])),
        ],
    )


class Orders(Page):
    """Supervision orders, those in force first."""

    roles = REGULATOR
    template_name = "regulator/orders.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = queries.supervision_visible_to(self.actor)
        head = Head(
            title=_("Supervision orders"),
            kind=_("Regulator"),
            summary=_("Orders bind the market until the authority that gave them lifts them."),
        )
        return super().get_context_data(
            head=head,
            in_force=list(rows.filter(status=SupervisionState.IN_FORCE)[:200]),
            page=paginate(
                rows.exclude(status=SupervisionState.IN_FORCE),
                self.request.GET,
                order=("-ordered_at", "-pk"),
            ),
            columns=ORDER_COLUMNS,
            **kwargs,
        )


class OrderDesk(Desk):
    """One supervision order, and its lifting."""

    roles = REGULATOR
    template_name = "regulator/order.html"
    supervision: SupervisionOrder

    def load(self, **kwargs: Any) -> None:
        self.supervision = queries.get_supervision_for(self.actor, kwargs["reference"])

    def decisions(self) -> list[Decision]:
        if self.supervision.status != SupervisionState.IN_FORCE:
            return []
        return [
            Decision(
                name="lift",
                title=_("Lift the order"),
                note=_("A listing still suspended goes on, with the accesses under it."),
                verb=_("Lift the order"),
                form_class=ReasonForm,
                call=lambda said: services.lift_suspension(
                    supervision=self.supervision,
                    reason=said["reason"],
                    by=self.actor,
                    at=self.now,
                ),
                done=_("The order is lifted."),
                onward=reverse("regulator_order", args=[self.supervision.reference]),
                reason=rules.why_not_lift(self.actor, self.supervision),
            )
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        order = self.supervision
        head = Head(
            title=order.product.name,
            kind=order.get_kind_display(),
            reference=order.reference,
            owner=Link(
                label=order.product.provider.name,
                url=reverse("regulator_product", args=[order.product.reference]),
            ),
            status=order.status,
            status_label=order.get_status_display(),
            since=order.lifted_at or order.ordered_at,
            actions=self.way(),
            crumbs=[Link(label=_("Supervision orders"), url=reverse("regulator_orders"))],
        )
        return super().get_context_data(
            order=order,
            head=head,
            moments=moments_for(self.actor, "supervision", order.reference),
            **kwargs,
        )


urlpatterns = [
    path("regulator/products/", Products.as_view(), name="regulator_products"),
    path("regulator/products/<str:reference>/", ProductDesk.as_view(), name="regulator_product"),
    path("regulator/orders/", Orders.as_view(), name="regulator_orders"),
    path("regulator/orders/<str:reference>/", OrderDesk.as_view(), name="regulator_order"),
]
