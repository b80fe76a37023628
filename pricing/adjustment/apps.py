"""The price adjustment as Django sees it."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AdjustmentConfig(AppConfig):
    """Steps of prices, their freezes and ceilings."""

    name = "pricing.adjustment"
    label = "adjustment"
    verbose_name = _("Price adjustment")
    default_auto_field = "django.db.models.BigAutoField"
