"""Organizations, the people who act for them, and their credentials."""

import uuid
from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .states import (
    ERASURE,
    ORGANIZATION,
    ROLE_SETS,
    CheckKind,
    ErasureGround,
    ErasureState,
    Language,
    MemberRole,
    OrganizationState,
)


class Users(models.Manager["User"]):
    """Finds people the way the login form does."""

    def get_by_natural_key(self, email: str) -> "User":
        """Return the person with this e-mail address, whatever its case."""
        return self.get(email=email.strip().lower())


class User(AbstractBaseUser):
    """A person. No flag gives power: all authority comes from membership in an organization."""

    public_id = models.UUIDField(_("public id"), unique=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(_("e-mail address"), max_length=254, unique=True)
    name = models.CharField(_("name"), max_length=150, blank=True)
    language = models.CharField(
        _("language"), max_length=10, choices=Language.choices, default=Language.ENGLISH
    )
    is_active = models.BooleanField(_("active"), default=True)
    registered_at = models.DateTimeField(_("registered"), null=True, editable=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[Users] = Users()

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")), name="user_email_lower_case"
            )
        ]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def actor_id(self) -> str:
        """The pseudonym under which this person stands in the log."""
        return f"user:{self.public_id}"

    def get_full_name(self) -> str:
        """Return the name shown beside what this person does."""
        return self.name or self.email

    def get_short_name(self) -> str:
        """Return the same name; Chinese names have no short form to cut out."""
        return self.get_full_name()


class Organization(models.Model):
    """A legal person on the exchange (数商). Its roles are void unless it is admitted."""

    lifecycle = ORGANIZATION

    reference = models.CharField(_("reference"), max_length=24, unique=True)
    uscc = models.CharField(_("unified social credit code"), max_length=18)
    name = models.CharField(_("registered name"), max_length=200)
    name_en = models.CharField(_("name in English"), max_length=200, blank=True)
    region = models.CharField(_("region of registration"), max_length=100, blank=True)
    roles = models.JSONField(_("roles"), default=list)
    status = models.CharField(
        _("status"),
        max_length=24,
        choices=OrganizationState.choices,
        default=OrganizationState.APPLIED,
    )
    status_since = models.DateTimeField(_("since"))
    status_reason = models.TextField(_("reason"), blank=True)
    license_object = models.CharField(_("license file"), max_length=24, blank=True)
    clean_record_declared_at = models.DateTimeField(_("clean record declared"), null=True)
    applied_at = models.DateTimeField(_("applied"))
    admitted_at = models.DateTimeField(_("admitted"), null=True)

    class Meta:
        verbose_name = _("organization")
        verbose_name_plural = _("organizations")
        ordering = ("-applied_at", "-pk")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(roles__in=[list(roles) for roles in ROLE_SETS]),
                name="organization_roles_compatible",
            ),
            models.CheckConstraint(
                condition=~models.Q(status=OrganizationState.ADMITTED)
                | models.Q(admitted_at__isnull=False),
                name="organization_admitted_has_date",
            ),
            models.UniqueConstraint(
                fields=["uscc"],
                condition=~models.Q(
                    status__in=[OrganizationState.REJECTED, OrganizationState.TERMINATED]
                ),
                name="organization_uscc_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.name}"

    @property
    def is_admitted(self) -> bool:
        """Whether its roles are in force."""
        return self.status == OrganizationState.ADMITTED

    @property
    def roles_in_force(self) -> frozenset[str]:
        """The roles it may act in now: none unless admitted."""
        return frozenset(self.roles) if self.is_admitted else frozenset()


class AdmissionCheck(models.Model):
    """One thing the operator verified about an applicant; kept, never edited."""

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="checks")
    kind = models.CharField(_("check"), max_length=24, choices=CheckKind.choices)
    passed = models.BooleanField(_("passed"))
    evidence = models.TextField(_("evidence"), blank=True)
    checked_by = models.CharField(_("checked by"), max_length=96)
    checked_at = models.DateTimeField(_("checked"))

    class Meta:
        verbose_name = _("admission check")
        verbose_name_plural = _("admission checks")
        ordering = ("checked_at", "pk")

    def __str__(self) -> str:
        return f"{self.kind} {'passed' if self.passed else 'failed'}"


class Member(models.Model):
    """That a person acts for an organization, and how far."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="members")
    role = models.CharField(_("role"), max_length=16, choices=MemberRole.choices)
    since = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        ordering = ("since", "pk")
        constraints = [
            models.UniqueConstraint(fields=["user", "organization"], name="member_once"),
            models.CheckConstraint(
                condition=models.Q(role__in=MemberRole.values), name="member_role_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role}"


class ApiToken(models.Model):
    """A machine's credential for one organization; only the hash of its secret is kept."""

    prefix = models.CharField(_("prefix"), max_length=16, unique=True)
    hash = models.CharField(_("hash"), max_length=64)
    label = models.CharField(_("used for"), max_length=100, blank=True)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="tokens")
    issued_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    scopes = models.JSONField(_("scopes"), default=list)
    issued_at = models.DateTimeField(_("issued"))
    expires_at = models.DateTimeField(_("expires"))
    revoked_at = models.DateTimeField(pgettext_lazy("time", "revoked"), null=True)
    last_used_at = models.DateTimeField(_("last used"), null=True)

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        ordering = ("-issued_at", "-pk")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("issued_at")),
                name="token_expires_after_issue",
            )
        ]

    def __str__(self) -> str:
        return f"qh_{self.prefix}"


class Erasure(models.Model):
    """That a person's data were erased, or are kept for the law only; it names nobody.

    《个人信息保护法》第四十七条: what a law still demands is stored and not used, until it may go.
    """

    lifecycle = ERASURE

    reference = models.CharField(_("reference"), max_length=24, unique=True)
    person = models.CharField(_("person"), max_length=64, unique=True)
    ground = models.CharField(_("ground"), max_length=16, choices=ErasureGround.choices)
    status = models.CharField(
        _("status"), max_length=24, choices=ErasureState.choices, default=ErasureState.REQUESTED
    )
    requested_by = models.CharField(_("requested by"), max_length=96)
    requested_at = models.DateTimeField(_("requested"))
    kept = models.JSONField(pgettext_lazy("erasure", "kept"), default=list)
    account_kept = models.BooleanField(_("account kept under a hold"), default=False)
    erased_at = models.DateTimeField(pgettext_lazy("time", "erased"), null=True)

    class Meta:
        verbose_name = _("erasure of a person")
        verbose_name_plural = _("erasures of persons")
        ordering = ("-requested_at", "-pk")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    status=ErasureState.ERASED, erased_at__isnull=False, account_kept=False
                )
                | (~models.Q(status=ErasureState.ERASED) & models.Q(erased_at__isnull=True)),
                name="erasure_erased_has_time",
            )
        ]

    def __str__(self) -> str:
        return self.reference
