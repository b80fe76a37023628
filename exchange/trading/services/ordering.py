"""Orders: placed with scenario and pinned quote, cancelled as long as no money moved."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from audit.log.actors import Actor
from audit.log.errors import Conflict, Invalid, NotAllowed
from audit.log.lifecycle import advance, begin
from audit.log.references import new_reference
from audit.rulebook.queries import Pack, day_of, get_pack
from exchange.catalog.models import Product, Release
from exchange.catalog.queries import current_release
from exchange.compliance.services import declare_route
from exchange.parties.queries import get_organization
from exchange.registry.fields import read_values
from exchange.trading import gates, rules
from exchange.trading.documents import Evidence, build_contract
from exchange.trading.events import ContractDrafted, ContractLapsed, OrderCancelled, OrderPlaced
from exchange.trading.fields import REASON
from exchange.trading.models import Contract, Order
from exchange.trading.queries import disclosures_concerning, lock_order
from exchange.trading.scenario import Scenario, Setting, require_places, why_not_scene
from exchange.trading.signatures import canonical_text, digest_of
from exchange.trading.states import CONTRACT, ORDER
from pricing.models import Appraisal, Plan
from pricing.plans import reference_quantity
from pricing.queries import current_appraisal, current_plan, quote
from pricing.states import Period, PlanKind

LARGEST_QUANTITY = 10**9


@transaction.atomic
def place_order(
    *,
    product: Product,
    scenario: dict[str, Any],
    by: Actor,
    at: datetime,
    quantity: int | None = None,
    seen_terms: str = "",
) -> Order:
    """Order a product: pin release, price and scenario, and draft the contract.

    `quantity` counts licenses, periods or calls; what is sold by row or gigabyte is sold whole.
    `seen_terms` is the digest of the price terms the buyer was shown: Conflict if they are others
    now. Nothing is signed and nothing is owed yet.
    """
    product = _read_again(product)
    if refusal := rules.why_not_order(by, product):
        raise NotAllowed(refusal)
    release, plan, appraisal = _offer(product, at)
    if seen_terms and seen_terms != plan.terms_sha256:
        raise Conflict(_("The price changed since you saw it; look at it again."))
    pack = get_pack("trading", on=day_of(at))
    buyer = get_organization(by.organization)
    stated = Scenario.read(scenario, buyer=buyer, product=product)
    setting = Setting(product=product, release=release, buyer=buyer, pack=pack.data)
    require_places(stated, setting)
    if refusal := why_not_scene(stated, setting):
        raise NotAllowed(refusal)
    if refusal := gates.why_not_scenario_fits(release, stated, recipient=buyer.reference, at=at):
        raise NotAllowed(refusal)
    amount = _quantity(plan, release, quantity)
    quoted = quote(plan, amount, at=at)
    order = Order.objects.create(
        reference=new_reference("O", at),
        product=product,
        release=release,
        release_sha256=release.sha256,
        buyer=buyer,
        provider=product.provider,
        quantity=amount,
        plan={
            "reference": plan.reference,
            "sha256": plan.terms_sha256,
            **plan.terms.as_document(),
        },
        quote=quoted.as_document(),
        amount=quoted.total.amount,
        currency=quoted.total.currency,
        price_guaranteed_until=quoted.valid_until or at,
        scenario=stated.as_dict(),
        budget_downloads=_downloads(plan, amount, stated, pack),
        placed_at=at,
    )
    _record_placed(order, by=by, at=at)
    if ask := gates.ask_for(product, release, buyer, order.scenario):
        declare_route(order=order.reference, ask=ask, by=by, at=at)
    evidence = Evidence(
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
    """Return the product as it is in this transaction, whatever the caller has held since when."""
    rows = Product.objects.select_related("provider", "rights")
    return rows.get(pk=product.pk)


def _offer(product: Product, at: datetime) -> tuple[Release, Plan, Appraisal]:
    """Return what is offered: the current release at its plan, with the appraisal beside it."""
    release = current_release(product)
    if release is None:
        raise NotAllowed(_("The product has no release to deliver."))
    if refusal := gates.why_not_trade(product, release, at):
        raise NotAllowed(refusal)
    if "FILE_DOWNLOAD" not in product.manual.get("delivery_modes", []):
        raise NotAllowed(_("The product is not delivered by download."))
    plan = current_plan(product.reference)
    appraisal = current_appraisal(product.reference)
    if plan is None or appraisal is None:
        raise NotAllowed(_("The product has no price or no appraisal now."))
    return release, plan, appraisal


def _quantity(plan: Plan, release: Release, asked: int | None) -> int:
    """Return the quantity to quote; rows and gigabytes are those of the whole release."""
    if plan.kind in {PlanKind.PER_ROW, PlanKind.PER_GB}:
        whole = reference_quantity(plan.terms, rows=release.rows, size=release.size)
        if asked is not None and asked != whole:
            text = _("The release is delivered whole: %(count)d units.")
            raise Invalid({"quantity": [text % {"count": whole}]})
        return whole
    quantity = 1 if asked is None else asked
    if isinstance(quantity, bool) or not 1 <= quantity <= LARGEST_QUANTITY:
        raise Invalid({"quantity": [_("Order at least one.")]})
    return quantity


def _downloads(plan: Plan, quantity: int, scenario: Scenario, pack: Pack) -> int:
    """Return how often the file may be fetched for what is paid."""
    rules_of_delivery = pack.data["delivery"]
    per_unit, most = rules_of_delivery["downloads_per_unit"], rules_of_delivery["most_downloads"]
    if plan.kind == PlanKind.SUBSCRIPTION:
        paid = quantity * int(pack.data["subscription"][plan.period or Period.YEAR])
        if scenario.term_days > paid:
            text = _("The term is longer than the periods ordered, which are %(days)d days.")
            raise Invalid({"scenario.term_days": [text % {"days": paid}]})
    whole = plan.kind in {PlanKind.PER_ROW, PlanKind.PER_GB}
    downloads = int(per_unit) if whole else int(per_unit) * quantity
    if downloads > most:
        raise Invalid({"quantity": [_("At most %(count)d downloads.") % {"count": most}]})
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
