"""Lives of what a regulator orders."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from audit.log.lifecycle import Lifecycle, Step


class SupervisionKind(models.TextChoices):
    """What a supervision order demands."""

    SUSPEND = "SUSPEND", _("suspend the listing")


class SupervisionState(models.TextChoices):
    """Whether a supervision order still binds."""

    IN_FORCE = "IN_FORCE", _("in force")
    LIFTED = "LIFTED", _("lifted")


SUPERVISION = Lifecycle(
    "supervision",
    SupervisionState,
    initial=SupervisionState.IN_FORCE,
    lift=Step({SupervisionState.IN_FORCE}, SupervisionState.LIFTED),
)


class EvidenceKind(models.TextChoices):
    """What an evidence bundle is of."""

    ORDER = "ORDER", _("an order")
    PRODUCT = "PRODUCT", _("a data product")
    ORGANIZATION = "ORGANIZATION", _("an organization")
    ALGORITHM = "ALGORITHM", _("an algorithm")
    PERIOD = "PERIOD", _("a period")


class EvidenceState(models.TextChoices):
    """How far the making of an evidence bundle has come."""

    QUEUED = "QUEUED", _("queued")
    RUNNING = "RUNNING", _("running")
    READY = "READY", _("ready")
    FAILED = "FAILED", _("failed")
    EXPIRED = "EXPIRED", _("removed")


EVIDENCE = Lifecycle(
    "evidence",
    EvidenceState,
    initial=EvidenceState.QUEUED,
    start=Step({EvidenceState.QUEUED}, EvidenceState.RUNNING),
    resume=Step({EvidenceState.RUNNING}, EvidenceState.QUEUED),
    finish=Step({EvidenceState.RUNNING}, EvidenceState.READY),
    fail=Step({EvidenceState.QUEUED, EvidenceState.RUNNING}, EvidenceState.FAILED),
    expire=Step({EvidenceState.READY}, EvidenceState.EXPIRED),
)


class SearchState(models.TextChoices):
    """Whether a saved search is kept."""

    KEPT = "KEPT", _("kept")
    REMOVED = "REMOVED", _("removed")


class Interval(models.IntegerChoices):
    """How often a saved search looks for new entries, in minutes."""

    QUARTER = 15, _("every quarter of an hour")
    HOUR = 60, _("every hour")
    DAY = 1440, _("once a day")
    WEEK = 10080, _("once a week")


SEARCH = Lifecycle(
    "search",
    SearchState,
    initial=SearchState.KEPT,
    remove=Step({SearchState.KEPT}, SearchState.REMOVED),
)
