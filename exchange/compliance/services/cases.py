"""Cases: opened by the filter, extended, and closed when their release is read again."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from audit.log.actors import Actor
from audit.log.errors import Conflict, Invalid, NotAllowed
from audit.log.lifecycle import advance, begin
from audit.log.references import new_reference
from audit.log.services import record
from audit.rulebook.queries import day_of
from audit.rulebook.workdays import add_workdays
from exchange.catalog.models import Release
from exchange.compliance import dossiers, rules
from exchange.compliance.case_events import (
    CaseClosed,
    CaseExtended,
)
from exchange.compliance.events import (
    CaseOpened,
)
from exchange.compliance.heads import case_pack, kind_of
from exchange.compliance.models import Case, Screening
from exchange.compliance.states import CASE, Authority, CaseState

from .drops import void_proposal
from .files import carry_over
from .verdicts import FILTER
from .wording import digest_of_text, read_reason


def open_case(screening: Screening, authority: Authority, at: datetime) -> Case:
    """Open the case of a screening that `authority` may decide."""
    release = screening.release
    on = day_of(at)
    pack = case_pack(on)
    due = add_workdays(on, int(pack.data["workdays"]["file"]))
    kind = kind_of(screening)
    case = Case.objects.create(
        reference=new_reference("CASE", at),
        screening=screening,
        kind=kind,
        grade=screening.grade,
        authority=authority,
        rules=screening.rules,
        pack=pack.label,
        due_on=due,
        opened_at=at,
    )
    opened = CaseOpened(
        case=case.reference,
        screening=screening.reference,
        release=release.reference,
        product=release.product.reference,
        authority=authority,
        rules=",".join(screening.rules),
        kind=kind,
        due_on=due.isoformat(),
    )
    begin(case, event=opened, by=FILTER, at=at)
    carry_over(case, at)
    return case


@transaction.atomic
def extend_case(*, case: Case, workdays: int, reason: str, by: Actor, at: datetime) -> Case:
    """Extend the time limit that runs, with the reason."""
    case = dossiers.lock_case(case)
    if refusal := rules.why_not_decide(by, case):
        raise NotAllowed(refusal)
    words = read_reason(reason)
    limits = case_pack(day_of(at)).data["workdays"]
    most = int(limits["extension_most"])
    if not 1 <= workdays <= most:
        text = _("Between 1 and %(most)d working days.")
        raise Invalid({"workdays": [text % {"most": most}]})
    if not case.is_undecided or case.due_on is None:
        raise Conflict(_("No time limit runs in this case."))
    if case.extensions >= int(limits["extensions_most"]):
        raise Conflict(_("The time limits of this case cannot be extended again."))
    before, due = case.due_on, add_workdays(max(case.due_on, day_of(at)), workdays)
    release = case.screening.release
    extended = CaseExtended(
        case=case.reference,
        release=release.reference,
        product=release.product.reference,
        before=before.isoformat(),
        due_on=due.isoformat(),
        reason_sha256=digest_of_text(words),
    )
    record(extended, by=by, at=at)
    case.due_on, case.extensions = due, case.extensions + 1
    case.reminded_on = case.missed_on = None
    case.save(update_fields=["due_on", "extensions", "reminded_on", "missed_on"])
    return case


def close_cases(
    release: Release, *, reason: str, at: datetime, but: Screening | None = None
) -> None:
    """Close what is open or approved on a release; called before it is screened again.

    An approval is of one reading of the content; a new reading asks for a new one.
    """
    found = Case.objects.filter(screening__release=release, status__in=CASE.close.sources)
    for case in found.exclude(screening=but).order_by("pk"):
        locked = dossiers.lock_case(case)
        if locked.status == CaseState.PROPOSED:
            void_proposal(locked, reason, at)
        closed = CaseClosed(
            case=locked.reference,
            release=release.reference,
            product=release.product.reference,
            reason=reason,
        )
        advance(locked, CASE.close, event=closed, by=FILTER, at=at, due_on=None)
