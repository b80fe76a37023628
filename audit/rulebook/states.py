"""The life of a rule pack, and of a draft that may become one."""

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


class DraftState(models.TextChoices):
    """Where a draft stands between its first word and its publication."""

    EDITING = "EDITING", _("being written")
    PROPOSED = "PROPOSED", _("awaiting a second person")
    APPROVED = "APPROVED", _("approved")
    PUBLISHED = "PUBLISHED", _("published")
    DISCARDED = "DISCARDED", _("discarded")


OPEN = frozenset({DraftState.EDITING, DraftState.PROPOSED, DraftState.APPROVED})

RULE_DRAFT = Lifecycle(
    "rule_draft",
    DraftState,
    initial=DraftState.EDITING,
    edit=Step(OPEN, DraftState.EDITING),
    propose=Step({DraftState.EDITING}, DraftState.PROPOSED),
    approve=Step({DraftState.PROPOSED}, DraftState.APPROVED),
    publish=Step({DraftState.APPROVED}, DraftState.PUBLISHED),
    discard=Step(OPEN, DraftState.DISCARDED),
)
