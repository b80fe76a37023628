"""Writing a version: begun, and changed until it is filed or while it is returned."""

import secrets
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from audit.disclosure import rules
from audit.disclosure.events import DisclosureDrafted
from audit.disclosure.limits import filing_due
from audit.disclosure.models import Disclosure
from audit.disclosure.queries import lock_disclosure, standing_disclosure
from audit.disclosure.showing import commitment_of, searchable_text
from audit.disclosure.statements import Statement
from audit.disclosure.states import DISCLOSURE, EDITABLE, DisclosureState
from audit.log.actors import Actor
from audit.log.errors import Conflict, Invalid, NotAllowed, WrongState
from audit.log.lifecycle import begin
from audit.log.references import new_reference
from audit.log.services import record
from audit.rulebook.queries import day_of

SALT_BYTES = 32


@transaction.atomic
def draft_disclosure(*, statement: Statement, owner: str, by: Actor, at: datetime) -> Disclosure:
    """Begin the next version of an algorithm's disclosure; nobody else sees a draft.

    It may lack what filing needs. Raises Conflict while another version is on its way.
    """
    _check_statement(statement, owner, by)
    rows = Disclosure.objects.filter(owner=owner, algorithm=statement.algorithm)
    last = rows.aggregate(last=Max("version"))["last"] or 0
    disclosure = Disclosure(
        reference=new_reference("AD", at),
        algorithm=statement.algorithm,
        owner=owner,
        version=last + 1,
        drafted_at=at,
        status_since=at,
        salt=secrets.token_hex(SALT_BYTES),
        **_columns(statement),
    )
    _set_limit(disclosure, day_of(at))
    try:
        with transaction.atomic():
            disclosure.save(force_insert=True)
    except IntegrityError as error:
        words = _("A version of this algorithm's disclosure is a draft or in review already.")
        raise Conflict(words) from error
    begin(disclosure, event=_drafted(disclosure), by=by, at=at)
    return disclosure


@transaction.atomic
def edit_disclosure(
    *, disclosure: Disclosure, statement: Statement, by: Actor, at: datetime, read: str = ""
) -> Disclosure:
    """Change a draft or what was returned; what was filed is never changed.

    `read` is the digest of the text that the writer had before it: Conflict where a colleague
    changed it meanwhile.
    """
    _check_statement(statement, disclosure.owner, by)
    if statement.algorithm != disclosure.algorithm:
        raise Invalid({"algorithm": [_("The key of a disclosure is not changed.")]})
    found = lock_disclosure(disclosure)
    if found.status not in EDITABLE:
        raise WrongState(
            subject=found.reference,
            status=found.status,
            allowed=DISCLOSURE.allowed(found.status),
        )
    if read and read != found.statement_sha256:
        raise Conflict(_("A colleague changed this draft meanwhile; read it again."))
    columns = _columns(statement)
    if not found.salt:
        columns["salt"] = secrets.token_hex(SALT_BYTES)
    for name, value in columns.items():
        setattr(found, name, value)
    if found.status == DisclosureState.DRAFT:
        _set_limit(found, day_of(at))
    limits = {name: getattr(found, name) for name in ("file_due_on", "due_on")}
    Disclosure.objects.filter(pk=found.pk).update(**columns, **limits)
    for name, value in (columns | limits).items():
        setattr(disclosure, name, value)
    record(_drafted(found), by=by, at=at)
    return disclosure


def statement_of(disclosure: Disclosure) -> Statement:
    """Return the content of a version."""
    began, changed = disclosure.service_began_on, disclosure.changed_on
    return Statement.from_document(
        {
            "algorithm": disclosure.algorithm,
            "algorithm_type": disclosure.algorithm_type,
            "texts": disclosure.statement,
            "metrics": disclosure.metrics,
            "declared": disclosure.declared,
            "products": disclosure.products,
            "service_began_on": began.isoformat() if began else "",
            "changed_on": changed.isoformat() if changed else "",
            "model_sha256": disclosure.model_sha256,
        }
    )


def _set_limit(disclosure: Disclosure, on: date) -> None:
    before = standing_disclosure(disclosure.algorithm, owner=disclosure.owner)
    disclosure.file_due_on = disclosure.due_on = filing_due(disclosure, before, on)


def _check_statement(statement: Statement, owner: str, by: Actor) -> None:
    if refusal := rules.why_not_describe(by, owner):
        raise NotAllowed(refusal)
    if faults := rules.faults_of_statement(statement):
        raise Invalid(faults)


def _columns(statement: Statement) -> dict[str, Any]:
    document = statement.as_document()
    return {
        "algorithm_type": document["algorithm_type"],
        "statement": document["texts"],
        "metrics": document["metrics"],
        "declared": document["declared"],
        "products": document["products"],
        "service_began_on": _day(statement.service_began_on),
        "changed_on": _day(statement.changed_on),
        "model_sha256": statement.model_sha256,
        "statement_sha256": statement.sha256,
        "searchable": searchable_text(statement),
    }


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _drafted(disclosure: Disclosure) -> DisclosureDrafted:
    return DisclosureDrafted(
        disclosure=disclosure.reference,
        organization=disclosure.owner,
        algorithm=disclosure.algorithm,
        number=disclosure.version,
        statement_sha256=commitment_of(disclosure),
    )
