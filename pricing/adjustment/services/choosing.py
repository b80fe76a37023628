"""What a provider lets its price follow, switched on, changed and switched off."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from audit.log.actors import Actor
from audit.log.errors import Invalid, NotAllowed
from audit.log.lifecycle import advance, begin
from audit.log.references import new_reference
from pricing.adjustment import queries, rules
from pricing.adjustment.events import AdjustmentEnded, AdjustmentSet, AdjustmentSuperseded
from pricing.adjustment.models import Adjustment
from pricing.adjustment.states import ADJUSTMENT, LapseCause
from pricing.methods.adjusting import sequence_of
from pricing.models import Plan
from pricing.policy import Policy

from .stepping import lapse_pending
from .writing import insert_once


@transaction.atomic
def set_adjustment(
    *, plan: Plan, choice: rules.Choice, policy: Policy, by: Actor, at: datetime
) -> Adjustment:
    """Let a price follow triggers from now on; the choice before it is kept and superseded."""
    if refusal := rules.why_not_adjust(by, plan.owner):
        raise NotAllowed(refusal)
    if faults := rules.faults_of_choice(choice, plan, policy.adjustment):
        raise Invalid(faults)
    asset, owner = plan.asset, plan.owner
    before = queries.current_adjustment(asset)
    if before is not None:
        superseded = AdjustmentSuperseded(adjustment=before.reference, product=asset)
        advance(before, ADJUSTMENT.supersede, event=superseded, by=by, at=at, ended_at=at)
    made = Adjustment(
        reference=new_reference("PA", at),
        asset=asset,
        owner=owner,
        triggers=[trigger.value for trigger in sequence_of(choice.triggers)],
        step_most_rate=choice.step_most,
        floor_amount=choice.floor,
        ceiling_amount=choice.ceiling,
        currency=plan.currency,
        pack=policy.label,
        set_at=at,
    )
    insert_once(made, _("The price adjustment was changed at the same time."))
    event = AdjustmentSet(
        adjustment=made.reference,
        product=asset,
        organization=owner,
        pack=policy.label,
        triggers=",".join(made.triggers),
        step_most=f"{choice.step_most:f}",
        floor="" if choice.floor is None else f"{choice.floor:f}",
        ceiling="" if choice.ceiling is None else f"{choice.ceiling:f}",
    )
    begin(made, event=event, by=by, at=at)
    lapse_pending(asset, LapseCause.SWITCHED_OFF, by=by, at=at)
    return made


@transaction.atomic
def end_adjustment(*, adjustment: Adjustment, by: Actor, at: datetime) -> Adjustment:
    """Let the price follow nothing any more; what was announced lapses."""
    if refusal := rules.why_not_adjust(by, adjustment.owner):
        raise NotAllowed(refusal)
    ended = AdjustmentEnded(adjustment=adjustment.reference, product=adjustment.asset)
    advance(adjustment, ADJUSTMENT.end, event=ended, by=by, at=at, ended_at=at)
    lapse_pending(adjustment.asset, LapseCause.SWITCHED_OFF, by=by, at=at)
    return adjustment
