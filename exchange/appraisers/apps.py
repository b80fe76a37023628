from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AppraisersConfig(AppConfig):
    name = "exchange.appraisers"
    label = "appraisers"
    verbose_name = _("Appraisers")
    default_auto_field = "django.db.models.BigAutoField"
