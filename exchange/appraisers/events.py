"""What the log says of appraisers. Declarations and reasons are named by digest."""

from django.utils.translation import gettext_lazy as _

from audit.log.events import Event, Ref, event


@event("appraisers.accreditation.applied", label=_("accreditation as appraiser applied for"))
class AccreditationApplied(Event):
    """An assessor asked to be accredited, with its qualification and its declarations."""

    accreditation: Ref
    organization: Ref
    qualification_number: str
    industries: str
    valid_until: str
    insured_until: str
    declaration_sha256: str
    what_for: str = "APPRAISAL"


@event("appraisers.accreditation.accredited", label=_("appraiser accredited"))
class AppraiserAccredited(Event):
    """The operator or a regulator accredited the appraiser."""

    accreditation: Ref
    organization: Ref
    declaration_sha256: str
    reason_sha256: str


@event("appraisers.accreditation.rejected", label=_("accreditation refused"))
class AccreditationRejected(Event):
    """The application was refused."""

    accreditation: Ref
    organization: Ref
    reason_sha256: str


@event("appraisers.accreditation.suspended", label=_("accreditation suspended"))
class AccreditationSuspended(Event):
    """The appraiser may not appraise until it is reinstated."""

    accreditation: Ref
    organization: Ref
    reason_sha256: str


@event("appraisers.accreditation.reinstated", label=_("accreditation reinstated"))
class AccreditationReinstated(Event):
    """The suspension ended."""

    accreditation: Ref
    organization: Ref
    reason_sha256: str


@event("appraisers.accreditation.withdrawn", label=_("accreditation withdrawn"))
class AccreditationWithdrawn(Event):
    """The accreditation was taken away for good; what was signed before stays."""

    accreditation: Ref
    organization: Ref
    reason_sha256: str


@event("appraisers.accreditation.expired", label=_("accreditation expired"))
class AccreditationExpired(Event):
    """Its day, or that of the insurance, passed."""

    accreditation: Ref
    organization: Ref


@event("appraisers.engagement.requested", label=_("appraisal asked for"))
class EngagementRequested(Event):
    """A provider asked an appraiser for an appraisal at a fixed fee."""

    engagement: Ref
    accreditation: Ref
    product: Ref
    organization: Ref
    fee: str
    currency: str
    owners_sha256: str


@event("appraisers.engagement.accepted", label=_("appraisal taken on"))
class EngagementAccepted(Event):
    """The appraiser declared that it is independent and that its fee is fixed."""

    engagement: Ref
    accreditation: Ref
    product: Ref
    statement_sha256: str


@event("appraisers.engagement.declined", label=_("appraisal declined"))
class EngagementDeclined(Event):
    """The appraiser said no, or gave the engagement back, with its reason."""

    engagement: Ref
    accreditation: Ref
    product: Ref
    reason_sha256: str


@event("appraisers.engagement.recalled", label=_("request of an appraisal taken back"))
class EngagementRecalled(Event):
    """The provider took its request back before anybody answered."""

    engagement: Ref
    accreditation: Ref
    product: Ref


@event("appraisers.engagement.delivered", label=_("appraisal delivered"))
class EngagementDelivered(Event):
    """The appraiser signed its own appraisal."""

    engagement: Ref
    accreditation: Ref
    product: Ref
    appraisal: Ref
