"""Appraisals of what is on the market, kept current: an outdated one is superseded or lapses."""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from audit.log.actors import Actor
from audit.log.errors import Invalid
from audit.log.models import Entry
from audit.log.references import new_reference
from audit.log.services import record
from audit.rulebook.queries import day_of, get_pack
from exchange.catalog.events import AppraisalsReviewed
from exchange.catalog.models import Product
from exchange.catalog.valuation import asset_facts, find_comparables, prices_of
from pricing.documents import read_inputs
from pricing.models import Appraisal
from pricing.policy import policy_of
from pricing.queries import current_appraisal
from pricing.services import appraise, lapse_appraisal, outdate_appraisal
from pricing.validity import prices_at_signing, why_ended

from .appraising import ON_THE_MARKET, mark_appraised
from .locking import lock_product

PLATFORM: Final = Actor.system("appraisal")
REVIEW_EVERY: Final = timedelta(days=1)


@transaction.atomic
def revalue_product(*, product: Product, at: datetime) -> Appraisal | None:
    """Work out a new appraisal where that of a product on the market no longer holds.

    What the provider declared (costs, forecast, buyers, and weights where the platform signed) is
    taken from the signed inputs, facts and comparables as they are now. Where no band follows the
    appraisal lapses. Returns the new appraisal; None where the old one holds or lapsed.
    """
    lock_product(product)
    release, appraisal = product.current, current_appraisal(product.reference)
    if product.status not in ON_THE_MARKET or release is None or appraisal is None:
        return None
    ended = why_ended(
        appraisal,
        release=release.reference,
        level=release.level or 1,
        prices=prices_of(prices_at_signing(appraisal.inputs)),
        policy=policy_of(get_pack("pricing", on=day_of(at))).validity,
        at=at,
    )
    if ended is None:
        return None
    outdate_appraisal(appraisal=appraisal, ended=ended, by=PLATFORM, at=at)
    said = read_inputs(appraisal.inputs)
    try:
        made = appraise(
            facts=asset_facts(
                product,
                expected_buyers=said.facts.expected_buyers,
                circulation=said.facts.circulation,
            ),
            costs=said.costs,
            comparables=find_comparables(product, currency=appraisal.currency, on=day_of(at)),
            income=said.income,
            weighing=said.weighing if appraisal.appraiser.startswith("system") else None,
            by=PLATFORM,
            at=at,
        )
    except Invalid:
        lapse_appraisal(appraisal=appraisal, ended=ended, by=PLATFORM, at=at)
        return None
    mark_appraised(product=product, appraisal=made, by=PLATFORM, at=at)
    return made


def review_appraisals_when_due(*, at: datetime) -> int | None:
    """Look once a day whether the appraisals beside the market still hold.

    Returns how many were made anew; None when it is not time yet.
    """
    entries = Entry.objects.order_by("position")
    last = entries.filter(name=AppraisalsReviewed.name).last() or entries.first()
    if last is None or at - last.occurred_at < REVIEW_EVERY:
        return None
    found = [
        revalue_product(product=product, at=at)
        for product in Product.objects.filter(status__in=ON_THE_MARKET).order_by("pk").iterator()
    ]
    renewed = sum(made is not None for made in found)
    with transaction.atomic():
        reviewed = AppraisalsReviewed(
            review=new_reference("AR", at), products=len(found), renewed=renewed
        )
        record(reviewed, by=PLATFORM, at=at)
    return renewed
