"""What the log says of supervision."""

from django.utils.translation import gettext_lazy as _

from audit.log.events import Event, Ref, event


@event("oversight.suspension.ordered", label=_("suspension ordered by the regulator"))
class SuspensionOrdered(Event):
    """A regulator took a listing off the market."""

    supervision: Ref
    product: Ref
    reason: str
    legal_basis: str


@event("oversight.suspension.lifted", label=_("suspension lifted by the regulator"))
class SuspensionLifted(Event):
    """The order no longer binds."""

    supervision: Ref
    product: Ref
    reason: str


@event("oversight.reconciliation.finished", label=_("log and database reconciled"))
class ReconciliationFinished(Event):
    """The state of all `things` was rebuilt from the log alone and compared with the database."""

    reconciliation: Ref
    entries: int
    things: int
    differences: int
    report_sha256: str


@event("oversight.view.recorded", label=_("non-public records inspected"))
class ViewRecorded(Event):
    """A regulator looked at something that is not public, for a stated purpose.

    《网络数据安全管理条例》第五十三条: what supervision learns serves supervision only, so every
    look is itself on record. One of the references below names the thing seen, `party` an
    organization; where records of many things were read together, none does. `scope` says which
    part was read.
    """

    organization: Ref
    what: str
    purpose: str
    scope: str = ""
    party: Ref = ""
    entry: Ref = ""
    rights: Ref = ""
    demand: Ref = ""
    object: Ref = ""
    search: Ref = ""
    product: Ref = ""
    release: Ref = ""
    screening: Ref = ""
    case: Ref = ""
    filing: Ref = ""
    export: Ref = ""
    appeal: Ref = ""
    determination: Ref = ""
    regrade: Ref = ""
    appraisal: Ref = ""
    inquiry: Ref = ""
    negotiation: Ref = ""
    accreditation: Ref = ""
    disclosure: Ref = ""
    engagement: Ref = ""
    price_review: Ref = ""
    order: Ref = ""
    contract: Ref = ""
    grant: Ref = ""
    access: Ref = ""
    certificate: Ref = ""
    transfer: Ref = ""
    supervision: Ref = ""
    agreement: Ref = ""
    measurement: Ref = ""
    algorithm_audit: Ref = ""
    audit_finding: Ref = ""
    algorithm_appeal: Ref = ""
    price_step: Ref = ""
    evaluation_run: Ref = ""
    alert: Ref = ""
    decision: Ref = ""


@event("oversight.evidence.requested", label=_("evidence bundle requested"))
class EvidenceRequested(Event):
    """Somebody asked for a bundle of evidence, and said what for.

    《网络数据安全管理条例》第五十条: documents and records may be inspected and copied. What was
    asked for stands in `what` and `about`; a period in `since` and `until`.
    """

    evidence: Ref
    organization: Ref
    what: str
    about: str
    since: str
    until: str
    purpose: str
    order: Ref = ""
    product: Ref = ""
    disclosure: Ref = ""


@event("oversight.evidence.started", label=_("making of an evidence bundle begun"))
class EvidenceStarted(Event):
    """A worker took the bundle up."""

    evidence: Ref
    organization: Ref
    attempt: int


@event("oversight.evidence.interrupted", label=_("making of an evidence bundle interrupted"))
class EvidenceInterrupted(Event):
    """The worker fell silent; the bundle waits for another."""

    evidence: Ref
    organization: Ref
    attempt: int


@event("oversight.evidence.ready", label=_("evidence bundle ready"))
class EvidenceReady(Event):
    """The bundle was made and checked; `sha256` fixes the file that was handed over."""

    evidence: Ref
    organization: Ref
    object: Ref
    sha256: str
    size: int
    entries: int
    documents: int


@event("oversight.evidence.failed", label=_("evidence bundle could not be made"))
class EvidenceFailed(Event):
    """No bundle came of it."""

    evidence: Ref
    organization: Ref
    reason: str


@event("oversight.evidence.downloaded", label=_("evidence bundle downloaded"))
class EvidenceDownloaded(Event):
    """Bytes of the bundle were handed out, `count` of them from `first` on."""

    evidence: Ref
    organization: Ref
    sha256: str
    first: int
    count: int


@event("oversight.evidence.removed", label=_("evidence bundle removed"))
class EvidenceRemoved(Event):
    """The file's key was erased, at its time or earlier at its owner's wish."""

    evidence: Ref
    organization: Ref
    object: Ref
    sha256: str


@event("oversight.search.saved", label=_("search of the trail saved"))
class SearchSaved(Event):
    """A member of an authority lets the exchange watch for entries; what for is its own matter."""

    search: Ref
    organization: Ref
    filters_sha256: str
    alert: bool


@event("oversight.search.changed", label=_("saved search changed"))
class SearchChanged(Event):
    """What a saved search looks for, or whether it gives notice, was changed."""

    search: Ref
    organization: Ref
    filters_sha256: str
    alert: bool


@event("oversight.search.removed", label=_("saved search removed"))
class SearchRemoved(Event):
    """A saved search no longer watches."""

    search: Ref
    organization: Ref
