"""The life of a legal hold."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from audit.log.lifecycle import Lifecycle, Step


class HoldKind(models.TextChoices):
    """What a legal hold is placed on; the values are the kinds that entries refer to."""

    ORDER = "order", _("order")
    PRODUCT = "product", _("product")
    RELEASE = "release", _("release")
    ORGANIZATION = "organization", _("organization")
    MEMBER = "member", _("person")
    DISCLOSURE = "disclosure", _("algorithm")


class HoldState(models.TextChoices):
    """Whether a legal hold still stops destruction."""

    IN_FORCE = "IN_FORCE", _("in force")
    LIFTED = "LIFTED", _("lifted")


class DestroyedKind(models.TextChoices):
    """What a destruction record is about."""

    OBJECT = "OBJECT", _("content of a file")
    STATEMENT = "STATEMENT", _("statements about a person")
    PERSON = "PERSON", _("key and account of a person")
    SEAL = "SEAL", _("rankings of a seal")


HOLD = Lifecycle(
    "hold",
    HoldState,
    initial=HoldState.IN_FORCE,
    lift=Step({HoldState.IN_FORCE}, HoldState.LIFTED),
)
