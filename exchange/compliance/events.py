"""What the log says of screenings and cases: digests and codes, never what stood in a file."""

from django.utils.translation import gettext_lazy as _

from audit.log.events import Event, Ref, Refs, event

from . import case_events, export_events  # noqa: F401  found by whoever looks for the events of the room


@event("compliance.screening.queued", label=_("screening queued"))
class ScreeningQueued(Event):
    """The content of a release waits to be read; `sha256` fixes which content."""

    screening: Ref
    release: Ref
    product: Ref
    sha256: str


@event("compliance.screening.put_back", label=_("screening put back into the queue"))
class ScreeningPutBack(Event):
    """An algorithm that the verdict needs was suspended meanwhile; it waits, without a verdict."""

    screening: Ref
    release: Ref
    product: Ref
    algorithms: str


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
    """The verdict leaves room for a decision by `authority`; the file is due by end of `due_on`."""

    case: Ref
    screening: Ref
    release: Ref
    product: Ref
    authority: str
    rules: Refs
    kind: str = ""
    due_on: str = ""


@event("compliance.case.approved", label=_("compliance case approved"))
class CaseApproved(Event):
    """The release may be traded under the conditions; void when content or rules change."""

    case: Ref
    screening: Ref
    release: Ref
    product: Ref
    reason_sha256: str
    proposal: Ref = ""
    file_sha256: str = ""
    conditions_sha256: str = ""
    valid_until: str = ""


@event("compliance.case.rejected", label=_("compliance case rejected"))
class CaseRejected(Event):
    """The release may not be traded, for the stated reason."""

    case: Ref
    screening: Ref
    release: Ref
    product: Ref
    reason_sha256: str
    proposal: Ref = ""
    file_sha256: str = ""


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


@event("compliance.derivation.requested", label=_("derived release ordered"))
class DerivationRequested(Event):
    """A provider had a derived release made of its own; the recipe is named by its digest."""

    derivation: Ref
    release: Ref
    products: Refs
    organization: Ref
    kind: str
    recipe_sha256: str
    source_sha256: str


@event("compliance.derivation.started", label=_("derivation started"))
class DerivationStarted(Event):
    """The source is being read by this version of the remedies."""

    derivation: Ref
    release: Ref
    product: Ref
    tool: str
    attempt: int


@event("compliance.derivation.interrupted", label=_("derivation interrupted"))
class DerivationInterrupted(Event):
    """The worker fell silent; nothing was entered, and the work begins anew."""

    derivation: Ref
    release: Ref
    product: Ref
    attempt: int


@event("compliance.derivation.finished", label=_("release derived"))
class DerivationFinished(Event):
    """A release came of it: which content of which, by which recipe, and how many rows.

    `releases` names the source first and the result second, `products` theirs.
    """

    derivation: Ref
    releases: Refs
    products: Refs
    organization: Ref
    kind: str
    recipe_sha256: str
    source_sha256: str
    result_sha256: str
    rows_in: int
    rows_out: int
    tool: str


@event("compliance.derivation.failed", label=_("derivation failed"))
class DerivationFailed(Event):
    """No release came of it, and nothing of it was kept."""

    derivation: Ref
    release: Ref
    product: Ref
    reason: str


@event("compliance.file.checked", label=_("file checked before upload"))
class FileChecked(Event):
    """The filter read a file that was not kept; nothing of its content is said here."""

    organization: Ref
    outcome: str
    pack: str
    size: int


@event("compliance.volume.reached", label=_("line of volume reached"))
class VolumeReached(Event):
    """So many persons reach lines of the law, in this release or in all of its provider's."""

    screening: Ref
    release: Ref
    product: Ref
    provider: Ref
    lines: str
    persons: int
    together: int


@event("compliance.market.signaled", label=_("signal of dominance or discrimination"))
class MarketSignaled(Event):
    """R-MONO: what a sale showed beside others, for the regulator to ask about; nothing is stopped.

    `share` is the provider's part of its market, or by how much the lower price of two orders lies
    under the higher. Orders are named as text: one buyer does not learn of another.
    """

    product: Ref
    provider: Ref
    signal: str
    share: str
    order: str
    beside: str
    pack: str


@event("compliance.determination.made", label=_("determination made"))
class DeterminationMade(Event):
    """A reviewer found what the content does not show; `code` is a factor or a catalogue."""

    determination: Ref
    product: Ref
    kind: str
    code: str
    harm: str
    reason_sha256: str


@event("compliance.determination.withdrawn", label=_("determination withdrawn"))
class DeterminationWithdrawn(Event):
    """The determination holds no longer."""

    determination: Ref
    product: Ref
    reason_sha256: str


@event("compliance.regrade.opened", label=_("re-grading due"))
class RegradeOpened(Event):
    """The release has to be graded again until `due_at`; after that it is not traded."""

    regrade: Ref
    release: Ref
    product: Ref
    trigger: str
    due_at: str
    reason_sha256: str


@event("compliance.regrade.closed", label=_("re-grading done"))
class RegradeClosed(Event):
    """The release was graded again, by a screening or by a person of the watch."""

    regrade: Ref
    release: Ref
    product: Ref
    screening: str
    reason_sha256: str
