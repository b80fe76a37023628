"""Audits of algorithms: one's own, those one carries out, and what the watch sees of them."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.disclosure.queries import get_disclosure_for
from audit.rulebook.queries import day_of
from audit.rulebook.workdays import workdays_until
from exchange.appraisers.queries import get_registered, in_force
from exchange.appraisers.states import AccreditationKind
from exchange.audits import queries, rules, services
from exchange.audits.fields import ACCEPT_FIELDS, DRAW_FIELDS, FINDING_FIELDS, ORDER_FIELDS
from exchange.audits.fields import REPORT_FIELDS as REPORT
from exchange.audits.models import AlgorithmAudit
from exchange.audits.policy import Policy
from exchange.audits.records import calls_in
from exchange.audits.states import AuditState, SampleSource, ScopePart
from exchange.parties.queries import organization_names
from exchange.web.components import Column, Head, Link, Progress
from exchange.web.forms.case_files import upload_fields
from exchange.web.forms.fields import form_fields_of, form_of
from exchange.web.forms.reasons import ReasonForm
from exchange.web.navigation import address
from exchange.web.pages import Page
from exchange.web.timelines import moments_for

from .case_files import as_download, keep_documents
from .desk import Decision, Desk
from .owned import stand_in

AUDITOR = AccreditationKind.ALGORITHM_AUDIT
FINDING_COLUMNS = (
    Column(label=gettext_lazy("Finding")),
    Column(label=gettext_lazy("Severity")),
    Column(label=gettext_lazy("Status")),
    Column(label=gettext_lazy("Answer due")),
)
CALL_COLUMNS = (
    Column(label=gettext_lazy("Call")),
    Column(label=gettext_lazy("Rows"), number=True),
    Column(
        label=gettext_lazy("Digest of the rows"),
        meaning=gettext_lazy("The rows are not kept; whoever has them computes it again"),
    ),
    Column(
        label=gettext_lazy("Digest of the outputs"),
        meaning=gettext_lazy("The outputs are the buyer's; the digest stands in the entry"),
    ),
    Column(label=gettext_lazy("Digest of the model")),
)
AcceptForm = form_of("AcceptForm", ACCEPT_FIELDS)
DrawForm = form_of("DrawForm", DRAW_FIELDS)
FindingForm = form_of("FindingForm", FINDING_FIELDS)
ReportForm = type("ReportForm", (forms.Form,), {**form_fields_of(REPORT), **upload_fields()})


class StrikeForm(forms.Form):
    """Which noted finding is struck out."""

    number = forms.IntegerField(label=gettext_lazy("Number"), min_value=1)


def stand(page: Page, room: str = "") -> None:
    """Stand in the console of whoever looks."""
    for role in ("REGULATOR", "OPERATOR", "ASSESSOR", "PROVIDER"):
        if page.actor.has_role(role):
            stand_in(page.request, f"{role.lower()}_{room or 'audits'}")
            return


class AuditPage(Desk):
    """One audit: what is audited, by whom, the sample, the report, and what was found."""

    member = True
    look = "algorithm_audit"
    template_name = "audits/audit.html"
    audit: AlgorithmAudit

    def load(self, **kwargs: Any) -> None:
        self.audit = queries.get_audit_for(self.actor, kwargs["reference"])
        stand(self)

    @property
    def here(self) -> str:
        """The address of this page."""
        return reverse("audit", args=[self.audit.reference])

    def decisions(self) -> list[Decision]:
        open_to = rules.audit_actions(self.actor, self.audit)
        makers = {
            "order": self._order,
            "accept": self._accept,
            "begin": self._draw,
            "report": self._report,
            "give_back": self._give_back,
            "cancel": self._cancel,
        }
        found = [maker() for verb, maker in makers.items() if verb in open_to]
        if self._notes:
            found[:0] = [self._note()]
            if self.audit.drafts:
                found.insert(1, self._strike())
        return found

    @property
    def _notes(self) -> bool:
        in_work = self.audit.status == AuditState.FIELDWORK
        return in_work and rules.why_not_as_auditor(self.actor, self.audit) is None

    def _order(self) -> Decision:
        choices = [
            (row.reference, f"{row.organization.name} ({row.reference})")
            for row in in_force(self.now, AUDITOR)
        ]
        chosen = forms.ChoiceField(
            label=_("Auditor"),
            choices=choices,
            widget=forms.RadioSelect,
            help_text="" if choices else _("No auditor is accredited yet."),
        )
        made = {"accreditation": chosen, **form_fields_of(ORDER_FIELDS)}

        def call(said: Mapping[str, Any]) -> object:
            stated = {name: said[name] for name in said if name != "accreditation"}
            return services.order_audit(
                audit=self.audit,
                accreditation=get_registered(said["accreditation"], AUDITOR),
                said=stated,
                by=self.actor,
                at=self.now,
            )

        return self._decision(
            "order",
            _("Choose an auditor"),
            _("Ask the auditor"),
            type("OrderForm", (forms.Form,), made),
            call,
            done=_("The auditor was asked."),
            initial={"scope": list(ScopePart.values), "period_until": day_of(self.now)},
        )

    def _accept(self) -> Decision:
        return self._decision(
            "accept",
            _("Take it on"),
            _("Declare and take it on"),
            AcceptForm,
            lambda said: services.accept_audit(
                audit=self.audit, by=self.actor, at=self.now, **said
            ),
            done=_("The audit is yours."),
        )

    def _draw(self) -> Decision:
        return self._decision(
            "begin",
            _("Draw the sample and begin"),
            _("Draw once and begin"),
            DrawForm,
            lambda said: services.begin_fieldwork(
                audit=self.audit, said=dict(said), by=self.actor, at=self.now
            ),
            done=_("The sample is drawn; seed and digest are in the log."),
            note=_("A sample is drawn once. Seed and digest are on record before you read it."),
        )

    def _note(self) -> Decision:
        return self._decision(
            "note",
            _("Note a finding down"),
            _("Note it down"),
            FindingForm,
            lambda said: services.draft_finding(
                audit=self.audit, said=_read(said), by=self.actor, at=self.now
            ),
            done=_("The finding is noted down; nobody else reads it before the report."),
            folded=True,
        )

    def _strike(self) -> Decision:
        return self._decision(
            "strike",
            _("Strike a finding out"),
            _("Strike it out"),
            StrikeForm,
            lambda said: services.drop_draft(
                audit=self.audit, number=said["number"], by=self.actor, at=self.now
            ),
            done=_("The finding is struck out."),
            folded=True,
        )

    def _report(self) -> Decision:
        def call(said: Mapping[str, Any]) -> object:
            form = ReportForm(self.request.POST, self.request.FILES)
            kept = keep_documents(self, form) if form.is_valid() else []
            return services.report_audit(
                audit=self.audit,
                said={"opinion": said["opinion"], "summary": said["summary"]},
                documents=kept,
                by=self.actor,
                at=self.now,
            )

        return self._decision(
            "report",
            _("Sign the report"),
            _("Sign with the noted findings"),
            ReportForm,
            call,
            done=_("The report is signed and public."),
            folded=True,
        )

    def _give_back(self) -> Decision:
        return self._decision(
            "give_back",
            _("Give it back"),
            _("Give the audit back"),
            ReasonForm,
            lambda said: services.give_back_audit(
                audit=self.audit, reason=said["reason"], by=self.actor, at=self.now
            ),
            done=_("The audit was given back."),
            danger=True,
            folded=True,
            onward=address("assessor_audits"),
        )

    def _cancel(self) -> Decision:
        return self._decision(
            "cancel",
            _("Call it off"),
            _("Call the audit off"),
            ReasonForm,
            lambda said: services.cancel_audit(
                audit=self.audit, reason=said["reason"], by=self.actor, at=self.now
            ),
            done=_("The audit was called off."),
            danger=True,
            folded=True,
        )

    def _decision(
        self, name: str, title: str, verb: str, form_class: Any, call: Any, **more: Any
    ) -> Decision:
        more.setdefault("onward", self.here)
        return Decision(name=name, title=title, verb=verb, form_class=form_class, call=call, **more)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        audit, today = self.audit, day_of(self.now)
        owner = organization_names([audit.owner]).get(audit.owner, "") if audit.owner else ""
        disclosure = get_disclosure_for(self.actor, audit.disclosure)
        findings = list(audit.findings.order_by("number"))
        is_auditor = rules.why_not_as_auditor(self.actor, audit) is None
        policy = Policy.on(today)
        return super().get_context_data(
            head=Head(
                title=disclosure.name,
                kind=_("Audit of an algorithm"),
                reference=audit.reference,
                status=audit.status,
                status_label=audit.get_status_display(),
                since=audit.status_since,
                actions=self.way(),
                crumbs=[Link(label=_("Audits of algorithms"), url=reverse("audits"))],
                why=[
                    Link(
                        label=_("Disclosure"),
                        url=reverse("algorithm", args=[disclosure.reference]),
                    )
                ],
            ),
            audit=audit,
            disclosure=disclosure,
            owner=owner or _("The exchange"),
            days_left=workdays_until(today, audit.due_on) if audit.is_under_way else None,
            scope=[entry for entry in policy.entries("scope") if entry.id in audit.scope],
            findings=[
                {"finding": row, "late": row.is_late(today), "left": _left(row, today)}
                for row in findings
            ],
            finding_columns=FINDING_COLUMNS,
            settled=Progress(
                what=_("Findings remedied or taken over"),
                done=sum(row.is_settled for row in findings),
                total=len(findings),
            )
            if findings
            else None,
            drafts=audit.drafts if is_auditor else [],
            reads_sample=is_auditor and bool(audit.sample_sha256),
            moments=moments_for(self.actor, "algorithm_audit", audit.reference, limit=12),
            **kwargs,
        )


class SamplePage(Page):
    """The drawn records, for the auditor; every look at them is an entry."""

    roles = ("ASSESSOR",)
    template_name = "audits/sample.html"
    audit: AlgorithmAudit

    def load(self, **kwargs: Any) -> None:
        self.audit = queries.get_audit_for(self.actor, kwargs["reference"])
        stand(self)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        drawn = services.read_sample(audit=self.audit, by=self.actor, at=self.now)
        calls = calls_in(self.audit, drawn)
        here = reverse("audit", args=[self.audit.reference])
        return super().get_context_data(
            head=Head(
                title=_("Sample"),
                kind=_("Audit of an algorithm"),
                reference=self.audit.reference,
                summary=_("Each look at the sample stands in the log."),
                crumbs=[Link(label=self.audit.reference, url=here)],
            ),
            audit=self.audit,
            drawn=[] if calls else [(each, self._page_of(each)) for each in drawn],
            calls=calls,
            call_columns=CALL_COLUMNS,
            **kwargs,
        )

    def _page_of(self, record: str) -> str:
        """Return the page of a record, where there is one."""
        decided = self.audit.sample_source == SampleSource.DECISIONS
        return address("decision", record) if decided else ""


class AuditDocument(Page):
    """A document of a report or of an answer, as a download on record."""

    member = True
    look = "algorithm_audits"

    def get(self, request: HttpRequest, *_args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002
        audit = queries.get_audit_for(self.actor, kwargs["reference"])
        opened = services.read_audit_document(
            audit=audit,
            reference=kwargs["document"],
            purpose=self.visit.purpose if self.visit else "",
            by=self.actor,
            at=self.now,
        )
        return as_download(*opened)


def _left(row: Any, today: Any) -> int | None:
    owed = row.status in {"OPEN", "OVERDUE"}
    return workdays_until(today, row.due_on) if owed else None


def _read(said: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if value not in (None, "", [])}


urlpatterns = [
    path("audits/<str:reference>/", AuditPage.as_view(), name="audit"),
    path("audits/<str:reference>/sample/", SamplePage.as_view(), name="audit_sample"),
    path(
        "audits/<str:reference>/documents/<str:document>/",
        AuditDocument.as_view(),
        name="audit_document",
    ),
]
