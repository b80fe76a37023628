"""Findings of audits over REST: answered, judged, taken over."""

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit.log.actors import Actor
from exchange.audits import queries, rules, services
from exchange.audits.models import AuditFinding

from .pagination import page_of
from .permissions import actor_of, gate
from .serializers import ActionsOut, ReasonIn, StrictSerializer, page_out
from .verbs import verb_view

MEMBER = gate("list", "review")


class AuditFindingOut(ActionsOut):
    """What an auditor found, and what was said about it."""

    reference = serializers.CharField()
    audit = serializers.CharField(source="audit.reference")
    algorithm = serializers.CharField(source="audit.algorithm")
    owner = serializers.CharField(source="audit.owner", help_text="empty: the exchange itself")
    number = serializers.IntegerField()
    status = serializers.CharField()
    severity = serializers.CharField()
    part = serializers.CharField()
    seen = serializers.CharField()
    remedy = serializers.CharField()
    evidence = serializers.JSONField()
    doubt_since = serializers.DateField(allow_null=True)
    due_on = serializers.DateField(help_text="it is answered by the end of this day")
    raised_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)
    notes = serializers.SerializerMethodField()

    def get_notes(self, row: AuditFinding) -> list[dict[str, Any]]:
        """Return answers and what was said to them, the earliest first."""
        return [
            {
                "kind": note.kind,
                "text": note.text,
                "documents": note.documents,
                "organization": note.written_for,
                "at": note.written_at.isoformat(),
            }
            for note in row.notes.all()
        ]

    def get_allowed_actions(self, row: AuditFinding) -> list[str]:
        """Return the steps open to the caller now."""
        return rules.finding_actions(self.context["actor"], row)


class FindingAnswerIn(StrictSerializer):
    """What was done about a finding."""

    answer = serializers.CharField(max_length=4000)
    documents = serializers.ListField(
        child=serializers.CharField(max_length=24), required=False, default=list
    )


class AuditFindings(APIView):
    """Findings of the audits one may read."""

    permission_classes = [MEMBER]
    look = "audit_findings"

    @extend_schema(
        operation_id="audit_findings_list", tags=["audits"], responses=page_out(AuditFindingOut)
    )
    def get(self, request: Request) -> Response:
        """List them, the latest first."""
        actor = actor_of(request)
        rows = queries.findings_visible_to(actor).prefetch_related("notes")
        rows = rows.order_by("-raised_at", "-pk")
        return page_of(rows, request, self, render=lambda row: _finding(actor, row))


class AuditFindingDetail(APIView):
    """One finding."""

    permission_classes = [MEMBER]
    look = "audit_finding"

    @extend_schema(operation_id="audit_findings_read", tags=["audits"], responses=AuditFindingOut)
    def get(self, request: Request, reference: str) -> Response:
        """Return it with everything said about it."""
        actor = actor_of(request)
        return Response(_finding(actor, queries.get_finding_for(actor, reference)))


def _finding(actor: Actor, row: AuditFinding) -> dict[str, Any]:
    return dict(AuditFindingOut(row, context={"actor": actor}).data)


def _finding_verb(
    name: str,
    summary: str,
    service: Callable[..., Any],
    takes: type[StrictSerializer] = ReasonIn,
) -> type[APIView]:
    return verb_view(
        operation=f"findings_{name}",
        summary=summary,
        permission=MEMBER,
        load=queries.get_finding_for,
        service=service,
        argument="finding",
        takes=takes,
        output=AuditFindingOut,
    )


FINDING_VERBS = {
    "answer": _finding_verb("answer", "Answer a finding", services.answer_finding, FindingAnswerIn),
    "send-back": _finding_verb("send_back", "Send an answer back", services.send_back_finding),
    "close": _finding_verb("close", "Accept that it is remedied", services.close_finding),
    "take-over": _finding_verb(
        "take_over", "Take a finding over as regulator", services.take_over_finding
    ),
}
