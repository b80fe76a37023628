"""Compliance cases over REST: the file head by head, the deadline, the decision of two persons."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit.log.actors import Actor
from exchange.compliance import dossiers, heads, queries, rules, services
from exchange.compliance.models import Case, Proposal
from exchange.compliance.states import CaseKind, CaseState

from .documents import document_view
from .pagination import page_of
from .permissions import DESK, actor_of, gate
from .serializers import ReasonIn, StrictSerializer, page_out, read_input
from .verbs import verb_view


class ProposalOut(serializers.Serializer[Proposal]):
    """A decision that one person proposed, and what another said to it."""

    reference = serializers.CharField()
    status = serializers.CharField()
    approve = serializers.BooleanField()
    reason = serializers.CharField()
    conditions = serializers.JSONField()
    valid_until = serializers.DateField(allow_null=True)
    content_sha256 = serializers.CharField()
    pack = serializers.CharField()
    file_sha256 = serializers.CharField()
    proposed_for = serializers.CharField(help_text="organization of who proposed")
    proposed_at = serializers.DateTimeField()
    confirmed_for = serializers.CharField(help_text="organization of who answered")
    answer = serializers.CharField()
    closed_at = serializers.DateTimeField(allow_null=True)


class CaseOut(serializers.Serializer[Case]):
    """A decision that the rules leave to persons."""

    reference = serializers.CharField()
    screening = serializers.CharField(source="screening.reference")
    release = serializers.CharField(source="screening.release.reference")
    product = serializers.CharField(source="screening.release.product.reference")
    kind = serializers.CharField(help_text="IMPORTANT, SENSITIVE_PERSONAL or REVIEW")
    status = serializers.CharField()
    grade = serializers.CharField()
    authority = serializers.CharField()
    rules = serializers.ListField(child=serializers.CharField())
    due_on = serializers.DateField(allow_null=True, help_text="end of the time limit that runs")
    overdue = serializers.SerializerMethodField()
    reason = serializers.CharField()
    conditions = serializers.JSONField()
    valid_until = serializers.DateField(allow_null=True)
    file_sha256 = serializers.CharField()
    opened_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)
    allowed_actions = serializers.SerializerMethodField()

    def get_overdue(self, row: Case) -> bool:
        """Whether the time limit that runs is over."""
        return row.due_on is not None and timezone.localdate() > row.due_on

    def get_allowed_actions(self, row: Case) -> list[str]:
        """Return what the caller may do now."""
        actor: Actor | None = self.context.get("actor")
        return rules.allowed_actions(actor, row) if actor else []


class PartOut(serializers.Serializer[Any]):
    """One head of the file: what it asks, what was said, what is missing."""

    head = serializers.CharField()
    title = serializers.CharField()
    asks = serializers.CharField()
    basis = serializers.CharField()
    fields = serializers.ListField(child=serializers.CharField())  # type: ignore[assignment]
    documents_needed = serializers.IntegerField()
    optional = serializers.BooleanField()
    version = serializers.IntegerField(help_text="0 while nothing was said")
    values = serializers.JSONField()
    documents = serializers.JSONField()
    missing = serializers.ListField(child=serializers.CharField())


class CaseDetailOut(CaseOut):
    """The case with its file and all proposals."""

    file = serializers.SerializerMethodField()
    proposals = serializers.SerializerMethodField()

    @extend_schema_field(PartOut(many=True))
    def get_file(self, row: Case) -> list[dict[str, Any]]:
        """Return the heads in the order of the law."""
        on = timezone.localdate()
        pack = heads.case_pack(on)
        parts, said = dossiers.parts_of(row), dossiers.said_in(row)
        missing = heads.shortcomings(row, said, pack, on=on)
        return [
            {
                "head": head.id,
                "title": head.title,
                "asks": head.asks,
                "basis": head.basis,
                "fields": [field.name for field in head.fields],
                "documents_needed": head.documents,
                "optional": head.optional,
                "version": parts[head.id].number if head.id in parts else 0,
                "values": parts[head.id].values if head.id in parts else {},
                "documents": parts[head.id].documents if head.id in parts else [],
                "missing": missing.get(head.id, []),
            }
            for head in heads.heads_of(row, pack)
        ]

    @extend_schema_field(ProposalOut(many=True))
    def get_proposals(self, row: Case) -> list[dict[str, Any]]:
        """Return the proposals, the latest first; the provider sees those that became decisions."""
        rows = dossiers.proposals_visible_to(self.context["actor"], row)
        return [dict(ProposalOut(each).data) for each in rows]


class CaseFilter(StrictSerializer):
    """Which cases."""

    status = serializers.ChoiceField(CaseState.choices, required=False)
    kind = serializers.ChoiceField(CaseKind.choices, required=False)
    overdue = serializers.BooleanField(required=False, default=False)


class PartIn(StrictSerializer):
    """A new version of one head; `documents` are all of its documents."""

    values = serializers.DictField()
    documents = serializers.ListField(
        child=serializers.CharField(max_length=24),
        required=False,
        default=list,
        help_text="references of stored objects, purpose EVIDENCE",
    )


class ProposeIn(StrictSerializer):
    """What is proposed and why; conditions and validity go with an approval."""

    approve = serializers.BooleanField()
    reason = serializers.CharField(max_length=2000)
    conditions = serializers.DictField(required=False, default=dict)
    valid_until = serializers.DateField(required=False, allow_null=True, default=None)


class ProposalAnswerIn(StrictSerializer):
    """Which proposal is answered, as it was read, and why."""

    proposal = serializers.CharField(max_length=24)
    reason = serializers.CharField(max_length=2000)


class ExtendIn(StrictSerializer):
    """By how many working days, and why."""

    workdays = serializers.IntegerField(min_value=1, max_value=366)
    reason = serializers.CharField(max_length=2000)


class Cases(APIView):
    """The cases one may read."""

    permission_classes = [gate("read")]
    look = "cases"

    @extend_schema(
        operation_id="cases_list",
        tags=["cases"],
        parameters=[CaseFilter],
        responses=page_out(CaseOut),
    )
    def get(self, request: Request) -> Response:
        """List them, the latest first."""
        actor = actor_of(request)
        names = set(CaseFilter().fields)
        said = {name: text for name, text in request.query_params.items() if name in names}
        asked = read_input(CaseFilter, said)
        rows = queries.cases_visible_to(actor)
        if asked.pop("overdue"):
            rows = dossiers.overdue(rows, timezone.now())
        context = {"actor": actor}
        return page_of(
            rows.filter(**asked),
            request,
            self,
            render=lambda row: CaseOut(row, context=context).data,
            parameters=names,
        )


class CaseDetail(APIView):
    """One case."""

    permission_classes = [gate("read")]
    look = "case"

    @extend_schema(operation_id="cases_read", tags=["cases"], responses=CaseDetailOut)
    def get(self, request: Request, reference: str) -> Response:
        """Return it with its file and what is missing in it."""
        actor = actor_of(request)
        found = queries.get_case_for(actor, reference)
        return Response(CaseDetailOut(found, context={"actor": actor}).data)


class CasePart(APIView):
    """One head of a case's file."""

    permission_classes = [gate("list", "review")]

    @extend_schema(
        operation_id="cases_write", tags=["cases"], request=PartIn, responses=CaseDetailOut
    )
    def put(self, request: Request, reference: str, head: str) -> Response:
        """Write a new version of the head; an open proposal is void by it."""
        actor = actor_of(request)
        case = queries.get_case_for(actor, reference)
        values = read_input(PartIn, request.data)
        done = services.write_part(case=case, head=head, by=actor, at=timezone.now(), **values)
        return Response(CaseDetailOut(done, context={"actor": actor}).data)


CaseDocument = document_view(
    operation="cases_document",
    summary="Return the bytes of a document of a case's file",
    permission=gate("read"),
    look="case",
    load=queries.get_case_for,
    service=services.read_document,
    argument="case",
)
SubmitCase = verb_view(
    operation="cases_submit",
    summary="Hand the file of a case in",
    permission=gate("list"),
    load=queries.get_case_for,
    service=services.submit_case,
    argument="case",
    output=CaseOut,
)
SendBackCase = verb_view(
    operation="cases_return",
    summary="Send the file back and ask for more",
    permission=gate("review", roles=DESK),
    load=queries.get_case_for,
    service=services.send_back_case,
    argument="case",
    takes=ReasonIn,
    output=CaseOut,
)
ExtendCase = verb_view(
    operation="cases_extend",
    summary="Extend the time limit that runs",
    permission=gate("review", roles=DESK),
    load=queries.get_case_for,
    service=services.extend_case,
    argument="case",
    takes=ExtendIn,
    output=CaseOut,
)
ProposeCase = verb_view(
    operation="cases_propose",
    summary="Propose a decision; another person has to confirm it",
    permission=gate("review", roles=DESK),
    load=queries.get_case_for,
    service=services.propose_decision,
    argument="case",
    takes=ProposeIn,
    output=CaseDetailOut,
    repeatable=True,
)
ConfirmCase = verb_view(
    operation="cases_confirm",
    summary="Confirm a proposal of another person; the case is decided",
    permission=gate("review", roles=DESK),
    load=queries.get_case_for,
    service=services.confirm_decision,
    argument="case",
    takes=ProposalAnswerIn,
    output=CaseDetailOut,
    repeatable=True,
)
DeclineCase = verb_view(
    operation="cases_decline",
    summary="Decline a proposal of another person",
    permission=gate("review", roles=DESK),
    load=queries.get_case_for,
    service=services.decline_decision,
    argument="case",
    takes=ProposalAnswerIn,
    output=CaseDetailOut,
)
WithdrawProposal = verb_view(
    operation="cases_withdraw",
    summary="Take one's own proposal back",
    permission=gate("review", roles=DESK),
    load=queries.get_case_for,
    service=services.withdraw_decision,
    argument="case",
    takes=ProposalAnswerIn,
    output=CaseDetailOut,
)
VERBS = {
    "submit": SubmitCase,
    "return": SendBackCase,
    "extend": ExtendCase,
    "propose": ProposeCase,
    "confirm": ConfirmCase,
    "decline": DeclineCase,
    "withdraw-proposal": WithdrawProposal,
}
