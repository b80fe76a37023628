"""The life of a rule pack."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from audit.log.lifecycle import Lifecycle, Step


class PackState(models.TextChoices):
    """Whether a version of the rules is only written, or binding from its day on."""

    DRAFT = "DRAFT", _("draft")
    PUBLISHED = "PUBLISHED", _("published")
    WITHDRAWN = "WITHDRAWN", _("withdrawn")


PACK = Lifecycle(
    "pack",
    PackState,
    initial=PackState.DRAFT,
    publish=Step({PackState.DRAFT}, PackState.PUBLISHED),
    withdraw=Step({PackState.DRAFT, PackState.PUBLISHED}, PackState.WITHDRAWN),
)
