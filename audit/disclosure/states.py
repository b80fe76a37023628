"""Kinds of algorithms, the states of their disclosures, and the time limits that run."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

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
    """Where a version of a disclosure stands; PUBLISHED is the one in force."""

    DRAFT = "DRAFT", _("draft")
    FILED = "FILED", _("filed")
    UNDER_REVIEW = "UNDER_REVIEW", _("under review")
    RETURNED = "RETURNED", _("returned for mending")
    REFUSED = "REFUSED", _("refused")
    PUBLISHED = "PUBLISHED", pgettext_lazy("disclosure", "published")
    SUSPENDED = "SUSPENDED", _("suspended")
    SUPERSEDED = "SUPERSEDED", _("superseded")
    WITHDRAWN = "WITHDRAWN", _("withdrawn")


class Duty(models.TextChoices):
    """What the owner of a published disclosure has to file, once somebody noted that it is due."""

    NONE = "", _("nothing")
    CHANGE = "CHANGE", _("a changed version")
    CANCELLATION = "CANCELLATION", _("the cancellation")


OPEN: Final = (
    DisclosureState.DRAFT,
    DisclosureState.FILED,
    DisclosureState.UNDER_REVIEW,
    DisclosureState.RETURNED,
)
"""On its way into the register; an algorithm has one such version at most."""
EDITABLE: Final = (DisclosureState.DRAFT, DisclosureState.RETURNED)
WAITING: Final = (DisclosureState.FILED, DisclosureState.UNDER_REVIEW)
STANDING: Final = (DisclosureState.PUBLISHED, DisclosureState.SUSPENDED)
"""In the register; an algorithm has one such version at most."""

_S = DisclosureState
DISCLOSURE = Lifecycle(
    "disclosure",
    DisclosureState,
    initial=DisclosureState.DRAFT,
    file=Step({_S.DRAFT, _S.RETURNED}, _S.FILED),
    take=Step({_S.FILED}, _S.UNDER_REVIEW),
    send_back=Step({_S.UNDER_REVIEW}, _S.RETURNED),
    refuse=Step({_S.UNDER_REVIEW}, _S.REFUSED),
    publish=Step({_S.UNDER_REVIEW}, _S.PUBLISHED),
    publish_own=Step({_S.FILED}, _S.PUBLISHED),
    suspend=Step({_S.PUBLISHED}, _S.SUSPENDED),
    lift=Step({_S.SUSPENDED}, _S.PUBLISHED),
    supersede=Step({_S.PUBLISHED, _S.SUSPENDED}, _S.SUPERSEDED),
    withdraw=Step({*OPEN, *STANDING}, _S.WITHDRAWN),
)
