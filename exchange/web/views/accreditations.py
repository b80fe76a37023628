"""The desk at which accreditations and red prices are decided."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exchange.appraisers import queries, rules, services
from exchange.appraisers.models import Accreditation
from exchange.catalog.models import PriceReview
from exchange.catalog.queries import get_price_review_for, price_reviews_visible_to
from exchange.catalog.rules import why_not_review
from exchange.catalog.services import decide_price_review
from exchange.catalog.states import ReviewRoute, ReviewState
from exchange.web.components import Column, Head, Link
from exchange.web.forms.reasons import ReasonForm
from exchange.web.pages import Page
from exchange.web.paging import paginate
from exchange.web.timelines import moments_for
from pricing.queries import get_appraisal, get_plan
from pricing.wording import deviation_text

from .appraisers import head_of, in_words
from .desk import Decision, Desk

DESK = ("OPERATOR", "REGULATOR")
COLUMNS = (
    Column(label=gettext_lazy("Appraiser")),
    Column(label=gettext_lazy("Reference")),
    Column(label=gettext_lazy("Accredited for")),
    Column(label=gettext_lazy("Status")),
    Column(label=gettext_lazy("Qualification")),
    Column(label=gettext_lazy("Applied")),
)
REVIEW_COLUMNS = (
    Column(label=gettext_lazy("Product")),
    Column(label=gettext_lazy("Reference")),
    Column(label=gettext_lazy("Way")),
    Column(label=gettext_lazy("Deviation"), number=True),
    Column(label=gettext_lazy("Status")),
    Column(label=gettext_lazy("Requested")),
)
WORDS: dict[str, tuple[Any, Any, Any]] = {
    "accredit": (gettext_lazy("Accredit"), gettext_lazy("Accredit the appraiser"), False),
    "reject": (gettext_lazy("Refuse"), gettext_lazy("Refuse the application"), True),
    "suspend": (gettext_lazy("Suspend"), gettext_lazy("Suspend the accreditation"), True),
    "reinstate": (gettext_lazy("Reinstate"), gettext_lazy("End the suspension"), False),
    "withdraw": (gettext_lazy("Withdraw"), gettext_lazy("Withdraw the accreditation"), True),
}
SERVICES: dict[str, Any] = {
    "accredit": services.accredit_appraiser,
    "reject": services.reject_accreditation,
    "suspend": services.suspend_accreditation,
    "reinstate": services.reinstate_accreditation,
    "withdraw": services.withdraw_accreditation,
}


class Accreditations(Page):
    """Applications and accreditations, the latest first."""

    roles = DESK
    look = "accreditations"
    template_name = "appraisers/desk.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = queries.accreditations_visible_to(self.actor)
        return super().get_context_data(
            head=Head(
                title=_("Appraisers"),
                summary=_("Who may appraise for others, decided on qualification and ties."),
            ),
            page=paginate(rows, self.request.GET),
            columns=COLUMNS,
            **kwargs,
        )


class AccreditationDesk(Desk):
    """One accreditation: what was declared, and what can be decided."""

    roles = DESK
    look = "accreditation"
    template_name = "appraisers/decide.html"
    accreditation: Accreditation

    def load(self, **kwargs: Any) -> None:
        self.accreditation = queries.get_accreditation_for(self.actor, kwargs["reference"])

    def decisions(self) -> list[Decision]:
        row = self.accreditation
        verbs = [verb for verb in row.lifecycle.allowed(row.status) if verb in SERVICES]
        return [self._decision(verb) for verb in verbs]

    def _decision(self, verb: str) -> Decision:
        title, button, danger = WORDS[verb]

        def call(said: Mapping[str, Any]) -> object:
            return SERVICES[verb](
                accreditation=self.accreditation,
                reason=said["reason"],
                by=self.actor,
                at=self.now,
            )

        return Decision(
            name=verb,
            title=title,
            verb=button,
            form_class=ReasonForm,
            call=call,
            done=_("The decision is on record."),
            onward=reverse("accreditation", args=[self.accreditation.reference]),
            reason=rules.why_not_decide(self.actor, self.accreditation),
            danger=danger,
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.accreditation
        crumbs = [Link(label=_("Appraisers"), url=reverse("accreditations"))]
        return super().get_context_data(
            head=head_of(row, crumbs=crumbs, actions=self.way()),
            declared=True,
            moments=moments_for(self.actor, "accreditation", row.reference, limit=12),
            **in_words(row),
            **kwargs,
        )


class ReviewForm(forms.Form):
    """Why a red price may stand, or not; buyers read it."""

    reasons = forms.CharField(
        label=gettext_lazy("Reasons"),
        help_text=gettext_lazy("Buyers read them beside the price."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class PriceReviews(Page):
    """Prices far outside their band that wait, and those that were decided."""

    roles = DESK
    look = "price_reviews"
    template_name = "appraisers/reviews.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            head=Head(
                title=_("Reviews of prices"),
                summary=_("Prices in the red zone are listed after a review only."),
            ),
            page=paginate(price_reviews_visible_to(self.actor), self.request.GET),
            columns=REVIEW_COLUMNS,
            **kwargs,
        )


class PriceReviewDesk(Desk):
    """One red price: what is asked, what it was appraised at, and the decision."""

    roles = DESK
    look = "price_review"
    template_name = "appraisers/review.html"
    review: PriceReview

    def load(self, **kwargs: Any) -> None:
        self.review = get_price_review_for(self.actor, kwargs["reference"])

    def decisions(self) -> list[Decision]:
        review = self.review
        if review.status != ReviewState.REQUESTED or review.route != ReviewRoute.OPERATOR_REVIEW:
            return []
        return [
            self._decision("uphold", _("Let the price stand"), uphold=True),
            self._decision("reject", _("Do not let it stand"), uphold=False),
        ]

    def _decision(self, name: str, title: str, *, uphold: bool) -> Decision:
        return Decision(
            name=name,
            title=title,
            verb=title,
            form_class=ReviewForm,
            call=lambda said: decide_price_review(
                review=self.review,
                uphold=uphold,
                reasons=said["reasons"],
                by=self.actor,
                at=self.now,
            ),
            done=_("The decision is on record."),
            onward=reverse("price_review", args=[self.review.reference]),
            reason=why_not_review(self.actor, self.review.product),
            danger=not uphold,
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        review = self.review
        return super().get_context_data(
            head=Head(
                title=review.product.name,
                kind=_("Review of a price"),
                reference=review.reference,
                status=review.status,
                status_label=review.get_status_display(),
                since=review.decided_at or review.requested_at,
                crumbs=[Link(label=_("Reviews of prices"), url=reverse("price_reviews"))],
                actions=self.way(),
            ),
            review=review,
            plan=get_plan(review.plan),
            appraisal=get_appraisal(review.appraisal),
            deviation=deviation_text(review.deviation_rate),
            moments=moments_for(self.actor, "price_review", review.reference, limit=12),
            **kwargs,
        )


urlpatterns = [
    path("accreditations/", Accreditations.as_view(), name="accreditations"),
    path("accreditations/<str:reference>/", AccreditationDesk.as_view(), name="accreditation"),
    path("price-reviews/", PriceReviews.as_view(), name="price_reviews"),
    path("price-reviews/<str:reference>/", PriceReviewDesk.as_view(), name="price_review"),
]
