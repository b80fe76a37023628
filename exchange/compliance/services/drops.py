"""What becomes of a case when its proposal does not come about."""

from datetime import datetime

from audit.log.actors import Actor
from audit.log.lifecycle import advance
from audit.rulebook.queries import day_of
from audit.rulebook.workdays import add_workdays
from exchange.compliance.case_events import (
    CaseDropped,
    ProposalVoided,
)
from exchange.compliance.heads import case_pack
from exchange.compliance.models import Case, Proposal
from exchange.compliance.states import CASE, PROPOSAL, ProposalState

from .verdicts import FILTER


def open_proposal(case: Case) -> Proposal | None:
    """Return the proposal that awaits its second person."""
    rows = Proposal.objects.filter(case=case, status=ProposalState.MADE)
    found: Proposal | None = rows.select_for_update(of=("self",)).first()
    return found


def void_proposal(case: Case, reason: str, at: datetime) -> None:
    """Void the open proposal of a case, since what it was bound to is another now."""
    proposal = open_proposal(case)
    if proposal is None:
        return
    release = case.screening.release
    voided = ProposalVoided(
        proposal=proposal.reference,
        case=case.reference,
        release=release.reference,
        product=release.product.reference,
        reason=reason,
    )
    advance(proposal, PROPOSAL.void, event=voided, by=FILTER, at=at, closed_at=at)
    drop_case(case, proposal, by=FILTER, at=at, limit="decide")


def drop_case(
    case: Case, proposal: Proposal, *, by: Actor, at: datetime, limit: str = "confirm"
) -> None:
    """Let the case await another proposal, within the time limit named."""
    on = day_of(at)
    due = add_workdays(on, int(case_pack(on).data["workdays"][limit]))
    release = case.screening.release
    dropped = CaseDropped(
        case=case.reference,
        proposal=proposal.reference,
        release=release.reference,
        product=release.product.reference,
        due_on=due.isoformat(),
    )
    advance(
        case,
        CASE.drop,
        event=dropped,
        by=by,
        at=at,
        due_on=due,
        reminded_on=None,
        missed_on=None,
    )
