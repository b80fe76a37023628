"""What the log says of parties: people by their pseudonymous id, what else is said committed to."""

from django.utils.translation import gettext_lazy as _

from audit.log.events import Event, Personal, Ref, event


@event("parties.user.registered", label=_("user registered"))
class UserRegistered(Event):
    """A person got an account; alone it opens nothing."""

    member: Ref
    person: Personal | None = None


@event("parties.user.deactivated", label=_("user deactivated"))
class UserDeactivated(Event):
    """A person's account was closed; sessions and tokens end with it."""

    member: Ref
    reason: Personal | None = None


@event("parties.organization.applied", label=_("organization applied for admission"))
class OrganizationApplied(Event):
    """An organization asked to be admitted in `roles` (comma-separated)."""

    organization: Ref
    member: Ref
    uscc: str
    roles: str
    clean_record_declared: bool
    contact: Personal | None = None


@event("parties.license.attached", label=_("license file attached"))
class LicenseAttached(Event):
    """The license file to be checked was put on record."""

    organization: Ref
    object: Ref


@event("parties.organization.checked", label=_("admission check recorded"))
class OrganizationChecked(Event):
    """The operator verified one thing and states the outcome.

    The evidence may name people, such as a legal representative: it is filed as a statement about
    the persons of the organization.
    """

    organization: Ref
    check: str
    passed: bool
    evidence: Personal | None = None


@event("parties.organization.admitted", label=_("organization admitted"))
class OrganizationAdmitted(Event):
    """The organization may act in `roles` from now on."""

    organization: Ref
    roles: str


@event("parties.organization.rejected", label=_("organization rejected"))
class OrganizationRejected(Event):
    """The application was refused for `reason`."""

    organization: Ref
    reason: str


@event("parties.organization.suspended", label=_("organization suspended"))
class OrganizationSuspended(Event):
    """Its roles are void until it is reinstated."""

    organization: Ref
    reason: str


@event("parties.organization.reinstated", label=_("organization reinstated"))
class OrganizationReinstated(Event):
    """Its roles are valid again."""

    organization: Ref
    reason: str


@event("parties.organization.terminated", label=_("organization's membership ended"))
class OrganizationTerminated(Event):
    """It left the exchange, or was made to."""

    organization: Ref
    reason: str


@event("parties.member.added", label=_("member added"))
class MemberAdded(Event):
    """A person may act for the organization as `role`."""

    organization: Ref
    member: Ref
    role: str
    person: Personal | None = None


@event("parties.member.changed", label=_("member's role changed"))
class MemberRoleChanged(Event):
    """The person's place in the organization is another one."""

    organization: Ref
    member: Ref
    before: str
    after: str


@event("parties.member.removed", label=_("member removed"))
class MemberRemoved(Event):
    """The person no longer acts for the organization."""

    organization: Ref
    member: Ref
    role: str


@event("parties.token.issued", label=_("API token issued"))
class TokenIssued(Event):
    """A credential for machines exists; `token` is its public prefix."""

    token: Ref
    organization: Ref
    member: Ref
    scopes: str
    expires_at: str


@event("parties.token.revoked", label=_("API token revoked"))
class TokenRevoked(Event):
    """The credential opens nothing any more."""

    token: Ref
    organization: Ref
    reason: str


@event("parties.erasure.requested", label=_("erasure of a person requested"))
class ErasureRequested(Event):
    """A person's data are to go; account, sessions, tokens and memberships end at once."""

    erasure: Ref
    member: Ref
    ground: str
    legal_basis: str


@event("parties.erasure.blocked", label=_("personal data stored for the law only"))
class ErasureBlocked(Event):
    """What the `classes` still demand is stored and not used; `destroyed` statements went."""

    erasure: Ref
    member: Ref
    classes: str
    destroyed: int
    legal_basis: str
    held: bool


@event("parties.erasure.finished", label=_("person erased"))
class PersonErased(Event):
    """Key, statements and account are destroyed. Entries and receipts stay as they were."""

    erasure: Ref
    member: Ref
    destroyed: int
    legal_basis: str


@event("parties.user.copied", label=_("person took a copy of its data"))
class PersonCopied(Event):
    """A person was handed what the exchange keeps of it (PIPL art. 45)."""

    member: Ref
