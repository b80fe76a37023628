"""Entries and the tree over them. Immutable by triggers; see migration 0002."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .states import PERIOD, PeriodState


class Entry(models.Model):
    """One fact of the log. `data` holds the exact bytes that are hashed, made once."""

    position = models.BigAutoField(primary_key=True)
    id = models.UUIDField(_("entry"), unique=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("event"), max_length=96)
    version = models.PositiveSmallIntegerField(_("version"))
    occurred_at = models.DateTimeField(_("time"))
    actor = models.CharField(_("actor"), max_length=96)
    organization = models.CharField(_("organization"), max_length=32, blank=True)
    subject_kind = models.CharField(_("kind"), max_length=24)
    subject = models.CharField(_("subject"), max_length=64)
    request_id = models.CharField(_("request"), max_length=64, blank=True)
    transaction = models.UUIDField(_("transaction"))
    data = models.BinaryField(_("entry bytes"))
    leaf_hash = models.BinaryField(_("leaf hash"), max_length=32)

    class Meta:
        verbose_name = _("log entry")
        verbose_name_plural = _("log entries")
        indexes = [
            models.Index(fields=["subject_kind", "subject"], name="entry_subject"),
            # what is searched for, in the order in which it is read
            models.Index(fields=["name", "position"], name="entry_name"),
            models.Index(fields=["occurred_at", "position"], name="entry_time"),
            models.Index(fields=["request_id"], name="entry_request"),
            models.Index(fields=["actor", "position"], name="entry_actor"),
            models.Index(fields=["organization", "position"], name="entry_organization"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.subject}"


class EntryRef(models.Model):
    """That an entry touches a thing; what timelines are read from.

    Several things of one kind only where the event lists them, such as the rules that fired.
    """

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="refs", db_index=False)
    kind = models.CharField(max_length=24)
    reference = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("reference of an entry")
        verbose_name_plural = _("references of entries")
        constraints = [
            models.UniqueConstraint(fields=["entry", "kind", "reference"], name="entryref_once")
        ]
        indexes = [models.Index(fields=["reference", "entry", "kind"], name="entryref_thing")]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}"


class Pending(models.Model):
    """An entry that waits for its index; written with it, removed by the sequencer."""

    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, primary_key=True)

    class Meta:
        verbose_name = _("entry without index")
        verbose_name_plural = _("entries without index")

    def __str__(self) -> str:
        return str(self.entry_id)


class Leaf(models.Model):
    """The place of an entry in the tree."""

    index = models.BigIntegerField(_("index"), primary_key=True)
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="leaf")
    leaf_hash = models.BinaryField(_("leaf hash"), max_length=32)

    class Meta:
        verbose_name = _("leaf")
        verbose_name_plural = _("leaves")

    def __str__(self) -> str:
        return str(self.index)


class Log(models.Model):
    """The log of one period, a tree of its own; `Leaf.index` counts through all of them.

    `frontier` holds one hash for each 1-bit of the size, from high to low.
    """

    lifecycle = PERIOD

    period = models.CharField(_("period"), max_length=16, unique=True)
    origin = models.CharField(pgettext_lazy("log", "origin"), max_length=192, unique=True)
    first = models.BigIntegerField(_("index of its first leaf"), unique=True)
    size = models.BigIntegerField(pgettext_lazy("log", "size"), default=0)
    frontier = models.BinaryField(default=b"")
    status = models.CharField(
        _("state"), max_length=8, choices=PeriodState.choices, default=PERIOD.initial
    )
    closing_hash = models.BinaryField(_("hash of the last checkpoint"), max_length=32, default=b"")

    class Meta:
        verbose_name = _("log of a period")
        verbose_name_plural = _("logs of the periods")

    def __str__(self) -> str:
        return self.origin

    @property
    def reference(self) -> str:
        """The name under which entries touch it."""
        return self.period

    @property
    def end(self) -> int:
        """The index that its next leaf gets."""
        return self.first + self.size


class Checkpoint(models.Model):
    """A signed tree head (C2SP tlog-checkpoint); signed again to stay fresh, it is a new one.

    `note` is what the log itself wrote and signed, without cosignatures. `witnessed` says whether
    the witnesses' quorum cosigned it; that alone may change, when they answer late.
    """

    log = models.ForeignKey(Log, on_delete=models.PROTECT, related_name="checkpoints")
    size = models.BigIntegerField(pgettext_lazy("log", "size"))
    root = models.BinaryField(_("root"), max_length=32)
    note = models.TextField(_("signed note"))
    created_at = models.DateTimeField(_("time"))
    witnessed = models.BooleanField(_("cosigned by a quorum"), default=False)

    class Meta:
        verbose_name = _("checkpoint")
        verbose_name_plural = _("checkpoints")
        indexes = [models.Index(fields=["log", "size"], name="checkpoint_size")]

    def __str__(self) -> str:
        return f"checkpoint {self.size}"

    @property
    def published_note(self) -> str:
        """The note as it is shown and enclosed in receipts: cosignatures follow the log's lines."""
        return self.note + "".join(
            f"{line}\n" for line in self.cosignatures.order_by("pk").values_list("line", flat=True)
        )


class Cosignature(models.Model):
    """The line of a witness under a checkpoint (C2SP tlog-cosignature)."""

    checkpoint = models.ForeignKey(
        Checkpoint, on_delete=models.PROTECT, related_name="cosignatures"
    )
    name = models.CharField(_("witness"), max_length=192)
    key_id = models.CharField(_("key"), max_length=8)
    line = models.TextField(_("signature line"))
    at = models.DateTimeField(_("time"))

    class Meta:
        verbose_name = _("cosignature")
        verbose_name_plural = _("cosignatures")
        constraints = [
            models.UniqueConstraint(
                fields=["checkpoint", "name", "key_id"], name="cosignature_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} on {self.checkpoint_id}"


class Cursor(models.Model):
    """How far one reaction has read the sequenced log."""

    reaction = models.CharField(primary_key=True, max_length=160)
    next_index = models.BigIntegerField(default=0)
    attempts = models.PositiveIntegerField(default=0)
    retry_at = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True)

    class Meta:
        verbose_name = _("reaction cursor")
        verbose_name_plural = _("reaction cursors")

    def __str__(self) -> str:
        return f"{self.reaction} at {self.next_index}"


class PersonKey(models.Model):
    """The key of what the log knows of one person; erasing the person empties it for good."""

    person = models.CharField(_("person"), primary_key=True, max_length=64)
    wrapped_key = models.TextField(_("wrapped key"), blank=True)
    key_id = models.CharField(_("wrapped under"), max_length=64, blank=True)
    made_at = models.DateTimeField(_("made"))
    blocked_at = models.DateTimeField(pgettext_lazy("time", "blocked"), null=True)
    erased_at = models.DateTimeField(pgettext_lazy("time", "erased"), null=True)

    class Meta:
        verbose_name = _("key of a person")
        verbose_name_plural = _("keys of persons")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(erased_at__isnull=True, wrapped_key__gt="")
                | models.Q(erased_at__isnull=False, wrapped_key="", key_id=""),
                name="personkey_erased_has_no_key",
            )
        ]

    def __str__(self) -> str:
        return self.person


class PersonalValue(models.Model):
    """A statement about a person that an entry commits to, sealed under the person's key."""

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="statements")
    name = models.CharField(_("name"), max_length=40)
    key = models.ForeignKey(PersonKey, on_delete=models.PROTECT, related_name="statements")
    sealed = models.BinaryField(_("sealed value and salt"))

    class Meta:
        verbose_name = _("statement about a person")
        verbose_name_plural = _("statements about persons")
        constraints = [models.UniqueConstraint(fields=["entry", "name"], name="personalvalue_once")]

    def __str__(self) -> str:
        return f"{self.name} of {self.entry_id}"
