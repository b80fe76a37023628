"""Freezes of price adjustment, and ceilings that a regulator orders."""

from datetime import datetime
from typing import Final

from django.db import connection, transaction
from django.utils.translation import gettext as _

from audit.log.actors import Actor
from audit.log.errors import Invalid, NotAllowed
from audit.log.lifecycle import advance, begin
from audit.log.references import new_reference
from pricing.adjustment import queries, rules
from pricing.adjustment.events import (
    PriceCeilingLifted,
    PriceCeilingOrdered,
    PriceFreezeLifted,
    PriceFreezeOrdered,
)
from pricing.adjustment.models import PriceCeiling, PriceFreeze
from pricing.adjustment.states import (
    PRICE_CEILING,
    PRICE_FREEZE,
    FreezeAuthority,
    FreezeScope,
    LapseCause,
)
from pricing.money import Money
from pricing.plan_rules import AMOUNT_MOST

from .stepping import lapse_step
from .writing import digest_of_words, insert_once, read_words

FREEZES_LOCK: Final = 0x51485046  # "QHPF": an advisory lock of PostgreSQL


@transaction.atomic
def freeze_prices(
    *, scope: FreezeScope, target: str, owner: str, reason: str, by: Actor, at: datetime
) -> PriceFreeze:
    """Stop prices from moving by themselves; what is announced in the scope lapses at once.

    A provider (`owner`) freezes one product of its own, a regulator a product, an industry or all.
    """
    own = scope == FreezeScope.PRODUCT and by.organization == owner and by.has_role("PROVIDER")
    refusal = rules.why_not_adjust(by, owner) if own else rules.why_not_supervise_prices(by)
    if refusal:
        raise NotAllowed(refusal)
    words = read_words("reason", reason, most=rules.REASON_MOST)
    order_freezes(exclusive=True)
    freeze = PriceFreeze(
        reference=new_reference("PF", at),
        scope=scope.value,
        target=target,
        authority=FreezeAuthority.PROVIDER if own else FreezeAuthority.REGULATOR,
        organization=by.organization,
        reason=words,
        frozen_at=at,
    )
    insert_once(freeze, _("It is frozen already."))
    ordered = PriceFreezeOrdered(
        price_freeze=freeze.reference,
        product=target if scope == FreezeScope.PRODUCT else "",
        scope=scope.value,
        industry=target if scope == FreezeScope.INDUSTRY else "",
        authority=freeze.authority,
        reason_sha256=digest_of_words(words),
    )
    begin(freeze, event=ordered, by=by, at=at)
    for step in queries.pending_under(freeze):
        lapse_step(step=step, cause=LapseCause.FROZEN, by=by, at=at)
    return freeze


@transaction.atomic
def lift_freeze(*, freeze: PriceFreeze, reason: str, by: Actor, at: datetime) -> PriceFreeze:
    """Let prices move again; nothing that lapsed comes back by itself."""
    if refusal := rules.why_not_lift_freeze(by, freeze):
        raise NotAllowed(refusal)
    words = read_words("reason", reason, most=rules.REASON_MOST)
    lifted = PriceFreezeLifted(
        price_freeze=freeze.reference,
        product=freeze.target if freeze.scope == FreezeScope.PRODUCT else "",
        reason_sha256=digest_of_words(words),
    )
    advance(freeze, PRICE_FREEZE.lift, event=lifted, by=by, at=at, lifted_at=at, lift_reason=words)
    return freeze


@transaction.atomic
def order_ceiling(
    *, asset: str, amount: Money, basis: str, reason: str, by: Actor, at: datetime
) -> PriceCeiling:
    """Order that one license of a product asks no more than an amount (《价格法》第三十条)."""
    if refusal := rules.why_not_supervise_prices(by):
        raise NotAllowed(refusal)
    if not amount.is_positive or amount != amount.quantized() or amount.amount > AMOUNT_MOST:
        raise Invalid({"amount": [_("An amount is above zero and no finer than the currency.")]})
    ceiling = PriceCeiling(
        reference=new_reference("PC", at),
        asset=asset,
        amount=amount.amount,
        currency=amount.currency,
        organization=by.organization,
        basis=read_words("basis", basis, most=rules.BASIS_MOST),
        reason=read_words("reason", reason, most=rules.REASON_MOST),
        ordered_at=at,
    )
    insert_once(ceiling, _("A ceiling for this product is in force: lift it first."))
    ordered = PriceCeilingOrdered(
        price_ceiling=ceiling.reference,
        product=asset,
        amount=amount.text,
        basis=ceiling.basis,
        reason_sha256=digest_of_words(ceiling.reason),
    )
    begin(ceiling, event=ordered, by=by, at=at)
    return ceiling


@transaction.atomic
def lift_ceiling(*, ceiling: PriceCeiling, reason: str, by: Actor, at: datetime) -> PriceCeiling:
    """Let a ceiling bind no more; the price stays where it is, what it ordered lapses."""
    if refusal := rules.why_not_supervise_prices(by):
        raise NotAllowed(refusal)
    words = read_words("reason", reason, most=rules.REASON_MOST)
    lifted = PriceCeilingLifted(
        price_ceiling=ceiling.reference, product=ceiling.asset, reason_sha256=digest_of_words(words)
    )
    advance(
        ceiling, PRICE_CEILING.lift, event=lifted, by=by, at=at, lifted_at=at, lift_reason=words
    )
    step = queries.pending_step(ceiling.asset)
    if step is not None and step.ceiling == ceiling.reference:
        lapse_step(step=step, cause=LapseCause.ORDER_LIFTED, by=by, at=at)
    return ceiling


def order_freezes(*, exclusive: bool) -> None:
    """Put freezing and taking effect in an order; on SQLite writers are in one already.

    Whoever puts a step in effect calls it before it looks for freezes.
    """
    if connection.vendor == "postgresql":
        lock = "pg_advisory_xact_lock" if exclusive else "pg_advisory_xact_lock_shared"
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {lock}(%s)", [FREEZES_LOCK])
