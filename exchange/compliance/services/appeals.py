"""Appeals against a block: lodged with grounds in time, answered by who did not decide.

Against core data, and whatever no person may decide, an appeal asks for another reading of the
content by the filter; no answer clears anything.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from audit.log.actors import Actor
from audit.log.errors import Conflict, Invalid, NotAllowed
from audit.log.lifecycle import advance, begin
from audit.log.references import new_reference
from audit.log.steps import Step
from audit.rulebook.queries import day_of
from audit.rulebook.workdays import add_workdays
from exchange.catalog.models import Release
from exchange.catalog.services import reconsider_release, requeue_release
from exchange.catalog.states import ReleaseState
from exchange.compliance import appealing, dossiers
from exchange.compliance.case_events import (
    AppealLodged,
    AppealReopened,
    AppealRescreened,
    AppealUpheld,
    AppealWithdrawn,
    CaseReopened,
)
from exchange.compliance.heads import case_pack
from exchange.compliance.models import Appeal, Case, Screening
from exchange.compliance.states import APPEAL, CASE, Answer, CaseState, Grade, Wish

from .files import new_limit, own_documents
from .justifying import note_person_decided
from .screening import queue_screening
from .verdicts import FILTER
from .wording import digest_of_text, read_reason

KINDS = {
    Answer.UPHOLD: (APPEAL.uphold, AppealUpheld),
    Answer.RESCREEN: (APPEAL.rescreen, AppealRescreened),
    Answer.REOPEN: (APPEAL.reopen, AppealReopened),
}


@transaction.atomic
def lodge_appeal(
    *,
    screening: Screening,
    wish: str,
    grounds: str,
    documents: Sequence[str] = (),
    by: Actor,
    at: datetime,
) -> Appeal:
    """Appeal against the block that followed from a screening or its case; once, and in time."""
    if refusal := appealing.why_not_appeal(by, screening):
        raise NotAllowed(refusal)
    if wish not in Wish.values:
        raise Invalid({"wish": [_("There is no such wish.")]})
    words = read_reason(grounds, "grounds")
    release = Release.objects.select_related("product").get(pk=screening.release_id)
    case = Case.objects.filter(screening=screening).first()
    if refusal := appealing.why_not_now(release, screening, at):
        raise Conflict(refusal)
    if refusal := appealing.why_not_wish(wish, screening, case):
        raise NotAllowed(refusal)
    pack = case_pack(day_of(at))
    kept = own_documents(documents, by.organization, int(pack.data["most_documents"]))
    due = add_workdays(day_of(at), int(pack.data["workdays"]["answer"]))
    try:
        with transaction.atomic():
            appeal = Appeal.objects.create(
                reference=new_reference("AP", at),
                screening=screening,
                case=case,
                grade=screening.grade or Grade.GENERAL,
                wish=wish,
                grounds=words,
                documents=kept,
                lodged_by=by.id,
                lodged_at=at,
                due_on=due,
            )
    except IntegrityError:
        raise Conflict(_("There is an appeal against this already.")) from None
    lodged = AppealLodged(
        appeal=appeal.reference,
        screening=screening.reference,
        case=case.reference if case else "",
        release=release.reference,
        product=release.product.reference,
        wish=wish,
        grade=appeal.grade,
        grounds_sha256=digest_of_text(words),
        objects=",".join(each["object"] for each in kept),
        due_on=due.isoformat(),
    )
    begin(appeal, event=lodged, by=by, at=at)
    return appeal


@transaction.atomic
def withdraw_appeal(*, appeal: Appeal, by: Actor, at: datetime) -> Appeal:
    """Take an appeal back."""
    if refusal := appealing.why_not_withdraw(by, appeal):
        raise NotAllowed(refusal)
    release = appeal.screening.release
    withdrawn = AppealWithdrawn(
        appeal=appeal.reference,
        screening=appeal.screening.reference,
        release=release.reference,
        product=release.product.reference,
    )
    advance(appeal, APPEAL.withdraw, event=withdrawn, by=by, at=at, closed_at=at)
    return appeal


@transaction.atomic
def answer_appeal(*, appeal: Appeal, answer: str, reason: str, by: Actor, at: datetime) -> Appeal:
    """Answer an appeal with the reason: the block stands, another reading, or a new decision.

    There is no answer that lets a release pass.
    """
    if refusal := appealing.why_not_answer(by, appeal):
        raise NotAllowed(refusal)
    if answer not in Answer.values:
        raise Invalid({"answer": [_("There is no such answer.")]})
    words, said = read_reason(reason), Answer(answer)
    if said == Answer.REOPEN and (refusal := appealing.why_not_reopen(appeal)):
        raise NotAllowed(refusal)
    screening = appeal.screening
    release = Release.objects.select_related("product__provider").get(pk=screening.release_id)
    if said != Answer.UPHOLD and (
        release.status != ReleaseState.BLOCKED or release.screening != screening.reference
    ):
        raise Conflict(_("The release is no longer blocked by what the appeal is against."))
    _close(appeal, said, words, by=by, at=at)
    note_person_decided(
        screening, outcome=said, confirms=said == Answer.UPHOLD, reason=words, by=by, at=at
    )
    reason = f"{appeal.reference}: {words}"[:2000]
    if said == Answer.RESCREEN:
        requeue_release(release=release, reason=reason, by=FILTER, at=at)
        queue_screening(release=release, by=FILTER, at=at)
    elif said == Answer.REOPEN:
        _reopen(appeal, release, reason, by=by, at=at)
    return appeal


def _close(appeal: Appeal, said: Answer, words: str, *, by: Actor, at: datetime) -> None:
    step: Step
    step, kind = KINDS[said]
    screening = appeal.screening
    event = kind(
        appeal=appeal.reference,
        screening=screening.reference,
        case=appeal.case.reference if appeal.case else "",
        release=screening.release.reference,
        product=screening.release.product.reference,
        reason_sha256=digest_of_text(words),
    )
    advance(
        appeal,
        step,
        event=event,
        by=by,
        at=at,
        answer=words,
        answered_by=by.id,
        answered_for=by.organization,
        closed_at=at,
    )


def _reopen(appeal: Appeal, release: Release, reason: str, *, by: Actor, at: datetime) -> None:
    assert appeal.case is not None  # noqa: S101  `why_not_reopen` asked
    case = dossiers.lock_case(appeal.case)
    if case.status != CaseState.REJECTED:
        raise Conflict(_("The case is not one that was rejected."))
    on = day_of(at)
    due = add_workdays(on, int(case_pack(on).data["workdays"]["decide"]))
    reopened = CaseReopened(
        case=case.reference,
        appeal=appeal.reference,
        release=release.reference,
        product=release.product.reference,
        due_on=due.isoformat(),
    )
    advance(case, CASE.reopen, event=reopened, by=by, at=at, **new_limit(due))
    reconsider_release(release=release, reason=reason, by=by, at=at)
