"""The register of appraisers, and an assessor's own accreditation."""

from typing import Any

from django import forms
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.log.signing import get_signer
from exchange.appraisers import queries, rules, services
from exchange.appraisers.fields import ACCREDITATION_FIELDS
from exchange.appraisers.models import Accreditation
from exchange.appraisers.states import AccreditationState
from exchange.catalog.vocabulary import Industry
from exchange.parties.queries import people_names
from exchange.trading.signatures import party_key
from exchange.web.components import Action, Column, Head, Link
from exchange.web.forms.fields import form_of, sent
from exchange.web.pages import FormPage, Page
from exchange.web.timelines import moments_for
from pricing.models import Appraisal
from pricing.rules import IN_A_ROW_MOST

COLUMNS = (
    Column(label=gettext_lazy("Appraiser")),
    Column(label=gettext_lazy("Status")),
    Column(label=gettext_lazy("Qualification")),
    Column(label=gettext_lazy("Industries")),
    Column(label=gettext_lazy("Valid until")),
    Column(label=gettext_lazy("Appraisals signed"), number=True),
)
AccreditationForm = form_of("AccreditationForm", ACCREDITATION_FIELDS)


def in_words(accreditation: Accreditation) -> dict[str, Any]:
    """Return what a page shows of an accreditation beside its columns."""
    people = people_names(f"user:{person}" for person in accreditation.signers)
    return {
        "accreditation": accreditation,
        "industries": [Industry(code).label for code in accreditation.industries],
        "signers": [people.get(f"user:{person}", "–") for person in accreditation.signers],
        "links": [
            {**link, "person": people.get(f"user:{link['person']}", "–")}
            for link in accreditation.links
        ],
        "signed": Appraisal.objects.filter(appraiser=accreditation.organization.reference).count(),
        "key": party_key(accreditation.organization.reference),
    }


class Register(Page):
    """Who may appraise: the platform, which says what it is, and the accredited organizations."""

    public = True
    template_name = "appraisers/register.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actions = []
        if self.actor.has_role("ASSESSOR"):
            url = reverse("assessor_accreditation")
            actions = [Action(label=_("Your accreditation"), url=url, post=False, main=True)]
        return super().get_context_data(
            head=Head(
                title=_("Register of appraisers"),
                kind=_("Public register"),
                summary=_(
                    "Whose appraisals may stand beside a price. None signs more than twice in a "
                    "row for one product or one provider."
                ),
                actions=actions,
            ),
            platform_key=get_signer("appraisal").verifier_key,
            platform_signed=Appraisal.objects.filter(appraiser__startswith="system").count(),
            most=IN_A_ROW_MOST,
            rows=[in_words(row) for row in queries.register()[:200]],
            columns=COLUMNS,
            **kwargs,
        )


class AppraiserPage(Page):
    """One appraiser as anybody may know it."""

    public = True
    template_name = "appraisers/appraiser.html"
    accreditation: Accreditation

    def load(self, **kwargs: Any) -> None:
        self.accreditation = queries.get_registered(kwargs["reference"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        accreditation = self.accreditation
        return super().get_context_data(
            head=head_of(
                accreditation,
                crumbs=[Link(label=_("Register of appraisers"), url=reverse("appraisers"))],
            ),
            declared=False,
            **in_words(accreditation),
            **kwargs,
        )


class OwnAccreditation(Page):
    """What an assessor declared, and how its accreditation stands."""

    roles = ("ASSESSOR",)
    template_name = "appraisers/own.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        standing = queries.standing_of(self.actor.organization)
        apply = Action(
            label=_("Apply for accreditation"),
            url=reverse("assessor_apply"),
            post=False,
            main=True,
            reason=rules.why_not_apply(self.actor),
        )
        if standing is None:
            head = Head(
                title=_("Accreditation"),
                summary=_("Only accredited assessors appraise for others."),
                actions=[apply],
            )
            return super().get_context_data(
                head=head,
                earlier=queries.accreditations_visible_to(self.actor)[:20],
                **kwargs,
            )
        return super().get_context_data(
            head=head_of(standing),
            declared=True,
            moments=moments_for(self.actor, "accreditation", standing.reference, limit=12),
            **in_words(standing),
            **kwargs,
        )


class Apply(FormPage):
    """Qualification, insurance and declarations."""

    roles = ("ASSESSOR",)
    template_name = "orders/act.html"
    form_class = AccreditationForm
    done = gettext_lazy("The application was sent; the operator or a regulator decides.")

    def act(self, form: forms.Form) -> str:
        services.apply_for_accreditation(
            said=sent(form, ACCREDITATION_FIELDS), by=self.actor, at=self.now
        )
        return reverse("assessor_accreditation")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        head = Head(
            title=_("Apply for accreditation"),
            summary=_(
                "What you declare stays on record; ties that you leave out cost the accreditation."
            ),
            crumbs=[Link(label=_("Accreditation"), url=reverse("assessor_accreditation"))],
        )
        return super().get_context_data(
            head=head,
            button=_("Send the application"),
            back_url=reverse("assessor_accreditation"),
            **kwargs,
        )


def head_of(accreditation: Accreditation, **more: Any) -> Head:
    """Return the head of a page about an accreditation."""
    refused = accreditation.status == AccreditationState.REJECTED
    return Head(
        title=accreditation.organization.name,
        kind=_("Appraiser"),
        reference=accreditation.reference,
        status=accreditation.status,
        status_label=accreditation.get_status_display(),
        since=accreditation.status_since,
        summary=accreditation.status_reason if refused else "",
        **more,
    )


urlpatterns = [
    path("appraisers/", Register.as_view(), name="appraisers"),
    path("appraisers/<str:reference>/", AppraiserPage.as_view(), name="appraiser"),
    path("assessor/accreditation/", OwnAccreditation.as_view(), name="assessor_accreditation"),
    path("assessor/accreditation/apply/", Apply.as_view(), name="assessor_apply"),
]
