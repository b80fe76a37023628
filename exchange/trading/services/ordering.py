"""Orders: placed with scenario and pinned quote, cancelled as long as no money moved."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from audit.decisions.services import record_decision
from audit.log.actors import Actor
from audit.log.errors import Conflict, Invalid, NotAllowed
from audit.log.lifecycle import advance, begin
from audit.log.references import new_reference
from audit.rulebook.queries import Pack, day_of, get_pack
from exchange.catalog.models import Product, Release
from exchange.catalog.queries import current_release
from exchange.compliance.services import declare_route
from exchange.delivery.states import Channel
from exchange.parties.queries import get_organization
from exchange.registry.fields import read_values
from exchange.trading import gates, rules
from exchange.trading.circumstances import VOID, offered_terms
from exchange.trading.documents import Evidence, build_contract
from exchange.trading.events import ContractDrafted, ContractLapsed, OrderCancelled, OrderPlaced
from exchange.trading.fields import REASON
from exchange.trading.models import Contract, Negotiation, Order
from exchange.trading.queries import disclosures_concerning, lock_negotiation, lock_order
from exchange.trading.quoting import agreed_terms, quantity_of, quotation_for
from exchange.trading.scenario import Scenario, Setting, require_places, why_not_scene
from exchange.trading.signatures import canonical_text, digest_of
from exchange.trading.states import CONTRACT, ORDER
from pricing.models import Appraisal, Plan
from pricing.plans import PlanTerms
from pricing.queries import current_appraisal, current_plan
from pricing.states import Period, PlanKind

LINES_MOST: Final = 40


@transaction.atomic
def place_order(
    *,
    product: Product,
    scenario: dict[str, Any],
    by: Actor,
    at: datetime,
    quantity: int | None = None,
    seen_terms: str = "",
    negotiation: Negotiation | None = None,
) -> Order:
    """Order a product: pin release, price and scenario, and draft the contract.

    With a `negotiation` the agreed price is paid, for the agreed quantity and scenario, once.
    `quantity` counts licenses, periods or calls; what is sold by row or gigabyte is sold whole.
    `seen_terms` is the digest of the price terms the buyer was shown: Conflict if they are others
    now. Nothing is signed and nothing is owed yet.
    """
    product = _read_again(product)
    if refusal := rules.why_not_order(by, product):
        raise NotAllowed(refusal)
    release, plan, appraisal = _offer(product, at)
    buyer = get_organization(by.organization)
    offered = offered_terms(product, plan, buyer, at=at)
    if negotiation is not None:
        negotiation = lock_negotiation(negotiation)
        if refusal := rules.why_not_order_at(by, negotiation, at):
            raise NotAllowed(refusal)
        offered = agreed_terms(negotiation, plan)
    if seen_terms and seen_terms != offered.terms.sha256:
        raise Conflict(_("The price changed since you saw it; look at it again."))
    pack = get_pack("trading", on=day_of(at))
    stated = Scenario.read(scenario, buyer=buyer, product=product)
    setting = Setting(product=product, release=release, buyer=buyer, pack=pack.data)
    require_places(stated, setting)
    if refusal := why_not_scene(stated, setting):
        raise NotAllowed(refusal)
    channel = gates.channel_for(product, release, offered.terms.kind)
    if refusal := gates.why_not_scenario_fits(
        release, stated, channel, recipient=buyer.reference, at=at
    ):
        raise NotAllowed(refusal)
    if negotiation is not None:
        quantity = _as_agreed(negotiation, product, quantity, stated)
    amount = quantity_of(offered.terms, release, quantity)
    quotation = quotation_for(
        product,
        plan,
        buyer=buyer,
        quantity=amount,
        scenario=stated.use,
        negotiation=negotiation,
        at=at,
    )
    quoted = quotation.quote
    order = Order.objects.create(
        reference=new_reference("O", at),
        product=product,
        release=release,
        release_sha256=release.sha256,
        buyer=buyer,
        provider=product.provider,
        quantity=amount,
        plan=offered.as_document(),
        quote=quotation.as_document(),
        amount=quoted.total.amount,
        currency=quoted.total.currency,
        price_guaranteed_until=quoted.valid_until or at,
        scenario=stated.as_dict(),
        negotiation=negotiation,
        budget_downloads=_downloads(offered.terms, amount, stated, pack, channel),
        placed_at=at,
    )
    _record_placed(order, by=by, at=at)
    if quoted.adjustments:
        _record_quote(order, quoted.adjustments, by=by, at=at)
    if ask := gates.ask_for(product, release, buyer, order.scenario):
        declare_route(order=order.reference, ask=ask, by=by, at=at)
    evidence = Evidence(
        channel=channel,
        appraisal=appraisal,
        disclosures=disclosures_concerning(product),
        packs={
            "compliance": release.cleared_pack,
            "pricing": plan.pack,
            "trading": pack.label,
        },
    )
    _draft_contract(order, evidence, by=by, at=at)
    return order


def _record_quote(order: Order, adjustments: Sequence[str], *, by: Actor, at: datetime) -> None:
    """Keep a quote that is more than quantity times price as the algorithm's decision."""
    quote = order.quote
    record_decision(
        algorithm="price_quote",
        subject=("order", order.reference),
        concerning=order.buyer.reference,
        inputs={
            "plan": quote["plan"],
            "terms_sha256": quote["terms_sha256"],
            "quantity": quote["quantity"],
            "scenario": order.scenario,
            "quoted_at": quote["quoted_at"],
        },
        output={"total": quote["total"], "currency": quote["currency"]},
        explanation={
            "lines": [
                {"code": row["code"], "quantity": row["quantity"], "amount": row["amount"]}
                for row in quote["lines"][:LINES_MOST]
            ],
            "adjustments": list(adjustments),
        },
        by=by,
        at=at,
    )


@transaction.atomic
def cancel_order(*, order: Order, reason: str, by: Actor, at: datetime) -> Order:
    """End an order before any money moved; either side may."""
    order = lock_order(order)
    if refusal := rules.why_not_cancel(by, order):
        raise NotAllowed(refusal)
    words = str(read_values((REASON,), {"reason": reason})["reason"])
    cancelled = OrderCancelled(
        order=order.reference, product=order.product.reference, reason_sha256=digest_of(words)
    )
    advance(order, ORDER.cancel, event=cancelled, by=by, at=at, reason=words, closed_at=at)
    lapsed = ContractLapsed(contract=order.contract.reference, order=order.reference)
    advance(
        order.contract,
        CONTRACT.lapse,
        event=lapsed,
        by=by,
        at=at,
        ended_at=at,
        end_reason=words,
    )
    return order


def _read_again(product: Product) -> Product:
    """Return the product as it is in this transaction, whatever the caller has held since when.

    Locked, so that two orders of one buyer cannot both use the last of a free trial.
    """
    rows = Product.objects.select_related("provider", "rights")
    return rows.select_for_update(of=("self",)).get(pk=product.pk)


def _offer(product: Product, at: datetime) -> tuple[Release, Plan, Appraisal]:
    """Return what is offered: the current release at its plan, with the appraisal beside it."""
    release = current_release(product)
    if release is None:
        raise NotAllowed(_("The product has no release to deliver."))
    if refusal := gates.why_not_trade(product, release, at):
        raise NotAllowed(refusal)
    plan = current_plan(product.reference)
    if plan is not None and plan.kind == PlanKind.PER_HIT:
        raise NotAllowed(_("Hits are counted where queries are answered, not in a download."))
    appraisal = current_appraisal(product.reference)
    if plan is None or appraisal is None:
        raise NotAllowed(_("The product has no price or no appraisal now."))
    return release, plan, appraisal


def _as_agreed(
    negotiation: Negotiation, product: Product, quantity: int | None, stated: Scenario
) -> int:
    """Return the agreed quantity; what is ordered has to be what the parties agreed on."""
    if negotiation.product_id != product.pk:
        raise Invalid({"negotiation": [_("The price was agreed for another product.")]})
    if quantity is not None and quantity != negotiation.quantity:
        text = _("The price was agreed for a quantity of %(count)d.")
        raise Invalid({"quantity": [text % {"count": negotiation.quantity}]})
    if stated.use != negotiation.scenario:
        text = _("The price was agreed for the scenario “%(scenario)s”.")
        raise Invalid({"scenario.use": [text % {"scenario": negotiation.scenario}]})
    if negotiation.orders.exclude(status__in=VOID).exists():
        raise Conflict(_("An order at the agreed price was placed already."))
    return negotiation.quantity


def _downloads(
    plan: PlanTerms, quantity: int, scenario: Scenario, pack: Pack, channel: Channel
) -> int:
    """Return how often the file may be fetched, or the model called, for what is paid."""
    rules_of_delivery = pack.data["delivery"]
    per_unit, most = rules_of_delivery["downloads_per_unit"], rules_of_delivery["most_downloads"]
    if channel == Channel.INFERENCE:
        calls = pack.data["inference"]
        by_call = plan.kind == PlanKind.PER_CALL
        per_unit, most = 1 if by_call else calls["calls_per_unit"], calls["most_calls"]
    if plan.kind == PlanKind.SUBSCRIPTION:
        paid = quantity * int(pack.data["subscription"][plan.period or Period.YEAR])
        if scenario.term_days > paid:
            text = _("The term is longer than the periods ordered, which are %(days)d days.")
            raise Invalid({"scenario.term_days": [text % {"days": paid}]})
    whole = plan.kind in {PlanKind.PER_ROW, PlanKind.PER_GB}
    downloads = int(per_unit) if whole else int(per_unit) * quantity
    if downloads > most:
        words = _("At most %(count)d downloads or calls.")
        raise Invalid({"quantity": [words % {"count": most}]})
    return downloads


def _record_placed(order: Order, *, by: Actor, at: datetime) -> None:
    placed = OrderPlaced(
        order=order.reference,
        product=order.product.reference,
        release=order.release.reference,
        buyer=order.buyer.reference,
        provider=order.provider.reference,
        plan=order.plan["reference"],
        release_sha256=order.release_sha256,
        plan_sha256=order.plan["sha256"],
        scenario_sha256=digest_of(canonical_text(order.scenario)),
        quantity=order.quantity,
        amount=order.price.text,
        currency=order.currency,
    )
    begin(order, event=placed, by=by, at=at)


def _draft_contract(order: Order, evidence: Evidence, *, by: Actor, at: datetime) -> Contract:
    reference = new_reference("C", at)
    document = build_contract(reference=reference, order=order, evidence=evidence, at=at)
    text = canonical_text(document)
    contract = Contract.objects.create(
        reference=reference,
        order=order,
        document=text,
        sha256=digest_of(text),
        drafted_at=at,
    )
    drafted = ContractDrafted(
        contract=reference,
        order=order.reference,
        product=order.product.reference,
        release=order.release.reference,
        appraisal=evidence.appraisal.reference,
        contract_sha256=contract.sha256,
    )
    begin(contract, event=drafted, by=by, at=at)
    return contract
