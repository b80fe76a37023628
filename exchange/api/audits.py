"""Audits of algorithms over REST: planned, ordered, carried out, reported, and what was found."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit.disclosure.queries import get_disclosure_for
from audit.log.actors import Actor
from audit.rulebook.queries import day_of
from exchange.appraisers.queries import get_registered, register
from exchange.appraisers.services import apply_for_accreditation
from exchange.appraisers.states import AccreditationKind
from exchange.audits import queries, rules, services
from exchange.audits.fields import DRAW_FIELDS, FINDING_FIELDS, ORDER_FIELDS, REPORT_FIELDS
from exchange.audits.models import AlgorithmAudit
from exchange.audits.records import Call, calls_in

from .appraisers import AccreditationIn, AccreditationOut, AppraiserOut
from .documents import document_view
from .fields import described
from .pagination import page_of
from .permissions import Public, actor_of, gate
from .serializers import ActionsOut, ReasonIn, StrictSerializer, as_sent, page_out, read_input
from .verbs import verb_view

AuditOrderSaid = described("AuditOrderSaid", ORDER_FIELDS)
AuditDrawIn = described("AuditDrawIn", DRAW_FIELDS)
AuditReportSaid = described("AuditReportSaid", REPORT_FIELDS)
AuditFindingSaid = described("AuditFindingSaid", FINDING_FIELDS)
AUDITOR = AccreditationKind.ALGORITHM_AUDIT
MEMBER = gate("list", "review")


class AuditOut(ActionsOut):
    """An audit of one algorithm."""

    reference = serializers.CharField()
    algorithm = serializers.CharField()
    owner = serializers.CharField(help_text="empty: the exchange itself")
    disclosure = serializers.CharField()
    versions = serializers.JSONField()
    origin = serializers.CharField()
    status = serializers.CharField()
    status_since = serializers.DateTimeField()
    reason = serializers.CharField()
    scope = serializers.JSONField()
    criteria = serializers.CharField()
    period_from = serializers.DateField(allow_null=True)
    period_until = serializers.DateField(allow_null=True)
    accreditation = serializers.CharField(source="accreditation.reference", default="")
    auditor = serializers.CharField(source="accreditation.organization.reference", default="")
    due_on = serializers.DateField()
    is_overdue = serializers.SerializerMethodField()
    sample_source = serializers.CharField()
    population = serializers.IntegerField(allow_null=True)
    population_sha256 = serializers.CharField()
    sample_seed = serializers.CharField()
    sample_sha256 = serializers.CharField()
    opinion = serializers.CharField()
    summary = serializers.CharField()
    documents = serializers.JSONField()
    report = serializers.CharField(help_text="the text that was signed")
    report_sha256 = serializers.CharField()
    report_key = serializers.CharField()
    report_signature = serializers.CharField()
    reported_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)

    def get_is_overdue(self, row: AlgorithmAudit) -> bool:
        """Return whether the report is owed and its day has passed."""
        return row.is_overdue(day_of(timezone.now()))

    def get_allowed_actions(self, row: AlgorithmAudit) -> list[str]:
        """Return the steps open to the caller now."""
        return rules.audit_actions(self.context["actor"], row)


class PublicAuditOut(serializers.Serializer[AlgorithmAudit]):
    """What anybody may know of an audit that was reported."""

    reference = serializers.CharField()
    auditor = serializers.CharField(source="accreditation.organization.reference")
    auditor_name = serializers.CharField(source="accreditation.organization.name")
    status = serializers.CharField()
    versions = serializers.JSONField()
    scope = serializers.JSONField()
    period_from = serializers.DateField()
    period_until = serializers.DateField()
    opinion = serializers.CharField()
    summary = serializers.CharField()
    report_sha256 = serializers.CharField()
    reported_at = serializers.DateTimeField()
    findings = serializers.SerializerMethodField()

    def get_findings(self, row: AlgorithmAudit) -> list[dict[str, Any]]:
        """Return how many findings there are by severity and state."""
        return queries.finding_counts(row)


class ScheduleOut(serializers.Serializer[Any]):
    """When an algorithm has to be audited next."""

    algorithm = serializers.CharField(source="disclosure.algorithm")
    owner = serializers.CharField(source="disclosure.owner")
    disclosure = serializers.CharField(source="disclosure.reference")
    last = serializers.DateField(help_text="last report, or first publication")
    was_audited = serializers.BooleanField()
    due_on = serializers.DateField()


class AuditorOut(AppraiserOut):
    """One auditor of the public register."""


class AuditIn(StrictSerializer):
    """Which algorithm is to be audited, by its disclosure."""

    disclosure = serializers.CharField(max_length=24)


class AuditOrderIn(StrictSerializer):
    """Whom to ask, for what."""

    accreditation = serializers.CharField(max_length=24)
    order = AuditOrderSaid()


class AuditAcceptIn(StrictSerializer):
    """What an auditor declares when it takes an audit on."""

    declares_independence = serializers.BooleanField()
    conflicts = serializers.CharField(max_length=2000, required=False, default="", allow_blank=True)


class AuditReportIn(StrictSerializer):
    """The report; without `findings` those of the working papers are raised."""

    report = AuditReportSaid()
    findings = AuditFindingSaid(many=True, required=False)
    documents = serializers.ListField(
        child=serializers.CharField(max_length=24), required=False, default=list
    )


class CallOut(serializers.Serializer[Call]):
    """A drawn call of a model; the digests are those in its entry."""

    reference = serializers.CharField()
    taken_at = serializers.DateTimeField()
    release = serializers.CharField()
    model_sha256 = serializers.CharField()
    rows = serializers.IntegerField()
    inputs_sha256 = serializers.CharField()
    outputs_sha256 = serializers.CharField()


class SampleOut(serializers.Serializer[Any]):
    """The drawn records; `calls` says more of them where they are calls of a model."""

    drawn_from = serializers.CharField()
    references = serializers.ListField(child=serializers.CharField())
    calls = CallOut(many=True)


class Auditors(APIView):
    """The public register of auditors of algorithms."""

    permission_classes = [Public]

    @extend_schema(operation_id="auditors_list", tags=["audits"], responses=page_out(AuditorOut))
    def get(self, request: Request) -> Response:
        """List auditors in force and formerly so."""
        return page_of(register(AUDITOR), request, self, render=lambda row: AuditorOut(row).data)


class AuditorAccreditations(APIView):
    """Applications to audit algorithms; they are decided with the other accreditations."""

    permission_classes = [gate("review", roles=("ASSESSOR",))]

    @extend_schema(
        operation_id="auditors_apply",
        tags=["audits"],
        request=AccreditationIn,
        responses={201: AccreditationOut},
    )
    def post(self, request: Request) -> Response:
        """Apply for accreditation as auditor, with the declarations of an appraiser."""
        actor = actor_of(request)
        made = apply_for_accreditation(
            said=as_sent(request), kind=AUDITOR, by=actor, at=timezone.now()
        )
        told = AccreditationOut(made, context={"actor": actor}).data
        return Response(told, status=status.HTTP_201_CREATED)


class Schedule(APIView):
    """When each published algorithm is audited next."""

    permission_classes = [Public]

    @extend_schema(
        operation_id="audits_schedule", tags=["audits"], responses=ScheduleOut(many=True)
    )
    def get(self, request: Request) -> Response:  # noqa: ARG002
        """List the algorithms, the soonest due first."""
        today: date = day_of(timezone.now())
        return Response(ScheduleOut(queries.schedule(today), many=True).data)


class DisclosureAudits(APIView):
    """The audits of an algorithm, as anybody may know them."""

    permission_classes = [Public]

    @extend_schema(
        operation_id="disclosures_audits", tags=["audits"], responses=page_out(PublicAuditOut)
    )
    def get(self, request: Request, reference: str) -> Response:
        """List what was reported, the latest first."""
        disclosure = get_disclosure_for(actor_of(request), reference)
        rows = queries.audits_of(disclosure.algorithm, owner=disclosure.owner)
        return page_of(rows, request, self, render=lambda row: PublicAuditOut(row).data)


class Audits(APIView):
    """Audits of one's own algorithms, those one carries out, or all for the watch."""

    permission_classes = [MEMBER]
    look = "algorithm_audits"

    @extend_schema(operation_id="audits_list", tags=["audits"], responses=page_out(AuditOut))
    def get(self, request: Request) -> Response:
        """List them, the latest first."""
        actor = actor_of(request)
        rows = queries.audits_visible_to(actor)
        return page_of(rows, request, self, render=lambda row: _audit(actor, row))

    @extend_schema(
        operation_id="audits_plan", tags=["audits"], request=AuditIn, responses={201: AuditOut}
    )
    def post(self, request: Request) -> Response:
        """Open an audit of a published algorithm."""
        actor = actor_of(request)
        values = read_input(AuditIn, request.data)
        disclosure = get_disclosure_for(actor, values["disclosure"])
        made = services.plan_audit(disclosure=disclosure, by=actor, at=timezone.now())
        return Response(_audit(actor, made), status=status.HTTP_201_CREATED)


class AuditDetail(APIView):
    """One audit."""

    permission_classes = [MEMBER]
    look = "algorithm_audit"

    @extend_schema(operation_id="audits_read", tags=["audits"], responses=AuditOut)
    def get(self, request: Request, reference: str) -> Response:
        """Return it with its signed report."""
        actor = actor_of(request)
        return Response(_audit(actor, queries.get_audit_for(actor, reference)))


class AuditSample(APIView):
    """The drawn records, for the auditor; each reading is an entry."""

    permission_classes = [gate("review", roles=("ASSESSOR",))]

    @extend_schema(operation_id="audits_sample", tags=["audits"], responses=SampleOut)
    def get(self, request: Request, reference: str) -> Response:
        """Return the references."""
        actor = actor_of(request)
        audit = queries.get_audit_for(actor, reference)
        drawn = services.read_sample(audit=audit, by=actor, at=timezone.now())
        said = {
            "drawn_from": audit.sample_source,
            "references": drawn,
            "calls": calls_in(audit, drawn),
        }
        return Response(SampleOut(said).data)


class OrderAudit(APIView):
    """An order to an auditor."""

    permission_classes = [MEMBER]

    @extend_schema(
        operation_id="audits_order", tags=["audits"], request=AuditOrderIn, responses=AuditOut
    )
    def post(self, request: Request, reference: str) -> Response:
        """Ask an accredited, independent auditor."""
        actor = actor_of(request)
        audit = queries.get_audit_for(actor, reference)
        values = read_input(AuditOrderIn, request.data)
        done = services.order_audit(
            audit=audit,
            accreditation=get_registered(values["accreditation"], AUDITOR),
            said=as_sent(request, "order"),
            by=actor,
            at=timezone.now(),
        )
        return Response(_audit(actor, done))


class BeginAudit(APIView):
    """The draw of a sample."""

    permission_classes = [MEMBER]

    @extend_schema(
        operation_id="audits_begin", tags=["audits"], request=AuditDrawIn, responses=AuditOut
    )
    def post(self, request: Request, reference: str) -> Response:
        """Draw the sample, once; seed and digest are on record before it is read."""
        actor = actor_of(request)
        audit = queries.get_audit_for(actor, reference)
        done = services.begin_fieldwork(
            audit=audit, said=as_sent(request), by=actor, at=timezone.now()
        )
        return Response(_audit(actor, done))


class ReportAudit(APIView):
    """The signed report."""

    permission_classes = [MEMBER]

    @extend_schema(
        operation_id="audits_report", tags=["audits"], request=AuditReportIn, responses=AuditOut
    )
    def post(self, request: Request, reference: str) -> Response:
        """Sign the report with its findings."""
        actor = actor_of(request)
        audit = queries.get_audit_for(actor, reference)
        values = read_input(AuditReportIn, request.data)
        body: Any = request.data
        findings = body.get("findings")
        done = services.report_audit(
            audit=audit,
            said=as_sent(request, "report"),
            findings=None if findings is None else list(findings),
            documents=values["documents"],
            by=actor,
            at=timezone.now(),
        )
        return Response(_audit(actor, done))


def _audit(actor: Actor, row: AlgorithmAudit) -> dict[str, Any]:
    return dict(AuditOut(row, context={"actor": actor}).data)


def _verb(
    name: str,
    summary: str,
    service: Callable[..., Any],
    takes: type[StrictSerializer],
) -> type[APIView]:
    return verb_view(
        operation=f"audits_{name}",
        summary=summary,
        permission=MEMBER,
        load=queries.get_audit_for,
        service=service,
        argument="audit",
        takes=takes,
        output=AuditOut,
    )


AUDIT_VERBS = {
    "accept": _verb(
        "accept", "Take an audit on, declaring independence", services.accept_audit, AuditAcceptIn
    ),
    "give-back": _verb(
        "give_back", "Decline an audit or give it back", services.give_back_audit, ReasonIn
    ),
    "cancel": _verb("cancel", "Call an audit off", services.cancel_audit, ReasonIn),
}
AuditDocument = document_view(
    operation="audits_document",
    summary="Read a document of a report or of an answer",
    permission=MEMBER,
    look="algorithm_audit",
    load=queries.get_audit_for,
    service=services.read_audit_document,
    argument="audit",
)
