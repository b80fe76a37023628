"""Engagements (委托): a provider asks an appraiser, who declares itself and delivers its band."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from audit.log.actors import Actor
from audit.log.canonical import canonical
from audit.log.errors import Conflict, Invalid, NotAllowed, WrongState
from audit.log.lifecycle import advance, begin
from audit.log.references import new_reference
from audit.log.steps import Step
from audit.rulebook.queries import day_of
from exchange.appraisers import rules
from exchange.appraisers.events import (
    EngagementAccepted,
    EngagementDeclined,
    EngagementDelivered,
    EngagementRecalled,
    EngagementRequested,
)
from exchange.appraisers.fields import CONFLICTS, REASON, REQUEST_FIELDS
from exchange.appraisers.models import Accreditation, Engagement
from exchange.appraisers.queries import buys, declared_ownership, lock_engagement
from exchange.appraisers.states import ENGAGEMENT
from exchange.catalog.models import Product
from exchange.catalog.services import appraise_product, why_not_second
from exchange.parties.queries import sharing_people_with
from exchange.registry.fields import read_values
from exchange.trading.signatures import digest_of
from pricing.models import Appraisal
from pricing.queries import appraisers_for, appraisers_of
from pricing.rules import why_not_again

from .declaring import read_stakes


@transaction.atomic
def request_engagement(
    *,
    product: Product,
    accreditation: Accreditation,
    said: dict[str, Any],
    by: Actor,
    at: datetime,
) -> Engagement:
    """Ask an appraiser for an appraisal of the current release, at a fixed fee.

    The provider states its shareholders, so that independence can be judged. Raises NotAllowed
    where the appraiser is not accredited, not independent or was the last one too often; Conflict
    while another engagement about the product is open.
    """
    if refusal := rules.why_not_engage(by, product):
        raise NotAllowed(refusal)
    values: dict[str, Any] = read_values(REQUEST_FIELDS, said)
    owners = read_stakes("owners", values["owners"], own=product.provider.uscc)
    engagement = Engagement(
        reference=new_reference("EN", at),
        product=product,
        accreditation=accreditation,
        request=values["request"],
        fee_amount=Decimal(values["fee"]),
        owners=owners,
        requested_by=by.id,
        requested_at=at,
    )
    if refusal := _why_not_appraise(engagement, at):
        raise NotAllowed(refusal)
    try:
        with transaction.atomic():
            engagement.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(_("An engagement about this product is open already.")) from error
    event = EngagementRequested(
        engagement=engagement.reference,
        accreditation=accreditation.reference,
        product=product.reference,
        organization=accreditation.organization.reference,
        fee=engagement.fee.text,
        currency=engagement.currency,
        owners_sha256=digest_of(canonical({"owners": owners})),
    )
    begin(engagement, event=event, by=by, at=at)
    return engagement


@transaction.atomic
def accept_engagement(
    *,
    engagement: Engagement,
    declares_independence: bool,
    declares_fixed_fee: bool,
    conflicts: str = "",
    by: Actor,
    at: datetime,
) -> Engagement:
    """Take an engagement on, with the declarations it needs; who has a conflict declines."""
    engagement = lock_engagement(engagement)
    if refusal := rules.why_not_answer(by, engagement) or _why_not_appraise(engagement, at):
        raise NotAllowed(refusal)
    words = str(read_values((CONFLICTS,), {"conflicts": conflicts})["conflicts"])
    faults: dict[str, list[str]] = {}
    if not declares_independence:
        faults["declares_independence"] = [_("The assessor must declare its independence.")]
    if not declares_fixed_fee:
        faults["declares_fixed_fee"] = [_("A fee that depends on the value is not permitted.")]
    if words:
        faults["conflicts"] = [_("With a conflict of interest an engagement is declined.")]
    if faults:
        raise Invalid(faults)
    statement = {"independent": True, "fixed_fee": engagement.fee.text, "conflicts": ""}
    event = EngagementAccepted(
        statement_sha256=digest_of(canonical({"by": by.id, **statement})), **_named(engagement)
    )
    advance(
        engagement,
        ENGAGEMENT.accept,
        event=event,
        by=by,
        at=at,
        statement=statement,
        answered_at=at,
    )
    return engagement


@transaction.atomic
def decline_engagement(
    *, engagement: Engagement, reason: str, by: Actor, at: datetime
) -> Engagement:
    """Say no, or give an engagement back that was taken on, with the reason."""
    engagement = lock_engagement(engagement)
    if refusal := rules.why_not_answer(by, engagement):
        raise NotAllowed(refusal)
    words = str(read_values((REASON,), {"reason": reason})["reason"])
    event = EngagementDeclined(reason_sha256=digest_of(words), **_named(engagement))
    advance(engagement, ENGAGEMENT.decline, event=event, by=by, at=at, reason=words, answered_at=at)
    return engagement


@transaction.atomic
def recall_engagement(*, engagement: Engagement, by: Actor, at: datetime) -> Engagement:
    """Take a request back that nobody answered."""
    engagement = lock_engagement(engagement)
    if refusal := rules.why_not_recall(by, engagement):
        raise NotAllowed(refusal)
    event = EngagementRecalled(**_named(engagement))
    advance(engagement, ENGAGEMENT.recall, event=event, by=by, at=at, answered_at=at)
    return engagement


@transaction.atomic
def deliver_appraisal(
    *,
    engagement: Engagement,
    declares_independence: bool,
    by: Actor,
    at: datetime,
    **inputs: Any,
) -> Appraisal:
    """Sign one's own appraisal under an engagement and put it beside the product.

    `inputs` are those of `catalog.services.appraise_product`, the same as for the platform's own.
    Everything is asked again under the lock of the provider's row: two appraisals of one provider
    wait for one another, so that not both can be the second in a row.
    """
    engagement = lock_engagement(engagement)
    if refusal := rules.why_not_sign(by, engagement) or _why_not_appraise(engagement, at):
        raise NotAllowed(refusal)
    _require(engagement, ENGAGEMENT.deliver)
    appraisal = appraise_product(
        product=engagement.product,
        as_appraiser=True,
        declares_independence=declares_independence,
        by=by,
        at=at,
        **inputs,
    )
    event = EngagementDelivered(appraisal=appraisal.reference, **_named(engagement))
    advance(
        engagement,
        ENGAGEMENT.deliver,
        event=event,
        by=by,
        at=at,
        appraisal=appraisal.reference,
        delivered_at=at,
    )
    return appraisal


def _why_not_appraise(engagement: Engagement, at: datetime) -> str | None:
    """Return why this appraiser cannot appraise this product now, or None."""
    product, accreditation = engagement.product, engagement.accreditation
    provider, appraiser = product.provider, accreditation.organization
    return (
        rules.why_not_engaged(accreditation, product, day_of(at))
        or rules.why_not_independent(
            accreditation,
            product,
            ownership=declared_ownership(provider, engagement.owners),
            shared_people=sharing_people_with(provider),
            buys=buys(appraiser, product),
        )
        or why_not_again(
            appraiser.reference,
            of_provider=appraisers_for(provider.reference),
            of_product=appraisers_of(product.reference),
        )
        or why_not_second(product, appraiser.reference)
    )


def _named(engagement: Engagement) -> dict[str, str]:
    return {
        "engagement": engagement.reference,
        "accreditation": engagement.accreditation.reference,
        "product": engagement.product.reference,
    }


def _require(engagement: Engagement, step: Step) -> None:
    if engagement.status not in step.sources:
        raise WrongState(
            subject=engagement.reference,
            status=engagement.status,
            allowed=ENGAGEMENT.allowed(engagement.status),
        )
