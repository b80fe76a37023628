"""What happens to prices and appraisals, as the log tells it."""

from django.utils.translation import gettext_lazy as _

from audit.log.events import Event, Ref, event


@event("pricing.plan.set", label=_("price plan set"))
class PlanSet(Event):
    """The provider set its own price (自定)."""

    plan: Ref
    product: Ref
    organization: Ref
    kind: str
    regime: str
    currency: str
    price: str
    negotiable: bool
    terms_sha256: str


@event("pricing.plan.superseded", label=_("price plan superseded"))
class PlanSuperseded(Event):
    """A later plan took the place of this one; open contracts keep their price."""

    plan: Ref
    product: Ref
    terms_sha256: str


@event("pricing.appraisal.signed", label=_("appraisal signed"))
class AppraisalSigned(Event):
    """A value band was worked out, signed and put beside the provider's price (评估)."""

    appraisal: Ref
    product: Ref
    release: Ref
    pack: Ref
    disclosure: Ref
    currency: str
    low: str
    mid: str
    high: str
    methods: str
    inputs_sha256: str
    document_sha256: str


@event("pricing.appraisal.superseded", label=_("appraisal superseded"))
class AppraisalSuperseded(Event):
    """A later appraisal took the place of this one, which stays readable."""

    appraisal: Ref
    product: Ref
    document_sha256: str


@event("pricing.appraisal.outdated", label=_("appraisal outdated"))
class AppraisalOutdated(Event):
    """What an appraisal rests on is no longer so; another is worked out, or it lapses."""

    appraisal: Ref
    product: Ref
    cause: str
    detail: str


@event("pricing.appraisal.lapsed", label=_("appraisal lapsed"))
class AppraisalLapsed(Event):
    """An outdated appraisal ended because no other could be worked out from its inputs."""

    appraisal: Ref
    product: Ref
    document_sha256: str
    cause: str


@event("pricing.appraisal.withdrawn", label=_("appraisal withdrawn"))
class AppraisalWithdrawn(Event):
    """An appraisal was found wrong; it may no longer stand beside a price."""

    appraisal: Ref
    product: Ref
    document_sha256: str
    reason: str


@event("pricing.cost.recorded", label=_("cost recorded"))
class CostRecorded(Event):
    """A provider entered a cost of a product; the item is named by its digest."""

    cost: Ref
    product: Ref
    organization: Ref
    item_sha256: str


@event("pricing.cost.reversed", label=_("cost reversed"))
class CostReversed(Event):
    """A second item takes a first back; both stay."""

    cost: Ref
    product: Ref
    organization: Ref
    reverses: str
    item_sha256: str
    reason_sha256: str
