"""How many persons are in each release, kept so that all releases of a provider count together."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class SketchKey(models.Model):
    """The key of the sketches' digests, wrapped under the ring of objects; there is one."""

    wrapped_key = models.CharField(_("wrapped key"), max_length=128)
    key_id = models.CharField(_("wrapped under"), max_length=64)
    made_at = models.DateTimeField(_("made"))
    only = models.BooleanField(_("the only one"), default=True, unique=True)

    class Meta:
        verbose_name = _("key of sketches")
        verbose_name_plural = _("keys of sketches")
        constraints = (
            models.CheckConstraint(condition=models.Q(only=True), name="sketch_key_only_one"),
        )

    def __str__(self) -> str:
        return self.key_id


class ReleaseVolume(models.Model):
    """The persons in one release by its last screening, without any of their identifiers."""

    release = models.OneToOneField(
        "catalog.Release",
        on_delete=models.PROTECT,
        related_name="volume",
        verbose_name=_("release"),
    )
    provider = models.ForeignKey(
        "parties.Organization",
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("provider"),
    )
    persons = models.BigIntegerField(_("persons"))
    sensitive = models.BooleanField(_("with sensitive information"))
    item_class = models.CharField(_("class of items"), max_length=8, blank=True)
    main_kind = models.CharField(_("kind of key"), max_length=48, blank=True)
    screening = models.CharField(_("screening"), max_length=24)
    counted_at = models.DateTimeField(_("counted"))

    class Meta:
        verbose_name = _("persons in a release")
        verbose_name_plural = _("persons in releases")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(persons__gte=0), name="volume_persons_not_negative"
            ),
        )

    def __str__(self) -> str:
        return f"{self.release_id}: {self.persons}"


class KeySketch(models.Model):
    """A sketch of the different keys of one kind in a release."""

    volume = models.ForeignKey(
        ReleaseVolume, on_delete=models.CASCADE, related_name="sketches", verbose_name=_("release")
    )
    kind = models.CharField(_("kind of key"), max_length=48)
    sealed = models.BinaryField(_("sketch"))

    class Meta:
        verbose_name = _("sketch of persons")
        verbose_name_plural = _("sketches of persons")
        constraints = (models.UniqueConstraint(fields=["volume", "kind"], name="sketch_kind_once"),)

    def __str__(self) -> str:
        return f"{self.volume_id}: {self.kind}"


class Sale(models.Model):
    """That a release went to a buyer: the same items sold twice count twice (法释〔2017〕10号)."""

    release = models.ForeignKey(
        "catalog.Release", on_delete=models.PROTECT, related_name="sales", verbose_name=_("release")
    )
    buyer = models.CharField(_("buyer"), max_length=32)
    sold_at = models.DateTimeField(_("sold"))

    class Meta:
        verbose_name = _("sale of a release")
        verbose_name_plural = _("sales of releases")
        constraints = (
            models.UniqueConstraint(fields=["release", "buyer"], name="sale_buyer_once"),
        )

    def __str__(self) -> str:
        return f"{self.release_id}: {self.buyer}"
