"""The health of the log on one page, for those who watch."""

from typing import Any

from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exchange.oversight.health import health_of
from exchange.web.components import Column, Head, Link
from exchange.web.pages import Page

LOG_COLUMNS = (
    Column(label=gettext_lazy("Period")),
    Column(label=gettext_lazy("Origin")),
    Column(label=gettext_lazy("First entry"), number=True),
    Column(label=gettext_lazy("Size"), number=True),
    Column(label=gettext_lazy("State")),
)


class LogHealthPage(Page):
    """Size, checkpoint, witnesses, trouble and the last reconciliation, with what is to be done."""

    roles = ("REGULATOR", "OPERATOR")
    template_name = "regulator/health.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        health = health_of(self.now)
        head = Head(
            title=_("Health of the log"),
            kind=_("Regulator"),
            summary=_("What the log is, who vouches for it, and what is to be done; as it is now."),
            why=[Link(label=_("Transparency log"), url=reverse("log_public"))],
        )
        return super().get_context_data(head=head, health=health, columns=LOG_COLUMNS, **kwargs)


urlpatterns = [path("regulator/health/", LogHealthPage.as_view(), name="regulator_health")]
