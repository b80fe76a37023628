"""The life of an alert (预警), and what came of it."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.log.lifecycle import Lifecycle, Step


class AlertState(models.TextChoices):
    """How far people have come with an alert."""

    OPEN = "OPEN", pgettext_lazy("alert", "nobody looked yet")
    UNDER_REVIEW = "UNDER_REVIEW", pgettext_lazy("alert", "being looked at")
    DISMISSED = "DISMISSED", pgettext_lazy("alert", "dismissed")
    ESCALATED = "ESCALATED", pgettext_lazy("alert", "before the regulator")
    CLOSED = "CLOSED", pgettext_lazy("alert", "closed")


ALERT = Lifecycle(
    "alert",
    AlertState,
    initial=AlertState.OPEN,
    take_up=Step({AlertState.OPEN}, AlertState.UNDER_REVIEW),
    dismiss=Step({AlertState.UNDER_REVIEW}, AlertState.DISMISSED),
    escalate=Step({AlertState.UNDER_REVIEW}, AlertState.ESCALATED),
    close=Step({AlertState.ESCALATED}, AlertState.CLOSED),
)

TOLD = (AlertState.ESCALATED, AlertState.CLOSED)
"""From when on those concerned learn of it; before, telling them would tip them off."""


class DismissGround(models.TextChoices):
    """Why an alert was no case; what the precision in service is counted from."""

    LAWFUL = "LAWFUL", _("explained: lawful and ordinary")
    DATA_ERROR = "DATA_ERROR", _("the facts were recorded wrongly")
    DUPLICATE = "DUPLICATE", _("the same case is handled elsewhere")
    TOO_SMALL = "TOO_SMALL", _("true, and too small to pursue")


class CloseOutcome(models.TextChoices):
    """What a regulator found in the end."""

    CONFIRMED = "CONFIRMED", pgettext_lazy("alert", "confirmed")
    UNFOUNDED = "UNFOUNDED", _("not confirmed")


class SubjectKind(models.TextChoices):
    """What an alert is about."""

    ORGANIZATION = "organization", _("organization")
    PRODUCT = "product", _("data product")
    ORDER = "order", _("order")
