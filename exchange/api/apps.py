from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ApiConfig(AppConfig):
    name = "exchange.api"
    label = "api"
    verbose_name = _("REST interface")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let the schema generator know our credentials."""
        from . import schema  # noqa: F401, PLC0415  registers itself
