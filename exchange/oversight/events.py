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


@event("oversight.view.recorded", label=_("non-public records inspected"))
class ViewRecorded(Event):
    """A regulator looked at something that is not public, for a stated purpose.

    《网络数据安全管理条例》第五十三条: what supervision learns serves supervision only, so every
    look is itself on record. One of the references below `what` names the thing seen; where the
    trail of many things was read, none does.
    """

    organization: Ref
    what: str
    purpose: str
    product: Ref = ""
    release: Ref = ""
    screening: Ref = ""
    case: Ref = ""
    appraisal: Ref = ""
    inquiry: Ref = ""
    order: Ref = ""
    contract: Ref = ""
    grant: Ref = ""
    access: Ref = ""
    certificate: Ref = ""
    transfer: Ref = ""
    supervision: Ref = ""
