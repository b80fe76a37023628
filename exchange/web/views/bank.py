"""Money at the operator's desk: what the bank brought and took, disputes, the ledger's proof."""

import uuid
from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from audit.log.errors import NotFound
from exchange.delivery.queries import accesses_visible_to
from exchange.parties.models import Organization
from exchange.parties.queries import organization_names
from exchange.parties.states import OrganizationState
from exchange.settlement import queries, rules, services
from exchange.settlement.states import AccountKind, TransferKind
from exchange.trading import queries as trades
from exchange.trading import rules as trade_rules
from exchange.trading.models import Order
from exchange.trading.services import refund_order, release_order
from exchange.trading.states import OrderState
from exchange.web.components import Action, Column, Head, Link
from exchange.web.forms.decisions import BankForm
from exchange.web.forms.reasons import ReasonForm
from exchange.web.pages import FormPage, Page
from exchange.web.paging import paginate
from exchange.web.timelines import moments_for
from pricing.money import DEFAULT_CURRENCY, Money

from .desk import Decision, Desk

TRIAL_COLUMNS = (
    Column(label=gettext_lazy("Account")),
    Column(
        label=gettext_lazy("Balance"),
        meaning=gettext_lazy("What the exchange owes; the bank's side is negative"),
        number=True,
    ),
)
DISPUTE_COLUMNS = (
    Column(label=gettext_lazy("Product")),
    Column(label=pgettext_lazy("purchase", "Order")),
    Column(label=gettext_lazy("Ground")),
    Column(label=gettext_lazy("In escrow"), number=True),
    Column(label=gettext_lazy("Delivered")),
)
BANK_COLUMNS = (
    Column(label=pgettext_lazy("party", "Organization")),
    Column(label=gettext_lazy("Kind")),
    Column(label=gettext_lazy("Amount"), number=True),
    Column(label=gettext_lazy("The bank's reference")),
    Column(label=gettext_lazy("Booked")),
)
BALANCE_COLUMNS = (
    Column(label=pgettext_lazy("party", "Organization")),
    Column(label=gettext_lazy("Status")),
    Column(label=gettext_lazy("Available"), number=True),
    Column(label=gettext_lazy("In escrow"), number=True),
)
ACCESS_COLUMNS = (
    Column(label=gettext_lazy("Access")),
    Column(label=gettext_lazy("Status")),
    Column(label=gettext_lazy("Bytes sent"), number=True),
)
SHOWN = 20
OPERATOR = ("OPERATOR",)


class Payments(Page):
    """Trial balance, discrepancies, disputes, bank movements, and everybody's balance."""

    roles = OPERATOR
    template_name = "operator/payments.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        bank = queries.transfers_visible_to(self.actor).filter(
            kind__in=[TransferKind.DEPOSIT, TransferKind.WITHDRAWAL]
        )
        moved = list(bank[:SHOWN])
        names = organization_names(transfer.party for transfer in moved)
        members = Organization.objects.exclude(status=OrganizationState.APPLIED)
        page = paginate(members, self.request.GET, order=("name", "pk"), size=SHOWN)
        kinds = dict(AccountKind.choices)
        return super().get_context_data(
            head=self._head(),
            trial=[
                {
                    "total": total,
                    "rows": [(kinds[kind], amount) for kind, amount in total.by_kind.items()],
                }
                for total in queries.trial_balance()
            ],
            discrepancies=queries.list_discrepancies(),
            disputes=list(disputes_of(self)),
            moved=[(transfer, names.get(transfer.party, transfer.party)) for transfer in moved],
            balances=[(row, queries.balance_of(row.reference)) for row in page],
            page=page,
            trial_columns=TRIAL_COLUMNS,
            dispute_columns=DISPUTE_COLUMNS,
            bank_columns=BANK_COLUMNS,
            balance_columns=BALANCE_COLUMNS,
            **kwargs,
        )

    def _head(self) -> Head:
        reason = rules.why_not_book_bank_money(self.actor)
        return Head(
            title=_("Clearing"),
            kind=_("Operator"),
            summary=_("Money in escrow belongs to the parties; the ledger proves it to the fen."),
            actions=[
                Action(
                    label=_("Book a deposit"),
                    url=reverse("operator_deposit"),
                    post=False,
                    main=True,
                    reason=reason,
                ),
                Action(
                    label=_("Book a withdrawal"),
                    url=reverse("operator_withdrawal"),
                    post=False,
                    reason=reason,
                ),
            ],
            why=[
                Link(label=_("Trial balance"), url="#trial"),
                Link(label=_("Disputes"), url="#disputes"),
                Link(label=_("Accounts"), url="#accounts"),
            ],
        )


def disputes_of(page: Page) -> Any:
    """Return the orders whose money waits for a decision, the oldest first."""
    rows = trades.orders_visible_to(page.actor).filter(status=OrderState.DISPUTED)
    return rows.order_by("delivered_at", "pk")


class BankMoney(FormPage):
    """Book what stands on the bank's statement; sent twice, it is booked once."""

    roles = OPERATOR
    template_name = "operator/bank.html"
    incoming: ClassVar[bool] = True
    done = gettext_lazy("The movement is booked.")

    def load(self, **_kwargs: Any) -> None:
        self.refusal = rules.why_not_book_bank_money(self.actor)

    def initial(self) -> dict[str, Any]:
        chosen = self.request.GET.get("organization", "")
        return {
            "transfer_id": uuid.uuid4(),
            "currency": DEFAULT_CURRENCY,
            "organization": chosen,
        }

    def get_form(self) -> forms.Form:
        sent = self.request.POST if self.request.method == "POST" else None
        form = BankForm(sent, initial=self.initial())
        members = Organization.objects.filter(
            status__in=[OrganizationState.ADMITTED, OrganizationState.SUSPENDED]
        ).exclude(roles=["OPERATOR"])
        rows = members.order_by("name", "pk").values_list("reference", "name")
        field = form.fields["organization"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  declared so
        field.choices = [("", "–"), *((ref, f"{name} ({ref})") for ref, name in rows)]
        return form

    def act(self, form: forms.Form) -> str:
        said = form.cleaned_data
        book = services.deposit if self.incoming else services.withdraw
        book(
            organization=said["organization"],
            amount=Money(said["amount"], said["currency"]),
            bank_reference=said["bank_reference"],
            transfer_id=said["transfer_id"],
            by=self.actor,
            at=self.now,
        )
        return reverse("operator_statement", args=[said["organization"]])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        head = Head(
            title=_("Book a deposit") if self.incoming else _("Book a withdrawal"),
            kind=_("Clearing"),
            summary=_("Money that arrived on the exchange's bank account for an organization.")
            if self.incoming
            else _("Money that the bank paid out to an organization; only what is available."),
            crumbs=[Link(label=_("Clearing"), url=reverse("operator_settlement"))],
        )
        return super().get_context_data(
            head=head,
            refusal=self.refusal,
            verb=_("Book the deposit") if self.incoming else _("Book the withdrawal"),
            **kwargs,
        )


class Dispute(Desk):
    """One rejected delivery: what was agreed, delivered and objected; release or refund."""

    roles = OPERATOR
    template_name = "operator/dispute.html"
    order: Order

    def load(self, **kwargs: Any) -> None:
        self.order = trades.get_order_for(self.actor, kwargs["reference"])
        if not self.order.ground and self.order.status != OrderState.DISPUTED:
            raise NotFound(_("This order was never in dispute."))

    def decisions(self) -> list[Decision]:
        if self.order.status != OrderState.DISPUTED:
            return []
        reason = trade_rules.why_not_decide(self.actor)
        here = reverse("operator_dispute", args=[self.order.reference])
        release = Decision(
            name="release",
            title=_("For the provider"),
            verb=_("Release the escrow to the provider"),
            note=_("The delivery counts as accepted; settlement follows at once."),
            form_class=ReasonForm,
            call=lambda said: self._decide(release_order, said),
            done=_("The dispute is decided for the provider."),
            onward=here,
            reason=reason,
        )
        refund = Decision(
            name="refund",
            title=_("For the buyer"),
            verb=_("Refund the buyer"),
            note=_("The escrow returns to the buyer; access and contract end."),
            form_class=ReasonForm,
            call=lambda said: self._decide(refund_order, said),
            done=_("The dispute is decided for the buyer."),
            onward=here,
            reason=reason,
            danger=True,
        )
        return [release, refund]

    def _decide(self, verb: Any, said: Mapping[str, Any]) -> None:
        verb(order=self.order, reason=said["reason"], by=self.actor, at=self.now)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        order = self.order
        accesses = accesses_visible_to(self.actor).filter(grant=order.grant)
        return super().get_context_data(
            order=order,
            head=self._head(),
            accesses=list(accesses) if order.grant else [],
            access_columns=ACCESS_COLUMNS,
            moments=moments_for(self.actor, "order", order.reference),
            **kwargs,
        )

    def _head(self) -> Head:
        order = self.order
        return Head(
            title=order.product.name,
            kind=_("Dispute"),
            reference=order.reference,
            status=order.status,
            status_label=order.get_status_display(),
            since=order.closed_at or order.accepted_at or order.delivered_at,
            actions=self.way(),
            crumbs=[Link(label=_("Clearing"), url=reverse("operator_settlement"))],
            why=[
                Link(
                    label=_("Timeline of the order"),
                    url=reverse("timeline", args=["order", order.reference]),
                )
            ],
        )


urlpatterns = [
    path("operator/settlement/", Payments.as_view(), name="operator_settlement"),
    path("operator/settlement/deposit/", BankMoney.as_view(), name="operator_deposit"),
    path(
        "operator/settlement/withdrawal/",
        BankMoney.as_view(incoming=False),
        name="operator_withdrawal",
    ),
    path(
        "operator/settlement/disputes/<str:reference>/",
        Dispute.as_view(),
        name="operator_dispute",
    ),
]
