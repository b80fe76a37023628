"""Quality in the provider's console: declare rules, see what they find, follow the measuring."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.log.errors import DomainError
from exchange.catalog import quality, rules, services
from exchange.catalog.models import QualityReport
from exchange.vault.quality import FORMATS, RuleKind
from exchange.vault.reading.messages import describe_stage
from exchange.web.components import Column, Progress
from exchange.web.forms.quality import QualityForm, lines_of
from exchange.web.pages import ActPage, FormPage, put_errors
from exchange.web.quality import asks_in_words, report_context

from .owned import OfProduct, stand_in
from .releases import REFRESH_SECONDS

TRIAL_COLUMNS = (
    Column(label=gettext_lazy("Rule")),
    Column(label=gettext_lazy("Columns")),
    Column(label=gettext_lazy("What is asked")),
    Column(label=gettext_lazy("Failing"), number=True),
    Column(label=gettext_lazy("First rows that fail"), meaning=gettext_lazy("Cells masked")),
)
REPORT_COLUMNS = (
    Column(label=gettext_lazy("Report")),
    Column(label=gettext_lazy("Release")),
    Column(label=gettext_lazy("Status")),
    Column(label=gettext_lazy("Score"), number=True),
    Column(label=gettext_lazy("Rules")),
    Column(label=gettext_lazy("Since")),
)
MOST_REPORTS = 12


class OfQuality(OfProduct):
    """A page about the quality of one own product."""

    def load(self, **kwargs: Any) -> None:
        super().load(**kwargs)
        stand_in(self.request, "provider_products")

    @property
    def place(self) -> str:
        """The page of the product's quality."""
        return reverse("provider_quality", args=[self.product.reference])

    @property
    def reports(self) -> list[QualityReport]:
        """The last reports on any of its releases."""
        rows = quality.reports_visible_to(self.actor).filter(release__product=self.product)
        return list(rows.order_by("-created_at", "-pk")[:MOST_REPORTS])

    @property
    def job(self) -> Progress | None:
        """How far the measuring is."""
        report = next((row for row in self.reports if row.is_under_way), None)
        if report is None:
            return None
        queued = _("Queued; the measuring begins in a moment")
        return Progress(
            what=describe_stage(report.stage) if report.stage else queued,
            done=report.done,
            total=report.total or None,
            since=report.created_at,
            url=reverse("provider_quality_progress", args=[self.product.reference]),
        )


class Quality(OfQuality, FormPage):
    """The rules, what they would find, and the last report."""

    template_name = "provider/quality.html"
    form_class = QualityForm

    def get_form(self) -> forms.Form:
        if self.request.method == "POST":
            return QualityForm(self.request.POST)
        held = quality.current_rules(self.product)
        return QualityForm(initial={"rules": lines_of(held.rules) if held else ""})

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponseBase:
        """Show what the rules would find, or declare them."""
        form, trial, status = self.get_form(), None, 422
        if isinstance(form, QualityForm) and form.is_valid():
            try:
                if "declare" in request.POST:
                    services.declare_quality_rules(
                        product=self.product, document=form.document(), by=self.actor, at=self.now
                    )
                    return HttpResponseRedirect(self.place)
                trial = services.try_quality_rules(
                    product=self.product, document=form.document(), by=self.actor
                )
                status = 200
            except DomainError as error:
                status = error.status
                put_errors(form, error)
        context = self.get_context_data(form=form, trial=trial)
        return self.render_to_response(context, status=status)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = kwargs.pop("form", None) or self.get_form()
        trial, job = kwargs.pop("trial", None), self.job
        release = quality.newest_release(self.product)
        return super().get_context_data(
            form=form,
            job=job,
            refresh_seconds=REFRESH_SECONDS if job else 0,
            title=_("Quality"),
            may_not=rules.why_not_upload(self.actor, self.product),
            release=release,
            kinds_of_columns=quality.kinds_of(release).items() if release else (),
            rule_kinds=", ".join(RuleKind),
            formats=", ".join(FORMATS),
            trial=trial,
            trial_rows=_trial_rows(trial),
            trial_columns=TRIAL_COLUMNS,
            reports=self.reports,
            report_columns=REPORT_COLUMNS,
            measure_url=reverse("provider_quality_measure", args=[self.product.reference]),
            **report_context(quality.latest_report(self.product.current), examples=True),
            **kwargs,
        )


class QualityProgress(OfQuality):
    """The moving part of the page."""

    template_name = "provider/job.html"

    def get(self, request: HttpRequest, *_args: Any, **kwargs: Any) -> HttpResponse:
        """Show how far the measuring is."""
        job = self.job
        if job is None:
            if getattr(request, "htmx", False):
                return HttpResponse(headers={"HX-Refresh": "true"})
            return HttpResponseRedirect(self.place)
        return self.render_to_response(self.get_context_data(job=job, **kwargs))


class MeasureQuality(OfQuality, ActPage):
    """Have the current release measured now."""

    def act(self) -> str:
        release = self.product.current or quality.newest_release(self.product)
        if release is not None:
            services.request_quality(release=release, by=self.actor, at=self.now)
        return self.place


def _trial_rows(trial: services.Trial | None) -> list[dict[str, Any]]:
    if trial is None or trial.found is None:
        return []
    found = {row["id"]: row for row in trial.found["rules"]}
    return [
        {
            "name": rule.id,
            "columns": rule.columns,
            "asks": asks_in_words({"kind": str(rule.kind), **rule.parameters}),
            "failing": found[rule.id]["failing"],
            "rows": found[rule.id]["examples"],
        }
        for rule in trial.rules
    ]


PLACE = "provider/products/<str:reference>/quality"
urlpatterns = [
    path(f"{PLACE}/", Quality.as_view(), name="provider_quality"),
    path(f"{PLACE}/progress/", QualityProgress.as_view(), name="provider_quality_progress"),
    path(f"{PLACE}/measure/", MeasureQuality.as_view(), name="provider_quality_measure"),
]
