"""Lives of an accreditation and of an engagement to appraise."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.log.lifecycle import Lifecycle, Step


class AccreditationKind(models.TextChoices):
    """What an organization is accredited for; each on declarations of its own."""

    APPRAISAL = "APPRAISAL", _("appraisal of data")
    ALGORITHM_AUDIT = "ALGORITHM_AUDIT", _("audit of algorithms")


class AccreditationState(models.TextChoices):
    """Whether an organization may do for others what it applied for (评估机构、审计机构)."""

    APPLIED = "APPLIED", pgettext_lazy("accreditation", "applied")
    ACCREDITED = "ACCREDITED", _("accredited")
    REJECTED = "REJECTED", pgettext_lazy("accreditation", "rejected")
    SUSPENDED = "SUSPENDED", pgettext_lazy("accreditation", "suspended")
    WITHDRAWN = "WITHDRAWN", pgettext_lazy("accreditation", "withdrawn")
    EXPIRED = "EXPIRED", pgettext_lazy("accreditation", "expired")


STANDING = (
    AccreditationState.APPLIED,
    AccreditationState.ACCREDITED,
    AccreditationState.SUSPENDED,
)

ACCREDITATION = Lifecycle(
    "accreditation",
    AccreditationState,
    initial=AccreditationState.APPLIED,
    accredit=Step({AccreditationState.APPLIED}, AccreditationState.ACCREDITED),
    reject=Step({AccreditationState.APPLIED}, AccreditationState.REJECTED),
    suspend=Step({AccreditationState.ACCREDITED}, AccreditationState.SUSPENDED),
    reinstate=Step({AccreditationState.SUSPENDED}, AccreditationState.ACCREDITED),
    withdraw=Step(
        {AccreditationState.ACCREDITED, AccreditationState.SUSPENDED},
        AccreditationState.WITHDRAWN,
    ),
    expire=Step(
        {AccreditationState.ACCREDITED, AccreditationState.SUSPENDED},
        AccreditationState.EXPIRED,
    ),
)


class EngagementState(models.TextChoices):
    """How far an appraisal that was asked for is (委托)."""

    REQUESTED = "REQUESTED", _("waiting for the appraiser")
    ACCEPTED = "ACCEPTED", _("appraisal in work")
    DECLINED = "DECLINED", pgettext_lazy("engagement", "declined")
    RECALLED = "RECALLED", _("taken back by the provider")
    DELIVERED = "DELIVERED", _("appraisal delivered")


OPEN_ENGAGEMENTS = (EngagementState.REQUESTED, EngagementState.ACCEPTED)

ENGAGEMENT = Lifecycle(
    "engagement",
    EngagementState,
    initial=EngagementState.REQUESTED,
    accept=Step({EngagementState.REQUESTED}, EngagementState.ACCEPTED),
    decline=Step(set(OPEN_ENGAGEMENTS), EngagementState.DECLINED),
    recall=Step({EngagementState.REQUESTED}, EngagementState.RECALLED),
    deliver=Step({EngagementState.ACCEPTED}, EngagementState.DELIVERED),
)


class LinkKind(models.TextChoices):
    """What ties a signing person to an organization."""

    FAMILY = "FAMILY", _("a near relative works or holds a share there")
    BUSINESS = "BUSINESS", _("a business relation of its own")
