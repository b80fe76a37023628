"""Kinds and states of plans and appraisals."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from audit.log.lifecycle import Lifecycle, Step


class PlanKind(models.TextChoices):
    """What a buyer pays for."""

    FREE = "FREE", _("free of charge")
    ONE_OFF = "ONE_OFF", _("one-off purchase")
    SUBSCRIPTION = "SUBSCRIPTION", _("subscription")
    PER_CALL = "PER_CALL", _("per call")
    PER_HIT = "PER_HIT", _("per query that finds something")
    PER_ROW = "PER_ROW", _("per row")
    PER_GB = "PER_GB", _("per gigabyte")

    @property
    def is_metered(self) -> bool:
        """Whether the price follows a measured quantity."""
        return self in {PlanKind.PER_CALL, PlanKind.PER_HIT, PlanKind.PER_ROW, PlanKind.PER_GB}

    @property
    def is_packed(self) -> bool:
        """Whether units can be sold in packages paid in advance; rows and gigabytes go whole."""
        return self not in {PlanKind.FREE, PlanKind.PER_ROW, PlanKind.PER_GB}


class Period(models.TextChoices):
    """The length of one period: of a subscription, or of what a capped product may earn."""

    MONTH = "MONTH", _("month")
    QUARTER = "QUARTER", _("quarter")
    YEAR = "YEAR", _("year")


class Regime(models.TextChoices):
    """Who may set the price: 发改价格〔2025〕65号 for public data, the seller for the rest."""

    PUBLIC_FREE = "PUBLIC_FREE", _("public data, free for governance and welfare")
    PUBLIC_CAPPED = "PUBLIC_CAPPED", _("public data, government-guided price cap")
    MARKET = "MARKET", _("market price set by the provider")


class PlanState(models.TextChoices):
    """Whether new orders are quoted from a plan."""

    IN_FORCE = "IN_FORCE", _("in force")
    SUPERSEDED = "SUPERSEDED", _("superseded")


PLAN = Lifecycle(
    "plan",
    PlanState,
    initial=PlanState.IN_FORCE,
    supersede=Step({PlanState.IN_FORCE}, PlanState.SUPERSEDED),
)


class Purpose(models.TextChoices):
    """What an appraisal is made for; a figure holds for its purpose only."""

    TRADE = "TRADE", _("trade reference")
    FINANCING = "FINANCING", _("financing")
    CONTRIBUTION = "CONTRIBUTION", _("capital contribution")
    ACCOUNTING = "ACCOUNTING", _("balance-sheet recognition")


class AppraisalState(models.TextChoices):
    """Whether an appraisal may be shown beside an asking price."""

    SIGNED = "SIGNED", _("signed")
    SUPERSEDED = "SUPERSEDED", _("superseded")
    LAPSED = "LAPSED", _("lapsed")
    WITHDRAWN = "WITHDRAWN", _("withdrawn")


class EndCause(models.TextChoices):
    """Why an appraisal no longer holds before anybody withdraws it."""

    RELEASE = "RELEASE", _("another release is sold")
    GRADE = "GRADE", _("the data were graded anew")
    MARKET = "MARKET", _("the prices of the comparables moved")
    DATE = "DATE", _("its validity ran out")


APPRAISAL = Lifecycle(
    "appraisal",
    AppraisalState,
    initial=AppraisalState.SIGNED,
    supersede=Step({AppraisalState.SIGNED}, AppraisalState.SUPERSEDED),
    lapse=Step({AppraisalState.SIGNED}, AppraisalState.LAPSED),
    withdraw=Step({AppraisalState.SIGNED}, AppraisalState.WITHDRAWN),
)


class Zone(models.TextChoices):
    """How far an asking price stands from the appraised value."""

    GREEN = "GREEN", _("within the band of policy")
    AMBER = "AMBER", _("beyond the band, needs a justification")
    RED = "RED", _("far beyond the band, needs a review")


class Allocation(models.TextChoices):
    """By what a joint cost is divided among the products that share it."""

    DIRECT = "DIRECT", _("wholly of this product")
    USERS = "USERS", _("by number of users")
    REVENUE = "REVENUE", _("by revenue")
