"""Verbs of the cost ledger: an entry is recorded, and reversed by another; none is ever changed."""

import hashlib
from datetime import date, datetime
from decimal import Decimal, localcontext

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from audit.log.actors import Actor
from audit.log.errors import Conflict, Invalid, NotAllowed
from audit.log.references import new_reference
from audit.log.services import record
from audit.rulebook.queries import day_of

from .cost_rules import faults_of_cost, why_not_keep_costs, why_not_reverse
from .documents import digest_of
from .events import CostRecorded, CostReversed
from .models import CostItem
from .money import Money
from .queries import cost_items
from .states import Allocation

REASON_MAX = 1000
ONE = Decimal(1)


@transaction.atomic
def record_cost(  # noqa: PLR0913  an entry is described by all of these
    *,
    asset: str,
    owner: str,
    kind: str,
    title: str,
    amount: Money,
    period_from: date,
    period_until: date,
    allocation: str = Allocation.DIRECT,
    part: Decimal = ONE,
    whole: Decimal = ONE,
    bearer: str = "",
    evidence: bytes | None = None,
    by: Actor,
    at: datetime,
) -> CostItem:
    """Enter a cost of a product. A joint cost falls to it by `part` of `whole`, to the minor unit.

    Of the evidence only its SHA-256 is kept. Raises Invalid for an entry that cannot be one.
    """
    if refusal := why_not_keep_costs(by, owner):
        raise NotAllowed(refusal)
    first = cost_items(asset).order_by("pk").first()
    faults = faults_of_cost(
        kind=kind,
        title=title.strip(),
        amount=amount,
        allocation=allocation,
        part=part,
        whole=whole,
        period_from=period_from,
        period_until=period_until,
        today=day_of(at),
        currency=first.currency if first else None,
    )
    if faults:
        raise Invalid(faults)
    item = CostItem(
        reference=new_reference("CO", at),
        asset=asset,
        owner=owner,
        bearer=bearer or owner,
        kind=kind,
        title=title.strip(),
        currency=amount.currency,
        amount=amount.amount,
        allocation=allocation,
        part=part,
        whole=whole,
        attributed_amount=attributed(amount, part, whole).amount,
        period_from=period_from,
        period_until=period_until,
        evidence_sha256=hashlib.sha256(evidence).hexdigest() if evidence else "",
        recorded_by=by.id,
        recorded_at=at,
    )
    item.save(force_insert=True)
    recorded = CostRecorded(
        cost=item.reference, product=asset, organization=owner, item_sha256=item_sha256(item)
    )
    record(recorded, by=by, at=at)
    return item


@transaction.atomic
def reverse_cost(*, item: CostItem, reason: str, by: Actor, at: datetime) -> CostItem:
    """Take an entry back by another of the opposite amount; both stay, and once only."""
    if refusal := why_not_keep_costs(by, item.owner) or why_not_reverse(item):
        raise NotAllowed(refusal)
    words = reason.strip()
    if not words or len(words) > REASON_MAX:
        raise Invalid({"reason": [_("Say why, in at most 1,000 characters.")]})
    kept = ("asset", "owner", "bearer", "kind", "title", "currency", "allocation", "part", "whole")
    same = {name: getattr(item, name) for name in (*kept, "period_from", "period_until")}
    opposite = CostItem(
        reference=new_reference("CO", at),
        amount=-item.amount,
        attributed_amount=-item.attributed_amount,
        evidence_sha256=item.evidence_sha256,
        reverses=item,
        reason=words,
        recorded_by=by.id,
        recorded_at=at,
        **same,
    )
    try:
        with transaction.atomic():
            opposite.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(_("This entry was reversed already.")) from error
    reversed_ = CostReversed(
        cost=opposite.reference,
        product=item.asset,
        organization=item.owner,
        reverses=item.reference,
        item_sha256=item_sha256(opposite),
        reason_sha256=hashlib.sha256(words.encode()).hexdigest(),
    )
    record(reversed_, by=by, at=at)
    return opposite


def attributed(amount: Money, part: Decimal, whole: Decimal) -> Money:
    """Return amount × part ÷ whole, rounded half up to the minor unit."""
    with localcontext(prec=60):
        exact = amount.amount * part / whole
        return Money(exact, amount.currency).quantized()


def item_sha256(item: CostItem) -> str:
    """Return the digest of an entry, as the log has it."""
    return digest_of(
        {
            "reference": item.reference,
            "asset": item.asset,
            "bearer": item.bearer,
            "kind": item.kind,
            "title": item.title,
            "amount": f"{item.amount:.2f} {item.currency}",
            "allocation": str(item.allocation),
            "part": f"{item.part:.2f}",
            "whole": f"{item.whole:.2f}",
            "attributed": f"{item.attributed_amount:.2f} {item.currency}",
            "period_from": item.period_from.isoformat(),
            "period_until": item.period_until.isoformat(),
            "evidence_sha256": item.evidence_sha256,
            "reverses": item.reverses.reference if item.reverses else "",
        }
    )
