"""Statements of source and rights over REST."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from exchange.parties.queries import get_organization
from exchange.registry import queries, services
from exchange.registry.models import RightsStatement
from exchange.registry.states import ProofKind
from exchange.registry.terms import RIGHTS_FIELDS, Proof
from exchange.vault.queries import get_object_for

from .fields import described
from .pagination import page_of
from .permissions import actor_of, gate
from .serializers import ReasonIn, StrictSerializer, as_sent, page_out, read_input
from .verbs import verb_view

TermsIn = described("RightsTermsIn", RIGHTS_FIELDS)
TermsChangeIn = described("RightsTermsChangeIn", RIGHTS_FIELDS, partial=True)


class ProofIn(StrictSerializer):
    """A stored file and what it proves."""

    kind = serializers.ChoiceField(ProofKind.choices)
    object = serializers.CharField(max_length=24)


class RightsIn(StrictSerializer):
    """A new statement."""

    terms = TermsIn()
    proofs = ProofIn(many=True, required=False)


class RightsChangeIn(StrictSerializer):
    """A change of a draft."""

    terms = TermsChangeIn(required=False)
    proofs = ProofIn(many=True, required=False)


class RightsOut(serializers.Serializer[RightsStatement]):
    """A statement of source and rights."""

    reference = serializers.CharField()
    organization = serializers.CharField(source="organization.reference")
    status = serializers.CharField()
    terms = serializers.SerializerMethodField()
    rights_named = serializers.SerializerMethodField(help_text="with the names of 2022 and 2026")
    proofs = serializers.JSONField()
    drafted_at = serializers.DateTimeField()
    stated_at = serializers.DateTimeField(allow_null=True)
    allowed_actions = serializers.SerializerMethodField()

    def get_terms(self, row: RightsStatement) -> dict[str, Any]:
        """Return the fields as they were filled in."""
        return {field.name: getattr(row, field.name) for field in RIGHTS_FIELDS}

    def get_rights_named(self, row: RightsStatement) -> list[dict[str, str]]:
        """Return each right with both generations of its name."""
        names = [queries.RIGHT_NAMES[right] for right in row.held]
        return [
            {"code": name.code, "name_2022": name.name_2022, "name_2026": name.name_2026}
            for name in names
        ]

    def get_allowed_actions(self, row: RightsStatement) -> list[str]:
        """Return the steps the state allows."""
        return row.lifecycle.allowed(row.status)


def _proofs(request: Request, values: list[dict[str, str]]) -> list[Proof]:
    actor = actor_of(request)
    return [
        Proof(kind=ProofKind(value["kind"]), file=get_object_for(actor, value["object"]))
        for value in values
    ]


class RightsStatements(APIView):
    """The statements the caller may read."""

    permission_classes = [gate("list")]
    look = "statements"

    @extend_schema(operation_id="statements", tags=["rights"], responses=page_out(RightsOut))
    def get(self, request: Request) -> Response:
        """List them, the latest first."""
        rows = queries.rights_visible_to(actor_of(request))
        return page_of(rows, request, self, render=lambda row: RightsOut(row).data)

    @extend_schema(
        operation_id="rights_draft", tags=["rights"], request=RightsIn, responses={201: RightsOut}
    )
    def post(self, request: Request) -> Response:
        """Begin a statement; it binds nobody until it is stated."""
        actor = actor_of(request)
        values = read_input(RightsIn, request.data)
        made = services.draft_rights(
            organization=get_organization(actor.organization),
            terms=as_sent(request, "terms"),
            proofs=_proofs(request, values.get("proofs", [])),
            by=actor,
            at=timezone.now(),
        )
        return Response(RightsOut(made).data, status=status.HTTP_201_CREATED)


class RightsDetail(APIView):
    """One statement."""

    permission_classes = [gate("list")]
    look = "rights"

    @extend_schema(operation_id="rights_read", tags=["rights"], responses=RightsOut)
    def get(self, request: Request, reference: str) -> Response:
        """Return it."""
        return Response(RightsOut(queries.get_rights_for(actor_of(request), reference)).data)

    @extend_schema(
        operation_id="rights_revise", tags=["rights"], request=RightsChangeIn, responses=RightsOut
    )
    def patch(self, request: Request, reference: str) -> Response:
        """Change a draft; proofs, when given, replace the earlier ones."""
        actor = actor_of(request)
        statement = queries.get_rights_for(actor, reference)
        values = read_input(RightsChangeIn, request.data)
        done = services.revise_rights(
            statement=statement,
            changes=as_sent(request, "terms"),
            proofs=_proofs(request, values["proofs"]) if "proofs" in values else None,
            by=actor,
            at=timezone.now(),
        )
        return Response(RightsOut(done).data)


StateRights = verb_view(
    operation="rights_state",
    summary="Answer for the statement from now on",
    permission=gate("list", roles=("PROVIDER",)),
    load=queries.get_rights_for,
    service=services.state_rights,
    argument="statement",
    output=RightsOut,
)
WithdrawRights = verb_view(
    operation="rights_withdraw",
    summary="Take the statement back; what is listed on it stops",
    permission=gate("list", "review", roles=("PROVIDER", "OPERATOR", "REGULATOR")),
    load=queries.get_rights_for,
    service=services.withdraw_rights,
    argument="statement",
    takes=ReasonIn,
    output=RightsOut,
)
