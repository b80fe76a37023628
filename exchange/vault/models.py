"""Where the exchange keeps bytes: one row for each encrypted object."""

from django.db import models
from django.db.models.functions import Length
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from .states import OBJECT, ObjectState, Purpose


class StoredObject(models.Model):
    """Bytes kept encrypted under a key of their own, which lies wrapped in this row.

    Without the row's wrapped key and the key ring the bytes in storage say nothing; destroying
    an object means erasing that key. `owner` is an organization's reference.
    """

    lifecycle = OBJECT

    reference = models.CharField(_("reference"), max_length=24, unique=True)
    owner = models.CharField(_("owner"), max_length=32, db_index=True)
    purpose = models.CharField(_("purpose"), max_length=16, choices=Purpose.choices)
    filename = models.CharField(_("file name"), max_length=255)
    media_type = models.CharField(_("media type"), max_length=100)
    size = models.BigIntegerField(_("size in bytes"))
    sha256 = models.CharField(_("SHA-256 of the content"), max_length=64, db_index=True)
    wrapped_key = models.CharField(_("wrapped key"), max_length=80, blank=True)
    key_id = models.CharField(_("key-encryption key"), max_length=64, db_index=True)
    path = models.CharField(_("place in storage"), max_length=200, unique=True)
    status = models.CharField(
        _("status"), max_length=24, choices=ObjectState.choices, default=ObjectState.STORED
    )
    stored_at = models.DateTimeField(_("stored"))
    destroyed_at = models.DateTimeField(_("destroyed"), null=True)

    class Meta:
        verbose_name = _("stored object")
        verbose_name_plural = _("stored objects")
        ordering = ("-stored_at", "-pk")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(size__gte=0), name="object_size_not_negative"
            ),
            models.CheckConstraint(
                condition=Exact(Length("sha256"), 64), name="object_digest_complete"
            ),
            models.CheckConstraint(
                condition=(
                    models.Q(status__in=["STORED", "IMPOUNDED"], destroyed_at__isnull=True)
                    & ~models.Q(wrapped_key="")
                )
                | models.Q(
                    status=ObjectState.DESTROYED, wrapped_key="", destroyed_at__isnull=False
                ),
                name="object_key_while_stored",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def is_readable(self) -> bool:
        """Whether its key still exists and it is not impounded."""
        return self.status == ObjectState.STORED
