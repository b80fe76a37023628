"""What can be done about an order now, by whom, and why not yet: the head of its pages.

Which verbs are open, trading says (`rules.allowed_actions`); here each gets its words, its place
and, where it is near but not open, its reason.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from audit.log.actors import Actor
from exchange.delivery.states import GrantState
from exchange.trading import gates, rules
from exchange.trading.models import Order
from exchange.trading.states import ContractState, OrderState, Side

from .components import Action
from .trade import way

_SETTLING = gettext_lazy("Accepted. The exchange pays the provider out of escrow by itself.")
_DISPUTED = gettext_lazy("The money stays in escrow until the operator has decided.")
FETCHING = {OrderState.DELIVERING, OrderState.DELIVERED, OrderState.ACCEPTED}


@dataclass(frozen=True, kw_only=True)
class Standing:
    """An order as one actor meets it at one instant."""

    order: Order
    actor: Actor
    at: datetime

    @property
    def side(self) -> Side | None:
        """On which side the actor stands."""
        return rules.side_of(self.actor, self.order)

    @property
    def verbs(self) -> list[str]:
        """What trading leaves open to the actor."""
        return rules.allowed_actions(self.actor, self.order)

    def url(self, verb: str) -> str:
        """Return the address of a verb's page."""
        return reverse(f"order_{verb}", args=[self.order.reference])


def order_actions(order: Order, actor: Actor, at: datetime) -> list[Action]:
    """Return the acts of the actor's side in the order of a trade, open ones and near ones."""
    standing = Standing(order=order, actor=actor, at=at)
    if standing.side is None:
        return []
    made = [build(standing) for build in ACTS]
    return [action for action in made if action]


def _sign(standing: Standing) -> Action | None:
    order = standing.order
    if order.status != OrderState.PLACED:
        return None
    reason = None
    if "sign" not in standing.verbs:
        reason = rules.why_not_sign(standing.actor, order) or _(
            "You signed. The signature of the other side is still missing."
        )
    return Action(
        label=_("Read and sign the contract"),
        url=reverse("contract", args=[order.contract.reference]),
        post=False,
        main=True,
        reason=reason,
    )


def _pay(standing: Standing) -> Action | None:
    order = standing.order
    if standing.side != Side.BUYER:
        return None
    if order.status == OrderState.PLACED:
        reason: str | None = _("Both sides sign first; the contract is then in effect.")
    elif order.status == OrderState.CONTRACTED:
        reason = (
            rules.why_not_act_as_buyer(standing.actor, order)
            or gates.why_not_order_stands(order, standing.at)
            or gates.why_price_changed(order, standing.at)
        )
    else:
        return None
    label = _("Confirm, nothing to pay") if order.price.is_zero else _("Pay into escrow")
    return Action(label=label, url=standing.url("pay"), post=False, main=True, reason=reason)


def _download(standing: Standing) -> Action | None:
    order, grant = standing.order, standing.order.grant
    if standing.side != Side.BUYER or grant is None or order.status not in FETCHING:
        return None
    reason = None
    if grant.status != GrantState.OPEN:
        reason = _("Access: %(state)s.") % {"state": grant.get_status_display()}
    left = ngettext("%(count)d download left", "%(count)d downloads left", grant.left_downloads)
    return Action(
        label=_("Download") + " – " + left % {"count": grant.left_downloads}
        if reason is None
        else _("Download"),
        url=reverse("grant", args=[grant.reference]),
        post=False,
        main=order.status == OrderState.DELIVERING,
        reason=reason,
        icon="delivery",
    )


def _accept(standing: Standing) -> Action | None:
    order = standing.order
    if standing.side != Side.BUYER:
        return None
    reason = rules.why_not_act_as_buyer(standing.actor, order)
    if order.status == OrderState.DELIVERING:
        reason = reason or _("Fetch the file first; acceptance opens when it was handed over.")
    elif order.status != OrderState.DELIVERED:
        return None
    return Action(
        label=_("Accept the delivery"),
        url=standing.url("accept"),
        main=True,
        reason=reason,
        ask=_(
            "You say that what you received is what was agreed. The provider is paid out of "
            "escrow, and this cannot be taken back."
        ),
    )


def _reject(standing: Standing) -> Action | None:
    if "reject" not in standing.verbs:
        return None
    return Action(label=_("Reject the delivery"), url=standing.url("reject"), post=False)


def _cancel(standing: Standing) -> Action | None:
    if "cancel" not in standing.verbs:
        return None
    return Action(label=_("Cancel the order"), url=standing.url("cancel"), post=False)


def _terminate(standing: Standing) -> Action | None:
    if "terminate" not in standing.verbs:
        return None
    url = reverse("contract_terminate", args=[standing.order.contract.reference])
    return Action(label=_("Terminate the contract"), url=url, post=False)


def _certificate(standing: Standing) -> Action | None:
    certificate = getattr(standing.order, "certificate", None)
    url = way("certificate", certificate.reference) if certificate else ""
    if not url:
        return None
    return Action(label=_("Trade certificate"), url=url, post=False, main=True, icon="proof")


ACTS: tuple[Callable[[Standing], Action | None], ...] = (
    _sign,
    _pay,
    _accept,
    _download,
    _certificate,
    _reject,
    _cancel,
    _terminate,
)


WAITS: dict[str, tuple[object, object]] = {  # state: what the buyer is told, and all others
    OrderState.CONTRACTED: (
        gettext_lazy("The contract is in effect. The next step is your payment into escrow."),
        gettext_lazy("The contract is in effect. The buyer pays into escrow next."),
    ),
    OrderState.DELIVERING: (
        gettext_lazy("The money is in escrow and the access is open: fetch the file."),
        gettext_lazy("The money is in escrow and the access is open; the buyer fetches the file."),
    ),
    OrderState.ACCEPTED: (_SETTLING, _SETTLING),
    OrderState.SETTLING: (_SETTLING, _SETTLING),
    OrderState.DISPUTED: (_DISPUTED, _DISPUTED),
}


def what_waits(order: Order, actor: Actor) -> object:
    """Return in a sentence what the order waits for, as its reader meets it; empty at the end."""
    if order.status == OrderState.PLACED:
        return _missing_signatures(order)
    for_buyer, for_others = WAITS.get(order.status, ("", ""))
    return for_buyer if rules.side_of(actor, order) == Side.BUYER else for_others


def _missing_signatures(order: Order) -> str:
    match order.contract.status:
        case ContractState.SIGNED_BY_BUYER:
            missing = order.provider.name
        case ContractState.SIGNED_BY_PROVIDER:
            missing = order.buyer.name
        case _:
            return _("The contract is drafted. Neither side has signed, and nothing is owed yet.")
    return _("The signature of %(name)s is missing. Nothing is owed yet.") % {"name": missing}
