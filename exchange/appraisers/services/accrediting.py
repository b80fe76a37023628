"""Accreditation: applied for with declarations, decided, suspended, withdrawn, run out."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from audit.log.actors import Actor
from audit.log.canonical import canonical
from audit.log.errors import Conflict, Invalid, NotAllowed
from audit.log.events import Event
from audit.log.lifecycle import advance, begin
from audit.log.references import new_reference
from audit.log.steps import Step
from audit.rulebook.queries import day_of
from exchange.appraisers import rules
from exchange.appraisers.events import (
    AccreditationApplied,
    AccreditationExpired,
    AccreditationReinstated,
    AccreditationRejected,
    AccreditationSuspended,
    AccreditationWithdrawn,
    AppraiserAccredited,
)
from exchange.appraisers.fields import ACCREDITATION_FIELDS, REASON
from exchange.appraisers.models import Accreditation
from exchange.appraisers.queries import accreditations_past, lock_accreditation
from exchange.appraisers.states import ACCREDITATION, AccreditationKind
from exchange.parties.queries import get_organization
from exchange.registry.fields import read_values
from exchange.trading.signatures import digest_of

from .declaring import read_links, read_signers, read_stakes


@transaction.atomic
def apply_for_accreditation(
    *,
    said: dict[str, Any],
    kind: str = AccreditationKind.APPRAISAL,
    by: Actor,
    at: datetime,
) -> Accreditation:
    """Ask to be accredited, with qualification, insurance and declarations.

    Raises Conflict while an accreditation of the organization for the same stands or is applied
    for.
    """
    if refusal := rules.why_not_apply(by):
        raise NotAllowed(refusal)
    if kind not in AccreditationKind.values:
        raise Invalid({"kind": [_("Nobody is accredited for this.")]})
    values: dict[str, Any] = read_values(ACCREDITATION_FIELDS, said)
    today = day_of(at)
    for name in ("insured_until", "valid_until"):
        if values[name] <= today:
            raise Invalid({name: [_("This day has passed.")]})
    organization = get_organization(by.organization)
    values["signers"] = read_signers(organization, values["signers"])
    values["links"] = read_links(organization, values["links"], values["signers"])
    for name in ("owners", "holdings"):
        values[name] = read_stakes(name, values[name], own=organization.uscc)
    declared = {name: values[name] for name in ("owners", "holdings", "signers", "links")}
    accreditation = Accreditation(
        reference=new_reference("AP", at),
        organization=organization,
        kind=kind,
        status_since=at,
        applied_at=at,
        declaration_sha256=digest_of(canonical(declared)),
        **values,
    )
    try:
        with transaction.atomic():
            accreditation.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(_("An accreditation of your organization stands already.")) from error
    event = AccreditationApplied(
        accreditation=accreditation.reference,
        organization=organization.reference,
        qualification_number=accreditation.qualification_number,
        industries=",".join(accreditation.industries),
        valid_until=accreditation.valid_until.isoformat(),
        insured_until=accreditation.insured_until.isoformat(),
        declaration_sha256=accreditation.declaration_sha256,
        what_for=accreditation.kind,
    )
    begin(accreditation, event=event, by=by, at=at)
    return accreditation


@transaction.atomic
def accredit_appraiser(
    *, accreditation: Accreditation, reason: str, by: Actor, at: datetime
) -> Accreditation:
    """Accredit an applicant; `reason` says what was checked."""
    if day_of(at) > accreditation.last_day:
        raise NotAllowed(_("Qualification or insurance has run out; it has to apply anew."))
    return _decide(
        accreditation,
        ACCREDITATION.accredit,
        lambda row, digest: AppraiserAccredited(
            accreditation=row.reference,
            organization=row.organization.reference,
            declaration_sha256=row.declaration_sha256,
            reason_sha256=digest,
        ),
        reason=reason,
        by=by,
        at=at,
    )


def _verb(
    step: Step,
    kind: type[AccreditationRejected]
    | type[AccreditationSuspended]
    | type[AccreditationReinstated]
    | type[AccreditationWithdrawn],
    words: str,
) -> Callable[..., Accreditation]:
    @transaction.atomic
    def decide(
        *, accreditation: Accreditation, reason: str, by: Actor, at: datetime
    ) -> Accreditation:
        return _decide(
            accreditation,
            step,
            lambda row, digest: kind(
                accreditation=row.reference,
                organization=row.organization.reference,
                reason_sha256=digest,
            ),
            reason=reason,
            by=by,
            at=at,
        )

    decide.__doc__ = words
    return decide


reject_accreditation = _verb(
    ACCREDITATION.reject, AccreditationRejected, "Refuse an application, with the reason."
)
suspend_accreditation = _verb(
    ACCREDITATION.suspend, AccreditationSuspended, "Suspend an appraiser, with the reason."
)
reinstate_accreditation = _verb(
    ACCREDITATION.reinstate, AccreditationReinstated, "End a suspension, with the reason."
)
withdraw_accreditation = _verb(
    ACCREDITATION.withdraw, AccreditationWithdrawn, "Take an accreditation away for good."
)


def expire_due_accreditations(*, at: datetime) -> int:
    """End accreditations whose qualification or insurance ran out; return how many."""
    ended = 0
    for found in accreditations_past(day_of(at)):
        with transaction.atomic():
            row = lock_accreditation(found)
            if row.status not in ACCREDITATION.expire.sources or day_of(at) <= row.last_day:
                continue
            event = AccreditationExpired(
                accreditation=row.reference, organization=row.organization.reference
            )
            advance(
                row,
                ACCREDITATION.expire,
                event=event,
                by=Actor.system("appraisers"),
                at=at,
                status_since=at,
            )
            ended += 1
    return ended


def _decide(
    accreditation: Accreditation,
    step: Step,
    event_of: Callable[[Accreditation, str], Event],
    *,
    reason: str,
    by: Actor,
    at: datetime,
) -> Accreditation:
    if refusal := rules.why_not_decide(by, accreditation):
        raise NotAllowed(refusal)
    words = str(read_values((REASON,), {"reason": reason})["reason"])
    advance(
        accreditation,
        step,
        event=event_of(accreditation, digest_of(words)),
        by=by,
        at=at,
        status_since=at,
        status_reason=words,
        decided_at=accreditation.decided_at or at,
    )
    return accreditation
