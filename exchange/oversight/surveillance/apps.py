from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SurveillanceConfig(AppConfig):
    name = "exchange.oversight.surveillance"
    label = "surveillance"
    verbose_name = _("Surveillance of trading")
    default_auto_field = "django.db.models.BigAutoField"
