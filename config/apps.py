"""The composition root as an app: commands, and loading what every room registers."""

from importlib import import_module

from django.apps import AppConfig, apps
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _

OURS = {"audit", "config", "exchange", "pricing"}


def own_apps() -> list[AppConfig]:
    """Return the apps of this project, none of those installed beside it."""
    return [app for app in apps.get_app_configs() if app.name.split(".")[0] in OURS]


class ConfigConfig(AppConfig):
    name = "config"
    label = "config"
    verbose_name = _("Configuration")

    def ready(self) -> None:
        """Load Celery, so that tasks know their app, and every room's events and reactions."""
        import_module("config.celery")
        autodiscover_modules("belonging", "events", "healing", "openings", "packs", "tasks")
