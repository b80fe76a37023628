"""Lists of audits: one's own algorithms with their next audit, work queues, the watch."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.disclosure.queries import get_disclosure_for
from audit.rulebook.queries import day_of
from exchange.audits import queries, rules, services
from exchange.audits.models import AlgorithmAudit
from exchange.audits.states import UNDER_WAY, AuditState
from exchange.parties.queries import organization_names
from exchange.web.components import Action, Column, Head
from exchange.web.pages import ActPage, Page
from exchange.web.paging import paginate

LATE = "LATE"
COLUMNS = (
    Column(label=gettext_lazy("Algorithm")),
    Column(label=gettext_lazy("Reference")),
    Column(label=gettext_lazy("Owner")),
    Column(label=gettext_lazy("Auditor")),
    Column(label=gettext_lazy("Status")),
    Column(label=gettext_lazy("Report due")),
)
SCHEDULE_COLUMNS = (
    Column(label=gettext_lazy("Algorithm")),
    Column(label=gettext_lazy("Last looked at")),
    Column(label=gettext_lazy("Next report due")),
    Column(label=gettext_lazy("What to do")),
)


class AuditFilter(forms.Form):
    """In which state, or late."""

    status = forms.ChoiceField(
        label=gettext_lazy("Status"),
        required=False,
        choices=[
            ("", gettext_lazy("all")),
            (LATE, gettext_lazy("overdue")),
            *AuditState.choices,
        ],
    )


class Audits(Page):
    """The audits one may see, the most urgent of the open ones first."""

    member = True
    look = "algorithm_audits"
    template_name = "audits/audits.html"

    def rows(self) -> QuerySet[AlgorithmAudit]:
        """Return the audits shown, narrowed by the filter."""
        rows = queries.audits_visible_to(self.actor)
        wanted = self.request.GET.get("status", "")
        if wanted == LATE:
            return rows.filter(status__in=UNDER_WAY, due_on__lt=day_of(self.now))
        return rows.filter(status=wanted) if wanted in AuditState.values else rows

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        page = paginate(self.rows(), self.request.GET)
        today = day_of(self.now)
        audits = list(page)
        names = organization_names(row.owner for row in audits if row.owner)
        mine = [
            row
            for row in queries.schedule(today)
            if rules.answers_for(self.actor, row.disclosure.owner)
        ]
        begun = queries.under_way_keys()
        return super().get_context_data(
            head=Head(
                title=_("Audits of algorithms"),
                summary=_(
                    "Mechanism, model, data and results are audited by independent auditors at "
                    "fixed intervals (《算法推荐管理规定》第八条)."
                ),
            ),
            page=page,
            rows=[
                {
                    "audit": row,
                    "owner": names.get(row.owner, row.owner) or _("The exchange"),
                    "late": row.is_overdue(today),
                }
                for row in audits
            ],
            columns=COLUMNS,
            filter=AuditFilter(self.request.GET),
            mine=[
                {
                    "due": row,
                    "open": (row.disclosure.owner, row.disclosure.algorithm) in begun,
                    "plan": Action(
                        label=_("Have it audited"),
                        url=reverse("audit_plan", args=[row.disclosure.reference]),
                        reason=rules.why_not_plan(self.actor, row.disclosure.owner),
                    ),
                }
                for row in mine
            ],
            schedule_columns=SCHEDULE_COLUMNS,
            **kwargs,
        )


class RoleAudits(Audits):
    """The same list under the address of a console."""

    member = False


class ProviderAudits(RoleAudits):
    """Audits of a provider's algorithms."""

    roles = ("PROVIDER",)


class AssessorAudits(RoleAudits):
    """The work queue of an auditor."""

    roles = ("ASSESSOR",)


class OperatorAudits(RoleAudits):
    """Audits as the operator sees them."""

    roles = ("OPERATOR",)


class RegulatorAudits(RoleAudits):
    """Audits as a regulator sees them."""

    roles = ("REGULATOR",)


class PlanAudit(ActPage):
    """Having an algorithm audited."""

    member = True
    done = gettext_lazy("The audit is open; choose an auditor.")

    def act(self) -> str:
        disclosure = get_disclosure_for(self.actor, self.kwargs["reference"])
        audit = services.plan_audit(disclosure=disclosure, by=self.actor, at=self.now)
        return reverse("audit", args=[audit.reference])


urlpatterns = [
    path("audits/", Audits.as_view(), name="audits"),
    path("provider/audits/", ProviderAudits.as_view(), name="provider_audits"),
    path("assessor/audits/", AssessorAudits.as_view(), name="assessor_audits"),
    path("operator/audits/", OperatorAudits.as_view(), name="operator_audits"),
    path("regulator/audits/", RegulatorAudits.as_view(), name="regulator_audits"),
    path("audits/plan/<str:reference>/", PlanAudit.as_view(), name="audit_plan"),
]
