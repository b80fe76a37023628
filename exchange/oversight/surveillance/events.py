"""What the log says of alerts. Before a case is with the regulator, no entry names anybody."""

from django.utils.translation import gettext_lazy as _

from audit.log.events import Event, Ref, event


@event("surveillance.alert.raised", label=_("alert of surveillance raised"))
class AlertRaised(Event):
    """A rule fired; whom it concerns is fixed by a digest and stands in the alert alone."""

    alert: Ref
    rule: str
    pack: Ref
    disclosure: Ref
    previous: str
    facts_sha256: str
    subjects_sha256: str
    measured: str
    threshold: str


@event("surveillance.alert.taken_up", label=_("alert taken up"))
class AlertTakenUp(Event):
    """A person began to look."""

    alert: Ref
    organization: Ref


@event("surveillance.alert.dismissed", label=_("alert dismissed"))
class AlertDismissed(Event):
    """A person found no case."""

    alert: Ref
    organization: Ref
    ground: str
    reason_sha256: str


@event("surveillance.alert.escalated", label=_("alert laid before the regulator"))
class AlertEscalated(Event):
    """A person found a case; from now on those concerned may know."""

    alert: Ref
    rule: str
    reason_sha256: str


@event("surveillance.alert.told", label=_("alert told to whom it concerns"))
class AlertTold(Event):
    """An organization may know of an alert now; one entry each, so that none learns of others."""

    alert: Ref
    organization: Ref
    rule: str


@event("surveillance.alert.acted_on", label=_("listing suspended upon an alert"))
class AlertActedOn(Event):
    """A regulator ordered a suspension because of an alert."""

    alert: Ref
    supervision: Ref
    product: Ref


@event("surveillance.alert.closed", label=_("alert closed"))
class AlertClosed(Event):
    """A regulator said what was true of it."""

    alert: Ref
    outcome: str
    reason_sha256: str
