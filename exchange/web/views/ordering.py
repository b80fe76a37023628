"""Ordering a product: the price for a quantity as it is typed, and the scenario it is for."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponseBase
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.log.errors import NotAllowed
from audit.rulebook.queries import day_of
from exchange.catalog.models import Product, Release
from exchange.catalog.queries import current_release, get_product_for
from exchange.parties.queries import get_organization
from exchange.settlement.queries import balance_of, quote_charges
from exchange.trading import rules, services
from exchange.web.components import Head, Link
from exchange.web.forms.trade import LARGEST_QUANTITY, SCENE, order_form, scenario_of
from exchange.web.pages import FormPage
from exchange.web.pricing_lines import quote_lines
from exchange.web.trade import way
from pricing.models import Appraisal, Plan
from pricing.plans import reference_quantity
from pricing.queries import current_appraisal, current_plan, quote
from pricing.rules import asking_price
from pricing.states import PlanKind

UNITS = {
    PlanKind.FREE: gettext_lazy("Number of licenses"),
    PlanKind.ONE_OFF: gettext_lazy("Number of licenses"),
    PlanKind.SUBSCRIPTION: gettext_lazy("Number of periods"),
    PlanKind.PER_CALL: gettext_lazy("Number of calls"),
}
PREVIEW = "preview"
USUAL_TERM = 365


class NewOrder(FormPage):
    """Quantity with its price, the band beside it, and the scenario; everything is pinned."""

    roles = ("BUYER",)
    template_name = "orders/new.html"
    fragment = "orders/quote.html"
    done = gettext_lazy("Order placed and contract drafted. Read it, then sign.")
    product: Product
    release: Release
    plan: Plan
    appraisal: Appraisal

    def load(self, **kwargs: Any) -> None:
        self.product = get_product_for(self.actor, kwargs["reference"])
        if refusal := rules.why_not_order(self.actor, self.product):
            raise NotAllowed(refusal)
        release = current_release(self.product)
        plan = current_plan(self.product.reference)
        appraisal = current_appraisal(self.product.reference)
        if release is None or plan is None or appraisal is None:
            raise NotAllowed(_("The product has no release, no price or no appraisal now."))
        self.release, self.plan, self.appraisal = release, plan, appraisal

    @property
    def whole(self) -> bool:
        """Whether the release is sold whole, through the meter."""
        return self.plan.kind in {PlanKind.PER_ROW, PlanKind.PER_GB}

    def get_form(self) -> forms.Form:
        made = order_form(self.product, whole=self.whole)
        if self.request.method == "POST":
            form = made(self.request.POST, initial=self.initial())
        else:
            form = made(initial=self.initial())
        if "quantity" in form.fields:
            form.fields["quantity"].label = UNITS[PlanKind(self.plan.kind)]
            form.fields["quantity"].widget.attrs |= {
                "hx-get": self.request.path,
                "hx-trigger": "input changed delay:250ms",
                "hx-target": "#quote",
                "hx-sync": "this:replace",
            }
        return form

    def initial(self) -> dict[str, Any]:
        buyer = get_organization(self.actor.organization)
        return {
            "quantity": self.request.GET.get("quantity", "1"),
            "seen_terms": self.plan.terms_sha256,
            f"{SCENE}subject": buyer.name,
            f"{SCENE}term_days": USUAL_TERM,
            f"{SCENE}region": self.product.manual.get("use_region", ""),
            f"{SCENE}delete_after_term": True,
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Place the order; the button of the price only works it out and keeps the rest."""
        if PREVIEW in request.POST:
            form = self.get_form()
            shown = order_form(self.product, whole=self.whole)(initial=form.data.dict())  # type: ignore[attr-defined]
            return self.render_to_response(self.get_context_data(form=shown))
        return super().post(request, *args, **kwargs)

    def act(self, form: forms.Form) -> str:
        order = services.place_order(
            product=self.product,
            quantity=form.cleaned_data.get("quantity"),
            scenario=scenario_of(form),
            seen_terms=form.cleaned_data["seen_terms"],
            by=self.actor,
            at=self.now,
        )
        return reverse("order", args=[order.reference])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        product = self.product
        head = Head(
            title=_("Order"),
            kind=_("Data product"),
            reference=product.reference,
            summary=product.name,
            crumbs=[
                Link(label=_("Market"), url=reverse("market")),
                Link(label=product.name, url=reverse("product", args=[product.reference])),
            ],
        )
        context = super().get_context_data(head=head, product=product, **kwargs)
        return (
            context
            | self._price()
            | {
                "release": self.release,
                "plan": self.plan,
                "appraisal": self.appraisal,
                "ask": asking_price(self.plan, rows=self.release.rows, size=self.release.size),
                "whole": self.whole,
                "forbidden": product.manual.get("scenarios_forbidden", []),
                "product_url": way("product", product.reference),
            }
        )

    def _price(self) -> dict[str, Any]:
        """Return the quote for the quantity asked for, or why there is none."""
        if self.whole:
            quantity = reference_quantity(
                self.plan.terms, rows=self.release.rows, size=self.release.size
            )
        else:
            asked = self.request.POST.get("quantity") or self.request.GET.get("quantity", "1")
            if not (asked.isdecimal() and 1 <= int(asked[:12]) <= LARGEST_QUANTITY):
                return {"no_quote": _("Type a whole number from 1 on to see its price.")}
            quantity = int(asked)
        quoted = quote(self.plan, quantity, at=self.now)
        kind, total = self.product.product_type, quoted.total
        charges = None if total.is_zero else quote_charges(total, kind, on=day_of(self.now))
        return {
            "lines": quote_lines(quoted),
            "total": total,
            "charges": charges,
            "valid_until": quoted.valid_until,
            "available": balance_of(self.actor.organization, total.currency).available,
        }


urlpatterns = [
    path("market/<str:reference>/order/", NewOrder.as_view(), name="order_new"),
]
