"""The decision log as Django sees it."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class DecisionsConfig(AppConfig):
    """Decisions of the platform's algorithms, and their overrides by people."""

    name = "audit.decisions"
    label = "decisions"
    verbose_name = _("Decision log")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Know how the rooms explain their decisions."""
        autodiscover_modules("explaining")
