"""Appeals against algorithms: lodged by anybody, followed by receipt, answered by the owner."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.rulebook.queries import day_of
from exchange.audits import appeal_queries, appeal_rules, services
from exchange.audits.appeal_fields import ANSWER, EXTEND_REASON, REFER_REASON
from exchange.audits.models import AlgorithmAppeal
from exchange.audits.states import WAITING, AppealState
from exchange.web.components import Column, Head, Link
from exchange.web.forms.fields import form_fields_of, form_of
from exchange.web.navigation import address
from exchange.web.pages import Page
from exchange.web.paging import paginate

from .desk import Decision, Desk
from .owned import stand_in

LATE = "LATE"
COLUMNS = (
    Column(label=gettext_lazy("Appeal")),
    Column(label=gettext_lazy("Algorithm")),
    Column(label=gettext_lazy("Asks for")),
    Column(label=gettext_lazy("Status")),
    Column(label=gettext_lazy("Lodged")),
    Column(label=gettext_lazy("Answer due")),
)
ReferForm = form_of("ReferForm", [REFER_REASON])
ExtendForm = form_of("ExtendForm", [EXTEND_REASON])
OUTCOMES = [
    (state.value, state.label)
    for state in (AppealState.UPHELD, AppealState.PARTLY_UPHELD, AppealState.REJECTED)
]


class AnswerForm(forms.Form):
    """Outcome and reasons."""

    outcome = forms.ChoiceField(
        label=gettext_lazy("Outcome"), choices=OUTCOMES, widget=forms.RadioSelect
    )
    answer = form_fields_of([ANSWER])["answer"]


class AppealFilter(forms.Form):
    """In which state, or late."""

    status = forms.ChoiceField(
        label=gettext_lazy("Status"),
        required=False,
        choices=[
            ("", gettext_lazy("all")),
            (LATE, gettext_lazy("past the time limit")),
            *AppealState.choices,
        ],
    )


class Appeals(Page):
    """The appeals one lodged or has to answer."""

    member = True
    look = "algorithm_appeals"
    template_name = "audits/appeals.html"

    def load(self, **kwargs: Any) -> None:  # noqa: ARG002
        stand_with(self)

    def rows(self) -> QuerySet[AlgorithmAppeal]:
        """Return the appeals shown, narrowed by the filter."""
        rows = appeal_queries.appeals_visible_to(self.actor)
        wanted = self.request.GET.get("status", "")
        if wanted == LATE:
            return rows.filter(status__in=WAITING, due_on__lt=day_of(self.now))
        return rows.filter(status=wanted) if wanted in AppealState.values else rows

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        page = paginate(self.rows(), self.request.GET)
        today = day_of(self.now)
        return super().get_context_data(
            head=Head(
                title=_("Appeals against algorithms"),
                summary=_(
                    "Who is affected by a decision may ask for an explanation, a person, a "
                    "correction, or to be left out."
                ),
            ),
            page=page,
            rows=[{"appeal": row, "late": row.is_late(today)} for row in page],
            columns=COLUMNS,
            filter=AppealFilter(self.request.GET),
            **kwargs,
        )


class AppealPage(Desk):
    """One appeal; who appealed is told to a regulator and to who appealed."""

    member = True
    look = "algorithm_appeal"
    template_name = "audits/appeal.html"
    appeal: AlgorithmAppeal

    def load(self, **kwargs: Any) -> None:
        self.appeal = appeal_queries.get_appeal_for(self.actor, kwargs["reference"])
        stand_with(self)

    def decisions(self) -> list[Decision]:
        open_to = appeal_rules.appeal_actions(self.actor, self.appeal)
        makers = {
            "answer": self._answer,
            "extend": self._extend,
            "refer": self._refer,
            "withdraw": self._withdraw,
        }
        return [maker() for verb, maker in makers.items() if verb in open_to]

    def _answer(self) -> Decision:
        return self._decision(
            "answer",
            _("Answer"),
            _("Send the answer"),
            AnswerForm,
            lambda said: services.answer_appeal(
                appeal=self.appeal, by=self.actor, at=self.now, **said
            ),
            done=_("The answer stands; who appealed reads it now."),
        )

    def _extend(self) -> Decision:
        return self._decision(
            "extend",
            _("Take more time, once"),
            _("Extend the time"),
            ExtendForm,
            lambda said: services.extend_appeal(
                appeal=self.appeal, reason=said["reason"], by=self.actor, at=self.now
            ),
            done=_("The time is extended; who appealed is told why."),
            folded=True,
        )

    def _refer(self) -> Decision:
        return self._decision(
            "refer",
            _("Take it to the regulator"),
            _("Take it to the regulator"),
            ReferForm,
            lambda said: services.refer_appeal(
                appeal=self.appeal, reason=said["reason"], by=self.actor, at=self.now
            ),
            done=_("The appeal lies before the regulator."),
            folded=True,
        )

    def _withdraw(self) -> Decision:
        return self._decision(
            "withdraw",
            _("Take it back"),
            _("Withdraw the appeal"),
            forms.Form,
            lambda _said: services.withdraw_appeal(appeal=self.appeal, by=self.actor, at=self.now),
            done=_("The appeal was taken back."),
            folded=True,
            danger=True,
        )

    def _decision(
        self, name: str, title: str, verb: str, form_class: Any, call: Any, **more: Any
    ) -> Decision:
        here = reverse("algorithm_appeal", args=[self.appeal.reference])
        return Decision(
            name=name,
            title=title,
            verb=verb,
            form_class=form_class,
            call=call,
            onward=here,
            **more,
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        appeal, today = self.appeal, day_of(self.now)
        knows = appeal_rules.why_not_know(self.actor, appeal) is None
        return super().get_context_data(
            head=Head(
                title=appeal.get_wish_display(),
                kind=_("Appeal against an algorithm"),
                reference=appeal.reference,
                status=appeal.status,
                status_label=appeal.get_status_display(),
                since=appeal.status_since,
                actions=self.way(),
                crumbs=[
                    Link(label=_("Appeals against algorithms"), url=reverse("algorithm_appeals"))
                ],
                why=[
                    Link(label=_("Disclosure"), url=reverse("algorithm", args=[appeal.disclosure]))
                ],
            ),
            appeal=appeal,
            late=appeal.is_late(today),
            said=appeal_queries.said_in(appeal),
            knows=knows,
            appellant=appeal_queries.appellant_of(appeal) if knows else None,
            decision_url=address("decision", appeal.decision) if appeal.decision else "",
            **kwargs,
        )


def stand_with(page: Page) -> None:
    """Stand in the console of whoever looks, in its room of appeals."""
    for role in ("REGULATOR", "OPERATOR", "PROVIDER", "BUYER"):
        if page.actor.has_role(role):
            stand_in(page.request, f"{role.lower()}_algorithm_appeals")
            return


class RoleAppeals(Appeals):
    """The same list under the address of a console."""

    member = False


class ProviderAppeals(RoleAppeals):
    """Appeals against a provider's algorithms, and its own."""

    roles = ("PROVIDER",)


class BuyerAppeals(RoleAppeals):
    """A buyer's own appeals."""

    roles = ("BUYER",)


class OperatorAppeals(RoleAppeals):
    """Appeals against the exchange's algorithms."""

    roles = ("OPERATOR",)


class RegulatorAppeals(RoleAppeals):
    """All appeals."""

    roles = ("REGULATOR",)


urlpatterns = [
    path("algorithm-appeals/", Appeals.as_view(), name="algorithm_appeals"),
    path(
        "provider/algorithm-appeals/",
        ProviderAppeals.as_view(),
        name="provider_algorithm_appeals",
    ),
    path("buyer/algorithm-appeals/", BuyerAppeals.as_view(), name="buyer_algorithm_appeals"),
    path(
        "operator/algorithm-appeals/",
        OperatorAppeals.as_view(),
        name="operator_algorithm_appeals",
    ),
    path(
        "regulator/algorithm-appeals/",
        RegulatorAppeals.as_view(),
        name="regulator_algorithm_appeals",
    ),
    path("algorithm-appeals/<str:reference>/", AppealPage.as_view(), name="algorithm_appeal"),
]
