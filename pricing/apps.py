"""The pricing app as Django sees it."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PricingConfig(AppConfig):
    """Plans, quotes and appraisals."""

    name = "pricing"
    label = "pricing"
    verbose_name = _("Pricing and appraisal")
    default_auto_field = "django.db.models.BigAutoField"
