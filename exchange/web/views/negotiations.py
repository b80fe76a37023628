"""Negotiation of a price: a buyer's offer and the answers of both sides."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

from django import forms
from django.urls import path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.log.errors import NotAllowed
from audit.rulebook.queries import day_of, get_pack
from exchange.catalog.models import Product
from exchange.catalog.queries import get_product_for
from exchange.parties.queries import get_organization
from exchange.trading import queries, rules, services
from exchange.trading.models import Negotiation
from exchange.trading.quoting import quantity_of, quotation_for
from exchange.trading.states import OPEN_NEGOTIATIONS, NegotiationState
from exchange.web.components import Action, Column, Head, Link
from exchange.web.forms.negotiation import RefusalForm, RoundForm, offer_form, stated_in
from exchange.web.pages import ActPage, FormPage
from exchange.web.timelines import moments_for
from exchange.web.trade import SharedForm, SharedPage, links, way
from pricing.models import Plan
from pricing.queries import current_plan
from pricing.quotes import Quote
from pricing.states import PlanKind

from .bargains import DISCOUNT_COLUMNS

OFFER_COLUMNS = (
    Column(label=gettext_lazy("Round"), number=True),
    Column(label=gettext_lazy("Offered by")),
    Column(label=gettext_lazy("Quantity"), number=True),
    Column(label=gettext_lazy("Price"), number=True),
    Column(label=gettext_lazy("Reason")),
    Column(label=gettext_lazy("Binds until")),
)
USUAL_DAYS = 7


class _Offering(FormPage):
    """A form in which a price is offered."""

    @cached_property
    def pack(self) -> Mapping[str, Any]:
        """Return the rules of negotiation today."""
        found: Mapping[str, Any] = get_pack("trading", on=day_of(self.now)).data["negotiation"]
        return found

    def made_form(self, product: Product, scenarios: list[str]) -> type[forms.Form]:
        """Return the form that fits what is sold."""
        plan = current_plan(product.reference)
        return offer_form(
            today=day_of(self.now),
            days=int(self.pack["binding_days_most"]),
            reasons=self.pack["reasons"],
            whole=plan is not None and plan.kind in {PlanKind.PER_ROW, PlanKind.PER_GB},
            scenarios=scenarios,
        )


class NewNegotiation(_Offering):
    """A buyer's first offer."""

    roles = ("BUYER",)
    template_name = "negotiations/new.html"
    done = gettext_lazy("Your offer was sent to the provider; it binds you until its day.")
    product: Product

    def load(self, **kwargs: Any) -> None:
        self.product = get_product_for(self.actor, kwargs["reference"])
        plan = current_plan(self.product.reference)
        if refusal := rules.why_not_negotiate(self.actor, self.product, plan):
            raise NotAllowed(refusal)

    def get_form(self) -> forms.Form:
        scenarios = [str(text) for text in self.product.manual.get("scenarios_allowed", [])]
        made = self.made_form(self.product, scenarios)
        if self.request.method == "POST":
            return made(self.request.POST)
        last = day_of(self.now) + timedelta(days=USUAL_DAYS)
        return made(initial={"quantity": 1, "binding_on": last, "scenario": scenarios[0]})

    def act(self, form: forms.Form) -> str:
        made = services.open_negotiation(
            product=self.product,
            stated=services.OfferStated(**stated_in(form)),
            scenario=form.cleaned_data["scenario"],
            by=self.actor,
            at=self.now,
        )
        return way("negotiation", made.reference)

    def posted(self, plan: Plan) -> Quote:
        """Return what the plan asks of this buyer for the least it can order."""
        sizes = [package.units for package in plan.terms.packages]
        whole = plan.kind in {PlanKind.PER_ROW, PlanKind.PER_GB}
        least = None if whole else min(sizes, default=1)
        return quotation_for(
            self.product,
            plan,
            buyer=get_organization(self.actor.organization),
            quantity=quantity_of(plan.terms, self.product.current, least),
            at=self.now,
        ).quote

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        product = self.product
        head = Head(
            title=_("Offer a price"),
            kind=_("Negotiation"),
            summary=product.name,
            crumbs=[
                Link(label=_("Market"), url=reverse("market")),
                Link(label=product.name, url=reverse("product", args=[product.reference])),
            ],
        )
        plan = current_plan(product.reference)
        return super().get_context_data(
            head=head,
            product=product,
            plan=plan,
            posted=self.posted(plan) if plan else None,
            terms=plan.terms if plan else None,
            discounts=queries.agreed_discounts(product)[:5],
            discount_columns=DISCOUNT_COLUMNS,
            **kwargs,
        )


class NegotiationPage(SharedPage):
    """Every offer of a negotiation, and what the reader may do about the last one."""

    room = "negotiations"
    look = "negotiation"
    template_name = "negotiations/negotiation.html"
    negotiation: Negotiation

    def load(self, **kwargs: Any) -> None:
        self.negotiation = queries.get_negotiation_for(self.actor, kwargs["reference"])
        self.stand(
            buyer=self.negotiation.buyer.reference, provider=self.negotiation.provider.reference
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        negotiation = self.negotiation
        return super().get_context_data(**kwargs) | {
            "negotiation": negotiation,
            "offers": negotiation.offers.all(),
            "columns": OFFER_COLUMNS,
            "head": self._head(),
            "is_open": negotiation.status in OPEN_NEGOTIATIONS,
            "discounts": queries.agreed_discounts(negotiation.product)[:5],
            "discount_columns": DISCOUNT_COLUMNS,
            "moments": moments_for(self.actor, "negotiation", negotiation.reference, limit=12),
        }

    def _head(self) -> Head:
        negotiation, product = self.negotiation, self.negotiation.product
        number = negotiation.round
        return Head(
            title=product.name,
            kind=_("Negotiation"),
            reference=negotiation.reference,
            status=negotiation.status,
            status_label=negotiation.get_status_display(),
            since=negotiation.closed_at or negotiation.offers.get(number=number).offered_at,
            actions=self._actions(),
            crumbs=links((_("Negotiations"), str(getattr(self.request, "place", "")))),
            why=links(
                (_("Product"), way("product", product.reference)),
                (_("Agreed discounts"), way("product_discounts", product.reference)),
            ),
        )

    def _actions(self) -> list[Action]:
        negotiation, reference = self.negotiation, self.negotiation.reference
        if negotiation.status in OPEN_NEGOTIATIONS:
            refusal = rules.why_not_answer_offer(self.actor, negotiation, self.now)
            if self.actor.has_role("REGULATOR", "OPERATOR"):
                return []
            return [
                Action(
                    label=_("Accept the offer"),
                    url=way("negotiation_accept", reference),
                    main=True,
                    reason=refusal,
                    ask=_("The price is then agreed and binds both sides. Accept it?"),
                    fields={"round": str(negotiation.round)},
                ),
                Action(
                    label=_("Offer another price"),
                    url=way("negotiation_counter", reference),
                    post=False,
                    reason=refusal,
                ),
                Action(
                    label=_("Refuse"),
                    url=way("negotiation_refuse", reference),
                    post=False,
                    danger=True,
                    reason=refusal,
                ),
            ]
        if negotiation.status != NegotiationState.AGREED:
            return []
        if self.actor.organization != negotiation.buyer.reference:
            return []
        order = Action(
            label=_("Order at the price"),
            url=f"{way('order_new', negotiation.product.reference)}?negotiation={reference}",
            post=False,
            main=True,
            reason=rules.why_not_order_at(self.actor, negotiation, self.now),
        )
        return [order]


class OfNegotiation(SharedForm):
    """A form that answers the offer on the table."""

    room = "negotiations"
    template_name = "negotiations/answer.html"
    title: ClassVar[Any]
    button: ClassVar[Any]
    negotiation: Negotiation

    def load(self, **kwargs: Any) -> None:
        self.negotiation = queries.get_negotiation_for(self.actor, kwargs["reference"])
        self.stand(
            buyer=self.negotiation.buyer.reference, provider=self.negotiation.provider.reference
        )
        if refusal := rules.why_not_take_part(self.actor, self.negotiation):
            raise NotAllowed(refusal)

    def initial(self) -> dict[str, Any]:
        return {"round": self.negotiation.round}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        negotiation = self.negotiation
        here = way("negotiation", negotiation.reference)
        head = Head(
            title=self.title,
            kind=_("Negotiation"),
            reference=negotiation.reference,
            summary=negotiation.product.name,
            crumbs=links((negotiation.reference, here)),
        )
        return super().get_context_data(
            head=head,
            negotiation=negotiation,
            offers=negotiation.offers.all(),
            columns=OFFER_COLUMNS,
            button=self.button,
            back_url=here,
            **kwargs,
        )


class Counter(OfNegotiation, _Offering):
    """Another price in answer."""

    title = gettext_lazy("Offer another price")
    button = gettext_lazy("Send the offer")
    done = gettext_lazy("Your offer was sent; it binds you until its day.")

    def get_form(self) -> forms.Form:
        made = self.made_form(self.negotiation.product, [])
        if self.request.method == "POST":
            return made(self.request.POST)
        last = day_of(self.now) + timedelta(days=USUAL_DAYS)
        said = {
            "quantity": self.negotiation.quantity,
            "reason": self.negotiation.reason,
            "binding_on": last,
        }
        return made(initial=self.initial() | said)

    def act(self, form: forms.Form) -> str:
        services.counter_offer(
            negotiation=self.negotiation,
            seen_round=form.cleaned_data["round"],
            stated=services.OfferStated(**stated_in(form)),
            by=self.actor,
            at=self.now,
        )
        return way("negotiation", self.negotiation.reference)


class Refuse(OfNegotiation):
    """The end of a negotiation."""

    form_class = RefusalForm
    title = gettext_lazy("Refuse the offer")
    button = gettext_lazy("Refuse and end the negotiation")
    done = gettext_lazy("The offer was refused; the negotiation has ended.")

    def act(self, form: forms.Form) -> str:
        services.refuse_offer(
            negotiation=self.negotiation,
            seen_round=form.cleaned_data["round"],
            reason=form.cleaned_data["reason"],
            by=self.actor,
            at=self.now,
        )
        return way("negotiation", self.negotiation.reference)


class Accept(ActPage):
    """The agreement."""

    member = True
    done = gettext_lazy("The price is agreed.")

    def act(self) -> str:
        negotiation = queries.get_negotiation_for(self.actor, self.kwargs["reference"])
        form = RoundForm(self.request.POST)
        services.accept_offer(
            negotiation=negotiation,
            seen_round=form.cleaned_data["round"] if form.is_valid() else 0,
            by=self.actor,
            at=self.now,
        )
        return way("negotiation", negotiation.reference)


urlpatterns = [
    path("market/<str:reference>/negotiate/", NewNegotiation.as_view(), name="negotiation_new"),
    path("negotiations/<str:reference>/", NegotiationPage.as_view(), name="negotiation"),
    path("negotiations/<str:reference>/accept/", Accept.as_view(), name="negotiation_accept"),
    path("negotiations/<str:reference>/counter/", Counter.as_view(), name="negotiation_counter"),
    path("negotiations/<str:reference>/refuse/", Refuse.as_view(), name="negotiation_refuse"),
]
