"""One's own organization: admission, members, and the tokens of its machines."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.log.errors import NotAllowed
from exchange.parties import rules, services
from exchange.parties.models import Organization
from exchange.parties.queries import (
    actor_for_user,
    get_organization_for,
    passed_checks,
    user_of,
)
from exchange.parties.states import (
    MARKET_ROLES,
    ORGANIZATION,
    CheckKind,
    OrganizationRole,
    OrganizationState,
)
from exchange.vault.queries import objects_visible_to
from exchange.vault.services import store_object
from exchange.vault.states import Purpose
from exchange.web.components import Action, Head
from exchange.web.evidence import evidence_action
from exchange.web.forms.manual import DOCUMENT_MOST, check_size
from exchange.web.frame import ORGANIZATION_KEY
from exchange.web.pages import FormPage, Page
from exchange.web.timelines import moments_for

APPLICANT_ROLES = [
    (role.value, role.label)
    for role in OrganizationRole
    if role in MARKET_ROLES or role == OrganizationRole.REGULATOR
]


class LicenseField(forms.FileField):
    """The file of a business license."""

    def __init__(self, **words: Any) -> None:
        words = {
            "label": gettext_lazy("Business license"),
            "help_text": gettext_lazy("Scan or PDF, at most 20 MB. Only the operator reads it."),
            "validators": [check_size],
            **words,
        }
        super().__init__(**words)


class ApplyForm(forms.Form):
    """An application for admission."""

    name = forms.CharField(
        label=gettext_lazy("Registered name"),
        help_text=gettext_lazy("As it stands in the business license."),
        max_length=200,
    )
    name_en = forms.CharField(label=gettext_lazy("Name in English"), max_length=200, required=False)
    uscc = forms.CharField(
        label=gettext_lazy("Unified social credit code"),
        help_text=gettext_lazy("18 characters, GB 32100-2015; its check character is verified."),
        max_length=30,
    )
    region = forms.CharField(
        label=gettext_lazy("Region of registration"), max_length=100, required=False
    )
    roles = forms.MultipleChoiceField(
        label=gettext_lazy("To take part as"),
        help_text=gettext_lazy("Who runs or supervises the exchange takes no part in trade."),
        choices=APPLICANT_ROLES,
        widget=forms.CheckboxSelectMultiple,
    )
    license = LicenseField()
    clean_record_declared = forms.BooleanField(
        label=gettext_lazy(
            "We declare that in the last three years we had no criminal record and no major "
            "violation in data matters."
        ),
        required=False,
    )


class Apply(FormPage):
    """Apply for admission; the applicant becomes the organization's administrator."""

    form_class = ApplyForm
    template_name = "organization/apply.html"
    done = gettext_lazy("The application is before the operator.")

    def why_not_enter(self) -> str | None:
        return None

    def act(self, form: forms.Form) -> str:
        person = user_of(self.actor)
        if person is None:
            raise NotAllowed(_("Sign in to apply for admission."))
        said = {name: value for name, value in form.cleaned_data.items() if name != "license"}
        made = services.apply_for_admission(applicant=person, by=self.actor, at=self.now, **said)
        self.request.session[ORGANIZATION_KEY] = made.reference
        self.actor = actor_for_user(person, made.reference, self.actor.request_id)
        keep_license(self, made, form.cleaned_data["license"])
        return reverse("organization_profile")


def keep_license(page: Page, organization: Organization, file: Any) -> None:
    """Keep the license file and put it before the operator."""
    stored = store_object(
        source=file,
        filename=file.name,
        purpose=Purpose.LICENSE,
        owner=organization.reference,
        max_bytes=DOCUMENT_MOST,
        by=page.actor,
        at=page.now,
    )
    services.attach_license(
        organization=organization, license_object=stored.reference, by=page.actor, at=page.now
    )


class OwnOrganization(Page):
    """A page about the organization one acts for."""

    member = True
    organization: Organization

    def load(self, **_kwargs: Any) -> None:
        self.organization = get_organization_for(self.actor, self.actor.organization)

    @property
    def refusal(self) -> str | None:
        """Why the actor does not administer the organization."""
        return rules.why_not_administer(self.actor, self.organization)


class LicenseForm(forms.Form):
    """A license brought after the application."""

    license = LicenseField()


class Profile(OwnOrganization, FormPage):
    """Who the organization is here, and how far its admission has come."""

    form_class = LicenseForm
    template_name = "organization/profile.html"
    done = gettext_lazy("The license is before the operator.")

    def why_not_enter(self) -> str | None:
        return None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.actor.is_identified and not self.actor.organization:
            return HttpResponseRedirect(reverse("organization_apply"))
        return super().dispatch(request, *args, **kwargs)

    def act(self, form: forms.Form) -> str:
        keep_license(self, self.organization, form.cleaned_data["license"])
        return reverse("organization_profile")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        organization = self.organization
        passed = passed_checks(organization)
        license_file = objects_visible_to(self.actor).filter(reference=organization.license_object)
        return super().get_context_data(
            head=Head(
                title=organization.name,
                kind=_("Organization"),
                reference=organization.reference,
                status=organization.status,
                status_label=organization.get_status_display(),
                since=organization.status_since,
                summary=organization.name_en,
                actions=[
                    *self._actions(),
                    *evidence_action(self.actor, "ORGANIZATION", organization.reference),
                ],
            ),
            lifecycle=ORGANIZATION,
            organization=organization,
            checks=[
                (CheckKind(kind).label, kind in passed)
                for kind in CheckKind.values
                if kind in rules.required_checks(organization.roles)
            ],
            license_file=license_file.first(),
            may_bring=self.refusal is None and organization.status == OrganizationState.APPLIED,
            moments=moments_for(self.actor, "organization", organization.reference),
            **kwargs,
        )

    def _actions(self) -> list[Action]:
        if self.organization.status not in (
            OrganizationState.REJECTED,
            OrganizationState.TERMINATED,
        ):
            return []
        url = reverse("organization_apply")
        return [Action(label=_("Apply again"), url=url, post=False, main=True)]


urlpatterns = [
    path("organization/", Profile.as_view(), name="organization_profile"),
    path("organization/apply/", Apply.as_view(), name="organization_apply"),
]
