"""Why this: what an algorithm of the platform decided, from what, for which reasons."""

import json
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponseBase
from django.urls import path, reverse
from django.utils.timezone import get_current_timezone, make_aware
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.decisions import queries, rules
from audit.decisions.explanations import Explanation, NotExplained, explain
from audit.decisions.models import Decision, StandingDecision
from audit.decisions.sealing import proof_of
from audit.decisions.services import is_digest_of, override_decision
from audit.decisions.states import WATCHERS
from audit.log.errors import Invalid, NotAllowed
from audit.log.queries import entries_for
from exchange.parties.queries import organization_names
from exchange.web.charts import Bar
from exchange.web.components import Action, Column, Head, Link
from exchange.web.forms.why import DecisionFilter, InputsForm, OverrideForm
from exchange.web.navigation import address
from exchange.web.pages import FormPage, Page, put_errors
from exchange.web.paging import paginate
from exchange.web.words import kind_word

ROUTES = {
    "screening": "screening_report",
    "appraisal": "appraisal",
    "order": "order",
    "product": "product",
    "measurement": "measurement",
}
"""Pages of the things that are decided about, where there is one for readers of both sides."""
COLUMNS = (
    Column(label=gettext_lazy("Decision")),
    Column(label=gettext_lazy("Algorithm")),
    Column(label=gettext_lazy("About")),
    Column(label=gettext_lazy("What was decided")),
    Column(label=gettext_lazy("Taken at")),
)


class Decisions(Page):
    """The decisions about one's own organization; all of them for who supervises."""

    member = True
    look = "decisions"
    template_name = "decisions/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        visible = queries.visible_to(self.actor)
        names = queries.algorithm_names()
        form = DecisionFilter(self.request.GET, algorithms=sorted(names.items()))
        rows = visible
        if form.is_valid():
            rows = queries.narrowed(
                rows,
                algorithm=form.cleaned_data["algorithm"],
                since=_midnight(form.cleaned_data["since"]),
                until=_midnight(form.cleaned_data["until"], after=1),
            )
        page = paginate(rows, self.request.GET, order=("-taken_at", "-pk"), size=30)
        counts = queries.counts_by_algorithm(visible)
        watches = self.actor.has_role(*WATCHERS)
        return super().get_context_data(
            head=Head(
                title=_("Decisions of algorithms"),
                kind=_("Decision log"),
                summary=_(
                    "What the platform's algorithms decided, each with its reasons, the version "
                    "of the disclosure then in force, and its entry in the log."
                )
                if watches
                else _(
                    "What the platform's algorithms decided about your organization, each with "
                    "its reasons and what you can do about it."
                ),
            ),
            filters=form,
            page=page,
            columns=COLUMNS,
            rows=[
                {"decision": row, "decided": decided_by(row), "kind": kind_word(row.subject_kind)}
                for row in page
            ],
            names=names,
            counts=[
                Bar(label=names.get(name, name), value=count, note=f"{count:,}")
                for name, count in counts
            ],
            doubts=queries.count_in_doubt(visible) if watches else 0,
            **kwargs,
        )


class DecisionPage(FormPage):
    """One decision with everything that led to it; the order of a search is anybody's to read."""

    public = True
    look = "decision"
    template_name = "decisions/decision.html"
    form_class = InputsForm
    decision: Decision | StandingDecision

    def load(self, **kwargs: Any) -> None:
        self.decision = queries.get_any_for(self.actor, kwargs["reference"])

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponseBase:
        """Say whether inputs that somebody holds are those of the decision."""
        form, same = InputsForm(request.POST), None
        if form.is_valid():
            try:
                same = is_digest_of(self.decision, form.cleaned_data["inputs"])
            except Invalid as error:
                put_errors(form, error)
        context = self.get_context_data(form=form, same=same)
        return self.render_to_response(context, status=422 if same is None else 200)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.decision
        said = _explained(row)
        standing = isinstance(row, StandingDecision)
        entry = entries_for("decision", row.reference).first()
        sheet = row.disclosure
        return super().get_context_data(
            head=self._head(said),
            frame="console.html" if self.actor.organization else "base.html",
            decision=row,
            sheet=sheet,
            said=said,
            shares=[
                Bar(label=each.label, value=each.rate, note=each.figure, marked=each.against)
                for each in (said.shares if said else ())
            ],
            accuracy=queries.accuracy_then(row),
            entry=entry,
            seal=_seal(row) if isinstance(row, StandingDecision) and row.seal else None,
            standing=standing,
            overrides=[] if standing else _overrides(row),
            doubts=queries.doubts_about(row),
            kind=kind_word(row.subject_kind),
            subject_url=subject_url(row),
            recourse=[
                (_("Appeal and time limit"), sheet.text("appeal")),
                (_("Human oversight"), sheet.text("human_oversight")),
                (_("How to do without it"), sheet.text("opt_out")),
            ],
            **kwargs,
        )

    def _head(self, said: Explanation | None) -> Head:
        row = self.decision
        own = isinstance(row, Decision) and bool(row.concerning)
        names = organization_names([row.concerning]) if own else {}
        watches = self.actor.has_role(*WATCHERS)
        actions = []
        if watches and isinstance(row, Decision):
            actions.append(
                Action(
                    label=_("Set aside or confirm"),
                    url=reverse("decision_override", args=[row.reference]),
                    post=False,
                    reason=rules.why_not_override(self.actor),
                )
            )
        there = self.actor.organization
        return Head(
            title=_("Why this?"),
            kind=row.disclosure.name,
            reference=row.reference,
            owner=Link(label=names[row.concerning], url=reverse("participants"))
            if row.concerning in names
            else None,
            since=row.taken_at,
            summary=said.decided if said else "",
            actions=actions,
            crumbs=[Link(label=_("Decisions of algorithms"), url=reverse("decisions"))]
            if there
            else [],
        )


class OverrideDecision(FormPage):
    """Set a decision aside, change or confirm it, with the reason."""

    roles = WATCHERS
    look = "decision"
    template_name = "decisions/override.html"
    form_class = OverrideForm
    done = gettext_lazy("Your decision is on record beside the algorithm's.")
    decision: Decision

    def load(self, **kwargs: Any) -> None:
        self.decision = queries.get_decision_for(self.actor, kwargs["reference"])
        if refusal := rules.why_not_override(self.actor):
            raise NotAllowed(refusal)

    def act(self, form: forms.Form) -> str:
        override_decision(decision=self.decision, **form.cleaned_data, by=self.actor, at=self.now)
        return reverse("decision", args=[self.decision.reference])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        said = _explained(self.decision)
        there = reverse("decision", args=[self.decision.reference])
        return super().get_context_data(
            head=Head(
                title=_("Set aside or confirm"),
                kind=self.decision.disclosure.name,
                reference=self.decision.reference,
                summary=said.decided if said else "",
                crumbs=[Link(label=self.decision.reference, url=there)],
            ),
            back=there,
            **kwargs,
        )


def _explained(row: Decision | StandingDecision) -> Explanation | None:
    try:
        return explain(row)
    except NotExplained:
        return None


def decided_by(row: Decision) -> str:
    """Return what was decided, in words; as it is kept where nobody worded it."""
    said = _explained(row)
    return said.decided if said else json.dumps(row.output, ensure_ascii=False)[:120]


def _seal(row: StandingDecision) -> dict[str, Any]:
    place, size, hashes = proof_of(row)
    entry = entries_for("seal", row.seal.reference).first() if row.seal else None
    return {
        "seal": row.seal,
        "place": place + 1,
        "size": size,
        "hashes": [each.hex() for each in hashes],
        "entry": entry,
    }


def _overrides(row: Decision | StandingDecision) -> list[dict[str, Any]]:
    if not isinstance(row, Decision):
        return []
    found = list(row.overrides.all())
    names = organization_names(each.organization for each in found if each.organization)
    return [
        {"override": each, "organization": names.get(each.organization, each.organization)}
        for each in found
    ]


def subject_url(row: Decision | StandingDecision) -> str:
    """Return the page of the thing decided about, or nothing where there is none for everybody."""
    route = ROUTES.get(row.subject_kind)
    return address(route, row.subject) if route else ""


def _midnight(day: Any, *, after: int = 0) -> datetime | None:
    if day is None:
        return None
    return make_aware(datetime.combine(day + timedelta(days=after), time()), get_current_timezone())


urlpatterns = [
    path("decisions/", Decisions.as_view(), name="decisions"),
    path("decisions/<str:reference>/", DecisionPage.as_view(), name="decision"),
    path(
        "decisions/<str:reference>/override/", OverrideDecision.as_view(), name="decision_override"
    ),
]
