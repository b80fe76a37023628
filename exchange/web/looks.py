"""Looking at records of others: a purpose first, and every look on record.

《网络数据安全管理条例》第五十三条: what supervision learns serves supervision only. Whatever
page an authority opens is such a look, unless it stands in `FREE` with its reason or shows
nothing but what anybody is shown. A purpose is stated once for a visit of some hours; each look
during the visit is an entry under it.
"""

import copy
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from audit.log.actors import Actor
from audit.log.errors import DomainError, Invalid
from exchange.oversight.services import INSPECTED_KINDS, record_inspection, record_view

from .components import Action, Head
from .forms.decisions import PurposeForm

VISIT: Final = "inspection"  # where the session keeps it
LASTS: Final = timedelta(hours=8)
ASKING: Final = frozenset({"GET", "HEAD", "POST"})
PAGES: Final = "pages"  # what a page shows that does not say it

OWN_ORGANIZATION: Final = "one's own organization"
OWN_SEARCHES: Final = "one's own searches, without what they found"
OWN_RULES: Final = "what supervision itself writes"
OWN_EVIDENCE: Final = "asked for under a purpose of its own, and handed out on record"
FREE: Final[dict[str, str]] = {
    "console": "sends on to the first room of one's console",
    "account_data": "one's own data",
    "evaluation_sets": "descriptions that every member reads, without a value of a row",
    "evaluation_set": "a description that every member reads, and one's own measurements",
    "evaluation_set_seal": "what supervision itself seals",
    "evaluation_set_retire": "a description that every member reads",
    "evaluation_set_open": "handed to its sealer only, with a purpose and an entry of its own",
    "provider_measure": OWN_ORGANIZATION,
    "provider_measure_on": OWN_ORGANIZATION,
    "account_copy": "one's own data",
    "organization_apply": OWN_ORGANIZATION,
    "organization_profile": OWN_ORGANIZATION,
    "organization_members": OWN_ORGANIZATION,
    "organization_tokens": OWN_ORGANIZATION,
    "own_alerts": OWN_ORGANIZATION,
    "own_alert": OWN_ORGANIZATION,
    "organization_evidence": OWN_EVIDENCE,
    "organization_evidence_bundle": OWN_EVIDENCE,
    "organization_evidence_progress": OWN_EVIDENCE,
    "organization_evidence_file": OWN_EVIDENCE,
    "regulator_evidence": OWN_EVIDENCE,
    "regulator_evidence_bundle": OWN_EVIDENCE,
    "regulator_evidence_progress": OWN_EVIDENCE,
    "regulator_evidence_file": OWN_EVIDENCE,
    "regulator_overview": "counts of all parties together, and what supervision itself ordered",
    "regulator_algorithms": "counts, and what the public register says",
    "regulator_algorithm": "counts, and what the public register says",
    "regulator_orders": "what supervision itself ordered",
    "regulator_order": "what supervision itself ordered",
    "regulator_hold": "what supervision itself ordered",
    "operator_hold": "what supervision itself ordered",
    "regulator_rules": OWN_RULES,
    "regulator_rules_version": OWN_RULES,
    "regulator_rules_draft": OWN_RULES,
    "regulator_rules_text": OWN_RULES,
    "regulator_rules_rule": OWN_RULES,
    "regulator_rules_section": OWN_RULES,
    "rescreening": "counts, and references of what one's own rules stop",
    "rescreening_progress": "counts, without anybody's records",
    "regulator_searches": OWN_SEARCHES,
    "regulator_save_search": OWN_SEARCHES,
    "regulator_search_change": OWN_SEARCHES,
    "regulator_health": "figures of the log, without anybody's records",
    "regulator_checkpoint": "published for everybody under the log's address",
}
"""Routes that ask an authority for no purpose, each with the reason."""


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


class Looked(TemplateView):
    """What is shown to an authority under a stated purpose only, each time on record.

    `look` names the kind of thing shown, whose reference is in the address, or the collection. What
    says neither is recorded as a page by its address.
    """

    public: ClassVar[bool]
    watchers: ClassVar[tuple[str, ...]] = ("REGULATOR",)
    look: ClassVar[str] = ""
    actor: Actor
    visit: Visit | None = None

    @property
    def now(self) -> datetime:
        """The instant of the look."""
        raise NotImplementedError

    def load(self, **kwargs: Any) -> None:
        """Fetch what the page is about."""
        raise NotImplementedError

    @property
    def watched(self) -> bool:
        """Whether an authority opens what is not free."""
        match = self.request.resolver_match
        free = match is not None and match.url_name in FREE
        return not free and self.actor.has_role(*self.watchers)

    @property
    def inspects(self) -> bool:
        """Whether the actor looks at this as an authority, not as a party whom it concerns."""
        return self.watched and not (self.public and self.shown_to_anybody())

    def shown_to_anybody(self) -> bool:
        """Whether this public page finds the same thing for somebody who is not signed in."""
        twin = copy.copy(self)
        twin.actor = Actor.anonymous()
        try:
            twin.load(**self.kwargs)
        except DomainError:
            return False
        return True

    def subject(self) -> tuple[str, str]:
        """Return kind and reference of the thing looked at; a collection has no reference."""
        if self.look in INSPECTED_KINDS:
            return self.look, str(self.kwargs["reference"])
        return self.look or PAGES, ""

    def scope(self) -> str:
        """Return which part of the records is read, without names of persons."""
        kind, reference = self.subject()
        if reference:
            return ""
        return self.request.path if kind == PAGES else str(self.kwargs.get("reference", ""))

    def begin(self, request: HttpRequest) -> HttpResponseBase | None:
        """Begin a visit where this request states a purpose and nothing else."""
        if request.method != "POST" or not self.watched:
            return None
        self.visit = visit_of(request, self.actor.organization, self.now)
        alone = set(request.POST) - {"csrfmiddlewaretoken"} == {"purpose"}
        acts = hasattr(self, "post")
        if (alone and not (acts and self.visit)) or not (acts or self.public):
            return self._begin(PurposeForm(request.POST))
        return None

    def answer(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer the request; where the actor inspects, ask for the purpose or record the look."""
        method = str(request.method)
        if method not in ASKING or method.lower() not in self.http_method_names:
            return super().dispatch(request, *args, **kwargs)
        if not self.inspects:
            return super().dispatch(request, *args, **kwargs)
        self.visit = visit_of(request, self.actor.organization, self.now)
        if method == "POST":
            return self._acted(super().dispatch(request, *args, **kwargs))
        if self.visit is None:
            return self._ask(PurposeForm())
        self._record(self.visit)
        return super().dispatch(request, *args, **kwargs)

    def _acted(self, response: HttpResponseBase) -> HttpResponseBase:
        """Return what came of an act; where that shows the records again, it is a look too."""
        if isinstance(response, HttpResponseRedirect):
            return response
        if self.visit is None:
            return self._ask(PurposeForm(), status=422)
        self._record(self.visit)
        return response

    def _begin(self, form: forms.Form) -> HttpResponseBase:
        """Begin a visit with the purpose that was stated; the look comes with the page."""
        if not form.is_valid():
            return self._ask(form, status=422)
        purpose = form.cleaned_data["purpose"]
        visit = Visit(purpose=purpose, organization=self.actor.organization, since=self.now)
        try:
            with transaction.atomic():
                record_inspection(what=PAGES, purpose=purpose, by=self.actor, at=self.now)
                transaction.set_rollback(True)
        except DomainError as error:
            said = error.fields.get("purpose") if isinstance(error, Invalid) else None
            form.add_error("purpose", " ".join(str(text) for text in said or [error]))
            return self._ask(form, status=error.status)
        keep_visit(self.request, visit)
        return HttpResponseRedirect(self.request.get_full_path())

    def _record(self, visit: Visit) -> None:
        """Record the look."""
        kind, reference = self.subject()
        said: dict[str, Any] = {"purpose": visit.purpose, "by": self.actor, "at": self.now}
        if reference:
            record_view(kind=kind, reference=reference, scope=self.scope(), **said)
        else:
            record_inspection(what=kind, scope=self.scope(), **said)

    def _ask(self, form: forms.Form, *, status: int = 200) -> HttpResponse:
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
        if self.visit is not None:
            kwargs |= {
                "visit": self.visit,
                "end_visit": Action(label=_("End this visit"), url=reverse("end_inspection")),
            }
        return super().get_context_data(**kwargs)
