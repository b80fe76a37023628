"""What a person made of a decision that an algorithm had taken."""

from django.db import models
from django.utils.translation import gettext_lazy as _

WATCHERS = ("OPERATOR", "REGULATOR")
"""Roles of organizations that read every decision and may set one aside."""


class Result(models.TextChoices):
    """What became of the algorithm's decision; the particular outcome stands beside it."""

    SET_ASIDE = "SET_ASIDE", _("set aside by a person")
    CHANGED = "CHANGED", _("changed by a person")
    CONFIRMED = "CONFIRMED", _("confirmed by a person")
