"""Admission: from the application to the exit of an organization (SDE 数商管理规范)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from stdnum.cn import uscc as uscc_number

from audit.log.actors import Actor
from audit.log.errors import Conflict, Invalid, NotAllowed
from audit.log.events import Event, Personal
from audit.log.lifecycle import Step, advance, begin
from audit.log.references import new_reference
from audit.log.services import record
from exchange.parties import queries, rules
from exchange.parties.events import (
    LicenseAttached,
    MemberAdded,
    OrganizationAdmitted,
    OrganizationApplied,
    OrganizationChecked,
    OrganizationReinstated,
    OrganizationRejected,
    OrganizationSuspended,
    OrganizationTerminated,
)
from exchange.parties.models import AdmissionCheck, Member, Organization, User
from exchange.parties.states import (
    MARKET_ROLES,
    ORGANIZATION,
    CheckKind,
    Language,
    MemberRole,
    OrganizationRole,
    OrganizationState,
)

from .users import register_user


@dataclass(frozen=True, kw_only=True)
class Check:
    """One verification the operator states; evidence is where it was looked up."""

    kind: str
    passed: bool = True
    evidence: str = ""


@transaction.atomic
def apply_for_admission(  # noqa: PLR0913  the form's fields
    *,
    applicant: User,
    uscc: str,
    name: str,
    roles: Iterable[str],
    clean_record_declared: bool,
    name_en: str = "",
    region: str = "",
    license_object: str = "",
    by: Actor,
    at: datetime,
) -> Organization:
    """Put an organization before the operator; the applicant becomes its administrator.

    Raises Invalid for a wrong code, incompatible roles or a missing declaration, Conflict when the
    code is already on the exchange, NotAllowed when the person works for operator or regulator.
    """
    if refusal := rules.why_not_apply(by, applicant):
        raise NotAllowed(refusal)
    chosen = sorted(set(roles))
    _check_application(uscc, name, chosen, declared=clean_record_declared)
    organization = Organization(
        reference=new_reference("ORG", at),
        uscc=uscc_number.compact(uscc),
        name=name.strip(),
        name_en=name_en.strip(),
        region=region.strip(),
        roles=chosen,
        status=OrganizationState.APPLIED,
        status_since=at,
        applied_at=at,
        license_object=license_object,
        clean_record_declared_at=at if clean_record_declared else None,
    )
    _found(organization, applicant, by=by, at=at)
    if license_object:
        said = LicenseAttached(organization=organization.reference, object=license_object)
        record(said, by=by, at=at)
    return organization


def _check_application(uscc: str, name: str, roles: Sequence[str], *, declared: bool) -> None:
    problems: dict[str, list[str]] = {}
    if problem := rules.uscc_problem(uscc):
        problems["uscc"] = [problem]
    if not name.strip():
        problems["name"] = [_("Give the name as it stands in the license.")]
    if problem := rules.roles_problem(roles):
        problems["roles"] = [problem]
    elif OrganizationRole.OPERATOR in roles:
        problems["roles"] = [_("The operator is appointed when the exchange is set up.")]
    if not declared and not MARKET_ROLES.isdisjoint(roles):
        problems["clean_record_declared"] = [
            _("Admission requires the declaration of a clean record for three years.")
        ]
    if problems:
        raise Invalid(problems)


def _found(organization: Organization, first: User, *, by: Actor, at: datetime) -> None:
    """Write the organization with its first administrator and both entries."""
    person = queries.lock_user(first)
    others = [place.organization for place in queries.memberships_of(person)]
    if refusal := rules.why_not_join(others, organization):
        raise NotAllowed(refusal)
    try:
        with transaction.atomic():
            organization.save(force_insert=True)
    except IntegrityError:
        raise Conflict(
            _("An organization with this code is already on the exchange; ask its administrator.")
        ) from None
    Member.objects.create(user=person, organization=organization, role=MemberRole.ADMIN, since=at)
    member, who = str(person.public_id), queries.statement_about(person)
    said = OrganizationApplied(
        organization=organization.reference,
        member=member,
        uscc=organization.uscc,
        roles=",".join(organization.roles),
        clean_record_declared=organization.clean_record_declared_at is not None,
        contact=who,
    )
    begin(organization, event=said, by=by, at=at)
    added = MemberAdded(
        organization=organization.reference, member=member, role=MemberRole.ADMIN, person=who
    )
    record(added, by=by, at=at)


@transaction.atomic
def attach_license(
    *, organization: Organization, license_object: str, by: Actor, at: datetime
) -> Organization:
    """Put the license file (a stored object's reference) before the operator."""
    if refusal := rules.why_not_administer(by, organization):
        raise NotAllowed(refusal)
    changed = Organization.objects.filter(
        pk=organization.pk, status=OrganizationState.APPLIED
    ).update(license_object=license_object)
    if not changed:
        raise Conflict(_("The license can be changed only while the application is open."))
    organization.license_object = license_object
    said = LicenseAttached(organization=organization.reference, object=license_object)
    record(said, by=by, at=at)
    return organization


@transaction.atomic
def record_check(
    *, organization: Organization, check: Check, by: Actor, at: datetime
) -> AdmissionCheck:
    """Keep what the operator verified about an applicant; a later record supersedes."""
    if refusal := rules.why_not_review(by):
        raise NotAllowed(refusal)
    if check.kind not in CheckKind.values:
        raise Invalid({"kind": [_("There is no check %(kind)s.") % {"kind": check.kind}]})
    kept = AdmissionCheck.objects.create(
        organization=organization,
        kind=check.kind,
        passed=check.passed,
        evidence=check.evidence,
        checked_by=by.id,
        checked_at=at,
    )
    evidence = Personal(organization.reference, {"evidence": check.evidence})
    said = OrganizationChecked(
        organization=organization.reference,
        check=check.kind,
        passed=check.passed,
        evidence=evidence,
    )
    record(said, by=by, at=at)
    return kept


@transaction.atomic
def admit_organization(
    *,
    organization: Organization,
    checks: Sequence[Check] = (),
    roles: Iterable[str] | None = None,
    by: Actor,
    at: datetime,
) -> Organization:
    """Admit an applicant in the roles it asked for, or in the narrower `roles`.

    `checks` are recorded first. Raises NotAllowed with what is still missing.
    """
    if refusal := rules.why_not_review(by):
        raise NotAllowed(refusal)
    for check in checks:
        record_check(organization=organization, check=check, by=by, at=at)
    granted = sorted(set(organization.roles if roles is None else roles))
    if not set(granted) <= set(organization.roles):
        raise Invalid({"roles": [_("Only roles that were applied for can be granted.")]})
    passed = queries.passed_checks(organization)
    if refusal := rules.why_not_admit(by, organization, granted, passed):
        raise NotAllowed(refusal)
    said = OrganizationAdmitted(organization=organization.reference, roles=",".join(granted))
    advance(
        organization,
        ORGANIZATION.admit,
        event=said,
        by=by,
        at=at,
        roles=granted,
        status_since=at,
        status_reason="",
        admitted_at=at,
    )
    return organization


@transaction.atomic
def reject_organization(
    *, organization: Organization, reason: str, by: Actor, at: datetime
) -> Organization:
    """Refuse an application; the organization may apply again."""
    if refusal := rules.why_not_review(by):
        raise NotAllowed(refusal)
    said = OrganizationRejected(organization=organization.reference, reason=reason)
    return _move(organization, ORGANIZATION.reject, said, reason, by=by, at=at)


@transaction.atomic
def suspend_organization(
    *, organization: Organization, reason: str, by: Actor, at: datetime
) -> Organization:
    """Void the organization's roles from the next request on."""
    if refusal := rules.why_not_suspend(by, organization):
        raise NotAllowed(refusal)
    said = OrganizationSuspended(organization=organization.reference, reason=reason)
    return _move(organization, ORGANIZATION.suspend, said, reason, by=by, at=at)


@transaction.atomic
def reinstate_organization(
    *, organization: Organization, reason: str, by: Actor, at: datetime
) -> Organization:
    """Give a suspended organization its roles back."""
    if refusal := rules.why_not_suspend(by, organization):
        raise NotAllowed(refusal)
    said = OrganizationReinstated(organization=organization.reference, reason=reason)
    return _move(organization, ORGANIZATION.reinstate, said, reason, by=by, at=at)


@transaction.atomic
def terminate_organization(
    *, organization: Organization, reason: str, by: Actor, at: datetime
) -> Organization:
    """End an organization's membership; there is no way back but a new application."""
    if refusal := rules.why_not_suspend(by, organization):
        raise NotAllowed(refusal)
    said = OrganizationTerminated(organization=organization.reference, reason=reason)
    return _move(organization, ORGANIZATION.terminate, said, reason, by=by, at=at)


def _move(
    organization: Organization, step: Step, said: Event, reason: str, *, by: Actor, at: datetime
) -> Organization:
    if not reason.strip():
        raise Invalid({"reason": [_("Give the reason; it becomes part of the record.")]})
    advance(organization, step, event=said, by=by, at=at, status_since=at, status_reason=reason)
    return organization


@transaction.atomic
def create_operator(
    *,
    email: str,
    name: str,
    password: str,
    organization_name: str,
    uscc: str,
    language: str = Language.ENGLISH,
    by: Actor,
    at: datetime,
) -> tuple[User, Organization]:
    """Set up the exchange's operator: its organization and first administrator.

    Only the platform itself does this, once; the code may still be missing then. Raises Conflict
    when there is an operator already.
    """
    if not by.is_system:
        raise NotAllowed(_("The operator is appointed when the exchange is set up."))
    if Organization.objects.filter(roles=[OrganizationRole.OPERATOR]).exists():
        raise Conflict(_("This exchange already has its operator."))
    if uscc and (problem := rules.uscc_problem(uscc)):
        raise Invalid({"uscc": [problem]})
    user = register_user(
        email=email, name=name, language=language, password=password, verified=True, by=by, at=at
    )
    organization = Organization(
        reference=new_reference("ORG", at),
        uscc=uscc_number.compact(uscc) if uscc else "",
        name=organization_name.strip(),
        roles=[OrganizationRole.OPERATOR],
        status_since=at,
        applied_at=at,
    )
    _found(organization, user, by=by, at=at)
    said = OrganizationAdmitted(
        organization=organization.reference, roles=OrganizationRole.OPERATOR
    )
    advance(
        organization,
        ORGANIZATION.admit,
        event=said,
        by=by,
        at=at,
        status_since=at,
        admitted_at=at,
    )
    return user, organization
