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
from exchange.catalog import rules
from exchange.catalog.events import ListingRetracted, ProductAppraised, ProductRepriced
from exchange.catalog.models import Product
from exchange.catalog.states import PRODUCT, ProductState
from exchange.catalog.valuation import asset_facts, find_comparables
from pricing.facts import Circulation, Comparable, CostRecord, IncomeForecast
from pricing.models import Appraisal, Plan
from pricing.plans import PlanTerms
from pricing.services import appraise, set_plan
from pricing.states import AppraisalState

from .listing import TEXT_MAX, listing_facts, read_text
from .locking import lock_product

ON_THE_MARKET = frozenset({ProductState.LISTED, ProductState.SUSPENDED})
UNLISTED = PRODUCT.appraise.sources


@transaction.atomic
def price_product(
    *, product: Product, terms: PlanTerms, justification: str = "", by: Actor, at: datetime
) -> Plan:
    """Set the provider's own price (自定). An open listing request becomes void.

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
    plan = set_plan(asset=product.reference, terms=terms, owner=provider, by=by, at=at)
    if product.status in ON_THE_MARKET and plan.reference != product.listed_plan:
        _reprice(product, plan, words, by=by, at=at)
    elif product.status == ProductState.REQUESTED and plan.reference != product.listed_plan:
        retracted = ListingRetracted(product=product.reference, cause="PRICE")
        advance(product, PRODUCT.retract, event=retracted, by=by, at=at, status_since=at)
    Product.objects.filter(pk=product.pk).update(price_kind=plan.kind)
    product.price_kind = plan.kind
    return plan


@transaction.atomic
def appraise_product(  # noqa: PLR0913  an appraisal is described by all of these
    *,
    product: Product,
    costs: CostRecord,
    by: Actor,
    at: datetime,
    expected_buyers: int = 1,
    circulation: Circulation = Circulation.TRADED,
    comparables: Sequence[Comparable] | None = None,
    income: IncomeForecast | None = None,
    declares_independence: bool = False,
) -> Appraisal:
    """Have the current release appraised and put the signed band beside the product (评估).

    The platform works it out for the provider; an assessor signs its own. Without `comparables`
    the asking prices of similar listed products are compared.
    """
    if refusal := rules.why_not_order_appraisal(by, product):
        raise NotAllowed(refusal)
    product.refresh_from_db()
    if refusal := rules.why_not_cleared(product.current):
        raise NotAllowed(refusal)
    facts = asset_facts(product, expected_buyers=expected_buyers, circulation=circulation)
    signer = by
    if not by.has_role("ASSESSOR"):
        signer = Actor.system("appraisal", request_id=by.request_id)
    appraisal = appraise(
        facts=facts,
        costs=costs,
        comparables=comparables
        if comparables is not None
        else find_comparables(product, currency=costs.collection.currency),
        income=income,
        declares_independence=declares_independence,
        by=signer,
        at=at,
    )
    mark_appraised(product=product, appraisal=appraisal, by=by, at=at)
    return appraisal


@transaction.atomic
def mark_appraised(*, product: Product, appraisal: Appraisal, by: Actor, at: datetime) -> Product:
    """Put a signed appraisal beside the product; a draft becomes ready to be listed."""
    if refusal := rules.why_not_attach_appraisal(by, product, appraisal):
        raise NotAllowed(refusal)
    if appraisal.status != AppraisalState.SIGNED:
        raise Invalid({"appraisal": [_("The appraisal is no longer valid.")]})
    lock_product(product)
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
    Product.objects.filter(pk=product.pk).update(appraisal=appraisal.reference)
    product.appraisal = appraisal.reference
    record(appraised, by=by, at=at)
    return product


def _reprice(product: Product, plan: Plan, words: str, *, by: Actor, at: datetime) -> None:
    facts = listing_facts(product, at=at)
    deviation = facts.deviation
    if deviation is None:
        raise NotAllowed(_("There is no appraisal to judge the price by."))
    if deviation.needs_review:
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
