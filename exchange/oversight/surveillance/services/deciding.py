"""People decide: take up, dismiss, lay before the regulator, suspend, close."""

import hashlib
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.decisions.queries import latest_decision
from audit.decisions.services import note_override
from audit.decisions.states import Result
from audit.log.actors import Actor
from audit.log.errors import Conflict, Invalid, NotAllowed, NotFound
from audit.log.lifecycle import advance
from audit.log.services import record
from exchange.catalog.models import Product
from exchange.oversight.models import SupervisionOrder
from exchange.oversight.services import order_suspension
from exchange.oversight.services.texts import texts_of
from exchange.oversight.surveillance import rules
from exchange.oversight.surveillance.events import (
    AlertActedOn,
    AlertClosed,
    AlertDismissed,
    AlertEscalated,
    AlertTakenUp,
    AlertTold,
)
from exchange.oversight.surveillance.models import Alert, AlertMeasure
from exchange.oversight.surveillance.states import (
    ALERT,
    AlertState,
    CloseOutcome,
    DismissGround,
)
from exchange.registry.fields import Field, Kind

REASON: Final = Field(
    name="reason",
    label=gettext_lazy("reason"),
    help=gettext_lazy("What you looked at and what it shows; it stays with the alert."),
    kind=Kind.PROSE,
    required=True,
    max_length=2000,
)


@transaction.atomic
def take_up_alert(*, alert: Alert, by: Actor, at: datetime) -> Alert:
    """Begin to look at an alert; others see who does."""
    if refusal := rules.why_not_review(by, alert):
        raise NotAllowed(refusal)
    taken = AlertTakenUp(alert=alert.reference, organization=by.organization)
    advance(alert, ALERT.take_up, event=taken, by=by, at=at, status_since=at, taken_up_by=by.id)
    return alert


@transaction.atomic
def dismiss_alert(*, alert: Alert, ground: str, reason: str, by: Actor, at: datetime) -> Alert:
    """Find that it is no case; the ground is what the precision in service is counted from."""
    if refusal := rules.why_not_review(by, alert):
        raise NotAllowed(refusal)
    if ground not in DismissGround.values:
        raise Invalid({"ground": [_("Choose one of the grounds.")]})
    words = texts_of((REASON,), reason=reason)["reason"]
    dismissed = AlertDismissed(
        alert=alert.reference,
        organization=by.organization,
        ground=ground,
        reason_sha256=_digest(words),
    )
    advance(
        alert,
        ALERT.dismiss,
        event=dismissed,
        by=by,
        at=at,
        status_since=at,
        ground=ground,
        reason=words,
        decided_by=by.id,
        decided_at=at,
    )
    _note(alert, Result.SET_ASIDE, ground, words, by, at)
    return alert


@transaction.atomic
def escalate_alert(*, alert: Alert, reason: str, by: Actor, at: datetime) -> Alert:
    """Lay the alert before the regulator; from now on those it concerns may know of it."""
    if refusal := rules.why_not_review(by, alert):
        raise NotAllowed(refusal)
    words = texts_of((REASON,), reason=reason)["reason"]
    escalated = AlertEscalated(alert=alert.reference, rule=alert.rule, reason_sha256=_digest(words))
    advance(
        alert,
        ALERT.escalate,
        event=escalated,
        by=by,
        at=at,
        status_since=at,
        reason=words,
        decided_by=by.id,
        decided_at=at,
    )
    for organization in alert.organizations:
        told = AlertTold(alert=alert.reference, organization=organization, rule=alert.rule)
        record(told, by=by, at=at)
    return alert


@transaction.atomic
def suspend_upon_alert(
    *, alert: Alert, product: str, reason: str, basis: str, by: Actor, at: datetime
) -> SupervisionOrder:
    """Order the suspension of a listing that an escalated alert concerns, with its grants."""
    if refusal := rules.why_not_close(by, alert):
        raise NotAllowed(refusal)
    if alert.status != AlertState.ESCALATED:
        raise Conflict(_("Only an alert that was laid before the regulator leads to an order."))
    found = Product.objects.filter(reference=product).first()
    if found is None or product not in alert.products:
        raise NotFound(_("The alert concerns no such product."))
    supervision = order_suspension(product=found, reason=reason, basis=basis, by=by, at=at)
    AlertMeasure.objects.create(alert=alert, supervision=supervision)
    acted = AlertActedOn(alert=alert.reference, supervision=supervision.reference, product=product)
    record(acted, by=by, at=at)
    return supervision


@transaction.atomic
def close_alert(*, alert: Alert, outcome: str, reason: str, by: Actor, at: datetime) -> Alert:
    """Say, as the regulator, what was true of it."""
    if refusal := rules.why_not_close(by, alert):
        raise NotAllowed(refusal)
    if outcome not in CloseOutcome.values:
        raise Invalid({"outcome": [_("Choose one of the outcomes.")]})
    words = texts_of((REASON,), reason=reason)["reason"]
    closed = AlertClosed(alert=alert.reference, outcome=outcome, reason_sha256=_digest(words))
    changes: dict[str, Any] = {
        "status_since": at,
        "outcome": outcome,
        "closing_reason": words,
        "closed_by": by.id,
        "closed_at": at,
    }
    advance(alert, ALERT.close, event=closed, by=by, at=at, **changes)
    result = Result.CONFIRMED if outcome == CloseOutcome.CONFIRMED else Result.SET_ASIDE
    _note(alert, result, outcome, words, by, at)
    return alert


def _note(alert: Alert, result: Result, outcome: str, reason: str, by: Actor, at: datetime) -> None:
    """Put beside the algorithm's decision what a person made of it."""
    decision = latest_decision("alert", alert.reference)
    if decision is not None:
        note_override(
            decision=decision, reason=reason, outcome=outcome, result=result, by=by, at=at
        )


def _digest(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()
