"""Evidence for exports: put on file by the provider, verified by the watch, over in its time."""

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from audit.log.actors import Actor
from audit.log.canonical import canonical
from audit.log.errors import Conflict, Invalid, NotAllowed, WrongState
from audit.log.lifecycle import Step, advance, begin
from audit.log.references import new_reference
from audit.log.services import record
from audit.rulebook.queries import day_of
from exchange.compliance import filing_rules as rules
from exchange.compliance.export import ExportRules, Place
from exchange.compliance.export.calendar import workdays_after, workdays_before
from exchange.compliance.export_events import (
    FilingCompleted,
    FilingExpired,
    FilingFiled,
    FilingRejected,
    FilingRevoked,
    FilingVerified,
    RenewalDue,
)
from exchange.compliance.export_fields import FILING_FIELDS
from exchange.compliance.exports import export_rules, party_of
from exchange.compliance.models import ExportFiling
from exchange.compliance.states import FILING, FilingKind, FilingState
from exchange.parties.models import Organization
from exchange.parties.queries import get_organization
from exchange.registry.fields import read_values
from exchange.vault.models import StoredObject
from exchange.vault.states import Purpose

CONTRACTS = {
    FilingKind.STANDARD_CONTRACT: "filing_workdays",
    FilingKind.GBA_CONTRACT: "gba_filing_workdays",
}
NUMBERED = frozenset(
    {FilingKind.SECURITY_ASSESSMENT, FilingKind.CERTIFICATION, FilingKind.ZONE_FILING}
)
SCOPE = ("uses", "recipients", "products", "fields", "places", "ordinary", "sensitive")
Problems = dict[str, list[str]]


@transaction.atomic
def file_evidence(*, evidence: Mapping[str, Any], by: Actor, at: datetime) -> ExportFiling:
    """Put evidence on file with its scope and document; it counts once it is verified."""
    if refusal := rules.why_not_file(by):
        raise NotAllowed(refusal)
    organization = get_organization(by.organization)
    known = export_rules(at)
    values: dict[str, Any] = read_values(FILING_FIELDS, evidence)
    values["mapping"] = {row["column"]: row["field"] for row in values["mapping"]}
    stored = _stored(str(values["document"]), organization)
    terms = _terms(values, organization, known)
    scope = {name: values[name] for name in SCOPE}
    scope["ordinary"], scope["sensitive"] = values["ordinary"] or 0, values["sensitive"] or 0
    filing = ExportFiling.objects.create(
        reference=new_reference("XF", at),
        organization=organization,
        kind=values["kind"],
        number=values["number"],
        authority=values["authority"],
        ground=values["ground"],
        scope=scope,
        mapping=values["mapping"],
        document=stored.reference,
        document_sha256=stored.sha256,
        filed_by=by.id,
        filed_at=at,
        **terms,
    )
    filed = FilingFiled(
        filing=filing.reference,
        organization=organization.reference,
        object=stored.reference,
        kind=filing.kind,
        ground=filing.ground,
        valid_from=filing.valid_from.isoformat(),
        valid_until=filing.valid_until.isoformat() if filing.valid_until else "",
        scope_sha256=scope_digest(filing),
        document_sha256=stored.sha256,
    )
    begin(filing, event=filed, by=by, at=at)
    return filing


@transaction.atomic
def verify_filing(*, filing: ExportFiling, by: Actor, at: datetime) -> ExportFiling:
    """Let exports rest on evidence from now on."""
    if refusal := rules.why_not_decide_filing(by, filing):
        raise NotAllowed(refusal)
    if filing.valid_until and day_of(at) >= filing.valid_until:
        raise Conflict(_("The evidence is no longer valid."))
    verified = FilingVerified(
        filing=filing.reference,
        organization=filing.organization.reference,
        kind=filing.kind,
        scope_sha256=scope_digest(filing),
    )
    advance(filing, FILING.verify, event=verified, by=by, at=at, decided_by=by.id, decided_at=at)
    return filing


@transaction.atomic
def reject_filing(*, filing: ExportFiling, reason: str, by: Actor, at: datetime) -> ExportFiling:
    """Refuse evidence, with the reason."""
    if refusal := rules.why_not_decide_filing(by, filing):
        raise NotAllowed(refusal)
    return _end(filing, FILING.reject, FilingRejected, reason, by=by, at=at)


@transaction.atomic
def revoke_filing(*, filing: ExportFiling, reason: str, by: Actor, at: datetime) -> ExportFiling:
    """End evidence before its time; the next access under it is refused."""
    if refusal := rules.why_not_revoke_filing(by, filing):
        raise NotAllowed(refusal)
    return _end(filing, FILING.revoke, FilingRevoked, reason, by=by, at=at)


@transaction.atomic
def complete_filing(
    *, filing: ExportFiling, number: str, filed_on: date, by: Actor, at: datetime
) -> ExportFiling:
    """Note that a contract was filed with the authority; ten working days are given for it."""
    if refusal := rules.why_not_complete(by, filing):
        raise NotAllowed(refusal)
    if filing.kind not in CONTRACTS or "revoke" not in FILING.allowed(filing.status):
        raise WrongState(
            subject=filing.reference, status=filing.status, allowed=FILING.allowed(filing.status)
        )
    problems: Problems = {}
    if not number.strip():
        problems["number"] = [_("Give the number of the filing.")]
    if not filing.valid_from <= filed_on <= day_of(at):
        problems["filed_on"] = [_("The day lies before the contract or in the future.")]
    if problems:
        raise Invalid(problems)
    rows = ExportFiling.objects.filter(pk=filing.pk, authority_filed_on__isnull=True)
    if not rows.update(authority_filed_on=filed_on, number=number.strip()[:80]):
        raise Conflict(_("The filing with the authority is noted already."))
    filing.refresh_from_db()
    completed = FilingCompleted(
        filing=filing.reference,
        organization=filing.organization.reference,
        kind=filing.kind,
        number=filing.number,
        authority_filed_on=filed_on.isoformat(),
    )
    record(completed, by=by, at=at)
    return filing


def expire_filings(at: datetime) -> int:
    """End what is over, and remind of what has to be renewed; return how many were ended."""
    by, today, ended = Actor.system("compliance"), day_of(at), 0
    live = (FilingState.FILED, FilingState.VERIFIED)
    rows = ExportFiling.objects.select_related("organization").filter(status__in=live)
    for filing in rows.filter(valid_until__lte=today).order_by("pk"):
        expired = FilingExpired(
            filing=filing.reference,
            organization=filing.organization.reference,
            kind=filing.kind,
            valid_until=filing.valid_until.isoformat() if filing.valid_until else "",
        )
        try:
            advance(filing, FILING.expire, event=expired, by=by, at=at)
        except WrongState:  # ended beside us
            continue
        ended += 1
    due = rows.filter(renewal_due_on__lte=today, valid_until__gt=today, reminded_at=None)
    for filing in due.order_by("pk"):
        _remind(filing, by, at)
    return ended


@transaction.atomic
def _remind(filing: ExportFiling, by: Actor, at: datetime) -> None:
    if not ExportFiling.objects.filter(pk=filing.pk, reminded_at=None).update(reminded_at=at):
        return
    assert filing.renewal_due_on is not None  # noqa: S101  it was selected by it
    assert filing.valid_until is not None  # noqa: S101  likewise
    due = RenewalDue(
        filing=filing.reference,
        organization=filing.organization.reference,
        renewal_due_on=filing.renewal_due_on.isoformat(),
        valid_until=filing.valid_until.isoformat(),
    )
    record(due, by=by, at=at)


def scope_digest(filing: ExportFiling) -> str:
    """Return the digest of what a filing covers, as it stands in the log."""
    covered = {
        "scope": filing.scope,
        "mapping": filing.mapping,
        "partner": filing.partner,
        "number": filing.number,
    }
    return hashlib.sha256(canonical(covered)).hexdigest()


def _end(
    filing: ExportFiling,
    step: Step,
    kind: type[FilingRejected | FilingRevoked],
    reason: str,
    *,
    by: Actor,
    at: datetime,
) -> ExportFiling:
    words = " ".join(reason.split())
    if not words:
        raise Invalid({"reason": [_("Say why.")]})
    event = kind(
        filing=filing.reference,
        organization=filing.organization.reference,
        kind=filing.kind,
        reason_sha256=hashlib.sha256(words.encode()).hexdigest(),
    )
    advance(filing, step, event=event, by=by, at=at, reason=words, decided_by=by.id, decided_at=at)
    return filing


def _stored(reference: str, organization: Organization) -> StoredObject:
    """Return the document, which is the organization's own evidence in the vault."""
    found = StoredObject.objects.filter(
        reference=reference, owner=organization.reference, purpose=Purpose.EVIDENCE
    ).first()
    if found is None or not found.is_readable:
        raise Invalid({"document": [_("There is no such document of yours in the vault.")]})
    return found


def _terms(
    values: Mapping[str, Any], organization: Organization, known: ExportRules
) -> dict[str, Any]:
    """Return the terms of a filing as the law sets them; Invalid names what does not fit."""
    kind, problems = FilingKind(values["kind"]), Problems()
    start, until, filed_on = (
        values[name] for name in ("valid_from", "valid_until", "authority_filed_on")
    )
    terms: dict[str, Any] = {"valid_from": start, "authority_filed_on": filed_on}
    if kind in NUMBERED and not values["number"]:
        problems["number"] = [_("Give the number under which the authority has it.")]
    _check_ground(kind, values["ground"], known, problems)
    if kind == FilingKind.SECURITY_ASSESSMENT:
        latest = _years_after(start, known.evidence["assessment_valid_years"])
        until = until or latest
        if until > latest:
            problems["valid_until"] = [_("A security assessment holds three years at most.")]
        days = known.evidence["renewal_workdays"]
        terms["renewal_due_on"] = workdays_before(until, days, known)
    if until is not None and until <= start:
        problems["valid_until"] = [_("It ends before it begins.")]
    if kind in CONTRACTS:
        terms["file_by"] = workdays_after(start, known.evidence[CONTRACTS[kind]], known)
    if filed_on is not None and (kind not in CONTRACTS or filed_on < start):
        problems["authority_filed_on"] = [_("Only a contract is filed, after it took effect.")]
    if kind == FilingKind.GBA_CONTRACT:
        terms["partner"] = _partner(values, organization, known, problems)
    if problems:
        raise Invalid(problems)
    return terms | {"valid_until": until}


def _check_ground(kind: FilingKind, named: str, known: ExportRules, problems: Problems) -> None:
    ground = known.grounds.get(named)
    if kind == FilingKind.EXEMPTION and (ground is None or not ground.claimed):
        problems["ground"] = [_("Choose a ground that can be claimed.")]
    if kind != FilingKind.EXEMPTION and named:
        problems["ground"] = [_("Only a claimed exemption has a ground.")]


def _partner(
    values: Mapping[str, Any], organization: Organization, known: ExportRules, problems: Problems
) -> str:
    """Return the side of a Bay Area contract: both parties are registered in its places.

    Nothing goes on beyond them: the scope has no place but that side.
    """
    exporter = party_of(organization, known)
    if not (exporter.place == Place.MAINLAND and exporter.in_bay_area):
        problems["kind"] = [_("Your organization is not registered in one of the nine cities.")]
    rows = Organization.objects.filter(reference__in=values["recipients"])
    sides = {str(party_of(each, known).place) for each in rows}
    if (
        len(rows) != len(set(values["recipients"]))
        or len(sides) != 1
        or not sides <= known.partners
    ):
        problems["recipients"] = [
            _("The recipients are not all registered in Hong Kong, or all in Macao.")
        ]
    if not problems.get("recipients") and set(values["places"]) != sides:
        problems["places"] = [_("A Bay Area contract reaches the side of its recipients only.")]
    return next(iter(sides), "")


def _years_after(day: date, years: int) -> date:
    """Return the same day some years later; the 29th of February becomes the 1st of March."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)
