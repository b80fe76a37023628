"""Releases in the provider's console: upload, what was read, what the filter says and why."""

from functools import cached_property
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.log.actors import Actor
from audit.log.errors import NotAllowed, NotFound
from exchange.catalog import rules, services
from exchange.catalog.models import Release
from exchange.catalog.queries import get_release_for
from exchange.catalog.states import RELEASE, ReleaseState
from exchange.compliance.models import Screening
from exchange.compliance.queries import derivation_of, latest_screening
from exchange.compliance.resting import Resting, resting_algorithms
from exchange.compliance.rules import why_not_derive
from exchange.compliance.states import ScreeningState
from exchange.vault.reading import describe_note
from exchange.web.components import Action, Column, Head, Link, Progress
from exchange.web.forms.reasons import ReasonForm
from exchange.web.pages import ActPage, FormPage, Page
from exchange.web.profiles import COLUMN_HEADS, columns_of, sample_of
from exchange.web.reasons import reason_of
from exchange.web.screenings import COMBINATION_COLUMNS, authority_words, explain, progress_of
from exchange.web.timelines import moments_for

from .owned import (
    PROVIDER,
    ProductForm,
    product_crumbs,
    stand_in,
)

WAITING = (ReleaseState.SUBMITTED, ReleaseState.SCREENING)
REFRESH_SECONDS = 5
ROAD = ("DRAFT", "SUBMITTED", "SCREENING", "CLEARED")

FIND_COLUMNS = (
    Column(label=gettext_lazy("Column")),
    Column(label=gettext_lazy("Type")),
    Column(label=gettext_lazy("What was found")),
    Column(label=gettext_lazy("Cells"), number=True),
    Column(
        label=gettext_lazy("Share"),
        meaning=gettext_lazy("Share of the filled cells of the column"),
        number=True,
    ),
    Column(
        label=gettext_lazy("How sure"),
        meaning=gettext_lazy("How sure the scanner is that it is this kind of content"),
        number=True,
    ),
    Column(
        label=gettext_lazy("Different"),
        meaning=gettext_lazy("Different values, that is persons where a value stands for one"),
        number=True,
    ),
    Column(label=gettext_lazy("Examples, masked")),
)
REASON_COLUMNS = (
    Column(label=gettext_lazy("What the columns mean together")),
    Column(label=gettext_lazy("Because of")),
    Column(label=gettext_lazy("Harm if it leaks"), meaning="GB/T 43697-2024, 6.5"),
    Column(label=gettext_lazy("Grade"), meaning=gettext_lazy("GB/T 43697-2024, Table 1")),
    Column(
        label=gettext_lazy("Factor"),
        meaning=gettext_lazy("GB/T 43697-2024, Annex G: factors of important data"),
    ),
)


class UploadForm(forms.Form):
    """A file and what changed in it."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy(
            "CSV, TSV, JSON, JSON Lines, GeoJSON, XLSX or Parquet, in UTF-8, GB18030 or UTF-16; of "
            "a trained model, one ONNX file. "
            "It is read to its end before it becomes a release; nothing is guessed silently."
        ),
    )
    changelog = forms.CharField(
        label=gettext_lazy("What changed since the last release"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    submit = forms.BooleanField(
        label=gettext_lazy("Hand it to the filter at once"),
        help_text=gettext_lazy("Its content is final from then on. Otherwise it stays a draft."),
        required=False,
        initial=True,
    )

    def clean_file(self) -> Any:
        """Refuse a file beyond the limit before it is read."""
        file = self.cleaned_data["file"]
        if file.size > settings.UPLOAD_MAX_BYTES:
            raise forms.ValidationError(
                _("The file is larger than %(limit)d MB. Split it into several releases.")
                % {"limit": settings.UPLOAD_MAX_BYTES // 1024**2}
            )
        return file


class Upload(ProductForm):
    """Bring a file as the product's next release."""

    form_class = UploadForm
    title = gettext_lazy("Upload a release")
    lead = gettext_lazy(
        "The filter reads every cell before anybody sees the file. What may not be traded is "
        "stopped with its reason; you see what was found where."
    )
    verb = gettext_lazy("Upload and read")

    def why_not(self) -> str | None:
        return rules.why_not_upload(self.actor, self.product)

    def act(self, form: forms.Form) -> str:
        file = form.cleaned_data["file"]
        release = services.upload_release(
            product=self.product,
            source=file,
            filename=file.name,
            changelog=form.cleaned_data["changelog"],
            by=self.actor,
            at=self.now,
        )
        if form.cleaned_data["submit"]:
            services.submit_release(release=release, by=self.actor, at=self.now)
        return reverse("provider_release", args=[release.reference])


class OfRelease(Page):
    """A page about one own release."""

    roles = PROVIDER
    release: Release

    def load(self, **kwargs: Any) -> None:
        self.release = get_release_for(self.actor, kwargs["reference"])
        if self.release.product.provider.reference != self.actor.organization:
            words = _("There is no release %(reference)s.")
            raise NotFound(words % {"reference": kwargs["reference"]})
        stand_in(self.request, "provider_products")

    @property
    def back(self) -> str:
        """The release's page."""
        return reverse("provider_release", args=[self.release.reference])

    @cached_property
    def resting(self) -> list[Resting]:
        """The algorithms for which the release waits, while it does."""
        return resting_algorithms() if self.release.status in WAITING else []

    @property
    def job(self) -> Progress | None:
        """How far the filter is, while it is at work or awaited."""
        release = self.release
        if release.status not in WAITING:
            return None
        url = reverse("provider_release_progress", args=[release.reference])
        screening = latest_screening(release)
        running = screening is not None and screening.status == ScreeningState.RUNNING
        found = progress_of(screening, url) if screening else None
        waiting = _("Queued; the filter begins in a moment")
        if self.resting and not running:
            words = _("In the queue until the suspended algorithm may decide again")
            return Progress(what=words, since=release.submitted_at, url=url)
        return found or Progress(what=waiting, since=release.submitted_at, url=url)


class ReleasePage(OfRelease):
    """What was read of a file, and what the filter says of it."""

    template_name = "provider/release.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        release = self.release
        screening = latest_screening(release)
        job = self.job
        return super().get_context_data(
            release=release,
            product=release.product,
            head=self._head(screening),
            lifecycle=RELEASE,
            road=ROAD,
            job=job,
            resting=self.resting,
            refresh_seconds=REFRESH_SECONDS if job else 0,
            notes=[describe_note(note) for note in release.notes],
            derivation=derivation_of(release),
            columns=columns_of(release.profile, masked=_masked(release, screening)),
            column_heads=COLUMN_HEADS,
            sample=sample_of(release.sample),
            moments=moments_for(self.actor, "release", release.reference),
            remedy_url=remedy_url(self.actor, release, screening),
            **report_context(screening),
            **kwargs,
        )

    def _head(self, screening: Screening | None) -> Head:
        release, product = self.release, self.release.product
        may = rules.why_not_upload(self.actor, product)
        actions = []
        if release.status == ReleaseState.DRAFT:
            actions.append(
                Action(
                    label=_("Hand it to the filter"),
                    url=reverse("provider_release_submit", args=[release.reference]),
                    main=True,
                    reason=may,
                )
            )
        if release.status in RELEASE.withdraw.sources:
            actions.append(
                Action(
                    label=_("Take it back"),
                    url=reverse("provider_release_withdraw", args=[release.reference]),
                    post=False,
                    danger=True,
                    reason=rules.why_not_withdraw(self.actor, release),
                )
            )
        if screening and screening.report and release.status not in WAITING:
            actions.append(
                Action(
                    label=_("Make a compliant version"),
                    url=reverse("provider_remedy", args=[release.reference]),
                    post=False,
                    main=release.status in (ReleaseState.BLOCKED, ReleaseState.IN_REVIEW),
                    reason=why_not_derive(self.actor, release, product),
                )
            )
        if release.status in (ReleaseState.BLOCKED, ReleaseState.WITHDRAWN):
            actions.append(
                Action(
                    label=_("Upload another release"),
                    url=reverse("provider_upload", args=[product.reference]),
                    post=False,
                    main=not (screening and screening.report),
                    reason=may,
                )
            )
        return Head(
            title=_("Release %(number)d of %(product)s")
            % {"number": release.number, "product": product.name},
            kind=_("Release"),
            reference=release.reference,
            status=release.status,
            status_label=release.get_status_display(),
            since=release.status_since,
            summary=release.changelog,
            actions=actions,
            crumbs=product_crumbs(product),
            why=[_report_link(screening)] if screening and screening.report else [],
        )


def _masked(release: Release, screening: Screening | None) -> list[str]:
    """Return the columns whose values are not drawn: all, until the filter has read them."""
    if screening is None or not screening.report:
        return release.column_names
    return list(screening.sample.get("masked", []))


def _report_link(screening: Screening) -> Link:
    words = _("Screening %(reference)s as a document") % {"reference": screening.reference}
    return Link(label=words, url=reverse("screening", args=[screening.reference]))


def remedy_url(actor: Actor, release: Release, screening: Screening | None) -> str:
    """Return the way from a finding to its remedy; empty where nothing may be derived."""
    stopped = release.status in (ReleaseState.BLOCKED, ReleaseState.IN_REVIEW)
    if screening is None or not screening.report or not stopped:
        return ""
    if why_not_derive(actor, release, release.product):
        return ""
    return reverse("provider_remedy", args=[release.reference])


def report_context(screening: Screening | None) -> dict[str, Any]:
    """Return what the report's templates show of a screening."""
    return {
        "screening": screening,
        "explained": explain(screening) if screening else None,
        "authority": authority_words(screening) if screening else "",
        "case": (case := getattr(screening, "case", None)),
        "case_reason": reason_of(case) if case else "",
        "find_columns": FIND_COLUMNS,
        "reason_columns": REASON_COLUMNS,
        "combination_columns": COMBINATION_COLUMNS,
    }


class ReleaseProgress(OfRelease):
    """The moving part of a release's page; when the filter is done, the whole page comes anew."""

    template_name = "provider/job.html"

    def get(self, request: HttpRequest, *_args: Any, **kwargs: Any) -> HttpResponse:
        """Show how far it is."""
        job = self.job
        if job is None:
            if getattr(request, "htmx", False):
                return HttpResponse(headers={"HX-Refresh": "true"})
            return HttpResponseRedirect(self.back)
        return self.render_to_response(self.get_context_data(job=job, **kwargs))


class SubmitRelease(ActPage, OfRelease):
    """Hand a release to the filter."""

    done = gettext_lazy("The release is handed to the filter.")

    def act(self) -> str:
        services.submit_release(release=self.release, by=self.actor, at=self.now)
        return self.back


class WithdrawRelease(OfRelease, FormPage):
    """Take a release back."""

    form_class = ReasonForm
    template_name = "provider/form.html"
    done = gettext_lazy("The release is taken back.")

    def load(self, **kwargs: Any) -> None:
        super().load(**kwargs)
        if refusal := rules.why_not_withdraw(self.actor, self.release):
            raise NotAllowed(refusal)

    def act(self, form: forms.Form) -> str:
        services.withdraw_release(
            release=self.release, reason=form.cleaned_data["reason"], by=self.actor, at=self.now
        )
        return self.back

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        product = self.release.product
        return super().get_context_data(
            title=_("Take release %(reference)s back") % {"reference": self.release.reference},
            lead=_("It stays in the record but cannot be traded any more."),
            verb=_("Take it back"),
            danger=True,
            back=self.back,
            product=product,
            crumbs=product_crumbs(product),
            **kwargs,
        )


PLACE = "provider/releases/<str:reference>"
urlpatterns = [
    path(
        "provider/products/<str:reference>/releases/new/", Upload.as_view(), name="provider_upload"
    ),
    path(f"{PLACE}/", ReleasePage.as_view(), name="provider_release"),
    path(f"{PLACE}/progress/", ReleaseProgress.as_view(), name="provider_release_progress"),
    path(f"{PLACE}/submit/", SubmitRelease.as_view(), name="provider_release_submit"),
    path(f"{PLACE}/withdraw/", WithdrawRelease.as_view(), name="provider_release_withdraw"),
]
