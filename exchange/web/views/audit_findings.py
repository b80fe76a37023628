"""Findings of audits: to answer with the days left, to judge, to take over."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.rulebook.queries import day_of
from audit.rulebook.workdays import workdays_until
from exchange.audits import queries, rules, services
from exchange.audits.fields import ANSWER
from exchange.audits.models import AuditFinding
from exchange.audits.states import FindingState
from exchange.parties.queries import organization_names
from exchange.web.components import Column, Head, Link
from exchange.web.forms.case_files import upload_fields
from exchange.web.forms.fields import form_fields_of
from exchange.web.forms.reasons import ReasonForm
from exchange.web.pages import Page
from exchange.web.paging import paginate
from exchange.web.timelines import moments_for

from .algorithm_audits import stand
from .case_files import keep_documents
from .desk import Decision, Desk

LATE, DOUBT = "LATE", "DOUBT"
COLUMNS = (
    Column(label=gettext_lazy("Finding")),
    Column(label=gettext_lazy("Algorithm")),
    Column(label=gettext_lazy("Owner")),
    Column(label=gettext_lazy("Severity")),
    Column(label=gettext_lazy("Status")),
    Column(label=gettext_lazy("Answer due")),
)
AnswerForm = type("AnswerForm", (forms.Form,), {**form_fields_of([ANSWER]), **upload_fields()})


class FindingFilter(forms.Form):
    """In which state, late, or with decisions in doubt."""

    status = forms.ChoiceField(
        label=gettext_lazy("Status"),
        required=False,
        choices=[
            ("", gettext_lazy("all")),
            (LATE, gettext_lazy("past the time limit")),
            (DOUBT, gettext_lazy("decisions in doubt")),
            *FindingState.choices,
        ],
    )


class Findings(Page):
    """The findings one may see, the latest first."""

    member = True
    look = "audit_findings"
    template_name = "audits/findings.html"

    def load(self, **kwargs: Any) -> None:  # noqa: ARG002
        stand(self)

    def rows(self) -> QuerySet[AuditFinding]:
        """Return the findings shown, narrowed by the filter."""
        rows = queries.findings_visible_to(self.actor)
        wanted = self.request.GET.get("status", "")
        if wanted == LATE:
            owed = [FindingState.OPEN, FindingState.OVERDUE]
            return rows.filter(status__in=owed, due_on__lt=day_of(self.now))
        if wanted == DOUBT:
            return rows.filter(doubt_since__isnull=False).exclude(status=FindingState.CLOSED)
        return rows.filter(status=wanted) if wanted in FindingState.values else rows

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        page = paginate(self.rows(), self.request.GET)
        today = day_of(self.now)
        found = list(page)
        names = organization_names(row.audit.owner for row in found if row.audit.owner)
        return super().get_context_data(
            head=Head(
                title=_("Findings of audits"),
                summary=_("Each has to be answered in the time that its severity gives."),
                crumbs=[Link(label=_("Audits of algorithms"), url=reverse("audits"))],
            ),
            page=page,
            rows=[
                {
                    "finding": row,
                    "owner": names.get(row.audit.owner, row.audit.owner) or _("The exchange"),
                    "late": row.is_late(today),
                }
                for row in found
            ],
            columns=COLUMNS,
            filter=FindingFilter(self.request.GET),
            **kwargs,
        )


class FindingPage(Desk):
    """One finding, what was said about it, and what is open to whoever looks."""

    member = True
    look = "audit_finding"
    template_name = "audits/finding.html"
    finding: AuditFinding

    def load(self, **kwargs: Any) -> None:
        self.finding = queries.get_finding_for(self.actor, kwargs["reference"])
        stand(self)

    def decisions(self) -> list[Decision]:
        open_to = rules.finding_actions(self.actor, self.finding)
        makers = {
            "answer": self._answer,
            "close": self._close,
            "send_back": self._send_back,
            "take_over": self._take_over,
        }
        return [maker() for verb, maker in makers.items() if verb in open_to]

    def _answer(self) -> Decision:
        def call(said: Any) -> object:
            form = AnswerForm(self.request.POST, self.request.FILES)
            kept = keep_documents(self, form) if form.is_valid() else []
            return services.answer_finding(
                finding=self.finding,
                answer=said["answer"],
                documents=kept,
                by=self.actor,
                at=self.now,
            )

        return self._decision(
            "answer",
            _("Answer"),
            _("Send the answer"),
            call,
            done=_("The answer was sent to the auditor."),
            form_class=AnswerForm,
        )

    def _close(self) -> Decision:
        return self._reasoned(
            "close",
            _("Accept as remedied"),
            _("Close the finding"),
            services.close_finding,
            done=_("The finding is closed."),
        )

    def _send_back(self) -> Decision:
        return self._reasoned(
            "send_back",
            _("Send the answer back"),
            _("Send it back"),
            services.send_back_finding,
            done=_("The answer was sent back with a new time limit."),
            folded=True,
        )

    def _take_over(self) -> Decision:
        return self._reasoned(
            "take_over",
            _("Take the finding over"),
            _("Take it over"),
            services.take_over_finding,
            done=_("The finding is yours; the auditor's work on it is done."),
            folded=True,
            danger=True,
        )

    def _reasoned(self, name: str, title: str, verb: str, service: Any, **more: Any) -> Decision:
        def call(said: Any) -> object:
            return service(finding=self.finding, reason=said["reason"], by=self.actor, at=self.now)

        return self._decision(name, title, verb, call, form_class=ReasonForm, **more)

    def _decision(self, name: str, title: str, verb: str, call: Any, **more: Any) -> Decision:
        here = reverse("audit_finding", args=[self.finding.reference])
        return Decision(name=name, title=title, verb=verb, call=call, onward=here, **more)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        finding, today = self.finding, day_of(self.now)
        notes = list(finding.notes.all())
        names = organization_names(note.written_for for note in notes)
        owed = finding.status in {FindingState.OPEN, FindingState.OVERDUE}
        audit = reverse("audit", args=[finding.audit.reference])
        return super().get_context_data(
            head=Head(
                title=_("Finding %(number)d") % {"number": finding.number},
                kind=finding.get_severity_display(),
                reference=finding.reference,
                status=finding.status,
                status_label=finding.get_status_display(),
                since=finding.status_since,
                actions=self.way(),
                crumbs=[
                    Link(label=_("Audits of algorithms"), url=reverse("audits")),
                    Link(label=finding.audit.reference, url=audit),
                ],
            ),
            finding=finding,
            days_left=workdays_until(today, finding.due_on) if owed else None,
            notes=[(note, names.get(note.written_for, note.written_for)) for note in notes],
            moments=moments_for(self.actor, "audit_finding", finding.reference, limit=12),
            **kwargs,
        )


urlpatterns = [
    path("audit-findings/", Findings.as_view(), name="audit_findings"),
    path("audit-findings/<str:reference>/", FindingPage.as_view(), name="audit_finding"),
]
