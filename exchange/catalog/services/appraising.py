"""The price the provider sets itself and the signed band beside it (自定+评估)."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from audit.log.actors import Actor
from audit.log.errors import Invalid, NotAllowed, WrongState
from audit.log.lifecycle import advance
from audit.log.services import record
from audit.rulebook.queries import day_of
from exchange.catalog import rules
from exchange.catalog.events import ListingRetracted, ProductAppraised, ProductRepriced
from exchange.catalog.models import Product
from exchange.catalog.plan_rules import fitted_terms
from exchange.catalog.states import PRODUCT, ProductState
from exchange.catalog.valuation import asset_facts, find_comparables
from exchange.parties.queries import sharing_people_with
from pricing.adjustment.queries import current_ceiling
from pricing.adjustment.rules import why_not_above
from pricing.adjustment.services import lapse_pending
from pricing.adjustment.states import LapseCause
from pricing.facts import Circulation, Comparable, CostRecord
from pricing.income import IncomeForecast
from pricing.methods.reconciling import Weighing
from pricing.models import Appraisal, Plan
from pricing.plans import PlanTerms
from pricing.queries import booked_costs, current_plan
from pricing.quotes import price_of, reference_quantity
from pricing.rules import ADJUSTER
from pricing.services import appraise, set_plan
from pricing.states import AppraisalState

from .listing import TEXT_MAX, listing_facts, read_text
from .locking import lock_product
from .reviewing import settle_review, void_review, why_not_second

ON_THE_MARKET = frozenset({ProductState.LISTED, ProductState.SUSPENDED})
UNLISTED = PRODUCT.appraise.sources


@transaction.atomic
def price_product(
    *, product: Product, terms: PlanTerms, justification: str = "", by: Actor, at: datetime
) -> Plan:
    """Set the provider's own price (自定). An open listing request becomes void.

    The regime follows from the origin of the data in the rights statement, whatever was said.

    On the market, a price within the band goes into force at once, one outside it with a
    justification, one far outside not at all: it needs a new listing and a look by the operator.
    """
    words = read_text("justification", justification, limit=TEXT_MAX, required=False)
    if refusal := rules.why_not_upload(by, product):
        raise NotAllowed(refusal)
    lock_product(product)
    if refusal := rules.why_not_upload(by, product):
        raise NotAllowed(refusal)
    provider = product.provider.reference
    terms = fitted_terms(product, terms)
    if refusal := _why_not_ordered(product, terms):
        raise NotAllowed(refusal)
    before = current_plan(product.reference)
    plan = set_plan(asset=product.reference, terms=terms, owner=provider, by=by, at=at)
    if before is None or before.reference != plan.reference:
        lapse_pending(product.reference, LapseCause.PRICE_CHANGED, by=by, at=at)
    void_review(product, plan=plan.reference, by=by, at=at)
    if product.status in ON_THE_MARKET and plan.reference != product.listed_plan:
        _reprice(product, plan, words, by=by, at=at)
    elif product.status == ProductState.REQUESTED and plan.reference != product.listed_plan:
        retracted = ListingRetracted(product=product.reference, cause="PRICE")
        advance(product, PRODUCT.retract, event=retracted, by=by, at=at, status_since=at)
    Product.objects.filter(pk=product.pk).update(price_kind=plan.kind)
    product.price_kind = plan.kind
    return plan


@transaction.atomic
def adjust_price(
    *, product: Product, terms: PlanTerms, reason: str, binding: bool, by: Actor, at: datetime
) -> Plan:
    """Put a step of the price adjustment in force (价格调节); only the exchange itself does.

    Raises NotAllowed where the price would stand far outside the band, unless a regulator ordered
    it (`binding`). `reason` stands as the justification of a price outside the band.
    """
    if by != ADJUSTER:
        raise NotAllowed(_("Only the exchange puts an announced price in force."))
    lock_product(product)
    if product.status not in ON_THE_MARKET:
        raise NotAllowed(_("The product is not on the market now."))
    owner = product.provider.reference
    plan = set_plan(asset=product.reference, terms=terms, owner=owner, by=by, at=at)
    _reprice(product, plan, reason[:TEXT_MAX], by=by, at=at, binding=binding)
    return plan


@transaction.atomic
def appraise_product(  # noqa: PLR0913  an appraisal is described by all of these
    *,
    product: Product,
    costs: CostRecord | None = None,
    by: Actor,
    at: datetime,
    expected_buyers: int = 1,
    circulation: Circulation = Circulation.TRADED,
    comparables: Sequence[Comparable] | None = None,
    income: IncomeForecast | None = None,
    weighing: Weighing | None = None,
    declares_independence: bool = False,
    as_appraiser: bool = False,
) -> Appraisal:
    """Have the current release appraised and put the signed band beside the product (评估).

    The platform works it out for the provider; with `as_appraiser` the actor signs its own, which
    is for `appraisers.services` to permit. Without `comparables` the asking prices of similar
    listed products are compared. Where the provider keeps a cost ledger of the product, the
    platform takes its costs from there, and names each entry.
    """
    if not as_appraiser and (refusal := rules.why_not_order_appraisal(by, product)):
        raise NotAllowed(refusal)
    product.refresh_from_db()
    if refusal := rules.why_not_cleared(product.current):
        raise NotAllowed(refusal)
    costs = _costs_of(product, costs, by, at)
    facts = asset_facts(product, expected_buyers=expected_buyers, circulation=circulation)
    signer = by if as_appraiser else Actor.system("appraisal", request_id=by.request_id)
    if refusal := why_not_second(product, signer.organization or signer.id):
        raise NotAllowed(refusal)
    appraisal = appraise(
        facts=facts,
        costs=costs,
        comparables=comparables
        if comparables is not None
        else find_comparables(product, currency=costs.collection.currency, on=day_of(at)),
        income=income,
        weighing=weighing,
        declares_independence=declares_independence,
        related=sharing_people_with(product.provider),
        by=signer,
        at=at,
    )
    mark_appraised(product=product, appraisal=appraisal, by=by, at=at)
    return appraisal


def _costs_of(product: Product, stated: CostRecord | None, by: Actor, at: datetime) -> CostRecord:
    """Return the costs of an appraisal: the ledger's, or what was stated where there is none."""
    booked = booked_costs(product.reference, on=day_of(at))
    if booked is None or by.has_role("ASSESSOR"):
        return stated or booked or CostRecord()
    if stated is not None and any(not amount.is_zero for amount in stated.items().values()):
        words = _("This product has a cost ledger: leave the costs empty, they are taken from it.")
        raise Invalid({"costs": [words]})
    return booked


@transaction.atomic
def mark_appraised(*, product: Product, appraisal: Appraisal, by: Actor, at: datetime) -> Product:
    """Put a signed appraisal beside the product; a draft becomes ready to be listed.

    A request that waits for the operator is void: the price was held against another band.
    """
    if refusal := rules.why_not_attach_appraisal(by, product, appraisal):
        raise NotAllowed(refusal)
    if appraisal.status != AppraisalState.SIGNED:
        raise Invalid({"appraisal": [_("The appraisal is no longer valid.")]})
    lock_product(product)
    settle_review(product, appraisal, by=by, at=at)
    appraised = ProductAppraised(
        product=product.reference, appraisal=appraisal.reference, release=appraisal.release
    )
    if product.status in UNLISTED:
        advance(
            product,
            PRODUCT.appraise,
            event=appraised,
            by=by,
            at=at,
            status_since=at,
            appraisal=appraisal.reference,
        )
        return product
    if product.status == ProductState.DELISTED:
        raise WrongState(
            subject=product.reference,
            status=product.status,
            allowed=PRODUCT.allowed(product.status),
        )
    if product.status == ProductState.REQUESTED:
        retracted = ListingRetracted(product=product.reference, cause="APPRAISAL")
        advance(product, PRODUCT.retract, event=retracted, by=by, at=at, status_since=at)
    Product.objects.filter(pk=product.pk).update(appraisal=appraisal.reference)
    product.appraisal = appraisal.reference
    record(appraised, by=by, at=at)
    return product


def _why_not_ordered(product: Product, terms: PlanTerms) -> str | None:
    """Keep the price under the ceiling that a regulator ordered."""
    ceiling = current_ceiling(product.reference)
    if ceiling is None or product.current is None:
        return None
    rows, size = product.current.rows, product.current.size
    return why_not_above(ceiling, price_of(terms, reference_quantity(terms, rows=rows, size=size)))


def _reprice(
    product: Product, plan: Plan, words: str, *, by: Actor, at: datetime, binding: bool = False
) -> None:
    facts = listing_facts(product, at=at)
    deviation = facts.deviation
    if deviation is None:
        raise NotAllowed(_("There is no appraisal to judge the price by."))
    if deviation.needs_review and not binding:
        raise NotAllowed(
            _(
                "The price stands far outside the band of the appraisal. "
                "Delist the product and ask for a new listing."
            )
        )
    if deviation.needs_justification and not words:
        raise NotAllowed(_("The price stands outside the band of the appraisal: justify it."))
    Product.objects.filter(pk=product.pk).update(
        listed_plan=plan.reference,
        zone=deviation.zone.value,
        deviation_rate=deviation.rate,
        justification=words,
    )
    product.refresh_from_db()
    repriced = ProductRepriced(
        product=product.reference,
        plan=plan.reference,
        appraisal=deviation.appraisal,
        zone=deviation.zone.value,
        deviation_rate=f"{deviation.rate:f}",
        justification_sha256=hashlib.sha256(words.encode()).hexdigest() if words else "",
    )
    record(repriced, by=by, at=at)
