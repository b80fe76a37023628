"""What the log says of a case on its way: its file, its proposals, its time limits, appeals."""

from django.utils.translation import gettext_lazy as _

from audit.log.events import Event, Ref, Refs, event


@event("compliance.case.written", label=_("file of a case written"))
class CaseWritten(Event):
    """A head of the file has a new version, with these documents; the file's digest is this."""

    case: Ref
    release: Ref
    product: Ref
    head: str
    number: int
    part_sha256: str
    file_sha256: str
    objects: Refs


@event("compliance.case.submitted", label=_("file of a case handed in"))
class CaseSubmitted(Event):
    """The provider hands its file in; it is to be decided by the end of `due_on`."""

    case: Ref
    release: Ref
    product: Ref
    file_sha256: str
    due_on: str


@event("compliance.case.sent_back", label=_("file of a case sent back"))
class CaseSentBack(Event):
    """The desk asks the provider for more, with the reason."""

    case: Ref
    release: Ref
    product: Ref
    reason_sha256: str
    due_on: str


@event("compliance.case.proposed", label=_("decision of a case proposed"))
class CaseProposed(Event):
    """One person proposes a decision; another has to confirm it by the end of `due_on`."""

    case: Ref
    proposal: Ref
    release: Ref
    product: Ref
    due_on: str


@event("compliance.case.dropped", label=_("case undecided again"))
class CaseDropped(Event):
    """A proposed decision did not come about; the case awaits another one."""

    case: Ref
    proposal: Ref
    release: Ref
    product: Ref
    due_on: str


@event("compliance.case.extended", label=_("time limit of a case extended"))
class CaseExtended(Event):
    """A time limit was extended, with the reason."""

    case: Ref
    release: Ref
    product: Ref
    before: str
    due_on: str
    reason_sha256: str


@event("compliance.case.reminded", label=_("reminder of a case's time limit"))
class CaseReminded(Event):
    """The time limit of a case is near; who owes the next step is told."""

    case: Ref
    release: Ref
    product: Ref
    due_on: str


@event("compliance.case.missed", label=_("time limit of a case missed"))
class CaseMissed(Event):
    """The time limit of a case went by; the next step is still owed."""

    case: Ref
    release: Ref
    product: Ref
    status: str
    due_on: str


@event("compliance.case.lapsed", label=_("approval of a case lapsed"))
class CaseLapsed(Event):
    """The validity of an approval is over; the release is traded no more."""

    case: Ref
    release: Ref
    product: Ref
    valid_until: str


@event("compliance.case.reopened", label=_("case reopened"))
class CaseReopened(Event):
    """An appeal succeeded; the case is decided anew."""

    case: Ref
    appeal: Ref
    release: Ref
    product: Ref
    due_on: str


@event("compliance.case.closed", label=_("case closed"))
class CaseClosed(Event):
    """The case is void: the release is screened again, or was taken back."""

    case: Ref
    release: Ref
    product: Ref
    reason: str


@event("compliance.document.read", label=_("document of a case read"))
class CaseDocumentRead(Event):
    """Somebody who may took a document out of the vault; authorities say for what.

    It belongs to a case, to an appeal, or to evidence for exports.
    """

    object: Ref
    case: Ref = ""
    release: Ref = ""
    product: Ref = ""
    purpose: str = ""
    appeal: Ref = ""
    filing: Ref = ""


@event("compliance.proposal.made", label=_("decision proposed"))
class ProposalMade(Event):
    """What is proposed, bound to exactly this content, these rules and this file."""

    proposal: Ref
    case: Ref
    release: Ref
    product: Ref
    approve: bool
    content_sha256: str
    pack: Ref
    file_sha256: str
    conditions_sha256: str
    valid_until: str
    reason_sha256: str
    person: str


@event("compliance.proposal.confirmed", label=_("proposed decision confirmed"))
class ProposalConfirmed(Event):
    """Another person confirms the proposal after a look of its own, with its own reason."""

    proposal: Ref
    case: Ref
    release: Ref
    product: Ref
    reason_sha256: str
    person: str


@event("compliance.proposal.declined", label=_("proposed decision declined"))
class ProposalDeclined(Event):
    """Another person does not confirm the proposal, with the reason."""

    proposal: Ref
    case: Ref
    release: Ref
    product: Ref
    reason_sha256: str
    person: str


@event("compliance.proposal.withdrawn", label=_("proposed decision withdrawn"))
class ProposalWithdrawn(Event):
    """Who proposed takes the proposal back."""

    proposal: Ref
    case: Ref
    release: Ref
    product: Ref
    reason_sha256: str


@event("compliance.proposal.voided", label=_("proposed decision void"))
class ProposalVoided(Event):
    """What the proposal was bound to changed: file, content or rules."""

    proposal: Ref
    case: Ref
    release: Ref
    product: Ref
    reason: str


@event("compliance.appeal.lodged", label=_("appeal lodged"))
class AppealLodged(Event):
    """The provider appeals against the block of a release; it is answered by end of `due_on`."""

    appeal: Ref
    screening: Ref
    case: Ref
    release: Ref
    product: Ref
    wish: str
    grade: str
    grounds_sha256: str
    objects: Refs
    due_on: str


@event("compliance.appeal.missed", label=_("time limit of an appeal missed"))
class AppealMissed(Event):
    """An appeal was not answered in its time."""

    appeal: Ref
    screening: Ref
    release: Ref
    product: Ref
    due_on: str


@event("compliance.appeal.upheld", label=_("decision upheld on appeal"))
class AppealUpheld(Event):
    """The block stands, with the reason."""

    appeal: Ref
    screening: Ref
    case: Ref
    release: Ref
    product: Ref
    reason_sha256: str


@event("compliance.appeal.rescreened", label=_("screening ordered on appeal"))
class AppealRescreened(Event):
    """The content is read and judged again by the filter, with the reason."""

    appeal: Ref
    screening: Ref
    case: Ref
    release: Ref
    product: Ref
    reason_sha256: str


@event("compliance.appeal.reopened", label=_("case reopened on appeal"))
class AppealReopened(Event):
    """The case is decided anew, with the reason; never for core data."""

    appeal: Ref
    screening: Ref
    case: Ref
    release: Ref
    product: Ref
    reason_sha256: str


@event("compliance.appeal.withdrawn", label=_("appeal withdrawn"))
class AppealWithdrawn(Event):
    """The provider takes its appeal back."""

    appeal: Ref
    screening: Ref
    release: Ref
    product: Ref


@event("compliance.core.sealed", label=_("core data sealed"))
class CoreSealed(Event):
    """Core data or a state secret was found: the file is sealed, the regulator is told."""

    release: Ref
    product: Ref
    organization: Ref
    screening: Ref
    hold: Ref
    grade: str
    rules: Refs
    content_sha256: str
    objects: Refs = ""


@event("compliance.core.freed", label=_("seal of a release lifted"))
class CoreFreed(Event):
    """Another reading of the same content found nothing that demands a seal."""

    release: Ref
    product: Ref
    organization: Ref
    screening: Ref
    objects: Refs = ""
