"""Auditors of algorithms: the public register, and an assessor's own accreditation as one."""

from typing import Any

from django import forms
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exchange.appraisers import queries, rules, services
from exchange.appraisers.fields import ACCREDITATION_FIELDS
from exchange.appraisers.states import AccreditationKind
from exchange.web.components import Action, Column, Head, Link
from exchange.web.forms.fields import sent
from exchange.web.pages import FormPage, Page

from .appraisers import AccreditationForm

KIND = AccreditationKind.ALGORITHM_AUDIT
COLUMNS = (
    Column(label=gettext_lazy("Auditor")),
    Column(label=gettext_lazy("Status")),
    Column(label=gettext_lazy("Qualification")),
    Column(label=gettext_lazy("Valid until")),
    Column(label=gettext_lazy("Reports signed"), number=True),
)


class Auditors(Page):
    """Who may audit algorithms."""

    public = True
    template_name = "audits/auditors.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actions = []
        if self.actor.has_role("ASSESSOR"):
            standing = queries.standing_of(self.actor.organization, KIND)
            refusal = rules.why_not_apply(self.actor)
            if standing:
                refusal = _("Your accreditation: %(status)s.") % {
                    "status": standing.get_status_display()
                }
            actions = [
                Action(
                    label=_("Apply for accreditation"),
                    url=reverse("auditor_apply"),
                    post=False,
                    main=True,
                    reason=refusal,
                )
            ]
        return super().get_context_data(
            head=Head(
                title=_("Register of auditors"),
                kind=_("Public register"),
                summary=_(
                    "Who may audit algorithms: independent of the owner, and not more than twice "
                    "in a row for one algorithm."
                ),
                actions=actions,
            ),
            rows=[
                {"accreditation": row, "signed": row.audits.exclude(report="").count()}
                for row in queries.register(KIND)[:200]
            ],
            columns=COLUMNS,
            **kwargs,
        )


class Apply(FormPage):
    """Qualification, insurance and declarations, as for an appraiser."""

    roles = ("ASSESSOR",)
    template_name = "orders/act.html"
    form_class = AccreditationForm
    done = gettext_lazy("The application was sent; the operator or a regulator decides.")

    def act(self, form: forms.Form) -> str:
        services.apply_for_accreditation(
            said=sent(form, ACCREDITATION_FIELDS), kind=KIND, by=self.actor, at=self.now
        )
        return reverse("auditors")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        head = Head(
            title=_("Apply for accreditation as auditor of algorithms"),
            summary=_(
                "What you declare stays on record; ties that you leave out cost the accreditation."
            ),
            crumbs=[Link(label=_("Register of auditors"), url=reverse("auditors"))],
        )
        return super().get_context_data(
            head=head, button=_("Send the application"), back_url=reverse("auditors"), **kwargs
        )


urlpatterns = [
    path("auditors/", Auditors.as_view(), name="auditors"),
    path("assessor/auditing/apply/", Apply.as_view(), name="auditor_apply"),
]
