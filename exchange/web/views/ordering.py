"""Ordering a product: the price for a quantity as it is typed, and the scenario it is for."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponseBase
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.log.errors import Invalid, NotAllowed
from exchange.catalog.models import Product, Release
from exchange.catalog.queries import current_release, get_product_for
from exchange.compliance.export_words import describe
from exchange.compliance.exports import weigh
from exchange.parties.models import Organization
from exchange.parties.queries import get_organization
from exchange.settlement.queries import balance_of
from exchange.trading import rules, services
from exchange.trading.circumstances import Offered, offered_terms
from exchange.trading.gates import ask_for
from exchange.trading.models import Negotiation
from exchange.trading.queries import get_negotiation_for
from exchange.trading.quoting import agreed_terms, quotation_for
from exchange.web.components import Head, Link
from exchange.web.forms.trade import LARGEST_QUANTITY, SCENE, order_form, scenario_of
from exchange.web.pages import FormPage
from exchange.web.pricing_lines import price_stages, quote_lines
from exchange.web.trade import way
from pricing.models import Appraisal, Plan
from pricing.queries import current_appraisal, current_plan
from pricing.quotes import reference_quantity
from pricing.rules import asking_price
from pricing.states import PlanKind

UNITS = {
    PlanKind.FREE: gettext_lazy("Number of licenses"),
    PlanKind.ONE_OFF: gettext_lazy("Number of licenses"),
    PlanKind.SUBSCRIPTION: gettext_lazy("Number of periods"),
    PlanKind.PER_CALL: gettext_lazy("Number of calls"),
}
PREVIEW = "preview"
AGREED = "negotiation"
USE = f"{SCENE}use"
ASK_ANEW = {"hx-target": "#quote", "hx-sync": "closest form:replace"}
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
    buyer: Organization
    offered: Offered
    negotiation: Negotiation | None = None

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
        self.buyer = get_organization(self.actor.organization)
        self.offered = offered_terms(self.product, plan, self.buyer, at=self.now)
        named = self.request.POST.get(AGREED) or self.request.GET.get(AGREED)
        if named:
            self.negotiation = get_negotiation_for(self.actor, named)
            if refusal := rules.why_not_order_at(self.actor, self.negotiation, self.now):
                raise NotAllowed(refusal)
            self.offered = agreed_terms(self.negotiation, plan)

    @property
    def whole(self) -> bool:
        """Whether the release is sold whole, through the meter."""
        return self.offered.terms.kind in {PlanKind.PER_ROW, PlanKind.PER_GB}

    @property
    def least(self) -> str:
        """The quantity that the form begins with: what was agreed on, or the least."""
        if self.negotiation is not None:
            return str(self.negotiation.quantity)
        sizes = [package.units for package in self.offered.terms.packages]
        return str(min(sizes, default=1))

    def get_form(self) -> forms.Form:
        made = order_form(self.product, whole=self.whole)
        if self.request.method == "POST":
            form = made(self.request.POST, initial=self.initial())
        else:
            form = made(initial=self.initial())
        if "quantity" in form.fields:
            form.fields["quantity"].label = UNITS[self.offered.terms.kind]
            form.fields["quantity"].widget.attrs |= ASK_ANEW | {
                "hx-get": self.request.path,
                "hx-trigger": "input changed delay:250ms",
                "hx-include": f"[name='{USE}'], [name='{AGREED}']",
            }
        if self.offered.terms.scenarios:
            form.fields[USE].widget.attrs |= ASK_ANEW | {
                "hx-get": self.request.path,
                "hx-trigger": "change",
                "hx-include": f"[name='quantity'], [name='{AGREED}']",
            }
        return form

    def initial(self) -> dict[str, Any]:
        return {
            "quantity": self.request.GET.get("quantity", self.least),
            "seen_terms": self.offered.terms.sha256,
            AGREED: self.negotiation.reference if self.negotiation else "",
            f"{SCENE}subject": self.buyer.name,
            f"{SCENE}use": self.negotiation.scenario if self.negotiation else None,
            f"{SCENE}term_days": USUAL_TERM,
            f"{SCENE}region": self.product.manual.get("use_region", ""),
            f"{SCENE}delete_after_term": True,
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Place the order; the button of the price only works it out and keeps the rest."""
        if PREVIEW in request.POST:
            form = self.get_form()
            shown = order_form(self.product, whole=self.whole)(initial=_typed(form))
            return self.render_to_response(
                self.get_context_data(form=shown, weighed=self._weighed(form))
            )
        return super().post(request, *args, **kwargs)

    def act(self, form: forms.Form) -> str:
        order = services.place_order(
            product=self.product,
            quantity=form.cleaned_data.get("quantity"),
            scenario=scenario_of(form),
            seen_terms=form.cleaned_data["seen_terms"],
            negotiation=self.negotiation,
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
                "negotiation": self.negotiation,
                "offered": self.offered,
                "appraisal": self.appraisal,
                "ask": asking_price(self.plan, rows=self.release.rows, size=self.release.size),
                "whole": self.whole,
                "forbidden": product.manual.get("scenarios_forbidden", []),
                "product_url": way("product", product.reference),
            }
        )

    def _weighed(self, form: forms.Form) -> dict[str, Any] | None:
        """Return what it takes for the data to go where the form says, where that matters."""
        form.full_clean()
        said = {name: value for name, value in scenario_of(form).items() if value}
        buyer = get_organization(self.actor.organization)
        ask = ask_for(self.product, self.release, buyer, said)
        return None if ask is None else describe(weigh(ask, self.now))

    def _price(self) -> dict[str, Any]:
        """Return the quote for the quantity asked for, or why there is none."""
        if self.whole:
            quantity = reference_quantity(
                self.offered.terms, rows=self.release.rows, size=self.release.size
            )
        else:
            asked = self.request.POST.get("quantity") or self.request.GET.get(
                "quantity", self.least
            )
            if not (asked.isdecimal() and 1 <= int(asked[:12]) <= LARGEST_QUANTITY):
                return {"no_quote": _("Type a whole number from 1 on to see its price.")}
            quantity = int(asked)
        try:
            found = quotation_for(
                self.product,
                self.plan,
                buyer=self.buyer,
                quantity=quantity,
                scenario=self.request.POST.get(USE) or self.request.GET.get(USE, ""),
                negotiation=self.negotiation,
                at=self.now,
            )
        except Invalid as error:
            return {"no_quote": " ".join(map(str, error.fields["quantity"]))}
        except NotAllowed as error:
            return {"no_quote": str(error)}
        quoted, total = found.quote, found.quote.total
        return {
            "lines": quote_lines(quoted),
            "stages": price_stages(found.as_document()),
            "renewed": found.offered.renewed,
            "total": total,
            "charges": found.charges,
            "valid_until": quoted.valid_until,
            "available": balance_of(self.actor.organization, total.currency).available,
        }


def _typed(form: forms.Form) -> dict[str, Any]:
    """Return what was typed in, lists as lists, to be shown again."""
    data: Any = form.data
    return {
        name: data.getlist(name) if isinstance(field, forms.MultipleChoiceField) else data[name]
        for name, field in form.fields.items()
        if name in data
    }


urlpatterns = [
    path("market/<str:reference>/order/", NewOrder.as_view(), name="order_new"),
]
