"""What happens to disclosures, as the log tells it."""

from django.utils.translation import gettext_lazy as _

from audit.log.events import Event, Ref, event


@event("disclosure.drafted", label=_("algorithm disclosure drafted"))
class DisclosureDrafted(Event):
    """The owner of an algorithm began to describe it, or changed the draft."""

    disclosure: Ref
    organization: Ref
    algorithm: str
    number: int
    statement_sha256: str


@event("disclosure.filed", label=_("algorithm disclosure filed"))
class DisclosureFiled(Event):
    """A disclosure entered the public register."""

    disclosure: Ref
    organization: Ref
    algorithm: str
    number: int
    statement_sha256: str
    document_sha256: str


@event("disclosure.superseded", label=_("algorithm disclosure superseded"))
class DisclosureSuperseded(Event):
    """A later version took its place; this one stays readable."""

    disclosure: Ref
    organization: Ref
    algorithm: str
    number: int


@event("disclosure.withdrawn", label=_("algorithm disclosure withdrawn"))
class DisclosureWithdrawn(Event):
    """The algorithm is no longer used, or the draft was given up."""

    disclosure: Ref
    organization: Ref
    algorithm: str
    number: int
    reason: str


@event("disclosure.measured", label=_("algorithm accuracy measured"))
class AccuracyMeasured(Event):
    """The platform recomputed an algorithm's accuracy."""

    measurement: Ref
    disclosure: Ref
    algorithm: str
    metrics: int
    code_sha256: str
    results_sha256: str
