"""The life of a data product on the market, of its releases, and of what measures them."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.log.lifecycle import Lifecycle, Step


class ProductState(TextChoices):
    """Where a product stands between its first description and the end of its listing (挂牌)."""

    DRAFT = "DRAFT", _("draft")
    APPRAISED = "APPRAISED", _("has an appraisal")
    REQUESTED = "REQUESTED", _("listing requested")
    LISTED = "LISTED", _("listed")
    SUSPENDED = "SUSPENDED", _("suspended")
    DELISTED = "DELISTED", _("delisted")


class ReleaseState(TextChoices):
    """Where one upload stands in the filter."""

    DRAFT = "DRAFT", _("draft")
    SUBMITTED = "SUBMITTED", _("submitted")
    SCREENING = "SCREENING", _("being screened")
    CLEARED = "CLEARED", _("cleared for trade")
    IN_REVIEW = "IN_REVIEW", _("in human review")
    BLOCKED = "BLOCKED", _("blocked")
    WITHDRAWN = "WITHDRAWN", _("withdrawn")


PRODUCT = Lifecycle(
    "product",
    ProductState,
    initial=ProductState.DRAFT,
    appraise=Step({ProductState.DRAFT, ProductState.APPRAISED}, ProductState.APPRAISED),
    request=Step({ProductState.APPRAISED}, ProductState.REQUESTED),
    retract=Step({ProductState.REQUESTED}, ProductState.APPRAISED),
    list=Step({ProductState.REQUESTED}, ProductState.LISTED),
    suspend=Step({ProductState.LISTED}, ProductState.SUSPENDED),
    resume=Step({ProductState.SUSPENDED}, ProductState.LISTED),
    delist=Step({ProductState.LISTED, ProductState.SUSPENDED}, ProductState.DELISTED),
    reopen=Step({ProductState.DELISTED}, ProductState.DRAFT),
)

RELEASE = Lifecycle(
    "release",
    ReleaseState,
    initial=ReleaseState.DRAFT,
    submit=Step({ReleaseState.DRAFT}, ReleaseState.SUBMITTED),
    screen=Step({ReleaseState.SUBMITTED, ReleaseState.CLEARED}, ReleaseState.SCREENING),
    interrupt=Step({ReleaseState.SCREENING}, ReleaseState.SUBMITTED),
    clear=Step({ReleaseState.SCREENING, ReleaseState.IN_REVIEW}, ReleaseState.CLEARED),
    renew=Step({ReleaseState.CLEARED}, ReleaseState.CLEARED),
    hold=Step({ReleaseState.SCREENING}, ReleaseState.IN_REVIEW),
    requeue=Step({ReleaseState.IN_REVIEW, ReleaseState.BLOCKED}, ReleaseState.SUBMITTED),
    reconsider=Step({ReleaseState.BLOCKED}, ReleaseState.IN_REVIEW),
    block=Step({ReleaseState.SCREENING, ReleaseState.IN_REVIEW}, ReleaseState.BLOCKED),
    withdraw=Step(
        {
            ReleaseState.DRAFT,
            ReleaseState.SUBMITTED,
            ReleaseState.IN_REVIEW,
            ReleaseState.CLEARED,
        },
        ReleaseState.WITHDRAWN,
    ),
)


class QualityState(TextChoices):
    """How far the measuring of a release's quality is."""

    QUEUED = "QUEUED", _("queued")
    RUNNING = "RUNNING", _("running")
    DONE = "DONE", pgettext_lazy("quality report", "measured")
    FAILED = "FAILED", _("failed")


QUALITY = Lifecycle(
    "quality",
    QualityState,
    initial=QualityState.QUEUED,
    start=Step({QualityState.QUEUED}, QualityState.RUNNING),
    resume=Step({QualityState.RUNNING}, QualityState.QUEUED),
    finish=Step({QualityState.RUNNING}, QualityState.DONE),
    fail=Step({QualityState.QUEUED, QualityState.RUNNING}, QualityState.FAILED),
)


class ReviewRoute(TextChoices):
    """By which way a price far outside the band may still be listed."""

    SECOND_APPRAISAL = "SECOND_APPRAISAL", _("second appraisal by another appraiser")
    OPERATOR_REVIEW = "OPERATOR_REVIEW", _("review by the operator, with reasons")


class ReviewState(TextChoices):
    """What came of the review of a price."""

    REQUESTED = "REQUESTED", _("review requested")
    CONFIRMED = "CONFIRMED", _("price may stand")
    REJECTED = "REJECTED", _("price may not stand")
    VOIDED = "VOIDED", _("void, the price or its appraisal changed")


PRICE_REVIEW = Lifecycle(
    "price_review",
    ReviewState,
    initial=ReviewState.REQUESTED,
    uphold=Step({ReviewState.REQUESTED}, ReviewState.CONFIRMED),
    reject=Step({ReviewState.REQUESTED}, ReviewState.REJECTED),
    void=Step({ReviewState.REQUESTED}, ReviewState.VOIDED),
)

EDITABLE = frozenset({ProductState.DRAFT, ProductState.APPRAISED, ProductState.REQUESTED})
"""States in which the manual may be changed; a listed product's promise stands as it was read."""
