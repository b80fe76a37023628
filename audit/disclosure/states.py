"""Kinds of algorithms and the states of their disclosures."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from audit.log.lifecycle import Lifecycle, Step


class AlgorithmType(models.TextChoices):
    """《互联网信息服务算法推荐管理规定》第二条; OTHER for what the article does not name."""

    GENERATIVE = "GENERATIVE", _("generation and synthesis")
    PERSONALIZED_PUSH = "PERSONALIZED_PUSH", _("personalized push")
    RANKING = "RANKING", _("ranking and selection")
    RETRIEVAL_FILTER = "RETRIEVAL_FILTER", _("retrieval and filtering")
    SCHEDULING_DECISION = "SCHEDULING_DECISION", _("scheduling and decision")
    OTHER = "OTHER", _("other")


class DisclosureState(models.TextChoices):
    """Whether a disclosure is what the public register shows."""

    DRAFT = "DRAFT", _("draft")
    FILED = "FILED", _("filed")
    SUPERSEDED = "SUPERSEDED", _("superseded")
    WITHDRAWN = "WITHDRAWN", _("withdrawn")


DISCLOSURE = Lifecycle(
    "disclosure",
    DisclosureState,
    initial=DisclosureState.DRAFT,
    file=Step({DisclosureState.DRAFT}, DisclosureState.FILED),
    supersede=Step({DisclosureState.FILED}, DisclosureState.SUPERSEDED),
    withdraw=Step({DisclosureState.DRAFT, DisclosureState.FILED}, DisclosureState.WITHDRAWN),
)
