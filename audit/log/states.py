"""The one state an entry can be in, seen from outside: waiting for its index, or published."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class EntryState(models.TextChoices):
    """How far an entry has come on its way into a signed checkpoint; derived, never stored."""

    PENDING = "PENDING", _("waiting for its index")
    SEQUENCED = "SEQUENCED", _("has its index")
    PUBLISHED = "PUBLISHED", _("covered by a signed checkpoint")
