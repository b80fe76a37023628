"""Measuring an algorithm: the model, the rows, how far it is, and what came of it."""

from typing import Any

from django import forms
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.disclosure.models import Disclosure
from audit.disclosure.queries import get_disclosure_for, visible_to
from audit.log.errors import DomainError
from exchange.algorithms import queries, rules, services
from exchange.algorithms.cards import card_for, check_fit
from exchange.algorithms.models import AlgorithmFile, EvaluationRun, EvaluationSet
from exchange.algorithms.reproducing import command_of, result_of
from exchange.algorithms.states import EVALUATION_RUN, FileKind
from exchange.web.components import Action, Column, Head, Link
from exchange.web.evaluations import progress_of_run, result_context, technique_words
from exchange.web.forms.evaluation import HandInForm, MeasureForm
from exchange.web.pages import ActPage, FormPage, Page
from exchange.web.paging import paginate
from exchange.web.timelines import moments_for

from .owned import stand_in

REFRESH_SECONDS = 2
ROAD = ("QUEUED", "RUNNING", "DONE")
MOST_FILES = 20
COLUMNS = (
    Column(label=gettext_lazy("Algorithm")),
    Column(label=gettext_lazy("Status")),
    Column(label=gettext_lazy("Verdict")),
    Column(label=gettext_lazy("Rows")),
    Column(label=gettext_lazy("Requested at")),
)
SLOT_COLUMNS = (
    Column(label=gettext_lazy("In the file")),
    Column(label=gettext_lazy("Name")),
    Column(label=gettext_lazy("Kind")),
    Column(label=gettext_lazy("Shape")),
)


def _crumbs(*more: Link) -> list[Link]:
    return [Link(label=_("Measurements of algorithms"), url=reverse("evaluation_runs")), *more]


class EvaluationRuns(Page):
    """One's own measurements; those who watch see all on sealed sets."""

    member = True
    look = "evaluation_runs"
    template_name = "evaluation/runs.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = queries.runs_visible_to(self.actor)
        page = paginate(rows, self.request.GET, order=("-requested_at", "-pk"))
        measure = Action(
            label=_("Measure an algorithm"), url=reverse("provider_measure"), post=False, main=True
        )
        own = not self.actor.has_role(*rules.WATCHERS)
        return super().get_context_data(
            head=Head(
                title=_("Measurements of algorithms"),
                summary=_(
                    "A model is run on rows it has never seen; what is declared is compared with "
                    "what is measured, and the register shows both."
                ),
                actions=[measure] if own else [],
            ),
            page=page,
            rows=[(row, result_context(row.disclosure, result_of(row))) for row in page],
            columns=COLUMNS,
            own=own,
            **kwargs,
        )


class HandIn(FormPage):
    """Which algorithm is measured, and its model."""

    member = True
    template_name = "evaluation/hand_in.html"
    form_class = HandInForm

    def load(self, **kwargs: Any) -> None:  # noqa: ARG002
        stand_in(self.request, "evaluation_runs")

    def get_form(self) -> forms.Form:
        own = visible_to(self.actor).filter(owner=self.actor.organization)
        named: dict[str, Any] = {
            "disclosures": list(own.exclude(status__in=["WITHDRAWN", "SUPERSEDED"])),
            "models": list(
                queries.files_visible_to(self.actor).filter(kind=FileKind.MODEL)[:MOST_FILES]
            ),
        }
        if self.request.method == "POST":
            return HandInForm(self.request.POST, self.request.FILES, **named)
        return HandInForm(initial=self.request.GET.dict(), **named)

    def act(self, form: forms.Form) -> str:
        said = form.cleaned_data
        disclosure = get_disclosure_for(self.actor, said["disclosure"])
        file = said["file"]
        model = (
            services.hand_in_model(source=file, filename=file.name, by=self.actor, at=self.now)
            if file
            else queries.get_file_for(self.actor, said["model"], FileKind.MODEL)
        )
        return reverse("provider_measure_on", args=[disclosure.reference, model.reference])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        head = Head(
            title=_("Measure an algorithm"),
            summary=_("First its model. The file is looked into; nothing of it is executed here."),
            crumbs=_crumbs(),
        )
        return super().get_context_data(head=head, **kwargs)


class Measure(FormPage):
    """On which rows the model is measured, and how it is fed and read."""

    member = True
    template_name = "evaluation/measure.html"
    form_class = MeasureForm
    done = gettext_lazy("The measurement is asked for; this page shows how far it is.")
    disclosure: Disclosure
    model: AlgorithmFile

    def load(self, **kwargs: Any) -> None:
        stand_in(self.request, "evaluation_runs")
        self.disclosure = get_disclosure_for(self.actor, kwargs["reference"])
        self.model = queries.get_file_for(self.actor, kwargs["file"], FileKind.MODEL)

    def get_form(self) -> forms.Form:
        named: dict[str, Any] = {
            "sets": [(row, self._words(row)) for row in self._fitting()],
            "metrics": list(dict.fromkeys(row["metric"] for row in self.disclosure.declared)),
        }
        if self.request.method == "POST":
            return MeasureForm(self.request.POST, self.request.FILES, **named)
        seen = self.model.seen
        initial = {
            "onnx_input": seen["inputs"][0]["name"] if len(seen["inputs"]) == 1 else "",
            "onnx_outputs": [row["name"] for row in seen["outputs"]],
            "classes": seen["classes"],
        }
        return MeasureForm(initial=initial, **named)

    def act(self, form: forms.Form) -> str:
        said = form.cleaned_data
        asked: dict[str, Any] = {
            "disclosure": self.disclosure,
            "model": services.model_object_of(self.actor, self.model.reference),
            "training": self._rows(said["training"]),
            "card": form.technical,  # type: ignore[attr-defined]
            "by": self.actor,
            "at": self.now,
        }
        if rows := self._rows(said["rows"]):
            run = services.request_rehearsal(rows=rows, **asked)
        else:
            chosen = queries.get_set_for(self.actor, said["evaluation_set"])
            run = services.request_run(evaluation_set=chosen, **asked)
        return reverse("evaluation_run", args=[run.reference])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        seen = self.model.seen
        slots = [(_("input"), row) for row in seen["inputs"]]
        slots += [(_("output"), row) for row in seen["outputs"]]
        return super().get_context_data(
            head=Head(
                title=self.disclosure.name,
                kind=_("Measure an algorithm"),
                reference=self.disclosure.reference,
                crumbs=_crumbs(Link(label=_("Model"), url=reverse("provider_measure"))),
            ),
            model=self.model,
            slots=slots,
            slot_columns=SLOT_COLUMNS,
            techniques=technique_words(seen["techniques"]),
            draft=rules.why_not_measure(self.actor, self.disclosure),
            fitting=len(self._fitting()),
            **kwargs,
        )

    def _rows(self, file: Any) -> AlgorithmFile | None:
        if not file:
            return None
        return services.hand_in_rows(source=file, filename=file.name, by=self.actor, at=self.now)

    def _fitting(self) -> list[EvaluationSet]:
        """Return the sets that model and claims fit, by task, columns and independence."""
        return [row for row in queries.sets_in_force() if self._fits(row)]

    def _fits(self, row: EvaluationSet) -> bool:
        if rules.why_not_independent(row, self.disclosure.owner):
            return False
        try:
            check_fit(card_for(self.disclosure, {}, row), self.model.seen, row.columns)
        except DomainError:
            return False
        return True

    def _words(self, row: EvaluationSet) -> str:
        left = queries.runs_left(self.disclosure.owner, row, self.now)
        return _("%(title)s: %(rows)s rows, %(target)s; %(left)s measurements left") % {
            "title": row.title,
            "rows": f"{row.rows:,}",
            "target": row.target,
            "left": left,
        }


class OfRun(Page):
    """A page about one run."""

    member = True
    look = "evaluation_run"
    run: EvaluationRun

    def load(self, **kwargs: Any) -> None:
        self.run = queries.get_run_for(self.actor, kwargs["reference"])


class RunPage(OfRun):
    """One measurement: how far it is, or what came of it."""

    template_name = "evaluation/run.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        run = self.run
        job = progress_of_run(run, reverse("evaluation_progress", args=[run.reference]))
        return super().get_context_data(
            head=Head(
                title=run.disclosure.name,
                kind=run.get_kind_display(),
                reference=run.reference,
                status=run.status,
                status_label=run.get_status_display(),
                since=run.finished_at or run.requested_at,
                actions=self._actions(),
                crumbs=_crumbs(),
            ),
            run=run,
            job=job,
            refresh_seconds=REFRESH_SECONDS if job else 0,
            lifecycle=EVALUATION_RUN,
            road=ROAD,
            command=command_of(run),
            megabytes=run.limits["memory"] // 1024**2,
            moments=moments_for(self.actor, "evaluation_run", run.reference),
            **result_context(run.disclosure, result_of(run)),
            **kwargs,
        )

    def _actions(self) -> list[Action]:
        run = self.run
        if "cancel" in rules.run_actions(self.actor, run):
            url = reverse("evaluation_cancel", args=[run.reference])
            return [Action(label=_("Give it up"), url=url, ask=_("Give this measurement up?"))]
        if not run.is_under_way and run.owner == self.actor.organization:
            url = f"{reverse('provider_measure')}?disclosure={run.disclosure.reference}"
            return [Action(label=_("Measure again"), url=url, post=False)]
        return []


class RunProgress(OfRun):
    """How far a run is, as the bar asks for it."""

    template_name = "provider/job.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        url = reverse("evaluation_progress", args=[self.run.reference])
        job = progress_of_run(self.run, url)
        return super().get_context_data(job=job, **kwargs)


class CancelRun(OfRun, ActPage):
    """The button that gives a run up."""

    look = ""
    done = gettext_lazy("The measurement is given up.")

    def act(self) -> str:
        services.cancel_run(
            run=self.run,
            reason=_("Given up by %(who)s.") % {"who": self.actor.organization},
            by=self.actor,
            at=self.now,
        )
        return reverse("evaluation_run", args=[self.run.reference])


urlpatterns = [
    path("evaluation/runs/", EvaluationRuns.as_view(), name="evaluation_runs"),
    path("evaluation/runs/<str:reference>/", RunPage.as_view(), name="evaluation_run"),
    path(
        "evaluation/runs/<str:reference>/progress/",
        RunProgress.as_view(),
        name="evaluation_progress",
    ),
    path("evaluation/runs/<str:reference>/give-up/", CancelRun.as_view(), name="evaluation_cancel"),
    path("provider/measure/", HandIn.as_view(), name="provider_measure"),
    path(
        "provider/measure/<str:reference>/<str:file>/",
        Measure.as_view(),
        name="provider_measure_on",
    ),
]
