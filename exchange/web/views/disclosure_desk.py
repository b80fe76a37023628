"""The desk at which filings of algorithms are reviewed, and algorithms suspended."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.disclosure import queries, services
from audit.disclosure.field import Field
from audit.disclosure.fields import FIELDS, GROUPS
from audit.disclosure.models import Disclosure
from audit.disclosure.rules import disclosure_actions
from audit.disclosure.showing import shown_to
from audit.rulebook.queries import day_of
from exchange.parties.queries import organization_names
from exchange.web.components import Action, Column, Head, Link
from exchange.web.describing import label_of, limit_of
from exchange.web.evidence import evidence_action
from exchange.web.forms.disclosures import CallForm, NoteForm, SuspendForm, notes_form
from exchange.web.forms.plain import PlainForm
from exchange.web.forms.reasons import ReasonForm
from exchange.web.pages import Page
from exchange.web.paging import paginate
from exchange.web.timelines import moments_for

from .desk import Decision, Desk

DESK = ("OPERATOR", "REGULATOR")
COLUMNS = (
    Column(label=gettext_lazy("Algorithm")),
    Column(label=gettext_lazy("Owner")),
    Column(label=gettext_lazy("Version"), number=True),
    Column(label=gettext_lazy("Status")),
    Column(label=gettext_lazy("Time limit")),
    Column(label=gettext_lazy("Reviewed by")),
)
WORDS: dict[str, tuple[Any, Any, Any, bool]] = {
    "take": (gettext_lazy("Take the review up"), gettext_lazy("Take it up"), PlainForm, False),
    "publish": (gettext_lazy("Publish it"), gettext_lazy("Publish"), NoteForm, False),
    "return": (gettext_lazy("Return it for mending"), gettext_lazy("Return"), None, False),
    "refuse": (gettext_lazy("Refuse it"), gettext_lazy("Refuse"), ReasonForm, True),
    "confirm": (
        gettext_lazy("Confirm that you reviewed it"),
        gettext_lazy("Confirm"),
        NoteForm,
        False,
    ),
    "lift": (gettext_lazy("Lift the suspension"), gettext_lazy("Lift"), ReasonForm, False),
    "suspend": (gettext_lazy("Suspend the algorithm"), gettext_lazy("Suspend"), SuspendForm, True),
    "call": (
        gettext_lazy("Call for a change or cancellation"),
        gettext_lazy("Let the limit run"),
        CallForm,
        False,
    ),
}
SERVICES: dict[str, Any] = {
    "take": services.take_review,
    "publish": services.publish_disclosure,
    "refuse": services.refuse_disclosure,
    "confirm": services.confirm_disclosure,
    "lift": services.lift_suspension,
    "suspend": services.suspend_disclosure,
    "call": services.call_for_filing,
}
FOLDED = frozenset({"return", "refuse", "suspend", "call"})


def noted(row: Disclosure) -> list[Field]:
    """Return what a note can be about: what is said, what is needed; else the whole."""
    return [each for each in FIELDS if each.required or each.code in row.statement]


def review_decision(verb: str, row: Disclosure, *, page: Page, onward: str) -> Decision:
    """Return a decision on a version, with its form and the verb of the register behind it."""
    title, button, form_class, danger = WORDS[verb]
    common: dict[str, Any] = {"disclosure": row, "by": page.actor, "at": page.now}

    def call(said: Mapping[str, Any]) -> object:
        if verb == "return":
            return services.return_disclosure(notes=said, **common)
        return SERVICES[verb](**said, **common)

    return Decision(
        name=verb,
        title=title,
        verb=button,
        form_class=form_class or notes_form(noted(row)),
        call=call,
        done=_("The decision is on record."),
        onward=onward,
        danger=danger,
        folded=verb in FOLDED,
    )


class AlgorithmFilings(Page):
    """What waits for a review, the nearest limit first, and what owners did not file in time."""

    roles = DESK
    look = "disclosures"
    template_name = "disclosures/queue.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        on = day_of(self.now)
        waiting = paginate(
            queries.list_waiting(self.actor), self.request.GET, order=("-filed_at", "-pk"), size=30
        )
        late = [
            *queries.overdue_filings(on)[:50],
            *queries.overdue_changes(on)[:50],
            *queries.overdue_cancellations(on)[:50],
        ]
        rows = [*waiting, *late]
        names = organization_names({row.owner for row in rows} | {row.reviewer for row in rows})
        return super().get_context_data(
            head=Head(
                title=_("Filings of algorithms"),
                summary=_(
                    "A filing is decided within thirty working days "
                    "(《算法推荐管理规定》第二十五条)."
                ),
            ),
            page=waiting,
            waiting=[_line(row, names, on) for row in waiting],
            late=[_line(row, names, on) for row in late],
            columns=COLUMNS,
            **kwargs,
        )


def _line(row: Disclosure, names: Mapping[str, str], on: Any) -> dict[str, Any]:
    return {
        "row": row,
        "owner": names.get(row.owner, row.owner) if row.owner else _("the exchange itself"),
        "reviewer": names.get(row.reviewer, row.reviewer),
        "limit": limit_of(row, on),
    }


class AlgorithmFiling(Desk):
    """One version in full, and what can be decided about it."""

    roles = DESK
    look = "disclosure"
    template_name = "disclosures/review.html"
    row: Disclosure

    def load(self, **kwargs: Any) -> None:
        self.row = queries.get_disclosure_for(self.actor, kwargs["reference"])
        self.suspensions = list(
            queries.suspensions_of(self.row.algorithm, owner=self.row.owner)[:20]
        )

    def decisions(self) -> Sequence[Decision]:
        open_to = disclosure_actions(
            self.actor,
            self.row,
            suspensions=[each for each in self.suspensions if each.is_open],
            held=queries.is_held_by_regulator(self.row),
        )
        here = reverse("algorithm_filing", args=[self.row.reference])
        return [
            review_decision(verb, self.row, page=self, onward=here)
            for verb in WORDS
            if verb in open_to
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row, on = self.row, day_of(self.now)
        shown = shown_to(self.actor, row)
        names = organization_names({row.owner, row.reviewer})
        actions = [*self.way(), *evidence_action(self.actor, "ALGORITHM", row.reference)]
        if row.published_at:
            url = reverse("algorithm", args=[row.reference])
            actions.append(Action(label=_("As everybody sees it"), url=url, post=False))
        return super().get_context_data(
            head=Head(
                title=row.name,
                kind=row.get_algorithm_type_display(),
                reference=row.reference,
                status=row.status,
                status_label=row.get_status_display(),
                lifecycle="disclosure",
                since=row.status_since,
                actions=actions,
                crumbs=[Link(label=_("Filings of algorithms"), url=reverse("algorithm_filings"))],
            ),
            row=row,
            declared=[each | {"label": row.metric_label(each["metric"])} for each in row.declared],
            owner=names.get(row.owner, row.owner) if row.owner else _("the exchange itself"),
            reviewer=names.get(row.reviewer, row.reviewer),
            limit=limit_of(row, on),
            groups=[
                {
                    "label": label,
                    "fields": [
                        (field, shown.text(field.code))
                        for field in FIELDS
                        if field.group == code and shown.text(field.code)
                    ],
                }
                for code, label in GROUPS.items()
            ],
            notes=[(label_of(code), text) for code, text in row.notes.items()],
            suspensions=self.suspensions,
            history=queries.history_of(row.algorithm, owner=row.owner),
            moments=moments_for(self.actor, "disclosure", row.reference, limit=20),
            **kwargs,
        )


urlpatterns = [
    path("algorithm-filings/", AlgorithmFilings.as_view(), name="algorithm_filings"),
    path("algorithm-filings/<str:reference>/", AlgorithmFiling.as_view(), name="algorithm_filing"),
]
