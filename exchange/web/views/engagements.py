"""Engagements: a provider asks an appraiser; the appraiser's work queue, answer and delivery."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.log.errors import NotAllowed
from exchange.appraisers import queries, rules, services
from exchange.appraisers.fields import CONFLICTS, REQUEST_FIELDS
from exchange.appraisers.models import Engagement
from exchange.appraisers.states import EngagementState
from exchange.catalog.rules import why_not_upload
from exchange.catalog.services import request_price_review
from exchange.catalog.states import ReviewRoute
from exchange.web.components import Action, Column, Head
from exchange.web.forms.appraisals import AppraisalForm
from exchange.web.forms.fields import form_fields_of, sent
from exchange.web.forms.reasons import ReasonForm
from exchange.web.pages import ActPage, Page
from exchange.web.paging import paginate
from exchange.web.timelines import moments_for
from exchange.web.trade import links, way
from pricing.models import Appraisal

from .appraising import Appraising
from .desk import Decision, Desk
from .owned import PROVIDER, ProductForm, stand_in, stand_with_the_watch

COLUMNS = (
    Column(label=gettext_lazy("Product")),
    Column(label=gettext_lazy("Reference")),
    Column(label=gettext_lazy("Other side")),
    Column(label=gettext_lazy("Fixed fee"), number=True),
    Column(label=gettext_lazy("Status")),
    Column(label=gettext_lazy("Asked")),
)


class Engagements(Page):
    """The engagements of one side."""

    template_name = "appraisers/engagements.html"
    side: ClassVar[str]
    summary: ClassVar[Any]
    path: ClassVar[str]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = queries.engagements_visible_to(self.actor).filter(
            **{self.path: self.actor.organization}
        )
        return super().get_context_data(
            head=Head(title=_("Engagements"), summary=self.summary),
            page=paginate(rows, self.request.GET),
            columns=COLUMNS,
            side=self.side,
            **kwargs,
        )


class WorkQueue(Engagements):
    """What an appraiser was asked for."""

    roles = ("ASSESSOR",)
    side = "assessor"
    path = "accreditation__organization__reference"
    summary = gettext_lazy("What providers ask you to appraise: take it on, decline it, deliver.")


class ProviderEngagements(Engagements):
    """What a provider asked for."""

    roles = PROVIDER
    side = "provider"
    path = "product__provider__reference"
    summary = gettext_lazy("What you asked appraisers for, beside the platform's own appraisal.")


class AcceptForm(forms.Form):
    """The declarations of an appraiser (独立性声明)."""

    declares_independence = forms.BooleanField(
        label=gettext_lazy(
            "We are independent of the provider: no shares either way or through a common owner, "
            "no near relatives, no purchase of this product."
        ),
    )
    declares_fixed_fee = forms.BooleanField(
        label=gettext_lazy("Our fee is the fixed fee and does not depend on the value we find."),
    )
    conflicts = form_fields_of([CONFLICTS])["conflicts"]


class EngagementPage(Desk):
    """One engagement, for both sides and the watch."""

    member = True
    look = "engagement"
    template_name = "appraisers/engagement.html"
    engagement: Engagement

    def load(self, **kwargs: Any) -> None:
        self.engagement = queries.get_engagement_for(self.actor, kwargs["reference"])
        if self.actor.organization == self.engagement.product.provider.reference:
            stand_in(self.request, "provider_engagements")
        elif self.actor.has_role("ASSESSOR"):
            stand_in(self.request, "assessor_engagements")
        else:
            stand_with_the_watch(self.request, self.actor)

    def decisions(self) -> list[Decision]:
        engagement = self.engagement
        if self.actor.organization != engagement.accreditation.organization.reference:
            return []
        allowed = engagement.lifecycle.allowed(engagement.status)
        found = []
        if "accept" in allowed:
            found.append(self._accept())
        if "decline" in allowed:
            found.append(self._decline())
        return found

    def _accept(self) -> Decision:
        def call(said: Mapping[str, Any]) -> object:
            return services.accept_engagement(
                engagement=self.engagement, by=self.actor, at=self.now, **said
            )

        return Decision(
            name="accept",
            title=_("Take it on"),
            verb=_("Declare and take it on"),
            form_class=AcceptForm,
            call=call,
            done=_("The engagement is yours; deliver the appraisal when it is ready."),
            onward=way("engagement", self.engagement.reference),
            reason=rules.why_not_answer(self.actor, self.engagement),
        )

    def _decline(self) -> Decision:
        return Decision(
            name="decline",
            title=_("Decline"),
            verb=_("Decline the engagement"),
            form_class=ReasonForm,
            call=lambda said: services.decline_engagement(
                engagement=self.engagement, reason=said["reason"], by=self.actor, at=self.now
            ),
            done=_("The engagement was declined."),
            onward=way("engagement", self.engagement.reference),
            reason=rules.why_not_answer(self.actor, self.engagement),
            danger=True,
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        engagement = self.engagement
        return super().get_context_data(
            head=Head(
                title=engagement.product.name,
                kind=_("Engagement"),
                reference=engagement.reference,
                status=engagement.status,
                status_label=engagement.get_status_display(),
                since=engagement.delivered_at or engagement.answered_at or engagement.requested_at,
                actions=self._actions(),
                crumbs=links((_("Engagements"), str(getattr(self.request, "place", "")))),
                why=links((_("Appraisal"), self._report())),
            ),
            engagement=engagement,
            facts=engagement.product.current,
            moments=moments_for(self.actor, "engagement", engagement.reference, limit=12),
            **kwargs,
        )

    def _report(self) -> str:
        found = self.engagement.appraisal
        return reverse("appraisal", args=[found]) if found else ""

    def _actions(self) -> list[Action]:
        engagement, actor = self.engagement, self.actor
        if actor.organization == engagement.product.provider.reference:
            if engagement.status != EngagementState.REQUESTED:
                return []
            recall = Action(
                label=_("Take the request back"),
                url=way("engagement_recall", engagement.reference),
                reason=rules.why_not_recall(actor, engagement),
            )
            return [recall]
        if engagement.status != EngagementState.ACCEPTED:
            return self.way()
        if actor.organization != engagement.accreditation.organization.reference:
            return []
        deliver = Action(
            label=_("Deliver the appraisal"),
            url=way("engagement_deliver", engagement.reference),
            post=False,
            main=True,
            reason=rules.why_not_sign(actor, engagement),
        )
        return [deliver]


class Recall(ActPage):
    """Taking a request back."""

    roles = PROVIDER
    done = gettext_lazy("The request was taken back.")

    def act(self) -> str:
        engagement = queries.get_engagement_for(self.actor, self.kwargs["reference"])
        services.recall_engagement(engagement=engagement, by=self.actor, at=self.now)
        return way("engagement", engagement.reference)


class Deliver(Appraising):
    """The appraiser's own appraisal, in the form of the platform's."""

    roles = ("ASSESSOR",)
    done = gettext_lazy("The appraisal is signed and stands beside the price.")
    engagement: Engagement

    def load(self, **kwargs: Any) -> None:
        self.engagement = queries.get_engagement_for(self.actor, kwargs["reference"])
        if refusal := rules.why_not_sign(self.actor, self.engagement):
            raise NotAllowed(refusal)
        self.product = self.engagement.product
        stand_in(self.request, "assessor_engagements")

    def sign(self, form: AppraisalForm, **stated: Any) -> Appraisal:
        return services.deliver_appraisal(
            engagement=self.engagement,
            declares_independence=True,
            costs=form.given.costs,
            **stated,
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        engagement = self.engagement
        here = way("engagement", engagement.reference)
        return super().get_context_data(
            product=engagement.product,
            crumbs=links((_("Engagements"), reverse("assessor_engagements"))),
            title=_("Deliver the appraisal"),
            lead=_(
                "Rows, completeness, age and grade are taken from the cleared release; the costs "
                "are those you verified. By signing you declare your independence again."
            ),
            verb=_("Work out the band and sign it"),
            back=here,
            **kwargs,
        )


class RequestEngagement(ProductForm):
    """A provider asks an appraiser."""

    title = gettext_lazy("Ask an appraiser")
    lead = gettext_lazy(
        "An accredited appraiser signs its own band at a fixed fee. State your shareholders, so "
        "that its independence can be judged."
    )
    verb = gettext_lazy("Send the request")
    done = gettext_lazy("The request was sent to the appraiser.")

    def why_not(self) -> str | None:
        return rules.why_not_engage(self.actor, self.product)

    def get_form(self) -> forms.Form:
        choices = [
            (row.reference, f"{row.organization.name} ({row.reference})")
            for row in queries.in_force(self.now)
        ]
        chosen = forms.ChoiceField(label=_("Appraiser"), choices=choices, widget=forms.RadioSelect)
        made = type(
            "RequestForm",
            (forms.Form,),
            {"accreditation": chosen, **form_fields_of(REQUEST_FIELDS)},
        )
        form: forms.Form = made(self.request.POST if self.request.method == "POST" else None)
        return form

    def act(self, form: forms.Form) -> str:
        made = services.request_engagement(
            product=self.product,
            accreditation=queries.get_registered(form.cleaned_data["accreditation"]),
            said=sent(form, REQUEST_FIELDS),
            by=self.actor,
            at=self.now,
        )
        return way("engagement", made.reference)


class ReviewRequest(forms.Form):
    """By which way a red price may be listed."""

    route = forms.ChoiceField(
        label=gettext_lazy("Way"), choices=ReviewRoute.choices, widget=forms.RadioSelect
    )
    justification = forms.CharField(
        label=gettext_lazy("Justification of the price"),
        help_text=gettext_lazy("Buyers read it with what comes of the review."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class RequestReview(ProductForm):
    """The way of a price in the red zone."""

    form_class = ReviewRequest
    title = gettext_lazy("Have the price reviewed")
    lead = gettext_lazy(
        "A price far outside the band is listed after a second appraisal by another appraiser, or "
        "after a review by the operator with written reasons."
    )
    verb = gettext_lazy("Ask for the review")
    done = gettext_lazy("The review of the price is requested.")

    def why_not(self) -> str | None:
        return why_not_upload(self.actor, self.product)

    def act(self, form: forms.Form) -> str:
        request_price_review(product=self.product, by=self.actor, at=self.now, **form.cleaned_data)
        if form.cleaned_data["route"] == ReviewRoute.SECOND_APPRAISAL:
            return reverse("provider_engage", args=[self.product.reference])
        return self.back


PLACE = "provider/products/<str:reference>"
urlpatterns = [
    path("assessor/engagements/", WorkQueue.as_view(), name="assessor_engagements"),
    path("provider/engagements/", ProviderEngagements.as_view(), name="provider_engagements"),
    path(f"{PLACE}/engage/", RequestEngagement.as_view(), name="provider_engage"),
    path(f"{PLACE}/price-review/", RequestReview.as_view(), name="provider_price_review"),
    path("engagements/<str:reference>/", EngagementPage.as_view(), name="engagement"),
    path("engagements/<str:reference>/recall/", Recall.as_view(), name="engagement_recall"),
    path("engagements/<str:reference>/deliver/", Deliver.as_view(), name="engagement_deliver"),
]
