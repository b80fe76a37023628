from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AlgorithmsConfig(AppConfig):
    name = "exchange.algorithms"
    label = "algorithms"
    verbose_name = _("Evaluation of algorithms")
    default_auto_field = "django.db.models.BigAutoField"
