"""What a provider does with a finding: choose for each column, look at it, have it made."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from audit.log.errors import DomainError, Invalid, NotAllowed
from audit.rulebook.queries import day_of, get_pack
from exchange.compliance import queries, rules, services
from exchange.compliance.models import Derivation
from exchange.compliance.remedies import Recipe, write_recipe
from exchange.compliance.remedies.menu import recipe_of
from exchange.compliance.remedies.places import cell_size
from exchange.compliance.remedies.proposing import PRESETS, Plan
from exchange.compliance.remedies.steps import Grid
from exchange.compliance.reports import entity_names
from exchange.compliance.states import DERIVATION, DerivationState, Grade, Outcome, PersonalClass
from exchange.web.components import Column, Head, Link, Progress
from exchange.web.forms.remedies import PRESET_WORDS, CheckForm, RemedyForm
from exchange.web.pages import FormPage, Page, put_errors
from exchange.web.profiles import sample_of
from exchange.web.provenance import steps_in_words
from exchange.web.screenings import explain_report
from exchange.web.timelines import moments_for

from .owned import PROVIDER, product_crumbs, stand_in
from .releases import REFRESH_SECONDS, OfRelease, report_context

ROAD = ("QUEUED", "RUNNING", "DONE")
STAGES = {
    "selecting": gettext_lazy("choosing rows"),
    "counting": gettext_lazy("counting combinations"),
    "deriving": gettext_lazy("writing the derived rows"),
    "reading": gettext_lazy("reading the result in, like any upload"),
    "writing": gettext_lazy("reading the result in, like any upload"),
    "profiling": gettext_lazy("profiling columns"),
    "encrypting": gettext_lazy("encrypting"),
}


class Remedy(OfRelease, FormPage):
    """Make a compliant version: one row for each column, preselected as is proposed."""

    template_name = "provider/remedy.html"
    plan: Plan

    def load(self, **kwargs: Any) -> None:
        super().load(**kwargs)
        if refusal := rules.why_not_derive(self.actor, self.release, self.release.product):
            raise NotAllowed(refusal)
        sent = self.request.POST if self.request.method == "POST" else self.request.GET
        preset = sent.get("preset", PRESETS[0])
        self.plan, _recipe = services.propose_derivation(
            release=self.release,
            preset=preset if preset in PRESETS else PRESETS[0],
            by=self.actor,
            at=self.now,
        )

    def get_form(self) -> forms.Form:
        if self.request.method == "POST":
            return RemedyForm(self.plan, self.request.POST)
        return RemedyForm(self.plan)

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponseBase:
        """Show what would come of it, or have it made."""
        form = self.get_form()
        status = 422
        preview = None
        if isinstance(form, RemedyForm) and form.is_valid():
            try:
                recipe = self._recipe(form)
                if "make" in request.POST:
                    return HttpResponseRedirect(self._order(recipe))
                preview = services.preview_derivation(
                    release=self.release,
                    recipe=write_recipe(recipe),
                    by=self.actor,
                    at=self.now,
                )
                status = 200
            except DomainError as error:
                status = error.status
                put_errors(form, error)
        context = self.get_context_data(form=form, preview=preview)
        return self.render_to_response(context, status=status)

    def _recipe(self, form: RemedyForm) -> Recipe:
        recipe = recipe_of(form.choices(), day_of(self.now))
        if not recipe.steps:
            raise Invalid({"recipe": [_("Nothing is changed. Choose what to do with a column.")]})
        return recipe

    def _order(self, recipe: Recipe) -> str:
        made = services.request_derivation(
            release=self.release, recipe=write_recipe(recipe), by=self.actor, at=self.now
        )
        return reverse("provider_derivation", args=[made.reference])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = kwargs.pop("form", None) or self.get_form()
        preview = kwargs.pop("preview", None)
        return super().get_context_data(
            form=form,
            release=self.release,
            product=self.release.product,
            plan=self.plan,
            grouped=self.plan.preset == "STATISTICS",
            presets=[
                {"label": words, "chosen": preset == self.plan.preset, "preset": preset}
                for preset, words in PRESET_WORDS.items()
            ],
            rows=_rows(form, self.plan, _names(self.now)),
            heads=_heads(self.plan),
            person=self.plan.choices.person,
            back=self.back,
            crumbs=[
                *product_crumbs(self.release.product),
                Link(label=self.release.reference, url=self.back),
            ],
            **_previewed(preview),
            **kwargs,
        )


class OfDerivation(Page):
    """A page about one own derivation."""

    roles = PROVIDER
    derivation: Derivation

    def load(self, **kwargs: Any) -> None:
        self.derivation = queries.get_derivation_for(self.actor, kwargs["reference"])
        stand_in(self.request, "provider_products")

    @property
    def back(self) -> str:
        """Its page."""
        return reverse("provider_derivation", args=[self.derivation.reference])

    @property
    def job(self) -> Progress | None:
        """How far the work is."""
        made = self.derivation
        if not made.is_under_way:
            return None
        queued = made.status == DerivationState.QUEUED
        what = _("Queued; the work begins in a moment") if queued else _("Deriving")
        return Progress(
            what=STAGES.get(made.stage, what) if made.stage and not queued else what,
            done=made.rows_done,
            total=made.rows_total or None,
            since=made.created_at,
            url=reverse("provider_derivation_progress", args=[made.reference]),
        )


class DerivationPage(OfDerivation):
    """How a derived release was made, and where it is."""

    template_name = "provider/derivation.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        made, job = self.derivation, self.job
        source = made.source
        place = reverse("provider_release", args=[source.reference])
        return super().get_context_data(
            derivation=made,
            source=source,
            source_url=place,
            result_url=reverse("provider_release", args=[made.result.reference])
            if made.result
            else "",
            job=job,
            refresh_seconds=REFRESH_SECONDS if job else 0,
            lifecycle=DERIVATION,
            road=ROAD,
            figures=made.figures,
            recipe=steps_in_words(made.recipe["steps"]),
            moments=moments_for(self.actor, "derivation", made.reference),
            head=Head(
                title=_("Compliant version of release %(number)d of %(product)s")
                % {"number": source.number, "product": source.product.name},
                kind=_("Derivation"),
                reference=made.reference,
                status=made.status,
                status_label=made.get_status_display(),
                since=made.finished_at or made.created_at,
                crumbs=[
                    *product_crumbs(source.product),
                    Link(label=source.reference, url=place),
                ],
            ),
            **kwargs,
        )


class DerivationProgress(OfDerivation):
    """The moving part of a derivation's page."""

    template_name = "provider/job.html"

    def get(self, request: HttpRequest, *_args: Any, **kwargs: Any) -> HttpResponse:
        """Show how far the work is."""
        job = self.job
        if job is None:
            if getattr(request, "htmx", False):
                return HttpResponse(headers={"HX-Refresh": "true"})
            return HttpResponseRedirect(self.back)
        return self.render_to_response(self.get_context_data(job=job, **kwargs))


class CheckFile(FormPage):
    """Check a file before uploading; nothing of it is kept."""

    roles = PROVIDER
    form_class = CheckForm
    template_name = "provider/check.html"

    def load(self, **kwargs: Any) -> None:
        super().load(**kwargs)
        if refusal := rules.why_not_check(self.actor):
            raise NotAllowed(refusal)
        stand_in(self.request, "provider_check")

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponseBase:  # noqa: ARG002  the form has it
        """Read the file and show what the filter would say."""
        form, checked, status = self.get_form(), None, 422
        if form.is_valid():
            file = form.cleaned_data["file"]
            try:
                checked = services.check_file(
                    source=file, filename=file.name, by=self.actor, at=self.now
                )
                status = 200
            except DomainError as error:
                status = error.status
                put_errors(form, error)
        context = self.get_context_data(form=form, checked=checked)
        return self.render_to_response(context, status=status)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        checked = kwargs.get("checked")
        told = report_context(None)
        if checked:
            told["outcome_label"] = Outcome(checked.outcome).label
        if checked and checked.report:
            told["explained"] = explain_report(checked.report)
        return super().get_context_data(**told, **kwargs)


def _names(at: Any) -> Mapping[str, str]:
    return entity_names(get_pack("compliance", on=day_of(at)), get_language() or "en")


def _rows(form: forms.Form, plan: Plan, names: Mapping[str, str]) -> list[dict[str, Any]]:
    tongue = "zh" if (get_language() or "").startswith("zh") else "en"
    return [
        {
            "column": column.column,
            "found": [names.get(code, code) for code in column.entities],
            "reason": column.reason.get(tongue, ""),
            "basis": column.basis.get(tongue, ""),
            "action": form[f"a{number}"],
            "ticked": form[f"q{number}"],
        }
        for number, column in enumerate(plan.columns)
    ]


def _heads(plan: Plan) -> list[Column]:
    grouped = plan.preset == "STATISTICS"
    counted = _("Ticked columns together must not single anybody out")
    return [
        Column(label=_("Column")),
        Column(label=_("What was found")),
        Column(label=_("What to do")),
        Column(
            label=_("Group by") if grouped else _("Not rare"), meaning="" if grouped else counted
        ),
        Column(label=_("Why")),
    ]


def _previewed(preview: services.Preview | None) -> dict[str, Any]:
    """Return what the templates show of a dry run."""
    if preview is None:
        return {"preview": None}
    verdict = preview.verdict
    grids = [
        {"column": step.column, "height": high, "width": wide}
        for step in preview.recipe.steps
        if isinstance(step, Grid)
        for high, wide in [cell_size(step.meters, 35)]
    ]
    return {
        "preview": preview,
        "derived": preview.derived,
        "verdict": verdict,
        "before": sample_of(preview.before),
        "after": sample_of(preview.after),
        "emptied": preview.derived.emptied.items(),
        "grids": grids,
        "stopping": verdict.rule_ids() if verdict else [],
        "outcome_label": Outcome(verdict.outcome).label if verdict else "",
        "grade_label": Grade(verdict.grade).label if verdict else "",
        "personal_label": PersonalClass(verdict.personal).label if verdict else "",
    }


PLACE = "provider/derivations/<str:reference>"
urlpatterns = [
    path("provider/check/", CheckFile.as_view(), name="provider_check"),
    path("provider/releases/<str:reference>/remedy/", Remedy.as_view(), name="provider_remedy"),
    path(f"{PLACE}/", DerivationPage.as_view(), name="provider_derivation"),
    path(f"{PLACE}/progress/", DerivationProgress.as_view(), name="provider_derivation_progress"),
]
