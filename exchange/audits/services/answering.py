"""Appeals are answered: by the owner of the algorithm, then by a regulator; more time once."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from audit.decisions.models import Decision
from audit.decisions.services import note_override
from audit.log.actors import Actor
from audit.log.errors import Invalid, NotAllowed
from audit.log.events import Personal
from audit.log.lifecycle import advance
from audit.log.services import record
from audit.log.steps import Step
from audit.rulebook.queries import day_of
from audit.rulebook.workdays import add_workdays
from exchange.audits import appeal_queries, appeal_rules
from exchange.audits.appeal_events import AlgorithmAppealDecided, AlgorithmAppealExtended
from exchange.audits.appeal_fields import ANSWER, EXTEND_REASON
from exchange.audits.models import AlgorithmAppeal
from exchange.audits.policy import Policy
from exchange.audits.states import ALGORITHM_APPEAL, AppealState, Wish
from exchange.registry.fields import read_values

STEPS: dict[str, Step] = {
    AppealState.UPHELD: ALGORITHM_APPEAL.uphold,
    AppealState.PARTLY_UPHELD: ALGORITHM_APPEAL.uphold_partly,
    AppealState.REJECTED: ALGORITHM_APPEAL.reject,
}


@transaction.atomic
def answer_appeal(
    *, appeal: AlgorithmAppeal, outcome: str, answer: str, by: Actor, at: datetime
) -> AlgorithmAppeal:
    """Answer an appeal with its outcome and the reasons; a regulator's answer is the last.

    Raises NotAllowed for who may not answer in this instance, WrongState for the second of two
    answers at once.
    """
    appeal = appeal_queries.lock_appeal(appeal)
    if refusal := appeal_rules.why_not_decide(by, appeal):
        raise NotAllowed(refusal)
    if outcome not in STEPS:
        raise Invalid({"outcome": [_("There is no such outcome.")]})
    words = str(read_values((ANSWER,), {"answer": answer})["answer"])
    sets_aside = _sets_aside(appeal, outcome)
    if sets_aside:
        _set_aside(appeal, by=by, at=at)
    decided = AlgorithmAppealDecided(
        algorithm_appeal=appeal.reference,
        organization=appeal.owner,
        algorithm=appeal.algorithm,
        decision=appeal.decision,
        outcome=outcome,
        instance=appeal.instance,
        overridden=sets_aside,
        answer=Personal(appeal.person, {"text": words}),
    )
    advance(
        appeal,
        STEPS[outcome],
        event=decided,
        by=by,
        at=at,
        status_since=at,
        answered_at=at,
        answered_for=by.organization,
        overridden=appeal.overridden or sets_aside,
    )
    return appeal


def _sets_aside(appeal: AlgorithmAppeal, outcome: str) -> bool:
    """Whether a person now decides in place of the decision appealed against."""
    asks_only = appeal.wish == Wish.EXPLANATION
    return bool(appeal.decision) and outcome == AppealState.UPHELD and not asks_only


def _set_aside(appeal: AlgorithmAppeal, *, by: Actor, at: datetime) -> None:
    """Put the override on record, in words that tell nothing of who appealed."""
    note_override(
        decision=Decision.objects.get(reference=appeal.decision),
        reason=_("The appeal %(reference)s was upheld.") % {"reference": appeal.reference},
        outcome="APPEAL_UPHELD",
        by=by,
        at=at,
    )


@transaction.atomic
def extend_appeal(
    *, appeal: AlgorithmAppeal, reason: str, by: Actor, at: datetime
) -> AlgorithmAppeal:
    """Take more time for an answer, once, with the reason that is told to who appealed."""
    appeal = appeal_queries.lock_appeal(appeal)
    if refusal := appeal_rules.why_not_extend(by, appeal):
        raise NotAllowed(refusal)
    words = str(read_values((EXTEND_REASON,), {"reason": reason})["reason"])
    today = day_of(at)
    due = add_workdays(appeal.due_on, Policy.on(today).figure("appeal", "extension"))
    AlgorithmAppeal.objects.filter(pk=appeal.pk).update(
        due_on=due, extended_on=today, reminded_on=None
    )
    appeal.due_on, appeal.extended_on, appeal.reminded_on = due, today, None
    extended = AlgorithmAppealExtended(
        algorithm_appeal=appeal.reference,
        organization=appeal.owner,
        due_on=due.isoformat(),
        reason=Personal(appeal.person, {"text": words}),
    )
    record(extended, by=by, at=at)
    return appeal
