"""Retention over REST: legal holds, terms, what is due, destruction records, erasure of persons."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit.log.errors import NotAllowed
from audit.log.openings import open_commitment
from audit.log.queries import get_entry
from audit.retention import queries
from audit.retention.models import Destruction
from audit.retention.services import is_sound, lift_hold, place_hold
from audit.retention.states import HoldKind
from exchange.oversight.retention import Due, list_due
from exchange.parties.models import Erasure
from exchange.parties.queries import erasures_visible_to, get_erasure_for, get_member_for
from exchange.parties.services import erase_person
from exchange.parties.states import ErasureGround

from .looks import OWN, put_collection_on_record
from .pagination import page_of
from .permissions import actor_of, gate
from .serializers import ActionsOut, ReasonIn, StrictSerializer, page_out, read_input
from .verbs import verb_view

WATCHERS = ("REGULATOR", "OPERATOR")


class HoldIn(ReasonIn):
    """A legal hold on a thing that the log knows."""

    kind = serializers.ChoiceField(HoldKind.choices)
    subject = serializers.CharField(max_length=64, help_text="reference; of a person the pseudonym")
    basis = serializers.CharField(max_length=400, help_text="article of law")


class HoldOut(ActionsOut):
    """A legal hold: nothing that belongs to its subject is destroyed."""

    reference = serializers.CharField()
    kind = serializers.ChoiceField(HoldKind.choices)
    subject = serializers.CharField()
    authority = serializers.CharField()
    reason = serializers.CharField()
    legal_basis = serializers.CharField()
    status = serializers.CharField()
    placed_at = serializers.DateTimeField()
    lifted_at = serializers.DateTimeField(allow_null=True)
    lift_reason = serializers.CharField()


class DestructionOut(serializers.Serializer[Destruction]):
    """A signed record of a destruction; `document` is exactly the text that was signed."""

    reference = serializers.CharField()
    kind = serializers.CharField()
    subject = serializers.CharField()
    retention_class = serializers.CharField()
    document = serializers.CharField()
    key = serializers.CharField(help_text="verifier key")
    signature = serializers.CharField(help_text="Ed25519, hexadecimal")
    is_sound = serializers.SerializerMethodField()
    destroyed_at = serializers.DateTimeField()

    def get_is_sound(self, kept: Destruction) -> bool:
        """Whether the platform's signature fits."""
        return is_sound(kept)


class KeptOut(serializers.Serializer[Any]):
    """Statements about a person that a law or a legal hold keeps for now."""

    classes = serializers.ListField(child=serializers.CharField())
    count = serializers.IntegerField()
    until = serializers.CharField(help_text="empty while the matter has not ended")
    basis = serializers.ListField(child=serializers.CharField())
    held = serializers.BooleanField()


class ErasureOut(serializers.Serializer[Erasure]):
    """The erasure of a person; it names nobody."""

    reference = serializers.CharField()
    person = serializers.CharField()
    ground = serializers.ChoiceField(ErasureGround.choices)
    status = serializers.CharField()
    requested_at = serializers.DateTimeField()
    kept = KeptOut(many=True)
    account_kept = serializers.BooleanField()
    erased_at = serializers.DateTimeField(allow_null=True)


class TermOut(serializers.Serializer[Any]):
    """Until when an entry's record is kept; empty times: the matter has not ended."""

    entry = serializers.UUIDField()
    event = serializers.CharField()
    classes = serializers.ListField(child=serializers.CharField())
    basis = serializers.ListField(child=serializers.CharField())
    ended_at = serializers.DateTimeField(allow_null=True)
    keep_until = serializers.DateTimeField(allow_null=True)
    statutory_until = serializers.DateTimeField(allow_null=True)
    due_at = serializers.DateTimeField(allow_null=True)


class DueOut(serializers.Serializer[Due]):
    """Something that has outlived its term."""

    kind = serializers.CharField()
    reference = serializers.CharField()
    retention_class = serializers.CharField()
    basis = serializers.CharField()
    ended_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField()
    holds = serializers.ListField(child=serializers.CharField())


class OpenIn(StrictSerializer):
    """Which statement to read, and what for."""

    statement = serializers.CharField(max_length=40, help_text="its name under `pii`")
    purpose = serializers.CharField(max_length=200)


class OpenedOut(serializers.Serializer[Any]):
    """A statement about a person, with the salt that proves it against the entry."""

    name = serializers.CharField()
    value = serializers.JSONField()
    salt = serializers.CharField(help_text="64 hexadecimal digits")


class Holds(APIView):
    """Legal holds."""

    permission_classes = [gate("review", roles=WATCHERS)]

    @extend_schema(operation_id="holds_list", tags=["holds"], responses=page_out(HoldOut))
    def get(self, request: Request) -> Response:
        """List them, the newest first."""
        rows = queries.holds_visible_to(actor_of(request))
        return page_of(rows, request, self, render=lambda row: HoldOut(row).data)

    @extend_schema(
        operation_id="holds_place", tags=["holds"], request=HoldIn, responses={201: HoldOut}
    )
    def post(self, request: Request) -> Response:
        """Stop every destruction of what belongs to a thing."""
        values = read_input(HoldIn, request.data)
        made = place_hold(by=actor_of(request), at=timezone.now(), **values)
        return Response(HoldOut(made).data, status=status.HTTP_201_CREATED)


class HoldDetail(APIView):
    """One legal hold."""

    permission_classes = [gate("review", roles=WATCHERS)]

    @extend_schema(operation_id="holds_read", tags=["holds"], responses=HoldOut)
    def get(self, request: Request, reference: str) -> Response:
        """Return it."""
        return Response(HoldOut(queries.get_hold_for(actor_of(request), reference)).data)


LiftHold = verb_view(
    operation="holds_lift",
    summary="Lift a legal hold; what is due is destroyed by the next run of the clock",
    permission=gate("review", roles=WATCHERS),
    load=queries.get_hold_for,
    service=lift_hold,
    argument="hold",
    takes=ReasonIn,
    output=HoldOut,
)


class Destructions(APIView):
    """Destruction records."""

    permission_classes = [gate("audit", roles=WATCHERS)]
    look = "retention"

    @extend_schema(
        operation_id="destructions_list", tags=["retention"], responses=page_out(DestructionOut)
    )
    def get(self, request: Request) -> Response:
        """List them, the newest first."""
        rows = queries.destructions_visible_to(actor_of(request))
        return page_of(rows, request, self, render=lambda row: DestructionOut(row).data)


class DestructionDetail(APIView):
    """One destruction record."""

    permission_classes = [gate("audit", roles=WATCHERS)]
    look = OWN

    @extend_schema(operation_id="destructions_read", tags=["retention"], responses=DestructionOut)
    def get(self, request: Request, reference: str) -> Response:
        """Return it."""
        actor = actor_of(request)
        found = queries.get_destruction_for(actor, reference)
        put_collection_on_record(request, actor, what="retention", scope=reference)
        return Response(DestructionOut(found).data)


class DueRecords(APIView):
    """What has outlived its term."""

    permission_classes = [gate("audit", roles=WATCHERS)]
    look = "retention"

    @extend_schema(operation_id="retention_due", tags=["retention"], responses=DueOut(many=True))
    def get(self, request: Request) -> Response:
        """List it with the legal holds that keep it nevertheless; nothing is changed."""
        del request
        return Response([DueOut(due).data for due in list_due(at=timezone.now())])


class Terms(APIView):
    """How long the records of a thing are kept."""

    permission_classes = [gate("audit", roles=WATCHERS)]
    look = "retention"

    @extend_schema(operation_id="retention_terms", tags=["retention"], responses=TermOut(many=True))
    def get(self, request: Request, kind: str, reference: str) -> Response:
        """List the term of every entry that touches it, the oldest first."""
        found = queries.terms_for(actor_of(request), kind, reference, at=timezone.now())
        rows = [
            {
                "entry": entry.id,
                "event": entry.name,
                "classes": [each.id for each in term.classes],
                "basis": list(term.basis),
                "ended_at": term.ended_at,
                "keep_until": term.keep_until,
                "statutory_until": term.statutory_until,
                "due_at": term.due_at,
            }
            for entry, term in found
        ]
        return Response(TermOut(rows, many=True).data)


class Erasures(APIView):
    """Erasures of persons: all for operator and regulator, else those one asked for."""

    permission_classes = [gate("read")]
    look = "retention"

    @extend_schema(operation_id="erasures_list", tags=["retention"], responses=page_out(ErasureOut))
    def get(self, request: Request) -> Response:
        """List them, the newest first."""
        rows = erasures_visible_to(actor_of(request))
        return page_of(rows, request, self, render=lambda row: ErasureOut(row).data)


class ErasureDetail(APIView):
    """One erasure."""

    permission_classes = [gate("read")]
    look = OWN

    @extend_schema(operation_id="erasures_read", tags=["retention"], responses=ErasureOut)
    def get(self, request: Request, reference: str) -> Response:
        """Return it: what is kept, until when, on what basis."""
        actor = actor_of(request)
        found = get_erasure_for(actor, reference)
        put_collection_on_record(request, actor, what="retention", scope=reference)
        return Response(ErasureOut(found).data)


class EraseMember(APIView):
    """The erasure of a person who acts for one's organization."""

    permission_classes = [gate("read")]

    @extend_schema(
        operation_id="members_erase",
        tags=["organizations"],
        request=None,
        responses={201: ErasureOut},
    )
    def post(self, request: Request, reference: str, member: str) -> Response:
        """Erase a person who acts for this organization alone, or block what a law demands.

        By an administrator's session or the operator's. For oneself there is the page "My data",
        which asks for the password again.
        """
        actor = actor_of(request)
        person = get_member_for(actor, reference, member).user
        if actor.id == person.actor_id:
            raise NotAllowed(_("Erase yourself on the page “My data”, which asks for a password."))
        done = erase_person(user=person, ground=ErasureGround.LEFT, by=actor, at=timezone.now())
        return Response(ErasureOut(done).data, status=status.HTTP_201_CREATED)


class OpenStatement(APIView):
    """What an entry commits to about a person."""

    permission_classes = [gate("audit", roles=WATCHERS)]

    @extend_schema(
        operation_id="log_open_statement", tags=["log"], request=OpenIn, responses=OpenedOut
    )
    def post(self, request: Request, identity: UUID) -> Response:
        """Read it, with the salt that proves it; every reading is an entry with its purpose."""
        values = read_input(OpenIn, request.data)
        opened = open_commitment(
            entry=get_entry(identity),
            name=values["statement"],
            purpose=values["purpose"],
            by=actor_of(request),
            at=timezone.now(),
        )
        return Response(OpenedOut(opened.document()).data)
