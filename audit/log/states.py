"""How far an entry has come, and how far the log of a period has."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from .steps import Lifecycle, Step


class EntryState(models.TextChoices):
    """How far an entry has come on its way into a signed checkpoint; derived, never stored."""

    PENDING = "PENDING", _("waiting for its index")
    SEQUENCED = "SEQUENCED", _("has its index")
    PUBLISHED = "PUBLISHED", _("covered by a signed checkpoint")


class PeriodState(models.TextChoices):
    """Whether the log of a period still grows."""

    OPEN = "OPEN", _("takes entries")
    CLOSING = "CLOSING", _("complete, its last checkpoint not yet published")
    CLOSED = "CLOSED", _("closed by its last checkpoint")


PERIOD = Lifecycle(
    "period",
    PeriodState,
    initial=PeriodState.OPEN,
    close=Step({PeriodState.OPEN}, PeriodState.CLOSING),
    seal=Step({PeriodState.CLOSING}, PeriodState.CLOSED),
)
