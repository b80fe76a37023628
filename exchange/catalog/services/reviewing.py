"""A price in the red zone (红区): a second appraisal, or a review by the operator with reasons."""

import hashlib
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from audit.log.actors import Actor
from audit.log.errors import Conflict, Invalid, NotAllowed
from audit.log.lifecycle import advance, begin
from audit.log.references import new_reference
from audit.rulebook.queries import day_of, get_pack
from exchange.catalog import rules
from exchange.catalog.events import (
    PriceReviewRejected,
    PriceReviewRequested,
    PriceReviewUpheld,
    PriceReviewVoided,
)
from exchange.catalog.models import PriceReview, Product
from exchange.catalog.queries import open_review
from exchange.catalog.states import PRICE_REVIEW, ReviewRoute
from pricing.models import Appraisal
from pricing.queries import current_plan, get_appraisal
from pricing.rules import Deviation, judge_plan

from .listing import TEXT_MAX, listing_facts, read_text
from .locking import lock_product


@transaction.atomic
def request_price_review(
    *, product: Product, route: str, justification: str, by: Actor, at: datetime
) -> PriceReview:
    """Ask that a price far outside the band may be listed, by one of the two ways.

    Raises NotAllowed where the price is not in the red zone, Conflict while a review is open.
    """
    words = read_text("justification", justification, limit=TEXT_MAX)
    if route not in ReviewRoute.values:
        raise Invalid({"route": [_("Choose a second appraisal or a review by the operator.")]})
    lock_product(product)
    if refusal := rules.why_not_upload(by, product):
        raise NotAllowed(refusal)
    facts = listing_facts(product, at=at)
    if facts.plan is None or facts.appraisal is None or facts.deviation is None:
        raise NotAllowed(_("There is no appraisal to judge the price by."))
    if not facts.deviation.needs_review:
        raise NotAllowed(_("The price does not stand far outside the band; no review is needed."))
    review = PriceReview(
        reference=new_reference("PR", at),
        product=product,
        route=route,
        plan=facts.plan.reference,
        appraisal=facts.appraisal.reference,
        deviation_rate=facts.deviation.rate,
        justification=words,
        requested_at=at,
    )
    try:
        with transaction.atomic():
            review.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(_("A review of this price is open already.")) from error
    event = PriceReviewRequested(
        price_review=review.reference,
        product=product.reference,
        plan=review.plan,
        appraisal=review.appraisal,
        route=route,
        deviation_rate=f"{review.deviation_rate:f}",
        justification_sha256=hashlib.sha256(words.encode()).hexdigest(),
    )
    begin(review, event=event, by=by, at=at)
    return review


@transaction.atomic
def decide_price_review(
    *, review: PriceReview, uphold: bool, reasons: str, by: Actor, at: datetime
) -> PriceReview:
    """Let the operator say with reasons whether the price may stand; buyers read them."""
    words = read_text("reasons", reasons, limit=TEXT_MAX)
    lock_product(review.product)
    review.refresh_from_db()
    if refusal := rules.why_not_review(by, review.product):
        raise NotAllowed(refusal)
    if review.route != ReviewRoute.OPERATOR_REVIEW:
        raise NotAllowed(_("A second appraisal was asked for; it decides, not the operator."))
    _decide(review, uphold=uphold, words=words, by=by, at=at)
    return review


def why_not_second(product: Product, appraiser: str) -> str | None:
    """Ask the second appraisal of another appraiser than the first."""
    review = open_review(product)
    if review is None or review.route != ReviewRoute.SECOND_APPRAISAL:
        return None
    if get_appraisal(review.appraisal).appraiser == appraiser:
        return _("The second appraisal is made by another appraiser than the first.")
    return None


def settle_review(product: Product, appraisal: Appraisal, *, by: Actor, at: datetime) -> None:
    """Let a second appraisal decide an open review: the price stands unless it is red again."""
    review, plan = open_review(product), current_plan(product.reference)
    if review is None or plan is None or appraisal.reference == review.appraisal:
        return
    if review.route != ReviewRoute.SECOND_APPRAISAL:
        _void(review, by=by, at=at)
        return
    deviation = judge_plan(plan, appraisal, get_pack("pricing", on=day_of(at)))
    _decide(
        review,
        uphold=not deviation.needs_review,
        words="",
        by=by,
        at=at,
        second=appraisal,
        deviation=deviation,
    )


def void_review(product: Product, *, plan: str, by: Actor, at: datetime) -> None:
    """End an open review of a price that is no longer asked."""
    review = open_review(product)
    if review is not None and review.plan != plan:
        _void(review, by=by, at=at)


def _void(review: PriceReview, *, by: Actor, at: datetime) -> None:
    event = PriceReviewVoided(price_review=review.reference, product=review.product.reference)
    advance(review, PRICE_REVIEW.void, event=event, by=by, at=at, decided_at=at)


def _decide(
    review: PriceReview,
    *,
    uphold: bool,
    words: str,
    by: Actor,
    at: datetime,
    second: Appraisal | None = None,
    deviation: Deviation | None = None,
) -> None:
    step = PRICE_REVIEW.uphold if uphold else PRICE_REVIEW.reject
    kind = PriceReviewUpheld if uphold else PriceReviewRejected
    event = kind(
        price_review=review.reference,
        product=review.product.reference,
        appraisal=second.reference if second else review.appraisal,
        zone=deviation.zone.value if deviation else "RED",
        deviation_rate=f"{(deviation.rate if deviation else review.deviation_rate):f}",
        reasons_sha256=hashlib.sha256(words.encode()).hexdigest() if words else "",
    )
    advance(
        review,
        step,
        event=event,
        by=by,
        at=at,
        decided_at=at,
        reasons=words,
        second_appraisal=second.reference if second else "",
        second_rate=deviation.rate if deviation else None,
    )
