"""Pages that are a look for the operator too, and the end of a visit."""

from django.urls import path, reverse
from django.utils.translation import gettext_lazy

from exchange.web.looks import VISIT
from exchange.web.pages import ActPage, Page


class Inspection(Page):
    """A page across the market, beyond what operating it needs: the log and what it says."""

    watchers = ("REGULATOR", "OPERATOR")


class EndInspection(ActPage):
    """End the visit; the next look asks for a purpose again."""

    roles = ("REGULATOR", "OPERATOR")
    done = gettext_lazy("The visit has ended; the next look asks for a purpose again.")

    def act(self) -> str:
        self.request.session.pop(VISIT, None)
        return reverse("console")


urlpatterns = [path("inspection/end/", EndInspection.as_view(), name="end_inspection")]
