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
