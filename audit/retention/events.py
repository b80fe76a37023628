"""What the log says of legal holds and destruction. Reasons are named by digest."""

from django.utils.translation import gettext_lazy as _

from audit.log.events import Event, Ref, event


@event("retention.hold.placed", label=_("legal hold placed"))
class HoldPlaced(Event):
    """From now on nothing that belongs to the thing is destroyed."""

    hold: Ref
    order: Ref = ""
    product: Ref = ""
    release: Ref = ""
    organization: Ref = ""
    member: Ref = ""
    disclosure: Ref = ""
    legal_basis: str
    reason_sha256: str


@event("retention.hold.lifted", label=_("legal hold lifted"))
class HoldLifted(Event):
    """The hold no longer stops destruction; what is due follows."""

    hold: Ref
    order: Ref = ""
    product: Ref = ""
    release: Ref = ""
    organization: Ref = ""
    member: Ref = ""
    disclosure: Ref = ""
    reason_sha256: str


@event("retention.record.destroyed", label=_("record destroyed"))
class RecordDestroyed(Event):
    """Something was destroyed for good; the signed destruction record says what and why."""

    destruction: Ref
    object: Ref = ""
    member: Ref = ""
    seal: Ref = ""
    retention_class: str
    legal_basis: str
    record_sha256: str
