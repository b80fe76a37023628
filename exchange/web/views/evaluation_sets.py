"""Sealed evaluation sets: the list, the sealing, one set, its retirement, a copy for its sealer."""

from typing import Any

from django import forms
from django.http import HttpResponseBase, StreamingHttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from audit.log.errors import NotAllowed
from exchange.algorithms import queries, rules, services
from exchange.algorithms.models import EvaluationSet
from exchange.algorithms.states import EVALUATION_SET
from exchange.web.components import Action, Column, Head, Link
from exchange.web.forms.evaluation import CopyForm, SealForm, task_words
from exchange.web.forms.reasons import ReasonForm
from exchange.web.pages import FormPage, Page
from exchange.web.paging import paginate
from exchange.web.timelines import moments_for

COLUMNS = (
    Column(label=gettext_lazy("Set")),
    Column(label=gettext_lazy("Status")),
    Column(label=gettext_lazy("Task")),
    Column(label=gettext_lazy("Rows"), number=True),
    Column(label=gettext_lazy("Sealed by")),
    Column(label=gettext_lazy("Sealed at")),
)
SCHEMA_COLUMNS = (
    Column(label=gettext_lazy("Column")),
    Column(label=gettext_lazy("Kind")),
    Column(label=gettext_lazy("Part")),
)
KINDS = {
    "number": pgettext_lazy("type", "number"),
    "text": gettext_lazy("text"),
    "matrix": gettext_lazy("list of numbers"),
    "other": gettext_lazy("not usable"),
}


def _crumb() -> Link:
    return Link(label=_("Evaluation sets"), url=reverse("evaluation_sets"))


class EvaluationSets(Page):
    """All sets by their descriptions."""

    member = True
    template_name = "evaluation/sets.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        refusal = rules.why_not_seal(self.actor, self.now)
        seal = Action(
            label=_("Seal a set"), url=reverse("evaluation_set_seal"), post=False, main=True
        )
        page = paginate(
            queries.sets_visible_to(self.actor), self.request.GET, order=("-sealed_at", "-pk")
        )
        return super().get_context_data(
            head=Head(
                title=_("Evaluation sets"),
                summary=_(
                    "Rows with answers that are kept from everybody who is measured on them. Their "
                    "digest and a commitment stand in the log since the day they were sealed."
                ),
                actions=[] if refusal else [seal],
            ),
            page=page,
            rows=[(row, task_words(row.task)) for row in page],
            columns=COLUMNS,
            may_seal=refusal is None,
            **kwargs,
        )


class SealSet(FormPage):
    """Bring rows, say what they are, and seal them."""

    member = True
    template_name = "evaluation/seal.html"
    form_class = SealForm
    done = gettext_lazy("The rows are sealed; their commitment stands in the log.")

    def why_not_enter(self) -> str | None:
        return super().why_not_enter() or rules.why_not_seal(self.actor, self.now)

    def act(self, form: forms.Form) -> str:
        said = dict(form.cleaned_data)
        file = said.pop("file")
        made = services.seal_set(
            description=services.SetDescription(**said),
            source=file,
            filename=file.name,
            by=self.actor,
            at=self.now,
        )
        return reverse("evaluation_set", args=[made.reference])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        head = Head(title=_("Seal a set"), crumbs=[_crumb()])
        return super().get_context_data(head=head, **kwargs)


class OfSet(Page):
    """A page about one set."""

    member = True
    evaluation_set: EvaluationSet

    def load(self, **kwargs: Any) -> None:
        self.evaluation_set = queries.get_set_for(self.actor, kwargs["reference"])

    @property
    def place(self) -> str:
        """The page of the set."""
        return reverse("evaluation_set", args=[self.evaluation_set.reference])


class SetPage(OfSet):
    """One set: columns, groups, digest, commitment, and where it stands in the log."""

    template_name = "evaluation/set.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.evaluation_set
        own = queries.runs_visible_to(self.actor).filter(owner=self.actor.organization)
        return super().get_context_data(
            head=Head(
                title=row.title,
                kind=_("Evaluation set"),
                reference=row.reference,
                status=row.status,
                status_label=row.get_status_display(),
                since=row.retired_at or row.sealed_at,
                summary=row.retire_reason,
                actions=self._actions(),
                crumbs=[_crumb()],
            ),
            row=row,
            task=task_words(row.task),
            lifecycle=EVALUATION_SET,
            schema=[self._part(column) for column in row.columns],
            schema_columns=SCHEMA_COLUMNS,
            runs=own.filter(evaluation_set=row)[:20],
            left=queries.runs_left(self.actor.organization, row, self.now),
            moments=moments_for(self.actor, "evaluation_set", row.reference),
            **kwargs,
        )

    def _actions(self) -> list[Action]:
        reference, allowed = (
            self.evaluation_set.reference,
            rules.set_actions(self.actor, self.evaluation_set),
        )
        offered = {
            "open": Action(
                label=_("Take a copy of the rows"),
                url=reverse("evaluation_set_open", args=[reference]),
                post=False,
            ),
            "retire": Action(
                label=_("Retire the set"),
                url=reverse("evaluation_set_retire", args=[reference]),
                post=False,
                danger=True,
            ),
        }
        return [act for name, act in offered.items() if name in allowed]

    def _part(self, column: dict[str, Any]) -> dict[str, Any]:
        row, name = self.evaluation_set, column["name"]
        parts = [
            words
            for words, holds in (
                (_("answers"), name == row.target),
                (_("feature"), name in row.features),
                (_("group"), name in row.group_columns),
                (_("query"), name == row.query_column),
                (_("time"), name == row.time_column),
            )
            if holds
        ]
        return {"name": name, "kind": KINDS.get(column["kind"], column["kind"]), "parts": parts}


class RetireSet(OfSet, FormPage):
    """Let nothing more be measured on a set."""

    template_name = "evaluation/act.html"
    form_class = ReasonForm
    done = gettext_lazy("The set is retired; nothing more is measured on it.")

    def act(self, form: forms.Form) -> str:
        services.retire_set(
            evaluation_set=self.evaluation_set,
            reason=form.cleaned_data["reason"],
            by=self.actor,
            at=self.now,
        )
        return self.place

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        head = Head(
            title=_("Retire the set"),
            kind=self.evaluation_set.title,
            reference=self.evaluation_set.reference,
            summary=_(
                "Retire rows that became known or are outdated. Measurements made stay; what waits "
                "for the set is given up."
            ),
            crumbs=[_crumb()],
        )
        verb = _("Retire")
        return super().get_context_data(
            head=head, verb=verb, danger=True, back=self.place, **kwargs
        )


class OpenSet(OfSet, FormPage):
    """A copy of the rows for those who sealed them; the log keeps who took it and why."""

    template_name = "evaluation/act.html"
    form_class = CopyForm

    def load(self, **kwargs: Any) -> None:
        super().load(**kwargs)
        if refusal := rules.why_not_open(self.actor, self.evaluation_set):
            raise NotAllowed(refusal)

    def finish(self, form: forms.Form) -> HttpResponseBase:
        """Hand the rows out once the purpose is stated."""
        reader = services.open_set(
            evaluation_set=self.evaluation_set,
            purpose=form.cleaned_data["purpose"],
            by=self.actor,
            at=self.now,
        )
        answer = StreamingHttpResponse(
            reader.stream(), content_type="application/vnd.apache.parquet"
        )
        name = f"{self.evaluation_set.reference}.parquet"
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        head = Head(
            title=_("Take a copy of the rows"),
            kind=self.evaluation_set.title,
            reference=self.evaluation_set.reference,
            summary=_("Whoever holds a copy can let it leak. Each copy is an entry of the log."),
            crumbs=[_crumb()],
        )
        verb = _("Take the copy")
        return super().get_context_data(head=head, verb=verb, back=self.place, **kwargs)


urlpatterns = [
    path("evaluation/sets/", EvaluationSets.as_view(), name="evaluation_sets"),
    path("evaluation/sets/seal/", SealSet.as_view(), name="evaluation_set_seal"),
    path("evaluation/sets/<str:reference>/", SetPage.as_view(), name="evaluation_set"),
    path(
        "evaluation/sets/<str:reference>/retire/",
        RetireSet.as_view(),
        name="evaluation_set_retire",
    ),
    path("evaluation/sets/<str:reference>/copy/", OpenSet.as_view(), name="evaluation_set_open"),
]
