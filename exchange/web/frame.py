"""Pages and acts of the frame itself: the front page, and the switches in the header."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from exchange.parties.models import User
from exchange.parties.queries import memberships_of, participants
from exchange.parties.services import choose_language as keep_language
from exchange.parties.states import Language

from . import navigation
from .accounts import remember_language
from .components import Column, Head
from .pages import Page, back_to
from .paging import paginate

ORGANIZATION_KEY = "organization"  # where the session keeps the choice; the middleware reads it


PARTICIPANT_COLUMNS = (
    Column(label=_("Name")),
    Column(label=_("Unified social credit code"), meaning="GB 32100-2015"),
    Column(label=_("Roles")),
    Column(label=_("Region")),
    Column(label=_("Admitted on")),
)


class Home(Page):
    """What this exchange is, and the ways in."""

    public = True
    template_name = "web/home.html"


class Participants(Page):
    """The public register of admitted organizations."""

    public = True
    template_name = "web/participants.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        page = paginate(participants(), self.request.GET, order=("name", "pk"))
        head = Head(
            title=_("Register of participants"),
            kind=_("Public register"),
            summary=_("Who was admitted to trade here, and as what."),
        )
        return super().get_context_data(head=head, page=page, columns=PARTICIPANT_COLUMNS, **kwargs)


class Arrival(Page):
    """Where a person goes after signing in: its console, or the way to get one."""

    def why_not_enter(self) -> str | None:
        return None

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002
        """Send the person on."""
        for console in navigation.CONSOLES:
            found = navigation.doors(console.rooms, "") if console.open_to(self.actor) else []
            if found:
                return HttpResponseRedirect(found[0].url)
        apply = "" if self.actor.organization else navigation.address("organization_apply")
        return HttpResponseRedirect(apply or reverse("home"))


@require_POST
def act_for(request: HttpRequest) -> HttpResponse:
    """Choose the organization to act for; only one's own can be chosen."""
    wanted = request.POST.get("organization", "")
    user = request.user
    if isinstance(user, User) and any(
        place.organization.reference == wanted for place in memberships_of(user)
    ):
        request.session[ORGANIZATION_KEY] = wanted
    return HttpResponseRedirect(reverse("console"))


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Show the same page in another language, and remember it for mails."""
    language = request.POST.get("language", "")
    response = HttpResponseRedirect(back_to(request))
    if language in Language.values:
        remember_language(response, language)
        if isinstance(request.user, User):
            keep_language(user=request.user, language=language)
    return response
