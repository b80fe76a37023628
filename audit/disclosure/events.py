"""What happens to disclosures, as the log tells it."""

from django.utils.translation import gettext_lazy as _

from audit.log.events import Event, Ref, event


@event("disclosure.drafted", label=_("draft of an algorithm disclosure saved"))
class DisclosureDrafted(Event):
    """The owner of an algorithm began to describe it, or changed the draft."""

    disclosure: Ref
    organization: Ref
    algorithm: str
    number: int
    statement_sha256: str


@event("disclosure.filed", label=_("algorithm disclosure filed"))
class DisclosureFiled(Event):
    """The owner handed a version in for review; `statement_sha256` is a salted digest.

    `document_sha256` is of a time in which filing was publication.
    """

    disclosure: Ref
    organization: Ref
    algorithm: str
    number: int
    statement_sha256: str
    document_sha256: str = ""
    due_on: str = ""
    late: bool = False


@event("disclosure.review_taken", label=_("review of an algorithm disclosure taken up"))
class ReviewTaken(Event):
    """The operator or a regulator began to read, or took the review over."""

    disclosure: Ref
    organization: Ref
    reviewer: str
    by_regulator: bool
    due_on: str


@event("disclosure.returned", label=_("algorithm disclosure returned for mending"))
class DisclosureReturned(Event):
    """The reviewer asks for better words; `fields` names what is to be mended."""

    disclosure: Ref
    organization: Ref
    fields: str
    notes_sha256: str
    due_on: str


@event("disclosure.refused", label=_("algorithm disclosure refused"))
class DisclosureRefused(Event):
    """The reviewer does not put this version into the register."""

    disclosure: Ref
    organization: Ref
    reason_sha256: str


@event("disclosure.published", label=_("algorithm disclosure published"))
class DisclosurePublished(Event):
    """A version is in force; without a reviewer it is so under its owner's responsibility."""

    disclosure: Ref
    organization: Ref
    algorithm: str
    number: int
    filing_number: str
    reviewer: str
    document_sha256: str


@event("disclosure.reviewed", label=_("published algorithm disclosure reviewed"))
class DisclosureReviewed(Event):
    """A regulator reviewed what had been published under its owner's responsibility."""

    disclosure: Ref
    organization: Ref
    reviewer: str
    note_sha256: str


@event("disclosure.suspended", label=_("algorithm suspended"))
class DisclosureSuspended(Event):
    """The algorithm is not to decide; what it decided from `since` on is in doubt."""

    disclosure: Ref
    suspension: Ref
    organization: Ref
    algorithm: str
    since: str
    by_regulator: bool
    reason_sha256: str
    legal_basis: str = ""


@event("disclosure.suspension_lifted", label=_("suspension of an algorithm lifted"))
class SuspensionLifted(Event):
    """The algorithm may decide again."""

    disclosure: Ref
    suspension: Ref
    organization: Ref
    algorithm: str
    reason_sha256: str


@event("disclosure.duty_noted", label=_("filing of a change or cancellation called for"))
class DutyNoted(Event):
    """The algorithm changed or is no longer in service; its owner has to file that."""

    disclosure: Ref
    organization: Ref
    duty: str
    since: str
    due_on: str
    reason_sha256: str


@event("disclosure.reminded", label=_("reminder of a time limit of a disclosure"))
class DisclosureReminded(Event):
    """A time limit ends soon; `stage` says whose and for what."""

    disclosure: Ref
    organization: Ref
    stage: str
    due_on: str


@event("disclosure.limit_missed", label=_("time limit of a disclosure missed"))
class DisclosureLimitMissed(Event):
    """A time limit ended without the act it was set for."""

    disclosure: Ref
    organization: Ref
    stage: str
    due_on: str


@event("disclosure.superseded", label=_("algorithm disclosure superseded"))
class DisclosureSuperseded(Event):
    """A later version took its place; this one stays readable."""

    disclosure: Ref
    organization: Ref
    algorithm: str
    number: int


@event("disclosure.withdrawn", label=_("algorithm disclosure withdrawn"))
class DisclosureWithdrawn(Event):
    """The algorithm is no longer used, or what was on its way was given up."""

    disclosure: Ref
    organization: Ref
    algorithm: str
    number: int
    reason: str
    service_ended_on: str = ""
    late: bool = False


@event("disclosure.measured", label=_("algorithm accuracy measured"))
class AccuracyMeasured(Event):
    """The platform recomputed an algorithm's accuracy."""

    measurement: Ref
    disclosure: Ref
    algorithm: str
    metrics: int
    code_sha256: str
    results_sha256: str


@event("disclosure.evaluated", label=_("algorithm evaluated on a sealed set"))
class AlgorithmEvaluated(Event):
    """An algorithm was run on rows it had never seen, and what it claims was compared."""

    evaluation: Ref
    disclosure: Ref
    organization: Ref
    evaluation_run: Ref
    evaluation_set: Ref
    algorithm: str
    verdict: str
    contradicted: bool
    set_sha256: str
    model_sha256: str
    document_sha256: str
