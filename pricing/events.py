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


@event("pricing.appraisal.withdrawn", label=_("appraisal withdrawn"))
class AppraisalWithdrawn(Event):
    """An appraisal was found wrong; it may no longer stand beside a price."""

    appraisal: Ref
    product: Ref
    document_sha256: str
    reason: str
