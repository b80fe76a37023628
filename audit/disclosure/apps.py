"""The disclosure register as Django sees it."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DisclosureConfig(AppConfig):
    """Algorithm disclosures and their measured accuracy."""

    name = "audit.disclosure"
    label = "disclosure"
    verbose_name = _("Algorithm disclosure")
    default_auto_field = "django.db.models.BigAutoField"
