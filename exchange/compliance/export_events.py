"""What the log says of exports: evidence, routes, what left, and lines that came near."""

from django.utils.translation import gettext_lazy as _

from audit.log.events import Event, Ref, Refs, event


@event("compliance.standing.set", label=_("standing for exports set"))
class StandingSet(Event):
    """Where an organization is registered, and under whose number its exports are counted."""

    organization: Ref
    processor: str
    place: str
    bay_area: bool
    zone: str
    critical: bool


@event("compliance.filing.filed", label=_("export evidence filed"))
class FilingFiled(Event):
    """Evidence for exports was put on file, to be verified; the digests fix scope and document."""

    filing: Ref
    organization: Ref
    object: Ref
    kind: str
    ground: str
    valid_from: str
    valid_until: str
    scope_sha256: str
    document_sha256: str


@event("compliance.filing.verified", label=_("export evidence verified"))
class FilingVerified(Event):
    """Exports within its scope may rest on it from now on."""

    filing: Ref
    organization: Ref
    kind: str
    scope_sha256: str


@event("compliance.filing.rejected", label=_("export evidence rejected"))
class FilingRejected(Event):
    """It does not count, for the stated reason."""

    filing: Ref
    organization: Ref
    kind: str
    reason_sha256: str


@event("compliance.filing.revoked", label=_("export evidence revoked"))
class FilingRevoked(Event):
    """It counts no more, for the stated reason; the next access asks for another."""

    filing: Ref
    organization: Ref
    kind: str
    reason_sha256: str


@event("compliance.filing.expired", label=_("export evidence expired"))
class FilingExpired(Event):
    """Its time is over."""

    filing: Ref
    organization: Ref
    kind: str
    valid_until: str


@event("compliance.filing.completed", label=_("filing with the authority noted"))
class FilingCompleted(Event):
    """A contract was filed with the authority, under this number, on this day."""

    filing: Ref
    organization: Ref
    kind: str
    number: str
    authority_filed_on: str


@event("compliance.filing.renewal_due", label=_("renewal of an assessment due"))
class RenewalDue(Event):
    """The renewal of the assessment has to be applied for by now (规定第九条)."""

    filing: Ref
    organization: Ref
    renewal_due_on: str
    valid_until: str


@event("compliance.export.declared", label=_("export route declared"))
class RouteDeclared(Event):
    """Where the data of an order goes and will be read, as the buyer declared it."""

    order: Ref
    product: Ref
    release: Ref
    organizations: Refs
    seat: str
    access: str


@event("compliance.export.counted", label=_("export recorded"))
class ExportCounted(Event):
    """Data was opened to outside the mainland, by this mechanism.

    The provider's total of the year is not said here: the buyer reads this entry, too.
    """

    export: Ref
    order: Ref
    product: Ref
    release: Ref
    pack: Ref
    organizations: Refs
    filings: Refs
    processor: str
    year: int
    places: str
    outcome: str
    mechanism: str
    ground: str
    ordinary: int
    sensitive: int


@event("compliance.export.line_neared", label=_("line of exported persons neared"))
class LineNeared(Event):
    """The persons of a processor's exports this year came near a line or crossed it."""

    export: Ref
    organization: Ref
    processor: str
    year: int
    line: str
    line_at: int
    persons: int
