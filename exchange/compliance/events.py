"""What the log says of screenings and cases: digests and codes, never what stood in a file."""

from django.utils.translation import gettext_lazy as _

from audit.log.events import Event, Ref, Refs, event


@event("compliance.screening.queued", label=_("screening queued"))
class ScreeningQueued(Event):
    """The content of a release waits to be read; `sha256` fixes which content."""

    screening: Ref
    release: Ref
    product: Ref
    sha256: str


@event("compliance.screening.started", label=_("screening started"))
class ScreeningStarted(Event):
    """The content is being read by this version of the scanner under this rule pack."""

    screening: Ref
    release: Ref
    product: Ref
    pack: Ref
    scanner: str


@event("compliance.screening.finished", label=_("screening finished"))
class ScreeningFinished(Event):
    """The verdict on the whole content, with the rules that fired and the report's digest."""

    screening: Ref
    release: Ref
    product: Ref
    pack: Ref
    sha256: str
    outcome: str
    grade: str
    level: int
    personal: str
    rules: Refs
    rows: int
    report_sha256: str


@event("compliance.screening.failed", label=_("screening failed"))
class ScreeningFailed(Event):
    """The content could not be read to its end, so the release stays blocked."""

    screening: Ref
    release: Ref
    product: Ref
    reason: str


@event("compliance.case.opened", label=_("compliance case opened"))
class CaseOpened(Event):
    """The verdict leaves room for a decision by `authority`."""

    case: Ref
    screening: Ref
    release: Ref
    product: Ref
    authority: str
    rules: Refs


@event("compliance.case.approved", label=_("compliance case approved"))
class CaseApproved(Event):
    """The release may be traded for the stated reason; void when content or rules change."""

    case: Ref
    screening: Ref
    release: Ref
    product: Ref
    reason_sha256: str


@event("compliance.case.rejected", label=_("compliance case rejected"))
class CaseRejected(Event):
    """The release may not be traded, for the stated reason."""

    case: Ref
    screening: Ref
    release: Ref
    product: Ref
    reason_sha256: str


@event("compliance.rescreening.planned", label=_("re-screening planned"))
class RescreeningPlanned(Event):
    """What was cleared under other rules will be read again under `pack`."""

    rescreening: Ref
    pack: Ref
    effective_on: str
    releases: int


@event("compliance.rescreening.applied", label=_("re-screening takes effect"))
class RescreeningApplied(Event):
    """The rules are in force: verdicts take effect, earlier clearances are void."""

    rescreening: Ref
    pack: Ref
    releases: int


@event("compliance.rescreening.finished", label=_("re-screening finished"))
class RescreeningFinished(Event):
    """Nothing that was cleared under other rules is on the market any more."""

    rescreening: Ref
    pack: Ref
    renewed: int
    stopped: int
    failed: int
    left: int


@event("compliance.rescreening.cancelled", label=_("re-screening cancelled"))
class RescreeningCancelled(Event):
    """The rules were withdrawn before they were in force; nothing follows from what was read."""

    rescreening: Ref
    pack: Ref
    reason: str


@event("compliance.release.stopped", label=_("release stopped by new rules"))
class ReleaseStopped(Event):
    """What was on the market does not pass under `pack`; accesses to it are refused."""

    release: Ref
    product: Ref
    rescreening: Ref
    screening: Ref
    pack: Ref
    outcome: str
    rules: Refs
