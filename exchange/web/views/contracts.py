"""Contracts as both sides read, sign, print and end them."""

from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.log.actors import Actor
from audit.log.errors import NotAllowed
from exchange.catalog.chapters.use import USE
from exchange.trading import queries, rules, services
from exchange.trading.fields import SCENARIO_FIELDS
from exchange.trading.models import Contract, Order
from exchange.trading.rendering import ContractView, Row, Worded, render_contract
from exchange.trading.states import CONTRACT, ContractState, OrderState
from exchange.web.components import Action, Column, Head
from exchange.web.forms.trade import GroundForm, SignForm
from exchange.web.scenes import fields_by_name, in_words
from exchange.web.trade import (
    SharedForm,
    SharedPage,
    links,
    name_of_actor,
    names_for,
    since_in_log,
    way,
)

SIGNATURE_COLUMNS = (
    Column(label=gettext_lazy("For")),
    Column(label=gettext_lazy("Signed by")),
    Column(label=gettext_lazy("When")),
    Column(label=gettext_lazy("Key and who keeps it")),
)
PATH = (
    ContractState.DRAFTED,
    ContractState.SIGNED_BY_PROVIDER,
    ContractState.EFFECTIVE,
    ContractState.COMPLETED,
)
FIELDS = fields_by_name([*SCENARIO_FIELDS, *USE])


class OfContract(SharedPage):
    """A page about one contract."""

    look = "contract"
    room = "orders"
    contract: Contract

    def load(self, **kwargs: Any) -> None:
        self.contract = queries.get_contract_for(self.actor, kwargs["reference"])
        order = self.contract.order
        self.stand(buyer=order.buyer.reference, provider=order.provider.reference)

    @property
    def own_url(self) -> str:
        """The contract's page."""
        return reverse("contract", args=[self.contract.reference])

    def shown(self) -> dict[str, Any]:
        """Return what every rendering of the contract shows."""
        contract = self.contract
        view = render_contract(contract)
        return {
            "contract": contract,
            "order": contract.order,
            "view": view,
            "scenario": [_said(row) for row in view.scenario],
            "policy": [_said(row) for row in view.policy],
            "signatures": _signatures(view, self.actor),
            "signature_columns": SIGNATURE_COLUMNS,
            "is_binding": contract.effective_at is not None,
            "address": f"{settings.BASE_URL}{self.own_url}",
        }


class ContractPage(OfContract):
    """The contract for reading, with its signatures and the result of checking them now."""

    template_name = "contracts/contract.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs) | self.shown()
        return context | {
            "head": self._head(),
            "lifecycle": CONTRACT,
            "path": self._path(),
        }

    def _path(self) -> list[str]:
        """Return the usual course, by way of whoever signed first."""
        first = next((s.side for s in self.contract.signatures.all()), "PROVIDER")
        halfway = {"BUYER": ContractState.SIGNED_BY_BUYER}.get(first, PATH[1])
        return [str(state) for state in (PATH[0], halfway, *PATH[2:])]

    def _head(self) -> Head:
        contract = self.contract
        place = str(getattr(self.request, "place", ""))
        return Head(
            title=contract.order.product.name,
            kind=_("Contract"),
            reference=contract.reference,
            status=contract.status,
            status_label=contract.get_status_display(),
            since=since_in_log("contract", contract.reference, "trading.contract."),
            actions=_actions(contract, self.actor),
            crumbs=links(
                (_("Orders and contracts"), place),
                (contract.order.reference, reverse("order", args=[contract.order.reference])),
            ),
            why=links(
                (_("Signatures"), "#signatures"),
                (_("Check"), "#check"),
                (_("Order and timeline"), reverse("order", args=[contract.order.reference])),
            ),
        )


def _actions(contract: Contract, actor: Actor) -> list[Action]:
    order, reference = contract.order, contract.reference
    verbs = rules.allowed_actions(actor, order)
    made = []
    if order.status == OrderState.PLACED and rules.side_of(actor, order) is not None:
        reason = None
        if "sign" not in verbs:
            reason = rules.why_not_sign(actor, order) or _(
                "You signed. The signature of the other side is still missing."
            )
        url = reverse("contract_sign", args=[reference])
        made.append(Action(label=_("Sign…"), url=url, post=False, main=True, reason=reason))
    made += [
        Action(label=_("Print form"), url=reverse("contract_print", args=[reference]), post=False),
        Action(
            label=_("Signed text (JSON)"),
            url=reverse("contract_document", args=[reference]),
            post=False,
            icon="export",
        ),
    ]
    if "terminate" in verbs:
        url = reverse("contract_terminate", args=[reference])
        made.append(Action(label=_("Terminate the contract"), url=url, post=False))
    return made


def _said(row: Row) -> dict[str, Any]:
    """Return a labeled value in both languages."""
    field = FIELDS.get(row.name)
    with translation.override("en"):
        english = str(in_words(field, row.value))
    with translation.override("zh-hans"):
        chinese = str(in_words(field, row.value))
    return {"label": row.label, "value": Worded(en=english, zh=chinese)}


def _signatures(view: ContractView, actor: Actor) -> list[dict[str, Any]]:
    """Return the signatures with names of those who signed, as far as the reader may know them."""
    acts = [(row.signer, row.organization) for row in view.signatures]
    named = names_for(actor, acts)
    parties = {view.provider["reference"]: view.provider, view.buyer["reference"]: view.buyer}
    return [
        {
            "row": row,
            "party": parties.get(row.organization, {}).get("name", ""),
            "person": name_of_actor(row.signer, named),
        }
        for row in view.signatures
    ]


class PrintForm(OfContract):
    """The contract as one files it: A4, with hash, seal and code."""

    template_name = "contracts/print.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | self.shown() | {"back_url": self.own_url}


class SignedText(OfContract):
    """The exact text that is signed."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002
        """Hand the text over as a file, byte for byte."""
        response = HttpResponse(
            self.contract.document.encode(), content_type="application/json; charset=utf-8"
        )
        name = f"{self.contract.reference}.json"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response


class SignContract(SharedForm, OfContract):
    """Signing, after being told what it means (《电子签名法》第十三条、第十四条)."""

    template_name = "contracts/sign.html"
    form_class = SignForm
    done = gettext_lazy("Signed.")

    def load(self, **kwargs: Any) -> None:
        super().load(**kwargs)
        if refusal := rules.why_not_sign(self.actor, self.contract.order):
            raise NotAllowed(refusal)

    def act(self, form: forms.Form) -> str:  # noqa: ARG002  what it says was ticked
        services.sign_contract(contract=self.contract, by=self.actor, at=self.now)
        return self.own_url

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        contract, order = self.contract, self.contract.order
        head = Head(
            title=_("Sign the contract"),
            kind=_("Contract"),
            reference=contract.reference,
            status=contract.status,
            status_label=contract.get_status_display(),
            summary=order.product.name,
            crumbs=links(
                (order.reference, way("order", order.reference)),
                (contract.reference, self.own_url),
            ),
        )
        side = rules.side_of(self.actor, order)
        party = order.buyer if side == "BUYER" else order.provider
        context = super().get_context_data(head=head, **kwargs)
        return context | {
            **self.shown(),
            "party": party,
            "is_open": "sign" in rules.allowed_actions(self.actor, order),
            "own_url": self.own_url,
        }


class TerminateContract(SharedForm, OfContract):
    """Ending a contract in effect; the access stops at once."""

    template_name = "orders/act.html"
    form_class = GroundForm
    done = gettext_lazy("The contract is terminated, and its access is revoked.")

    def load(self, **kwargs: Any) -> None:
        super().load(**kwargs)
        if refusal := rules.why_not_terminate(self.actor, self.contract):
            raise NotAllowed(refusal)

    def act(self, form: forms.Form) -> str:
        services.terminate_contract(
            contract=self.contract,
            ground=form.cleaned_data["ground"],
            reason=form.cleaned_data["reason"],
            by=self.actor,
            at=self.now,
        )
        return reverse("order", args=[self.contract.order.reference])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        contract = self.contract
        head = Head(
            title=_("Terminate the contract"),
            kind=_("Contract"),
            reference=contract.reference,
            status=contract.status,
            status_label=contract.get_status_display(),
            summary=_what_follows(contract.order),
            crumbs=links((contract.reference, self.own_url)),
        )
        context = super().get_context_data(head=head, **kwargs)
        return context | {
            "button": _("Terminate the contract"),
            "danger": True,
            "back_url": self.own_url,
        }


def _what_follows(order: Order) -> str:
    """Return what ending the contract means for money and access as the order stands."""
    stop = _("The access stops at once: the very next request is refused.")
    if order.status == OrderState.SETTLED:
        return stop + " " + _("What was paid stays paid.")
    return (
        stop
        + " "
        + _(
            "Where nothing was fetched, the escrow returns to the buyer; where something was, the "
            "operator decides."
        )
    )


urlpatterns = [
    path("contracts/<str:reference>/", ContractPage.as_view(), name="contract"),
    path("contracts/<str:reference>/print/", PrintForm.as_view(), name="contract_print"),
    path("contracts/<str:reference>/text/", SignedText.as_view(), name="contract_document"),
    path("contracts/<str:reference>/sign/", SignContract.as_view(), name="contract_sign"),
    path(
        "contracts/<str:reference>/terminate/",
        TerminateContract.as_view(),
        name="contract_terminate",
    ),
]
