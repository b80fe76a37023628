"""Fieldwork: the sample is drawn and on record before anybody reads it; findings are noted down."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from audit.log.actors import Actor
from audit.log.errors import Conflict, Invalid, NotAllowed, NotFound
from audit.log.lifecycle import advance
from audit.log.services import record
from audit.rulebook.queries import day_of
from exchange.audits import queries, rules
from exchange.audits.events import FieldworkBegun, SampleRead
from exchange.audits.fields import DRAW_FIELDS, FINDING_FIELDS
from exchange.audits.models import AlgorithmAudit
from exchange.audits.policy import Policy
from exchange.audits.records import references_of
from exchange.audits.sampling import draw
from exchange.audits.states import AUDIT, AuditState
from exchange.registry.fields import read_values

from .ordering import why_not_carry_out


@transaction.atomic
def begin_fieldwork(
    *, audit: AlgorithmAudit, said: dict[str, Any], by: Actor, at: datetime
) -> AlgorithmAudit:
    """Draw the sample, once, from all records of the period. Raises Invalid for an impossible one.

    Where there are no records the sample is empty, and the log says so.
    """
    audit = queries.lock_audit(audit)
    if refusal := rules.why_not_as_auditor(by, audit) or why_not_carry_out(audit, at):
        raise NotAllowed(refusal)
    values: dict[str, Any] = read_values(DRAW_FIELDS, said)
    most = Policy.on(day_of(at)).figure("audit", "sample_most")
    if values["size"] > most:
        raise Invalid({"size": [_("At most %(most)d records.") % {"most": most}]})
    drawn = draw(
        references_of(audit, values["source"]),
        size=values["size"],
        audit=audit.reference,
        word=values["word"],
    )
    assert audit.accreditation is not None  # noqa: S101  `why_not_as_auditor` asked
    begun = FieldworkBegun(
        algorithm_audit=audit.reference,
        accreditation=audit.accreditation.reference,
        organization=audit.accreditation.organization.reference,
        algorithm=audit.algorithm,
        source=values["source"],
        population=drawn.population,
        population_sha256=drawn.population_sha256,
        size=len(drawn.references),
        seed=drawn.seed,
        sample_sha256=drawn.sha256,
    )
    advance(
        audit,
        AUDIT.begin,
        event=begun,
        by=by,
        at=at,
        status_since=at,
        begun_at=at,
        sample_source=values["source"],
        population=drawn.population,
        population_sha256=drawn.population_sha256,
        sample_seed=drawn.seed,
        sample=list(drawn.references),
        sample_sha256=drawn.sha256,
    )
    return audit


@transaction.atomic
def read_sample(*, audit: AlgorithmAudit, by: Actor, at: datetime) -> list[str]:
    """Return the drawn references to the auditor, on record; NotFound before they are drawn."""
    if refusal := rules.why_not_as_auditor(by, audit):
        raise NotAllowed(refusal)
    if not audit.sample_sha256:
        raise NotFound
    assert audit.accreditation is not None  # noqa: S101  `why_not_as_auditor` asked
    read = SampleRead(
        algorithm_audit=audit.reference,
        accreditation=audit.accreditation.reference,
        organization=by.organization,
        sample_sha256=audit.sample_sha256,
        count=len(audit.sample),
    )
    record(read, by=by, at=at)
    return list(audit.sample)


@transaction.atomic
def draft_finding(
    *, audit: AlgorithmAudit, said: dict[str, Any], by: Actor, at: datetime
) -> AlgorithmAudit:
    """Note a finding down in the working papers; nobody but the auditor reads them."""
    audit = _in_fieldwork(audit, by)
    most = Policy.on(day_of(at)).figure("audit", "findings_most")
    if len(audit.drafts) >= most:
        raise Invalid({"findings": [_("At most %(most)d findings.") % {"most": most}]})
    noted = read_finding(audit, said, on=day_of(at))
    _keep_drafts(audit, [*audit.drafts, noted])
    return audit


@transaction.atomic
def drop_draft(*, audit: AlgorithmAudit, number: int, by: Actor, at: datetime) -> AlgorithmAudit:
    """Strike the `number`-th noted finding out; the report has not been signed yet."""
    del at
    audit = _in_fieldwork(audit, by)
    if not 1 <= number <= len(audit.drafts):
        raise NotFound
    _keep_drafts(audit, [each for place, each in enumerate(audit.drafts, 1) if place != number])
    return audit


def read_finding(audit: AlgorithmAudit, said: dict[str, Any], *, on: date) -> dict[str, Any]:
    """Return what is said of one finding, days as text; raises Invalid by field."""
    values: dict[str, Any] = read_values(FINDING_FIELDS, said)
    faults: dict[str, list[str]] = {}
    if values["part"] not in audit.scope:
        faults["part"] = [_("This is not in the scope of the audit.")]
    unknown = [each for each in values["evidence"] if each not in audit.sample]
    if unknown:
        words = _("These are not in the sample: %(names)s.")
        faults["evidence"] = [words % {"names": ", ".join(unknown)}]
    since = values["doubt_since"]
    if since is not None and since > on:
        faults["doubt_since"] = [_("This day has not come yet.")]
    if faults:
        raise Invalid(faults)
    return values | {"doubt_since": since.isoformat() if since else ""}


def _in_fieldwork(audit: AlgorithmAudit, by: Actor) -> AlgorithmAudit:
    audit = queries.lock_audit(audit)
    if refusal := rules.why_not_as_auditor(by, audit):
        raise NotAllowed(refusal)
    if audit.status != AuditState.FIELDWORK:
        raise Conflict(_("Findings are noted down during the fieldwork."))
    return audit


def _keep_drafts(audit: AlgorithmAudit, drafts: list[dict[str, Any]]) -> None:
    AlgorithmAudit.objects.filter(pk=audit.pk).update(drafts=drafts)
    audit.drafts = drafts
