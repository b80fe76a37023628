"""What publication does whoever decided it: number, signature, and the version before it ends."""

import base64
import hashlib
from datetime import date, datetime

from django.db import IntegrityError, connection
from django.db.models import Max
from django.utils.translation import gettext as _

from audit.disclosure.events import DisclosurePublished, DisclosureSuperseded
from audit.disclosure.models import Disclosure
from audit.disclosure.queries import lock_standing, open_suspensions
from audit.disclosure.showing import document_of
from audit.disclosure.states import DISCLOSURE
from audit.log.actors import Actor
from audit.log.canonical import canonical
from audit.log.errors import Conflict
from audit.log.lifecycle import advance
from audit.log.signing import get_signer
from audit.log.steps import Step
from audit.rulebook.queries import day_of

from .suspending import end_suspension

NUMBERS_LOCK = 0x5148414C  # "QHAL": an advisory lock of PostgreSQL
PREFIX = "ALG"


def publish(
    disclosure: Disclosure, step: Step, *, note: str, reviewer: str, by: Actor, at: datetime
) -> None:
    """Put a locked version into force within the caller's transaction.

    A changed version keeps the number of the one before it, as the law has changes filed under the
    same number (《算法推荐管理规定》第二十四条第二款); all others get the next of the year.
    """
    _order_numbers()
    before = lock_standing(disclosure)
    if before is not None:
        _supersede(before, disclosure, by, at)
    disclosure.filing_number = before.filing_number if before else _next_number(day_of(at))
    disclosure.published_at = at
    document = canonical(document_of(disclosure))
    digest = hashlib.sha256(document).hexdigest()
    signer = get_signer("disclosure")
    event = DisclosurePublished(
        disclosure=disclosure.reference,
        organization=disclosure.owner,
        algorithm=disclosure.algorithm,
        number=disclosure.version,
        filing_number=disclosure.filing_number,
        reviewer=reviewer,
        document_sha256=digest,
    )
    try:
        advance(
            disclosure,
            step,
            event=event,
            by=by,
            at=at,
            filing_number=disclosure.filing_number,
            published_at=at,
            status_since=at,
            reviewer=reviewer,
            reviewed_at=at if reviewer else None,
            review_note=note,
            due_on=None,
            reminded_on=None,
            missed_on=None,
            document=document.decode(),
            document_sha256=digest,
            signature=base64.b64encode(signer.sign(document)).decode(),
            signer=signer.verifier_key,
        )
    except IntegrityError as error:
        raise Conflict(_("Another version was published at the same time.")) from error
    for suspension in open_suspensions(disclosure.algorithm, owner=disclosure.owner):
        words = _("%(reference)s was published in its place.") % {"reference": disclosure.reference}
        end_suspension(suspension, reason=words, by=by, at=at)


def _supersede(before: Disclosure, after: Disclosure, by: Actor, at: datetime) -> None:
    event = DisclosureSuperseded(
        disclosure=before.reference,
        organization=before.owner,
        algorithm=before.algorithm,
        number=before.version,
    )
    advance(
        before,
        DISCLOSURE.supersede,
        event=event,
        by=by,
        at=at,
        status_since=at,
        ended_at=at,
        end_reason=after.reference,
        due_on=None,
    )


def _next_number(on: date) -> str:
    """Return the next filing number (备案号) of a year; the caller keeps rivals waiting."""
    prefix = f"{PREFIX}-{on.year}-"
    rows = Disclosure.objects.filter(filing_number__startswith=prefix)
    last = rows.aggregate(last=Max("filing_number"))["last"]
    return f"{prefix}{int(last.removeprefix(prefix)) + 1 if last else 1:06d}"


def _order_numbers() -> None:
    """Let one publication after the other draw a number; on SQLite writers are in order already."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [NUMBERS_LOCK])
