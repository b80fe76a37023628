"""The board: what buyers look for, and what they ask before they order."""

from typing import Any, ClassVar

from django import forms
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.log.errors import NotAllowed
from exchange.catalog.models import Product
from exchange.catalog.queries import get_product_for
from exchange.trading import queries, rules, services
from exchange.trading.fields import DEMAND_FIELDS
from exchange.trading.models import Demand, Inquiry
from exchange.trading.states import InquiryState
from exchange.web.components import Action, Column, Head, Link
from exchange.web.forms.fields import sent
from exchange.web.forms.trade import AnswerForm, DemandForm, QuestionForm, StatusFilter
from exchange.web.pages import ActPage, FormPage, Page
from exchange.web.paging import paginate
from exchange.web.trade import OwnPage, SharedForm, links, way

DEMAND_COLUMNS = (
    Column(label=gettext_lazy("What is wanted")),
    Column(label=gettext_lazy("Reference")),
    Column(label=gettext_lazy("Wanted by")),
    Column(label=gettext_lazy("Budget"), number=True),
    Column(label=gettext_lazy("Needed until")),
    Column(label=gettext_lazy("Status")),
    Column(label=gettext_lazy("Posted")),
)
INQUIRY_COLUMNS = (
    Column(label=gettext_lazy("Question")),
    Column(label=gettext_lazy("Reference")),
    Column(label=gettext_lazy("Product")),
    Column(label=gettext_lazy("Other side")),
    Column(label=gettext_lazy("Status")),
    Column(label=gettext_lazy("Asked")),
    Column(label=gettext_lazy("Answered")),
)


class Demands(Page):
    """The public board of what is looked for."""

    public = True
    template_name = "board/demands.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = queries.demands_visible_to(self.actor).filter(status="POSTED")
        return super().get_context_data(**kwargs) | {
            "head": Head(
                title=_("Demand board"),
                kind=_("Public board"),
                summary=_("What buyers look for and nobody lists yet, and what it would serve."),
                actions=[_post_demand(rules.why_not_buy(self.actor), main=True)],
            ),
            "page": paginate(rows, self.request.GET),
            "columns": DEMAND_COLUMNS,
        }


class OwnDemands(OwnPage):
    """The demands of one's own organization, open and closed."""

    roles = ("BUYER",)
    template_name = "board/own_demands.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = queries.demands_visible_to(self.actor).filter(
            buyer__reference=self.actor.organization
        )
        refusal = rules.why_not_buy(self.actor)
        return super().get_context_data(**kwargs) | {
            "head": Head(
                title=_("Demands"),
                summary=_("What the market does not have yet. Providers read it on the board."),
                actions=[_post_demand(refusal, main=True)],
                why=links((_("Demand board"), way("demands"))),
            ),
            "page": paginate(rows, self.request.GET),
            "columns": DEMAND_COLUMNS,
            "empty_action": None if refusal else _post_demand(None),
        }


def _post_demand(refusal: str | None, *, main: bool = False) -> Action:
    return Action(
        label=_("Post a demand"), url=way("demand_new"), post=False, main=main, reason=refusal
    )


class NewDemand(FormPage):
    """Posting a demand."""

    roles = ("BUYER",)
    template_name = "board/demand_new.html"
    form_class = DemandForm
    done = gettext_lazy("The demand is on the board.")

    def load(self, **_kwargs: Any) -> None:
        if refusal := rules.why_not_buy(self.actor):
            raise NotAllowed(refusal)

    def act(self, form: forms.Form) -> str:
        values = sent(form, DEMAND_FIELDS)
        made = services.post_demand(demand=values, by=self.actor, at=self.now)
        return way("demand", made.reference)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        head = Head(
            title=_("Post a demand"),
            summary=_("Everybody reads it, with the name of your organization."),
            crumbs=[Link(label=_("Demands"), url=reverse("buyer_demands"))],
        )
        return super().get_context_data(head=head, **kwargs)


class DemandPage(Page):
    """One demand."""

    public = True
    look = "demand"
    template_name = "board/demand.html"
    demand: Demand

    def load(self, **kwargs: Any) -> None:
        self.demand = queries.get_demand_for(self.actor, kwargs["reference"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        demand = self.demand
        context = super().get_context_data(**kwargs)
        return context | {"demand": demand, "head": self._head()}

    def _head(self) -> Head:
        demand = self.demand
        actions = []
        if demand.lifecycle.allowed(demand.status) and self.actor.is_identified:
            refusal = rules.why_not_close_demand(self.actor, demand)
            own = self.actor.organization == demand.buyer.reference
            close = Action(
                label=_("Take it off the board"),
                url=reverse("demand_close", args=[demand.reference]),
                ask=_("Providers will no longer see it. Close this demand?"),
                reason=refusal,
            )
            actions = [close] if own or not refusal else []
        return Head(
            title=demand.title,
            kind=_("Demand"),
            reference=demand.reference,
            status=demand.status,
            status_label=demand.get_status_display(),
            since=demand.closed_at or demand.posted_at,
            actions=actions,
            crumbs=[Link(label=_("Demand board"), url=reverse("demands"))],
        )


class CloseDemand(ActPage):
    """Taking a demand off the board."""

    member = True
    done = gettext_lazy("The demand is off the board.")

    def act(self) -> str:
        demand = queries.get_demand_for(self.actor, self.kwargs["reference"])
        services.close_demand(demand=demand, by=self.actor, at=self.now)
        return way("demand", demand.reference)


class Inquiries(OwnPage):
    """The inquiries of one side."""

    template_name = "board/inquiries.html"
    side: ClassVar[str]
    summary: ClassVar[Any]
    empty: ClassVar[Any]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        own = {f"{self.side}__reference": self.actor.organization}
        rows = queries.inquiries_visible_to(self.actor).filter(**own)
        status = self.request.GET.get("status", "")
        if status in InquiryState.values:
            rows = rows.filter(status=status)
        return super().get_context_data(**kwargs) | {
            "head": Head(title=_("Inquiries"), summary=self.summary),
            "filters": StatusFilter(self.request.GET, choices=InquiryState.choices),
            "page": paginate(rows, self.request.GET),
            "columns": INQUIRY_COLUMNS,
            "side": self.side,
            "empty": self.empty,
        }


class BuyerInquiries(Inquiries):
    """What one's organization asked."""

    roles = ("BUYER",)
    side = "buyer"
    summary = gettext_lazy("What you asked about products, and what their providers answered.")
    empty = gettext_lazy("You asked nothing yet. Every product's page has a way to ask.")


class ProviderInquiries(Inquiries):
    """What one's organization was asked."""

    roles = ("PROVIDER",)
    side = "provider"
    summary = gettext_lazy("What buyers ask about your products; each is answered once.")
    empty = gettext_lazy("Nobody asked anything yet.")


class NewInquiry(FormPage):
    """Asking the provider of a product."""

    roles = ("BUYER",)
    template_name = "board/inquiry_new.html"
    form_class = QuestionForm
    done = gettext_lazy("Your question was sent to the provider.")
    product: Product

    def load(self, **kwargs: Any) -> None:
        self.product = get_product_for(self.actor, kwargs["reference"])
        if refusal := rules.why_not_inquire(self.actor, self.product):
            raise NotAllowed(refusal)

    def act(self, form: forms.Form) -> str:
        made = services.open_inquiry(
            product=self.product,
            question=form.cleaned_data["question"],
            by=self.actor,
            at=self.now,
        )
        return way("inquiry", made.reference)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        product = self.product
        head = Head(
            title=_("Ask the provider"),
            kind=_("Inquiry"),
            summary=product.name,
            crumbs=[
                Link(label=_("Market"), url=reverse("market")),
                Link(label=product.name, url=reverse("product", args=[product.reference])),
            ],
        )
        return super().get_context_data(head=head, product=product, **kwargs)


class InquiryPage(SharedForm):
    """A question and its answer; the provider answers here."""

    room = "inquiries"
    look = "inquiry"
    template_name = "board/inquiry.html"
    form_class = AnswerForm
    done = gettext_lazy("Your answer was sent to the buyer.")
    inquiry: Inquiry

    def load(self, **kwargs: Any) -> None:
        self.inquiry = queries.get_inquiry_for(self.actor, kwargs["reference"])
        self.stand(buyer=self.inquiry.buyer.reference, provider=self.inquiry.provider.reference)
        refusal = rules.why_not_answer(self.actor, self.inquiry)
        if refusal and self.request.method == "POST":
            raise NotAllowed(refusal)

    def act(self, form: forms.Form) -> str:
        services.answer_inquiry(
            inquiry=self.inquiry,
            answer=form.cleaned_data["answer"],
            by=self.actor,
            at=self.now,
        )
        return way("inquiry", self.inquiry.reference)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        inquiry = self.inquiry
        is_open = inquiry.status == InquiryState.OPEN
        refusal = rules.why_not_answer(self.actor, inquiry)
        return super().get_context_data(**kwargs) | {
            "inquiry": inquiry,
            "head": self._head(refusal if is_open else None),
            "may_answer": is_open and not refusal,
            "waits": is_open and self.actor.organization != inquiry.provider.reference,
        }

    def _head(self, refusal: str | None) -> Head:
        inquiry, product = self.inquiry, self.inquiry.product
        actions = []
        if refusal and self.actor.organization == inquiry.provider.reference:
            actions = [Action(label=_("Answer"), url="", reason=refusal)]
        if self.actor.organization == inquiry.buyer.reference and product.is_listed:
            order = way("order_new", product.reference)
            actions = [Action(label=_("Order"), url=order, post=False)]
        return Head(
            title=product.name,
            kind=_("Inquiry"),
            reference=inquiry.reference,
            status=inquiry.status,
            status_label=inquiry.get_status_display(),
            since=inquiry.answered_at or inquiry.opened_at,
            actions=actions,
            crumbs=links((_("Inquiries"), str(getattr(self.request, "place", "")))),
            why=links((_("Product"), way("product", product.reference))),
        )


urlpatterns = [
    path("demands/", Demands.as_view(), name="demands"),
    path("demands/<str:reference>/", DemandPage.as_view(), name="demand"),
    path("demands/<str:reference>/close/", CloseDemand.as_view(), name="demand_close"),
    path("buyer/demands/", OwnDemands.as_view(), name="buyer_demands"),
    path("buyer/demands/new/", NewDemand.as_view(), name="demand_new"),
    path("buyer/inquiries/", BuyerInquiries.as_view(), name="buyer_inquiries"),
    path("provider/inquiries/", ProviderInquiries.as_view(), name="provider_inquiries"),
    path("market/<str:reference>/ask/", NewInquiry.as_view(), name="inquiry_new"),
    path("inquiries/<str:reference>/", InquiryPage.as_view(), name="inquiry"),
]
