"""What the log says of grants and accesses."""

from django.utils.translation import gettext_lazy as _

from audit.log.events import Event, Ref, event


@event("delivery.grant.opened", label=_("grant opened"))
class GrantOpened(Event):
    """A contract in force opened the release to the grantee; `terms_sha256` binds the terms."""

    grant: Ref
    order: Ref
    contract: Ref
    product: Ref
    release: Ref
    organization: Ref
    channel: str
    valid_from: str
    valid_until: str
    budget_downloads: int
    contract_sha256: str
    release_sha256: str
    terms_sha256: str


@event("delivery.grant.exhausted", label=_("grant used up"))
class GrantExhausted(Event):
    """The last unit of the budget was taken."""

    grant: Ref
    order: Ref
    product: Ref
    organization: Ref
    budget_downloads: int


@event("delivery.grant.suspended", label=_("grant suspended"))
class GrantSuspended(Event):
    """The product was suspended, and its grants with it."""

    grant: Ref
    order: Ref
    product: Ref
    organization: Ref
    reason: str


@event("delivery.grant.resumed", label=_("grant resumed"))
class GrantResumed(Event):
    """The product may be delivered again."""

    grant: Ref
    order: Ref
    product: Ref
    organization: Ref
    reason: str


@event("delivery.grant.revoked", label=_("grant revoked"))
class GrantRevoked(Event):
    """The grant opens nothing any more, from the next request on."""

    grant: Ref
    order: Ref
    contract: Ref
    product: Ref
    organization: Ref
    reason: str


@event("delivery.grant.expired", label=_("grant expired"))
class GrantExpired(Event):
    """The window closed with part of the budget unused."""

    grant: Ref
    order: Ref
    product: Ref
    organization: Ref
    used_downloads: int
    budget_downloads: int


@event("delivery.access.taken", label=_("download taken"))
class AccessTaken(Event):
    """One unit of the budget was taken; the bytes follow. `place` is where it was asked from.

    An answer names the digest of its question.
    """

    access: Ref
    grant: Ref
    order: Ref
    contract: Ref
    product: Ref
    release: Ref
    organization: Ref
    form: str
    size: int
    sha256: str
    contract_sha256: str
    used_downloads: int
    budget_downloads: int
    place: str = ""
    question_sha256: str = ""


@event("delivery.access.completed", label=_("download completed"))
class AccessCompleted(Event):
    """Every byte of the file left the exchange; `bytes` counts those sent twice as well."""

    access: Ref
    grant: Ref
    order: Ref
    product: Ref
    release: Ref
    organization: Ref
    bytes: int
    sha256: str


@event("delivery.access.part_sent", label=_("part of a download sent"))
class AccessPartSent(Event):
    """`sent` of `asked` bytes from `start` left the exchange; the file is not complete by it."""

    access: Ref
    grant: Ref
    order: Ref
    product: Ref
    organization: Ref
    start: int
    asked: int
    sent: int
    bytes_covered: int
    size: int


@event("delivery.access.abandoned", label=_("download left incomplete"))
class AccessAbandoned(Event):
    """The window for resuming closed before the file was complete; the budget stays taken."""

    access: Ref
    grant: Ref
    order: Ref
    product: Ref
    organization: Ref
    bytes_sent: int
    bytes_covered: int
    size: int


@event("delivery.access.refused", label=_("access refused"))
class AccessRefused(Event):
    """Someone asked for data and was refused, for the reason with this code."""

    grant: Ref
    access: Ref
    order: Ref
    product: Ref
    release: Ref
    organization: Ref
    refusal: str
    asked_by: str
    place: str = ""
