"""How far a new version of the rules has reached what is on the market."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.log.errors import NotFound
from exchange.catalog.models import Release
from exchange.catalog.states import ReleaseState
from exchange.compliance.models import Rescreening, RescreeningItem
from exchange.compliance.queries import (
    foreseen_outcomes,
    get_rescreening_for,
    progress_of,
    unfinished_screening,
)
from exchange.compliance.rules import why_not_screen
from exchange.compliance.services import queue_screening
from exchange.compliance.states import RESCREENING, ItemOutcome, Outcome, RescreeningState
from exchange.web.components import Action, Column, Head, Link, Progress
from exchange.web.pages import ActPage, Page
from exchange.web.paging import paginate
from exchange.web.timelines import moments_for

REFRESH_SECONDS = 5
GOING = (RescreeningState.PREPARING, RescreeningState.APPLYING)
ROAD = ("PREPARING", "APPLYING", "DONE")
COLUMNS = (
    Column(label=gettext_lazy("Product")),
    Column(label=gettext_lazy("Release")),
    Column(label=gettext_lazy("Outcome")),
    Column(label=gettext_lazy("Rules")),
)


class OfRun(Page):
    """A page about one run."""

    roles = ("REGULATOR", "OPERATOR")
    run: Rescreening

    def load(self, **kwargs: Any) -> None:
        self.run = get_rescreening_for(self.actor, kwargs["reference"])

    @property
    def job(self) -> Progress | None:
        """How far the run is, while it goes on."""
        run = self.run
        if run.status not in GOING:
            return None
        counts = progress_of(run)
        ahead = run.status == RescreeningState.PREPARING
        return Progress(
            what=_("Releases are read ahead") if ahead else _("Verdicts take effect"),
            done=counts.read if ahead else counts.settled,
            total=counts.total or None,
            since=run.planned_at if ahead else run.applied_from,
            url=reverse("rescreening_progress", args=[run.reference]),
            failed=bool(counts.failed),
        )


class RunPage(OfRun):
    """One run: how far it is, what came of it, and which listings it stopped."""

    template_name = "rulebook/run.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        run, job = self.run, self.job
        head = Head(
            title=_("Re-screening under %(pack)s") % {"pack": run.pack},
            kind=_("Rules"),
            reference=run.reference,
            status=run.status,
            status_label=run.get_status_display(),
            since=run.finished_at or run.applied_from or run.planned_at,
            summary=_(
                "Releases stay on the market while they are read. The verdicts count from the "
                "day the rules bind; what has none by then is refused until it has."
            ),
            crumbs=[Link(label=_("Rules"), url=reverse("regulator_rules"))]
            if self.actor.has_role("REGULATOR")
            else [],
        )
        stopped = run.items.filter(outcome__in=(ItemOutcome.STOPPED, ItemOutcome.FAILED))
        coming = run.items.filter(settled_at=None, screening__status="DONE").exclude(
            screening__outcome=Outcome.CLEAR
        )
        rows = (stopped if stopped.exists() else coming).select_related(
            "release__product", "screening"
        )
        page = paginate(rows, self.request.GET, order=("pk",))
        return super().get_context_data(
            head=head,
            run=run,
            job=job,
            refresh_seconds=REFRESH_SECONDS if job else 0,
            lifecycle=RESCREENING,
            road=ROAD,
            counts=progress_of(run),
            foreseen=[
                (Outcome(outcome).label, count)
                for outcome, count in sorted(foreseen_outcomes(run).items())
            ],
            page=page,
            rows=[(item, self._retry(item)) for item in page],
            place=f"{'regulator' if self.actor.has_role('REGULATOR') else 'operator'}_grading",
            columns=COLUMNS,
            moments=moments_for(self.actor, "rescreening", run.reference),
            **kwargs,
        )

    def _retry(self, item: RescreeningItem) -> Action | None:
        """Return the button that has a release read again which could not be read."""
        waits = item.release.status == ReleaseState.SUBMITTED
        if item.outcome != ItemOutcome.FAILED or not waits or unfinished_screening(item.release):
            return None
        return Action(
            label=_("Read it again"),
            url=reverse("rescreening_retry", args=[self.run.reference, item.release.reference]),
            reason=why_not_screen(self.actor, item.release),
        )


class RetryItem(ActPage, OfRun):
    """Have a release read again that a run could not read."""

    release: Release
    done = gettext_lazy("The release is lined up; it is read in a moment.")

    def load(self, **kwargs: Any) -> None:
        super().load(**kwargs)
        rows = self.run.items.filter(outcome=ItemOutcome.FAILED).select_related("release__product")
        found = rows.filter(release__reference=kwargs["release"]).first()
        if found is None:
            raise NotFound
        self.release = found.release

    def act(self) -> str:
        queue_screening(release=self.release, by=self.actor, at=self.now)
        return reverse("rescreening", args=[self.run.reference])


class RunProgress(OfRun):
    """The moving part of a run's page; when it is over, the whole page comes anew."""

    template_name = "provider/job.html"

    def get(self, request: HttpRequest, *_args: Any, **kwargs: Any) -> HttpResponse:
        """Show how far it is."""
        job = self.job
        if job is None:
            if getattr(request, "htmx", False):
                return HttpResponse(headers={"HX-Refresh": "true"})
            return HttpResponseRedirect(reverse("rescreening", args=[self.run.reference]))
        return self.render_to_response(self.get_context_data(job=job, **kwargs))


PLACE = "regulator/rules/runs/<str:reference>"
urlpatterns = [
    path(f"{PLACE}/", RunPage.as_view(), name="rescreening"),
    path(f"{PLACE}/retry/<str:release>/", RetryItem.as_view(), name="rescreening_retry"),
    path(f"{PLACE}/progress/", RunProgress.as_view(), name="rescreening_progress"),
]
