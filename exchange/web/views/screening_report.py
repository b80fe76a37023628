"""The signed report of one screening, as a document to print and file."""

import base64
from typing import Any

from django.urls import path, reverse
from django.utils.translation import gettext as _

from audit.log.canonical import canonical
from audit.log.signing import verify_signature
from exchange.compliance.models import Screening
from exchange.compliance.queries import get_screening_for
from exchange.web.components import Head, Link
from exchange.web.pages import Page
from exchange.web.timelines import moments_for

from .owned import stand_in, stand_with_the_watch
from .releases import remedy_url, report_context


class ScreeningReport(Page):
    """The signed report of one screening, as a document to file."""

    member = True
    look = "screening"
    template_name = "provider/screening.html"
    screening: Screening

    def load(self, **kwargs: Any) -> None:
        self.screening = get_screening_for(self.actor, kwargs["reference"])
        if self.screening.release.product.provider.reference == self.actor.organization:
            stand_in(self.request, "provider_products")
        else:
            stand_with_the_watch(self.request, self.actor)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        screening = self.screening
        release = screening.release
        own = release.product.provider.reference == self.actor.organization
        there = reverse("provider_release", args=[release.reference]) if own else ""
        return super().get_context_data(
            release=release,
            product=release.product,
            release_url=there,
            remedy_url=remedy_url(self.actor, release, screening),
            authentic=_is_signed(screening),
            here=self.request.build_absolute_uri(),
            head=Head(
                title=_("Screening report"),
                reference=screening.reference,
                status=screening.outcome or screening.status,
                status_label=screening.get_outcome_display() or screening.get_status_display(),
                since=screening.finished_at or screening.created_at,
                crumbs=[Link(label=release.reference, url=there)] if there else [],
            ),
            moments=moments_for(self.actor, "screening", screening.reference),
            **report_context(screening),
            **kwargs,
        )


def _is_signed(screening: Screening) -> bool:
    """Whether the report is what the filter signed."""
    if not screening.report or not screening.signature:
        return False
    signature = base64.b64decode(screening.signature)
    return verify_signature(screening.signed_by, canonical(screening.report), signature)


urlpatterns = [path("screenings/<str:reference>/", ScreeningReport.as_view(), name="screening")]
