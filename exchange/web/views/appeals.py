"""Appeals of providers, and their pages."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.log.errors import NotAllowed, NotFound
from exchange.compliance import appealing, queries, services
from exchange.compliance.models import Appeal, Screening
from exchange.web.components import Action, Head, Link
from exchange.web.forms.case_files import AppealForm
from exchange.web.pages import ActPage, FormPage, Page
from exchange.web.timelines import moments_for

from .case_files import as_download, keep_documents
from .owned import PROVIDER, stand_in


class LodgeAppeal(FormPage):
    """Appeal against the block of a release."""

    roles = PROVIDER
    form_class = AppealForm
    template_name = "provider/form.html"
    done = gettext_lazy("The appeal is lodged.")
    screening: Screening

    def load(self, **kwargs: Any) -> None:
        self.screening = queries.get_screening_for(self.actor, kwargs["reference"])
        if self.screening.release.product.provider.reference != self.actor.organization:
            raise NotFound
        if refusal := appealing.why_not_appeal(self.actor, self.screening):
            raise NotAllowed(refusal)

    @property
    def back(self) -> str:
        """The release's page."""
        return reverse("provider_release", args=[self.screening.release.reference])

    def act(self, form: forms.Form) -> str:
        said = form.cleaned_data
        release = self.screening.release
        refusal = appealing.why_not_now(release, self.screening, self.now)
        if refusal:
            raise NotAllowed(refusal)  # before files are kept for an appeal that cannot be
        made = services.lodge_appeal(
            screening=self.screening,
            wish=said["wish"],
            grounds=said["grounds"],
            documents=keep_documents(self, form),
            by=self.actor,
            at=self.now,
        )
        return reverse("provider_appeal", args=[made.reference])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        release = self.screening.release
        last = appealing.last_day_to_appeal(release)
        return super().get_context_data(
            title=_("Appeal against the block"),
            lead=_(
                "Until the end of %(last)s. Another person than those who decided answers, with "
                "reasons. Against core data an appeal asks for another screening only."
            )
            % {"last": last.isoformat()},
            verb=_("Lodge the appeal"),
            back=self.back,
            product=release.product,
            **kwargs,
        )


class AppealPage(Page):
    """One appeal of one's own."""

    roles = PROVIDER
    template_name = "cases/appeal.html"
    appeal: Appeal

    def load(self, **kwargs: Any) -> None:
        self.appeal = own_appeal(self, kwargs["reference"])
        stand_in(self.request, "provider_cases")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actions = []
        if self.appeal.status == "LODGED":
            actions.append(
                Action(
                    label=_("Take the appeal back"),
                    url=reverse("provider_appeal_withdraw", args=[self.appeal.reference]),
                    danger=True,
                    reason=appealing.why_not_withdraw(self.actor, self.appeal),
                )
            )
        return super().get_context_data(
            appeal=self.appeal,
            release=self.appeal.screening.release,
            head=appeal_head(self.appeal, actions, reverse("provider_cases")),
            document_route="provider_appeal_document",
            moments=moments_for(self.actor, "appeal", self.appeal.reference),
            **kwargs,
        )


def own_appeal(page: Page, reference: str) -> Appeal:
    """Return an appeal of one's own organization; NotFound for all others."""
    found = appealing.get_appeal_for(page.actor, reference)
    if found.screening.release.product.provider.reference != page.actor.organization:
        raise NotFound
    return found


class AppealDocument(Page):
    """A document of an appeal, taken out of the vault on record."""

    look = "appeal"
    appeal: Appeal

    def load(self, **kwargs: Any) -> None:
        self.appeal = appealing.get_appeal_for(self.actor, kwargs["reference"])

    def get(self, request: HttpRequest, *_args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002  a file, not a page
        """Send it, never to be opened by the browser itself."""
        opened = services.read_appeal_document(
            appeal=self.appeal,
            reference=kwargs["document"],
            purpose=self.visit.purpose if self.visit else "",
            by=self.actor,
            at=self.now,
        )
        return as_download(*opened)


class WithdrawAppeal(ActPage):
    """Take an appeal back."""

    roles = PROVIDER
    done = gettext_lazy("The appeal is taken back.")

    def load(self, **kwargs: Any) -> None:
        self.appeal = appealing.get_appeal_for(self.actor, kwargs["reference"])

    def act(self) -> str:
        services.withdraw_appeal(appeal=self.appeal, by=self.actor, at=self.now)
        return reverse("provider_appeal", args=[self.appeal.reference])


def appeal_head(appeal: Appeal, actions: list[Action], cases: str) -> Head:
    """Return the head of an appeal's page."""
    return Head(
        title=appeal.screening.release.product.name,
        kind=_("Appeal"),
        reference=appeal.reference,
        status=appeal.status,
        status_label=appeal.get_status_display(),
        since=appeal.closed_at or appeal.lodged_at,
        actions=actions,
        crumbs=[Link(label=_("Compliance cases"), url=cases)],
    )


urlpatterns = [
    *[
        path(
            f"{console}/appeals/<str:reference>/documents/<str:document>",
            AppealDocument.as_view(roles=(console.upper(),)),
            name=f"{console}_appeal_document",
        )
        for console in ("provider", "regulator", "operator")
    ],
    path(
        "provider/screenings/<str:reference>/appeal/",
        LodgeAppeal.as_view(),
        name="provider_appeal_new",
    ),
    path("provider/appeals/<str:reference>/", AppealPage.as_view(), name="provider_appeal"),
    path(
        "provider/appeals/<str:reference>/withdraw/",
        WithdrawAppeal.as_view(),
        name="provider_appeal_withdraw",
    ),
]
