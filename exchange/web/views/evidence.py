"""Evidence bundles: asked for in one's own console, watched while they are made, downloaded."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.urls import path, reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.log.errors import DomainError
from exchange.oversight import rules
from exchange.oversight.evidence import services
from exchange.oversight.evidence.logs import log_key
from exchange.oversight.models import EvidenceBundle
from exchange.oversight.queries import bundles_visible_to, get_bundle_for
from exchange.oversight.states import EVIDENCE, EvidenceKind, EvidenceState
from exchange.web.components import Action, Column, Head, Link, Progress
from exchange.web.evidence import progress_of
from exchange.web.forms.evidence import EvidenceForm, OwnEvidenceForm
from exchange.web.looks import visit_of
from exchange.web.pages import ActPage, FormPage, Page, refuse
from exchange.web.paging import paginate
from exchange.web.timelines import moments_for

REFRESH_SECONDS = 2
ROAD = ("QUEUED", "RUNNING", "READY")
COLUMNS = (
    Column(label=gettext_lazy("Evidence of")),
    Column(label=gettext_lazy("Reference")),
    Column(label=gettext_lazy("Status")),
    Column(label=gettext_lazy("Purpose")),
    Column(label=gettext_lazy("Entries"), number=True),
    Column(label=gettext_lazy("Requested at")),
)


class InConsole(Page):
    """A page of one of the three consoles in which evidence is taken."""

    console: str = "organization"

    @property
    def member(self) -> bool:  # type: ignore[override]
        """Whether every member gets in here."""
        return self.console == "organization"

    @property
    def roles(self) -> tuple[str, ...]:  # type: ignore[override]
        """The roles whose console this is."""
        return () if self.console == "organization" else (self.console.upper(),)

    def place(self, route: str = "evidence", *args: str) -> str:
        """Return the address of a page of this console."""
        return reverse(f"{self.console}_{route}", args=args)


class Evidence(InConsole, FormPage):
    """The bundles of one's organization, and the request for another."""

    template_name = "evidence/list.html"
    done = gettext_lazy("The bundle is asked for; it is made now.")

    @property
    def form_class(self) -> type[forms.Form]:  # type: ignore[override]
        """The watch takes anything, a party its own."""
        return OwnEvidenceForm if self.console == "organization" else EvidenceForm

    def initial(self) -> dict[str, Any]:
        given = self.request.GET
        visit = visit_of(self.request, self.actor.organization, self.now)
        party = self.console == "organization"
        return {
            "kind": given.get("kind", EvidenceKind.ORDER),
            "reference": given.get("reference", self.actor.organization if party else ""),
            "purpose": visit.purpose if visit else "",
        }

    def act(self, form: forms.Form) -> str:
        said = dict(form.cleaned_data)
        made = services.request_bundle(
            subject=said.pop("reference"), by=self.actor, at=self.now, **said
        )
        return self.place("evidence_bundle", made.reference)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = bundles_visible_to(self.actor)
        head = Head(
            title=_("Evidence bundles"),
            summary=_(
                "One file with the entries, proofs and documents about a matter. It is checked on "
                "another machine, without the exchange."
            ),
        )
        page = paginate(rows, self.request.GET, order=("-requested_at", "-pk"))
        found = [(row, self.place("evidence_bundle", row.reference)) for row in page]
        context = {"head": head, "page": page, "rows": found, "columns": COLUMNS}
        return super().get_context_data(**context, **kwargs)


class OfBundle(InConsole):
    """A page about one bundle."""

    bundle: EvidenceBundle

    def load(self, **kwargs: Any) -> None:
        self.bundle = get_bundle_for(self.actor, kwargs["reference"])

    @property
    def job(self) -> Progress | None:
        """How far the making is, while it goes on."""
        url = self.place("evidence_progress", self.bundle.reference)
        return progress_of(self.bundle, url)


class BundlePage(OfBundle):
    """One bundle: how far it is, the file, and how it is checked."""

    template_name = "evidence/bundle.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        bundle, job = self.bundle, self.job
        head = Head(
            title=_("Evidence bundle"),
            kind=bundle.get_kind_display(),
            reference=bundle.reference,
            status=bundle.status,
            status_label=bundle.get_status_display(),
            since=bundle.finished_at or bundle.requested_at,
            summary=bundle.subject,
            actions=self._actions(),
            crumbs=[Link(label=_("Evidence bundles"), url=self.place())],
        )
        return super().get_context_data(
            head=head,
            bundle=bundle,
            job=job,
            refresh_seconds=REFRESH_SECONDS if job else 0,
            lifecycle=EVIDENCE,
            road=ROAD,
            key=log_key(),
            moments=moments_for(self.actor, "evidence", bundle.reference),
            **kwargs,
        )

    def _actions(self) -> list[Action]:
        if self.bundle.status != EvidenceState.READY:
            return []
        reference = self.bundle.reference
        return [
            Action(
                label=_("Download the bundle"),
                url=self.place("evidence_file", reference),
                post=False,
                main=True,
                icon="export",
            ),
            Action(
                label=_("Remove the file"),
                url=self.place("evidence_remove", reference),
                danger=True,
                reason=rules.why_not_remove_bundle(self.actor, self.bundle),
                ask=_("Remove the file for good? The request stays on record."),
            ),
        ]


class BundleProgress(OfBundle):
    """The moving part of a bundle's page; when it is over, the whole page comes anew."""

    template_name = "provider/job.html"

    def get(self, request: HttpRequest, *_args: Any, **kwargs: Any) -> HttpResponse:
        """Show how far it is."""
        job = self.job
        if job is None:
            if getattr(request, "htmx", False):
                return HttpResponse(headers={"HX-Refresh": "true"})
            return HttpResponseRedirect(self.place("evidence_bundle", self.bundle.reference))
        return self.render_to_response(self.get_context_data(job=job, **kwargs))


class BundleFile(OfBundle):
    """The file, handed out on record; REST gives parts of it as well."""

    def get(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> Any:
        """Send it."""
        try:
            found = services.open_bundle(bundle=self.bundle, span=None, by=self.actor, at=self.now)
        except DomainError as error:
            return refuse(request, error)
        chunks = found.chunks(0, found.size)
        response = StreamingHttpResponse(chunks, content_type="application/zip")
        response["Content-Length"] = str(found.size)
        name = content_disposition_header(as_attachment=True, filename=self.bundle.filename)
        response["Content-Disposition"] = name or "attachment"
        return response


class RemoveBundle(ActPage, OfBundle):
    """Remove the file before its time."""

    done = gettext_lazy("The file is removed; nobody can read it any more.")

    def act(self) -> str:
        services.remove_bundle(bundle=self.bundle, by=self.actor, at=self.now)
        return self.place("evidence_bundle", self.bundle.reference)


def _routes(console: str) -> list[Any]:
    place = f"{console}/evidence/"
    pages: tuple[tuple[str, type[InConsole], str], ...] = (
        ("", Evidence, "evidence"),
        ("<str:reference>/", BundlePage, "evidence_bundle"),
        ("<str:reference>/progress/", BundleProgress, "evidence_progress"),
        ("<str:reference>/file", BundleFile, "evidence_file"),
        ("<str:reference>/remove/", RemoveBundle, "evidence_remove"),
    )
    return [
        path(f"{place}{rest}", page.as_view(console=console), name=f"{console}_{name}")
        for rest, page, name in pages
    ]


urlpatterns = [
    route for console in ("regulator", "operator", "organization") for route in _routes(console)
]
