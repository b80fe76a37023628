"""Who may do what on the trade floor. Each function returns the reason for a no, or None."""

from datetime import datetime

from django.utils.translation import gettext as _

from audit.log.actors import Actor
from exchange.catalog.models import Product
from pricing.models import Plan
from pricing.states import PlanKind

from .models import Contract, Demand, Inquiry, Negotiation, Order
from .states import (
    OPEN_NEGOTIATIONS,
    ContractState,
    NegotiationState,
    OrderState,
    Side,
)


def why_not_buy(actor: Actor) -> str | None:
    """Only a member of an admitted buyer who may act buys (《数据安全法》第三十三条)."""
    if not actor.has_role("BUYER"):
        return _("Only an organization that is admitted as a buyer may do this.")
    if not actor.may_write:
        return _("Your place in the organization lets you look, not act; ask its administrator.")
    return None


def why_not_sell(actor: Actor) -> str | None:
    """Only a member of an admitted provider who may act sells."""
    if not actor.has_role("PROVIDER"):
        return _("Only an organization that is admitted as a provider may do this.")
    if not actor.may_write:
        return _("Your place in the organization lets you look, not act; ask its administrator.")
    return None


def why_not_decide(actor: Actor) -> str | None:
    """Disputes about escrow are decided by the operator."""
    if actor.has_role("OPERATOR") and actor.may_write:
        return None
    return _("Only the operator of the exchange decides this.")


def why_not_close_demand(actor: Actor, demand: Demand) -> str | None:
    """Who posted a demand takes it off the board; the operator may, too."""
    if actor.has_role("OPERATOR") and actor.may_write:
        return None
    if actor.organization == demand.buyer.reference and actor.may_write:
        return None
    return _("Only the organization that posted the demand closes it.")


def why_not_inquire(actor: Actor, product: Product) -> str | None:
    """Buyers ask about what is on the market, except about their own."""
    if refusal := why_not_buy(actor) or why_not_self_deal(actor, product):
        return refusal
    if not product.is_listed:
        return _("The product is not on the market now.")
    return None


def why_not_answer(actor: Actor, inquiry: Inquiry) -> str | None:
    """Only the provider that was asked answers."""
    if actor.organization != inquiry.provider.reference:
        return _("Only the provider of the product answers.")
    return why_not_sell(actor)


def why_not_self_deal(actor: Actor, product: Product) -> str | None:
    """Nobody trades with itself: it makes prices and volumes that mean nothing."""
    if actor.organization == product.provider.reference:
        return _("An organization cannot buy its own product.")
    return None


def why_not_order(actor: Actor, product: Product) -> str | None:
    """Admitted buyers order listed products of others."""
    if refusal := why_not_buy(actor) or why_not_self_deal(actor, product):
        return refusal
    if not product.is_listed:
        return _("The product is not on the market now.")
    return None


def why_not_negotiable(product: Product, plan: Plan) -> str | None:
    """Offers are made for what is on the market at a price that its provider calls negotiable."""
    if not product.is_listed:
        return _("The product is not on the market now.")
    if not plan.negotiable:
        return _("The provider does not negotiate the price of this product.")
    if plan.kind == PlanKind.FREE:
        return _("The product is free of charge.")
    return None


def why_not_negotiate(actor: Actor, product: Product, plan: Plan | None) -> str | None:
    """Admitted buyers negotiate with others about what is negotiable."""
    if refusal := why_not_buy(actor) or why_not_self_deal(actor, product):
        return refusal
    if plan is None:
        return _("The product has no price now.")
    return why_not_negotiable(product, plan)


def side_asked(negotiation: Negotiation) -> Side:
    """Return whose answer the offer on the table waits for."""
    return Side.PROVIDER if negotiation.status == NegotiationState.OFFERED else Side.BUYER


def why_not_take_part(actor: Actor, negotiation: Negotiation) -> str | None:
    """Only the two sides negotiate, each in the role in which it trades."""
    if actor.organization == negotiation.buyer.reference:
        return why_not_buy(actor)
    if actor.organization == negotiation.provider.reference:
        return why_not_sell(actor)
    return _("Only the two sides of a negotiation answer its offers.")


def why_not_answer_offer(actor: Actor, negotiation: Negotiation, at: datetime) -> str | None:
    """Who was asked answers, before the day of the offer is over; one's own offer binds."""
    if refusal := why_not_take_part(actor, negotiation):
        return refusal
    asked = {Side.BUYER: negotiation.buyer, Side.PROVIDER: negotiation.provider}
    if actor.organization != asked[side_asked(negotiation)].reference:
        return _("Your offer binds you until its day; the other side answers it.")
    if at >= negotiation.binding_until:
        return _("The offer has run out; nobody is bound by it any more.")
    return None


def why_not_order_at(actor: Actor, negotiation: Negotiation, at: datetime) -> str | None:
    """Only the buyer that agreed orders at the price, once, while it is honored."""
    if actor.organization != negotiation.buyer.reference:
        return _("Another organization agreed on this price.")
    if negotiation.status != NegotiationState.AGREED:
        return _("No price is agreed yet.")
    if not negotiation.is_honored(at):
        return _("The agreed price was honored until %(day)s.") % {
            "day": f"{negotiation.honored_until:%Y-%m-%d %H:%M}"
        }
    return None


def negotiation_actions(actor: Actor, negotiation: Negotiation, at: datetime) -> list[str]:
    """Return the verbs open to the actor on a negotiation now, for both faces."""
    if negotiation.status in OPEN_NEGOTIATIONS:
        refused = why_not_answer_offer(actor, negotiation, at)
        return [] if refused else ["accept", "counter", "refuse"]
    return [] if why_not_order_at(actor, negotiation, at) else ["order"]


def side_of(actor: Actor, order: Order) -> Side | None:
    """Return on which side of an order the actor stands."""
    if actor.organization and actor.organization == order.buyer.reference:
        return Side.BUYER
    if actor.organization and actor.organization == order.provider.reference:
        return Side.PROVIDER
    return None


def why_not_sign(actor: Actor, order: Order) -> str | None:
    """Each side signs for itself, in the role in which it trades."""
    match side_of(actor, order):
        case Side.BUYER:
            return why_not_buy(actor)
        case Side.PROVIDER:
            return why_not_sell(actor)
    return _("Only the parties of a contract sign it.")


def why_not_act_as_buyer(actor: Actor, order: Order) -> str | None:
    """Only the order's own buyer does this."""
    if side_of(actor, order) != Side.BUYER:
        return _("Only the buyer of the order may do this.")
    return why_not_buy(actor)


def why_not_accept(actor: Actor, order: Order, at: datetime) -> str | None:
    """Let the buyer accept; once the acceptance period has run out, the clock does."""
    if actor.is_system:
        if order.accept_until is not None and order.accept_until <= at:
            return None
        return _("The acceptance period has not run out yet.")
    return why_not_act_as_buyer(actor, order)


def why_not_cancel(actor: Actor, order: Order) -> str | None:
    """Either side leaves before payment; a party that lost its admission still may."""
    side = side_of(actor, order)
    if side is None:
        return _("Only the parties of an order cancel it.")
    return _why_not_bind(actor, side)


def why_not_terminate(actor: Actor, contract: Contract) -> str | None:
    """Either side ends a contract; a party that lost its admission still may."""
    side = side_of(actor, contract.order)
    if side is None:
        return _("Only the parties of a contract terminate it.")
    return _why_not_bind(actor, side)


def _why_not_bind(actor: Actor, side: Side) -> str | None:
    """Credentials act on the side for which they were issued."""
    if not actor.may_write or not actor.has_scope("trade" if side == Side.BUYER else "list"):
        return _("Your place in the organization lets you look, not act; ask its administrator.")
    return None


def why_not_settle(actor: Actor) -> str | None:
    """Settlement is the platform's own work."""
    return None if actor.is_system else _("Settlement is done by the platform itself.")


def allowed_actions(actor: Actor, order: Order) -> list[str]:
    """Return the verbs open to the actor on an order in its present state, for both faces."""
    side = side_of(actor, order)
    if not actor.may_write:
        return []
    if actor.has_role("OPERATOR"):
        return ["refund", "release"] if order.status == OrderState.DISPUTED else []
    if side is None:
        return []
    actions = _buyer_actions(order) if side == Side.BUYER else []
    contract = order.contract
    if order.status == OrderState.PLACED and _owes_signature(contract, side):
        actions.append("sign")
    if order.status in {OrderState.PLACED, OrderState.CONTRACTED}:
        actions.append("cancel")
    elif contract.status == ContractState.EFFECTIVE:
        actions.append("terminate")
    return actions


def _buyer_actions(order: Order) -> list[str]:
    match order.status:
        case OrderState.CONTRACTED:
            return ["pay"]
        case OrderState.DELIVERING:
            return ["reject"]
        case OrderState.DELIVERED:
            return ["accept", "reject"]
    return []


def _owes_signature(contract: Contract, side: Side) -> bool:
    signed = {
        Side.BUYER: ContractState.SIGNED_BY_BUYER,
        Side.PROVIDER: ContractState.SIGNED_BY_PROVIDER,
    }
    return contract.status != signed[side]


def why_not_measure(actor: Actor, order: Order) -> str | None:
    """Return why `actor` may not have the sources of a purchase measured, or None."""
    if actor.organization != order.buyer.reference:
        return _("Only the buyer states a task for what it bought.")
    if not actor.may_write or not actor.has_scope("trade"):
        return _("Your place in the organization lets you look, not act; ask its administrator.")
    if order.paid_at is None:
        return _("The sources are measured once the order is paid.")
    return None
