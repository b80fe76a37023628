from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RulebookConfig(AppConfig):
    name = "audit.rulebook"
    label = "rulebook"
    verbose_name = _("Rule packs")
    default_auto_field = "django.db.models.BigAutoField"
