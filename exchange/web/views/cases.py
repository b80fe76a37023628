"""Cases: what the rules leave to a person, for operator and regulator in their own consoles."""

from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.log.actors import Actor
from audit.log.errors import NotFound
from exchange.catalog.models import Release
from exchange.compliance import appealing, dossiers, queries, rules, services
from exchange.compliance.models import Appeal, Case
from exchange.compliance.states import UNDECIDED, Answer, AppealState
from exchange.parties.queries import organization_names, people_names
from exchange.vault.services import inspect_object
from exchange.web.components import Column, Head, Link
from exchange.web.forms.cases import WhyForm
from exchange.web.pages import Page
from exchange.web.paging import paginate
from exchange.web.reasons import in_words, reason_of
from exchange.web.timelines import moments_for

from .appeals import appeal_head
from .case_decisions import case_decisions
from .case_files import conditions_in_words, file_of, limit_of, send_document
from .desk import Decision, Desk
from .findings import findings_of
from .owned import stand_in

CASE_COLUMNS = (
    Column(label=gettext_lazy("Product")),
    Column(label=gettext_lazy("Case")),
    Column(label=gettext_lazy("Rules")),
    Column(label=gettext_lazy("About")),
    Column(label=gettext_lazy("Who decides")),
    Column(label=gettext_lazy("State")),
    Column(label=gettext_lazy("Due")),
)
DECIDED_COLUMNS = (*CASE_COLUMNS[:5], Column(label=gettext_lazy("Decision")))
APPEAL_COLUMNS = (
    Column(label=gettext_lazy("Product")),
    Column(label=gettext_lazy("Appeal")),
    Column(label=gettext_lazy("Grade")),
    Column(label=gettext_lazy("Asks")),
    Column(label=gettext_lazy("Due")),
)
SEALED_COLUMNS = (
    Column(label=gettext_lazy("Product")),
    Column(label=gettext_lazy("Release")),
    Column(label=gettext_lazy("Grade")),
    Column(label=gettext_lazy("Content")),
    Column(label=gettext_lazy("Sealed")),
    Column(label=gettext_lazy("File")),
)


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
            waiting=[
                (case, rules.why_not_decide(self.actor, case), limit_of(case, self.now))
                for case in waiting
            ],
            appeals=list(appealing.waiting_appeals(self.actor)[:100]),
            appeal_route=f"{self.console}_appeal",
            appeal_columns=APPEAL_COLUMNS,
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
            reason=reason_of(case),
            decider=people_names([case.decided_by]).get(case.decided_by, case.decided_by),
            decided_for=organization_names([case.decided_for]).get(case.decided_for, ""),
            moments=moments_for(self.actor, "case", case.reference),
            entries=file_of(case, self.now),
            limit=limit_of(case, self.now),
            proposals=_told(self.actor, case),
            conditions=conditions_in_words(case.conditions),
            document_route=f"{self.console}_case_document",
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
                Link(
                    label=_("Grading"),
                    url=reverse(f"{self.console}_grading", args=[product.reference]),
                ),
                Link(label=_("Timeline"), url="#timeline"),
            ],
        )


def _told(actor: Actor, case: Case) -> list[dict[str, Any]]:
    """Return the proposals of a case with the names of who proposed and answered."""
    rows = list(dossiers.proposals_visible_to(actor, case))
    names = people_names([each for row in rows for each in (row.proposed_as, row.confirmed_as)])
    return [
        {
            "row": row,
            "answer": in_words(row.answer),
            "by": names.get(row.proposed_as, row.proposed_as),
            "answered": names.get(row.confirmed_as, row.confirmed_as),
            "conditions": conditions_in_words(row.conditions),
        }
        for row in rows
    ]


class Document(Page):
    """A document of a case, for those who decide; the purpose of the visit goes on record."""

    look = "case"
    case: Case

    def load(self, **kwargs: Any) -> None:
        self.case = queries.get_case_for(self.actor, kwargs["reference"])

    def get(self, request: HttpRequest, *_args: Any, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]  # noqa: ARG002  a file, not a page
        """Send it, never to be opened by the browser itself."""
        return send_document(self, self.case, kwargs["document"])


class AppealPage(Desk):
    """One appeal, and its answer by who did not decide what it is against."""

    template_name = "cases/appeal.html"
    console = "operator"
    look = "appeal"
    appeal: Appeal

    def load(self, **kwargs: Any) -> None:
        self.appeal = appealing.get_appeal_for(self.actor, kwargs["reference"])
        stand_in(self.request, f"{self.console}_cases")

    def _answer(self, answer: Answer, said: dict[str, Any]) -> object:
        return services.answer_appeal(
            appeal=self.appeal, answer=answer, reason=said["reason"], by=self.actor, at=self.now
        )

    def decisions(self) -> list[Decision]:
        appeal = self.appeal
        if appeal.status != AppealState.LODGED:
            return []
        refusal = appealing.why_not_answer(self.actor, appeal)
        titles = {
            Answer.UPHOLD: _("The block stands"),
            Answer.RESCREEN: _("Have it screened again"),
            Answer.REOPEN: _("Have it decided anew"),
        }
        return [
            Decision(
                name=str(answer).lower(),
                title=title,
                verb=title,
                form_class=WhyForm,
                call=partial(self._answer, answer),
                done=_("The appeal is answered."),
                onward=reverse(f"{self.console}_appeal", args=[appeal.reference]),
                reason=refusal
                or (appealing.why_not_reopen(appeal) if answer == Answer.REOPEN else None),
                danger=answer == Answer.UPHOLD,
                folded=answer != Answer.UPHOLD,
            )
            for answer, title in titles.items()
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        appeal = self.appeal
        return super().get_context_data(
            appeal=appeal,
            release=appeal.screening.release,
            head=appeal_head(appeal, self.way(), reverse(f"{self.console}_cases")),
            document_route=f"{self.console}_appeal_document",
            moments=moments_for(self.actor, "appeal", appeal.reference),
            **kwargs,
        )


class Sealed(Page):
    """What is sealed: core data and state secrets, told at once and kept as evidence."""

    template_name = "cases/sealed.html"
    console = "regulator"
    look = "cases"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        head = Head(
            title=_("Sealed releases"),
            kind=_("Regulator") if self.console == "regulator" else _("Operator"),
            summary=_(
                "Core data and state secrets: blocked without exception, unreadable for everybody "
                "but a regulator under a purpose, and held as evidence."
            ),
        )
        rows = queries.sealed_releases(self.actor)
        return super().get_context_data(
            head=head,
            page=paginate(rows, self.request.GET, order=("-status_since", "-pk")),
            columns=SEALED_COLUMNS,
            may_open=self.console == "regulator",
            **kwargs,
        )


class SealedFile(Page):
    """The bytes of a sealed release."""

    look = "release"
    release: Release

    def load(self, **kwargs: Any) -> None:
        rows = queries.sealed_releases(self.actor)
        found = rows.filter(reference=kwargs["reference"]).first()
        if found is None:
            raise NotFound
        self.release = found

    def get(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponseBase:  # type: ignore[override]  # noqa: ARG002  a file, not a page
        """Send it as it was uploaded; the purpose of the visit stands in the log."""
        stored = self.release.original
        purpose = self.visit.purpose if self.visit else ""
        reader = inspect_object(stored=stored, purpose=purpose, by=self.actor, at=self.now)
        response = StreamingHttpResponse(reader.stream(), content_type="application/octet-stream")
        response["Content-Disposition"] = f'attachment; filename="{self.release.reference}"'
        response["Content-Length"] = str(stored.size)
        return response


urlpatterns = [
    *[
        path(
            f"{console}/cases/<str:reference>/documents/<str:document>",
            Document.as_view(roles=(console.upper(),)),
            name=f"{console}_case_document",
        )
        for console in ("operator", "regulator")
    ],
    *[
        path(
            f"{console}/appeals/<str:reference>/",
            AppealPage.as_view(roles=(console.upper(),), console=console),
            name=f"{console}_appeal",
        )
        for console in ("operator", "regulator")
    ],
    *[
        path(
            f"{console}/sealed/",
            Sealed.as_view(roles=(console.upper(),), console=console),
            name=f"{console}_sealed",
        )
        for console in ("operator", "regulator")
    ],
    path(
        "regulator/sealed/<str:reference>/file",
        SealedFile.as_view(roles=("REGULATOR",)),
        name="regulator_sealed_file",
    ),
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
