"""What a provider states of a model beside its file, in one version; the latest counts."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class TrainingStatement(models.Model):
    """Under which disclosure a model goes, and on what it was trained (训练数据来源声明).

    `sources` are rows of SOURCE_FIELDS; one that rests on a contract also names the `release` that
    was bought. 《生成式人工智能服务管理暂行办法》第七条; 《网络数据安全管理条例》第十九条.
    """

    reference = models.CharField(_("reference"), max_length=24, unique=True)
    product = models.ForeignKey(
        "catalog.Product",
        on_delete=models.PROTECT,
        related_name="training_statements",
        verbose_name=_("product"),
    )
    number = models.PositiveIntegerField(_("number of the version"))
    algorithm = models.CharField(_("algorithm in the register"), max_length=48)
    model_sha256 = models.CharField(_("digest of the model"), max_length=64, blank=True)
    sources = models.JSONField(_("training data"))
    sha256 = models.CharField(
        pgettext_lazy("training data", "digest of the statement"), max_length=64
    )
    stated_by = models.CharField(_("stated by"), max_length=96)
    stated_at = models.DateTimeField(_("stated"))

    class Meta:
        verbose_name = _("statement on training data")
        verbose_name_plural = _("statements on training data")
        ordering = ("product", "-number")
        constraints = [
            models.UniqueConstraint(fields=["product", "number"], name="training_number_once"),
        ]

    def __str__(self) -> str:
        return self.reference
