"""Cases: what the rules leave to a person."""

import hashlib
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from audit.log.actors import Actor
from audit.log.errors import Conflict, Invalid, NotAllowed
from audit.log.lifecycle import advance, begin
from audit.log.references import new_reference
from audit.rulebook.queries import day_of, get_pack
from exchange.catalog.models import Release
from exchange.catalog.services import block_release, clear_release
from exchange.compliance import rules
from exchange.compliance.events import CaseApproved, CaseOpened, CaseRejected
from exchange.compliance.models import Case, Screening
from exchange.compliance.states import CASE, Authority

from .verdicts import FILTER, verdict_of

REASON_LIMIT = 2000


def open_case(screening: Screening, authority: Authority, at: datetime) -> Case:
    """Open the case of a screening that `authority` may decide."""
    release = screening.release
    case = Case.objects.create(
        reference=new_reference("CASE", at),
        screening=screening,
        authority=authority,
        rules=screening.rules,
        opened_at=at,
    )
    opened = CaseOpened(
        case=case.reference,
        screening=screening.reference,
        release=release.reference,
        product=release.product.reference,
        authority=authority,
        rules=",".join(screening.rules),
    )
    begin(case, event=opened, by=FILTER, at=at)
    return case


@transaction.atomic
def decide_case(*, case: Case, approve: bool, reason: str, by: Actor, at: datetime) -> Case:
    """Approve or reject what the rules leave to a person, with the reason.

    An approval is bound to the content and the rules it was given under.
    """
    refusal = rules.why_not_approve(by, case) if approve else rules.why_not_decide(by, case)
    if refusal:
        raise NotAllowed(refusal)
    words = _reason(reason)
    screening = case.screening
    release = Release.objects.select_related("product__provider").get(pk=screening.release_id)
    if screening.sha256 != release.sha256 or release.screening != screening.reference:
        raise Conflict(_("The release was screened again; decide the newer case."))
    if approve and screening.pack != get_pack("compliance", on=day_of(at)).label:
        raise Conflict(_("The rules have changed since; the release has to be screened again."))
    decided = (CaseApproved if approve else CaseRejected)(
        case=case.reference,
        screening=screening.reference,
        release=release.reference,
        product=release.product.reference,
        reason_sha256=hashlib.sha256(words.encode()).hexdigest(),
    )
    advance(
        case,
        CASE.approve if approve else CASE.reject,
        event=decided,
        by=by,
        at=at,
        reason=words,
        decided_by=by.id,
        decided_for=by.organization,
        decided_at=at,
    )
    if approve:
        clear_release(
            release=release,
            screening=verdict_of(screening),
            pack=screening.pack,
            sample=screening.sample,
            by=by,
            at=at,
        )
    else:
        block_release(release=release, screening=verdict_of(screening), reason=words, by=by, at=at)
    return case


def _reason(text: str) -> str:
    words = " ".join(text.split())
    if not words:
        raise Invalid({"reason": [_("Say why.")]})
    if len(words) > REASON_LIMIT:
        raise Invalid({"reason": [_("At most %(limit)s characters.") % {"limit": REASON_LIMIT}]})
    return words
