"""Stating rights: draft, revise, answer for it, withdraw."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.log.actors import Actor
from audit.log.canonical import canonical
from audit.log.errors import Invalid, NotAllowed, WrongState
from audit.log.lifecycle import advance, begin
from audit.log.references import new_reference
from audit.log.services import record
from exchange.parties.models import Organization

from . import rules
from .events import RightsDrafted, RightsRevised, RightsStated, RightsWithdrawn
from .fields import Field, Kind, read_values
from .models import RightsStatement
from .states import RIGHTS, RightsState
from .terms import RIGHTS_FIELDS, Proof, read_proofs, read_terms

REASON = Field(
    name="reason",
    label=gettext_lazy("reason of the withdrawal"),
    kind=Kind.PROSE,
    required=True,
    max_length=500,
)


@transaction.atomic
def draft_rights(
    *,
    organization: Organization,
    terms: Mapping[str, object],
    proofs: Sequence[Proof] = (),
    by: Actor,
    at: datetime,
) -> RightsStatement:
    """Begin a statement of source and rights; `terms` are the fields of RIGHTS_FIELDS."""
    if refusal := rules.why_not_draft(by, organization.reference):
        raise NotAllowed(refusal)
    columns = read_terms(terms)
    _check_term(columns["valid_from"], columns["valid_until"])
    statement = RightsStatement.objects.create(
        reference=new_reference("R", at),
        organization=organization,
        proofs=read_proofs(proofs, owner=organization.reference),
        drafted_at=at,
        **columns,
    )
    drafted = RightsDrafted(
        rights=statement.reference,
        organization=organization.reference,
        statement_sha256=digest_of(statement),
    )
    begin(statement, event=drafted, by=by, at=at)
    return statement


@transaction.atomic
def revise_rights(
    *,
    statement: RightsStatement,
    changes: Mapping[str, object],
    proofs: Sequence[Proof] | None = None,
    by: Actor,
    at: datetime,
) -> RightsStatement:
    """Change a draft; `proofs`, when given, replace the earlier ones."""
    if refusal := rules.why_not_revise(by, statement):
        raise NotAllowed(refusal)
    columns = read_terms(changes, complete=False)
    _check_term(
        columns.get("valid_from", statement.valid_from),
        columns.get("valid_until", statement.valid_until),
    )
    if proofs is not None:
        columns["proofs"] = read_proofs(proofs, owner=statement.organization.reference)
    if not columns:
        return statement
    draft = RightsStatement.objects.filter(pk=statement.pk, status=RightsState.DRAFT)
    if not draft.update(**columns):
        statement.refresh_from_db()
        raise WrongState(
            subject=statement.reference,
            status=statement.status,
            allowed=RIGHTS.allowed(statement.status),
        )
    statement.refresh_from_db()
    revised = RightsRevised(
        rights=statement.reference,
        organization=statement.organization.reference,
        fields=",".join(sorted(columns)),
        statement_sha256=digest_of(statement),
    )
    record(revised, by=by, at=at)
    return statement


@transaction.atomic
def state_rights(*, statement: RightsStatement, by: Actor, at: datetime) -> RightsStatement:
    """Answer for the statement. Raises Invalid with what is still missing, by field."""
    if refusal := rules.why_not_draft(by, statement.organization.reference):
        raise NotAllowed(refusal)
    statement.refresh_from_db()
    if missing := rules.shortcomings(statement):
        raise Invalid(missing)
    stated = RightsStated(
        rights=statement.reference,
        organization=statement.organization.reference,
        held=",".join(statement.held),
        origin=statement.origin,
        source_kind=statement.source_kind,
        situation=statement.situation,
        personal_basis=statement.personal_basis,
        statement_sha256=digest_of(statement),
    )
    advance(statement, RIGHTS.state, event=stated, by=by, at=at, stated_at=at)
    return statement


@transaction.atomic
def withdraw_rights(
    *, statement: RightsStatement, reason: str, by: Actor, at: datetime
) -> RightsStatement:
    """Take the statement back, or void it; listings that rest on it are stopped by a reaction."""
    if refusal := rules.why_not_withdraw(by, statement):
        raise NotAllowed(refusal)
    words = str(read_values((REASON,), {"reason": reason})["reason"])
    withdrawn = RightsWithdrawn(
        rights=statement.reference, organization=statement.organization.reference, reason=words
    )
    advance(
        statement,
        RIGHTS.withdraw,
        event=withdrawn,
        by=by,
        at=at,
        withdrawn_at=at,
        withdrawal_reason=words,
    )
    return statement


def _check_term(begin: object, end: object) -> None:
    if isinstance(begin, date) and isinstance(end, date) and end <= begin:
        raise Invalid({"valid_until": [_("The end must lie after the beginning.")]})


def digest_of(statement: RightsStatement) -> str:
    """Return the digest of all terms and proofs, which entries of the log declare."""
    content = {field.name: getattr(statement, field.name) for field in RIGHTS_FIELDS}
    content |= {
        "valid_from": statement.valid_from.isoformat(),
        "valid_until": statement.valid_until.isoformat() if statement.valid_until else None,
        "proofs": statement.proofs,
        "organization": statement.organization.reference,
    }
    return hashlib.sha256(canonical(content)).hexdigest()
