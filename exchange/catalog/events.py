"""What the log says of products and releases. Descriptions and files are declared by digest."""

from django.utils.translation import gettext_lazy as _

from audit.log.events import Event, Ref, event


@event("catalog.product.created", label=_("product created"))
class ProductCreated(Event):
    """A provider began to describe a product."""

    product: Ref
    organization: Ref
    product_type: str
    manual_sha256: str


@event("catalog.product.edited", label=_("product description edited"))
class ProductEdited(Event):
    """The description changed; `fields` is comma-separated, `product_version` the new one."""

    product: Ref
    fields: str
    product_version: int
    manual_sha256: str


@event("catalog.product.rights_attached", label=_("rights statement attached"))
class RightsAttached(Event):
    """The product now rests on this statement of source and rights."""

    product: Ref
    rights: Ref
    product_version: int


@event("catalog.product.committed", label=_("legal commitment accepted"))
class CommitmentAccepted(Event):
    """The provider answers for the description in this version (法律承诺书)."""

    product: Ref
    organization: Ref
    product_version: int
    manual_sha256: str
    commitment_sha256: str


@event("catalog.product.appraised", label=_("appraisal attached"))
class ProductAppraised(Event):
    """A signed appraisal stands beside the product's price from now on."""

    product: Ref
    appraisal: Ref
    release: Ref


@event("catalog.appraisals.reviewed", label=_("appraisals of the market reviewed"))
class AppraisalsReviewed(Event):
    """The exchange looked whether the appraisals beside listed products still hold."""

    review: Ref
    products: int
    renewed: int


@event("catalog.product.repriced", label=_("price of a listed product changed"))
class ProductRepriced(Event):
    """A listed product's plan changed within the deviation policy."""

    product: Ref
    plan: Ref
    appraisal: Ref
    zone: str
    deviation_rate: str
    justification_sha256: str


@event("catalog.listing.requested", label=_("listing requested"))
class ListingRequested(Event):
    """The provider asked for the listing of exactly this version, release and plan."""

    product: Ref
    organization: Ref
    release: Ref
    plan: Ref
    appraisal: Ref
    rights: Ref
    product_version: int
    manual_sha256: str
    content_sha256: str
    zone: str
    deviation_rate: str
    justification_sha256: str


@event("catalog.listing.retracted", label=_("listing request retracted"))
class ListingRetracted(Event):
    """The provider took the request back, or an edit made it void."""

    product: Ref
    cause: str


@event("catalog.listing.returned", label=_("listing request returned"))
class ListingReturned(Event):
    """The operator sent the request back with what is to be mended."""

    product: Ref
    reason: str


@event("catalog.listing.listed", label=_("product listed"))
class ProductListed(Event):
    """The product is on the market (挂牌) in exactly this version, release and plan."""

    product: Ref
    organization: Ref
    release: Ref
    plan: Ref
    appraisal: Ref
    rights: Ref
    product_version: int
    manual_sha256: str
    content_sha256: str
    zone: str
    deviation_rate: str
    note_sha256: str


@event("catalog.listing.suspended", label=_("listing suspended"))
class ListingSuspended(Event):
    """The listing is stopped; nothing of it may be ordered."""

    product: Ref
    authority: str
    reason: str


@event("catalog.listing.resumed", label=_("listing resumed"))
class ListingResumed(Event):
    """The listing goes on."""

    product: Ref
    authority: str
    reason: str


@event("catalog.listing.ended", label=_("product delisted"))
class ProductDelisted(Event):
    """The product left the market (摘牌); running contracts keep theirs."""

    product: Ref
    authority: str
    reason: str


@event("catalog.product.reopened", label=_("delisted product reopened"))
class ProductReopened(Event):
    """The provider works on the product for a new listing."""

    product: Ref
    product_version: int


@event("catalog.release.uploaded", label=_("release uploaded"))
class ReleaseUploaded(Event):
    """A file was read, converted, profiled and stored."""

    release: Ref
    product: Ref
    number: int
    content_sha256: str
    rows: int
    size: int
    format: str


@event("catalog.release.submitted", label=_("release submitted to screening"))
class ReleaseSubmitted(Event):
    """The content is final from now on and waits for the filter."""

    release: Ref
    product: Ref
    content_sha256: str


@event("catalog.release.screening", label=_("screening of a release started"))
class ReleaseScreening(Event):
    """The filter reads the content."""

    release: Ref
    product: Ref
    content_sha256: str


@event("catalog.release.interrupted", label=_("screening of a release interrupted"))
class ReleaseInterrupted(Event):
    """The filter did not come to a verdict; the release waits for it again."""

    release: Ref
    product: Ref
    reason: str


@event("catalog.release.requeued", label=_("release to be screened again"))
class ReleaseRequeued(Event):
    """What was held or blocked waits for another reading by the filter."""

    release: Ref
    product: Ref
    reason: str


@event("catalog.release.reconsidered", label=_("blocked release reconsidered"))
class ReleaseReconsidered(Event):
    """What was blocked by a decision is decided anew."""

    release: Ref
    product: Ref
    reason: str


@event("catalog.release.cleared", label=_("release cleared for trade"))
class ReleaseCleared(Event):
    """The filter let exactly this content through, under this pack of rules."""

    release: Ref
    product: Ref
    screening: Ref
    pack: Ref
    content_sha256: str
    grade: str
    level: int
    personal: str
    sample_sha256: str


@event("catalog.release.renewed", label=_("clearance renewed under new rules"))
class ReleaseRenewed(Event):
    """The filter let the same content through under another pack of rules; trade went on."""

    release: Ref
    product: Ref
    screening: Ref
    pack: Ref
    content_sha256: str
    grade: str
    level: int
    personal: str
    sample_sha256: str


@event("catalog.release.held", label=_("release held for review"))
class ReleaseHeld(Event):
    """The filter asks a human to decide."""

    release: Ref
    product: Ref
    screening: Ref
    content_sha256: str
    grade: str


@event("catalog.release.blocked", label=_("release blocked"))
class ReleaseBlocked(Event):
    """The content may not be traded."""

    release: Ref
    product: Ref
    screening: Ref
    content_sha256: str
    grade: str
    reason: str


@event("catalog.release.withdrawn", label=_("release withdrawn"))
class ReleaseWithdrawn(Event):
    """The provider took the release back."""

    release: Ref
    product: Ref
    reason: str


@event("catalog.quality.declared", label=_("rules of quality declared"))
class QualityRulesDeclared(Event):
    """A provider promised this of every row of a product; the rules are named by their digest."""

    product: Ref
    organization: Ref
    rules_version: int
    rules_count: int
    rules_sha256: str


@event("catalog.quality.requested", label=_("quality to be measured"))
class QualityRequested(Event):
    """A release is to be measured by the rules that hold now."""

    quality: Ref
    release: Ref
    product: Ref
    content_sha256: str
    rules_sha256: str


@event("catalog.quality.started", label=_("measuring of quality started"))
class QualityStarted(Event):
    """A worker reads the release."""

    quality: Ref
    release: Ref
    product: Ref
    attempt: int


@event("catalog.quality.interrupted", label=_("measuring of quality interrupted"))
class QualityInterrupted(Event):
    """The worker fell silent, and the work begins anew."""

    quality: Ref
    release: Ref
    product: Ref
    attempt: int


@event("catalog.quality.measured", label=_("quality measured"))
class QualityMeasured(Event):
    """The quality of exactly this content, by these rules; the report is named by its digest."""

    quality: Ref
    release: Ref
    product: Ref
    content_sha256: str
    rules_sha256: str
    report_sha256: str
    pack: str
    score: str
    grade: str


@event("catalog.quality.failed", label=_("quality could not be measured"))
class QualityFailed(Event):
    """No report came of it."""

    quality: Ref
    release: Ref
    product: Ref
    reason: str


@event("catalog.price_review.requested", label=_("review of the price requested"))
class PriceReviewRequested(Event):
    """The provider asked that a price far outside the band may be listed."""

    price_review: Ref
    product: Ref
    plan: Ref
    appraisal: Ref
    route: str
    deviation_rate: str
    justification_sha256: str


@event("catalog.price_review.upheld", label=_("price may stand after review"))
class PriceReviewUpheld(Event):
    """The second appraisal, which `appraisal` then names, or the operator's reasons carry it."""

    price_review: Ref
    product: Ref
    appraisal: Ref
    zone: str
    deviation_rate: str
    reasons_sha256: str


@event("catalog.price_review.rejected", label=_("price may not stand after review"))
class PriceReviewRejected(Event):
    """The second appraisal found the price as far off, or the operator did not accept it."""

    price_review: Ref
    product: Ref
    appraisal: Ref
    zone: str
    deviation_rate: str
    reasons_sha256: str


@event("catalog.price_review.voided", label=_("review of the price void"))
class PriceReviewVoided(Event):
    """Price or appraisal changed before anything was decided."""

    price_review: Ref
    product: Ref
