"""Roles of the trade floor and the life of an organization on it."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.log.lifecycle import Lifecycle, Step


class OrganizationRole(TextChoices):
    """What an organization was admitted as (数商管理规范 第四条, condensed)."""

    PROVIDER = "PROVIDER", _("data provider")
    BUYER = "BUYER", _("data buyer")
    ASSESSOR = "ASSESSOR", _("professional assessor")
    OPERATOR = "OPERATOR", _("exchange operator")
    REGULATOR = "REGULATOR", _("regulator")


class OrganizationState(TextChoices):
    """Where an organization stands between its application and its exit."""

    APPLIED = "APPLIED", _("applied")
    ADMITTED = "ADMITTED", _("admitted")
    SUSPENDED = "SUSPENDED", _("suspended")
    REJECTED = "REJECTED", _("rejected")
    TERMINATED = "TERMINATED", _("terminated")


class MemberRole(TextChoices):
    """What a person may do for an organization."""

    ADMIN = "ADMIN", _("administrator")
    TRADER = "TRADER", _("trader")
    VIEWER = "VIEWER", _("viewer")


class CheckKind(TextChoices):
    """What the operator verifies before admission (《数据安全法》第三十三条)."""

    IDENTITY = "IDENTITY", _("unified social credit code against the public register")
    LICENSE = "LICENSE", _("license file against the code and the name")
    CLEAN_RECORD = "CLEAN_RECORD", _("three years without crime or major data violation")
    QUALIFICATION = "QUALIFICATION", _("statutory qualification for the roles")


class TokenScope(TextChoices):
    """What an API token reaches; reading is always its own organization's."""

    READ = "read", _("read what the organization may see")
    LIST = "list", _("upload, describe, price and list data products")
    TRADE = "trade", _("inquire, order, sign, pay and download")
    REVIEW = "review", _("decide reviews, admissions and orders")
    AUDIT = "audit", _("read the trail and the records of all parties")


class ErasureGround(TextChoices):
    """Why a person's data are erased (《个人信息保护法》第四十七条第一款)."""

    REQUEST = "REQUEST", _("the person asked for it")
    LEFT = "LEFT", _("the person no longer acts for the organization")
    CLOSED = "CLOSED", _("the account was closed")


class ErasureState(TextChoices):
    """How far an erasure has come."""

    REQUESTED = "REQUESTED", pgettext_lazy("state", "requested")
    BLOCKED = "BLOCKED", _("stored for the law only")
    ERASED = "ERASED", pgettext_lazy("state", "erased")


class Language(TextChoices):
    """Languages of pages and mails."""

    ENGLISH = "en", "English"
    CHINESE = "zh-hans", "简体中文"


ORGANIZATION = Lifecycle(
    "organization",
    OrganizationState,
    initial=OrganizationState.APPLIED,
    admit=Step({OrganizationState.APPLIED}, OrganizationState.ADMITTED),
    reject=Step({OrganizationState.APPLIED}, OrganizationState.REJECTED),
    suspend=Step({OrganizationState.ADMITTED}, OrganizationState.SUSPENDED),
    reinstate=Step({OrganizationState.SUSPENDED}, OrganizationState.ADMITTED),
    terminate=Step(
        {OrganizationState.ADMITTED, OrganizationState.SUSPENDED}, OrganizationState.TERMINATED
    ),
)

ERASURE = Lifecycle(
    "erasure",
    ErasureState,
    initial=ErasureState.REQUESTED,
    block=Step({ErasureState.REQUESTED}, ErasureState.BLOCKED),
    erase=Step({ErasureState.REQUESTED, ErasureState.BLOCKED}, ErasureState.ERASED),
)

MARKET_ROLES = frozenset(
    {OrganizationRole.PROVIDER, OrganizationRole.BUYER, OrganizationRole.ASSESSOR}
)
ROLE_SETS: tuple[tuple[str, ...], ...] = (
    (),
    ("PROVIDER",),
    ("BUYER",),
    ("ASSESSOR",),
    ("BUYER", "PROVIDER"),
    ("ASSESSOR", "PROVIDER"),
    ("ASSESSOR", "BUYER"),
    ("ASSESSOR", "BUYER", "PROVIDER"),
    ("OPERATOR",),
    ("REGULATOR",),
)
"""Every set of roles one organization may hold, each sorted: 数据二十条（九）separates the exchange
from data merchants, and who supervises the market does not trade on it."""
