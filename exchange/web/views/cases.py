"""Cases: what the rules leave to a person, for operator and regulator in their own consoles."""

from typing import Any

from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exchange.compliance import queries, rules
from exchange.compliance.models import Case
from exchange.compliance.states import UNDECIDED
from exchange.parties.queries import organization_names, people_names
from exchange.web.components import Column, Head, Link
from exchange.web.pages import Page
from exchange.web.paging import paginate
from exchange.web.timelines import moments_for

from .case_decisions import case_decisions
from .desk import Decision, Desk
from .findings import findings_of

CASE_COLUMNS = (
    Column(label=gettext_lazy("Product")),
    Column(label=gettext_lazy("Case")),
    Column(label=gettext_lazy("Rules")),
    Column(label=gettext_lazy("Grade")),
    Column(label=gettext_lazy("Who decides")),
    Column(label=gettext_lazy("Opened")),
)
DECIDED_COLUMNS = (*CASE_COLUMNS[:5], Column(label=gettext_lazy("Decision")))


class Cases(Page):
    """Open cases, the oldest first, and those decided before."""

    template_name = "cases/cases.html"
    console = "operator"
    look = "cases"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = queries.cases_visible_to(self.actor)
        waiting = list(rows.filter(status__in=UNDECIDED).order_by("due_on", "pk")[:200])
        head = Head(
            title=_("Screening cases"),
            kind=_("Operator") if self.console == "operator" else _("Regulator"),
            summary=_(
                "What the filter stopped and a person may decide; nobody decides on data of its "
                "own organization."
            ),
        )
        return super().get_context_data(
            head=head,
            waiting=[(case, rules.why_not_decide(self.actor, case)) for case in waiting],
            page=paginate(
                rows.exclude(status__in=UNDECIDED), self.request.GET, order=("-decided_at", "-pk")
            ),
            case_route=f"{self.console}_case",
            case_columns=CASE_COLUMNS,
            decided_columns=DECIDED_COLUMNS,
            **kwargs,
        )


class CasePage(Desk):
    """One case: the rules that fired, masked evidence, legal basis, and the decision."""

    template_name = "cases/case.html"
    console = "operator"
    look = "case"
    case: Case

    def load(self, **kwargs: Any) -> None:
        self.case = queries.get_case_for(self.actor, kwargs["reference"])

    def decisions(self) -> list[Decision]:
        return case_decisions(
            self.case,
            by=self.actor,
            at=self.now,
            onward=reverse(f"{self.console}_case", args=[self.case.reference]),
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        case = self.case
        release = case.screening.release
        return super().get_context_data(
            case=case,
            release=release,
            product=release.product,
            head=self._head(),
            findings=findings_of(case.screening),
            decider=people_names([case.decided_by]).get(case.decided_by, case.decided_by),
            decided_for=organization_names([case.decided_for]).get(case.decided_for, ""),
            moments=moments_for(self.actor, "case", case.reference),
            **kwargs,
        )

    def _head(self) -> Head:
        case = self.case
        product = case.screening.release.product
        return Head(
            title=product.name,
            kind=_("Case"),
            reference=case.reference,
            owner=Link(
                label=product.provider.name, url=reverse("product", args=[product.reference])
            ),
            status=case.status,
            status_label=case.get_status_display(),
            since=case.decided_at or case.opened_at,
            summary=_("To be decided by: %(who)s.") % {"who": case.get_authority_display()},
            actions=self.way(),
            crumbs=[Link(label=_("Screening cases"), url=reverse(f"{self.console}_cases"))],
            why=[
                Link(label=_("What was found"), url="#findings"),
                Link(label=_("Timeline"), url="#timeline"),
            ],
        )


urlpatterns = [
    path(
        "operator/cases/",
        Cases.as_view(roles=("OPERATOR",), console="operator"),
        name="operator_cases",
    ),
    path(
        "operator/cases/<str:reference>/",
        CasePage.as_view(roles=("OPERATOR",), console="operator"),
        name="operator_case",
    ),
    path(
        "regulator/cases/",
        Cases.as_view(roles=("REGULATOR",), console="regulator"),
        name="regulator_cases",
    ),
    path(
        "regulator/cases/<str:reference>/",
        CasePage.as_view(roles=("REGULATOR",), console="regulator"),
        name="regulator_case",
    ),
]
