"""Looking at records of others: a purpose first, and every look on record.

《网络数据安全管理条例》第五十三条: what supervision learns serves supervision only. A purpose is
stated once for a visit of some hours; each look during the visit is an entry under it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.log.errors import DomainError
from audit.log.queries import entries_for
from exchange.oversight.rules import why_not_inspect
from exchange.oversight.services import record_inspection, record_view
from exchange.web.components import Action, Head
from exchange.web.forms.decisions import PurposeForm
from exchange.web.pages import ActPage, Page, put_errors

VISIT = "inspection"  # where the session keeps it
LASTS = timedelta(hours=8)
TRAIL = "trail"


@dataclass(frozen=True, kw_only=True)
class Visit:
    """A purpose that was stated, by whom, and since when it holds."""

    purpose: str
    organization: str
    since: datetime


def visit_of(request: HttpRequest, organization: str, at: datetime) -> Visit | None:
    """Return the visit under way; it ends by itself after some hours."""
    kept = request.session.get(VISIT)
    if not kept or kept["organization"] != organization:
        return None
    since = datetime.fromisoformat(kept["since"])
    if at - since > LASTS:
        return None
    return Visit(purpose=kept["purpose"], organization=organization, since=since)


def keep_visit(request: HttpRequest, visit: Visit) -> None:
    """Keep the visit in the session."""
    request.session[VISIT] = {
        "purpose": visit.purpose,
        "organization": visit.organization,
        "since": visit.since.isoformat(),
    }


class Inspection(Page):
    """A page of records of others; who supervises states a purpose before they are shown."""

    visit: Visit | None = None
    watchers: tuple[str, ...] = ("REGULATOR", "OPERATOR")

    def subject(self) -> tuple[str, str]:
        """Return kind and reference of the thing looked at; a collection has no reference."""
        return TRAIL, ""

    def scope(self) -> str:
        """Return which part of the records is read, without names of persons."""
        return ""

    def get(  # type: ignore[override]  # a file may be sent while it is read
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        """Ask for the purpose, or put the look on record and show."""
        if not self.inspects:
            return self.show(request, *args, **kwargs)
        self.visit = visit_of(request, self.actor.organization, self.now)
        if self.visit is None:
            return self._ask(PurposeForm())
        self._look(self.visit)
        return self.show(request, *args, **kwargs)

    def show(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the records."""
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Begin a visit with the purpose that was stated; or act, where the page has acts."""
        acts = getattr(super(), "post", None)
        if acts is not None and "purpose" not in request.POST:
            answer: HttpResponseBase = acts(request, *args, **kwargs)
            return answer
        form = PurposeForm(request.POST)
        if not form.is_valid():
            return self._ask(form, status=422)
        purpose = form.cleaned_data["purpose"]
        visit = Visit(purpose=purpose, organization=self.actor.organization, since=self.now)
        try:
            with transaction.atomic():
                self._look(visit)
                transaction.set_rollback(True)  # the look itself comes with the page
        except DomainError as error:
            put_errors(form, error)
            return self._ask(form, status=error.status)
        keep_visit(request, visit)
        return HttpResponseRedirect(request.get_full_path())

    @property
    def inspects(self) -> bool:
        """Whether the actor looks at this as an authority, not as a party whom it concerns."""
        return self.actor.has_role(*self.watchers) and not why_not_inspect(self.actor)

    def _look(self, visit: Visit) -> None:
        """Record the look."""
        kind, reference = self.subject()
        said: dict[str, Any] = {"purpose": visit.purpose, "by": self.actor, "at": self.now}
        if not reference:
            record_inspection(what=kind, scope=self.scope(), **said)
        elif kind == "entry" or entries_for(kind, reference).exists() or kind == "party":
            record_view(kind=kind, reference=reference, scope=self.scope(), **said)
        else:
            record_inspection(what=TRAIL, scope=self.scope(), **said)

    def _ask(self, form: PurposeForm, *, status: int = 200) -> HttpResponse:
        head = Head(
            title=_("State the purpose"),
            kind=_("Records of others"),
            summary=_(
                "What follows is not public. State the purpose once; it holds for this visit, and "
                "every thing you look at is recorded under it."
            ),
        )
        context = {"head": head, "form": form}
        return render(self.request, "regulator/purpose.html", context, status=status)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        end = Action(label=_("End this visit"), url=reverse("end_inspection"))
        return super().get_context_data(visit=self.visit, end_visit=end, **kwargs)


class EndInspection(ActPage):
    """End the visit; the next look asks for a purpose again."""

    roles = ("REGULATOR", "OPERATOR")
    done = gettext_lazy("The visit has ended; the next look asks for a purpose again.")

    def act(self) -> str:
        self.request.session.pop(VISIT, None)
        return reverse("console")


urlpatterns = [path("inspection/end/", EndInspection.as_view(), name="end_inspection")]
