"""The register of algorithms over REST: what they do, for whom, how accurate they measured."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit.disclosure import queries, services
from audit.disclosure.fields import FIELDS
from audit.disclosure.models import Disclosure, Measurement
from audit.disclosure.statements import Statement
from audit.disclosure.states import AlgorithmType
from audit.log.actors import Actor

from .pagination import page_of
from .permissions import Public, actor_of, gate, open_to_read
from .serializers import ReasonIn, StrictSerializer, page_out, read_input
from .verbs import verb_view


class MeasurementOut(serializers.Serializer[Measurement]):
    """One measured figure."""

    run = serializers.CharField()
    metric = serializers.CharField()
    value = serializers.CharField()
    ci_low = serializers.CharField()
    ci_high = serializers.CharField()
    n = serializers.IntegerField()
    dataset = serializers.CharField()
    dataset_sha256 = serializers.CharField()
    code_sha256 = serializers.CharField()
    note = serializers.CharField()
    measured_at = serializers.DateTimeField()


class AccuracyOut(serializers.Serializer[queries.AccuracyRow]):
    """What the owner declares beside what the platform found; null means not yet measured."""

    metric = serializers.CharField()
    declared = serializers.CharField()
    declared_note = serializers.CharField()
    measured = MeasurementOut(allow_null=True)


class DisclosureOut(serializers.Serializer[Disclosure]):
    """One version of an algorithm's disclosure."""

    reference = serializers.CharField()
    algorithm = serializers.CharField()
    algorithm_type = serializers.CharField()
    owner = serializers.CharField(help_text="organization, or empty for the exchange itself")
    version = serializers.IntegerField()
    status = serializers.CharField()
    name = serializers.CharField()
    technique = serializers.CharField()
    prediction_target = serializers.CharField()
    stakeholders = serializers.CharField()
    filed_at = serializers.DateTimeField(allow_null=True)
    statement_sha256 = serializers.CharField()
    document_sha256 = serializers.CharField()
    allowed_actions = serializers.SerializerMethodField()

    def get_allowed_actions(self, row: Disclosure) -> list[str]:
        """Return the steps the state allows."""
        return row.lifecycle.allowed(row.status)


class DisclosureDetailOut(DisclosureOut):
    """A disclosure with all its texts and its accuracy."""

    statement = serializers.JSONField(help_text="texts by field, each in en and zh")
    products = serializers.JSONField()
    document = serializers.CharField(help_text="the signed canonical document")
    signature = serializers.CharField()
    signer = serializers.CharField(help_text="verifier key (C2SP)")
    accuracy = serializers.SerializerMethodField()

    def get_accuracy(self, row: Disclosure) -> list[dict[str, Any]]:
        """Return declared and measured accuracy side by side."""
        return [dict(AccuracyOut(item).data) for item in queries.accuracy_of(row)]


class TextIn(StrictSerializer):
    """A text in both languages."""

    en = serializers.CharField(max_length=4000)
    zh = serializers.CharField(max_length=4000)


class DeclaredIn(StrictSerializer):
    """An accuracy the owner claims."""

    metric = serializers.CharField(max_length=120)
    value = serializers.CharField(max_length=40)
    dataset = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)
    note = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)


def _texts() -> type[StrictSerializer]:
    members = {field.code: TextIn(required=field.required) for field in FIELDS}
    return type("DisclosureTextsIn", (StrictSerializer,), members)


class DisclosureIn(StrictSerializer):
    """A new version of an algorithm's disclosure."""

    algorithm = serializers.SlugField(max_length=48)
    algorithm_type = serializers.ChoiceField(AlgorithmType.choices)
    texts = _texts()()
    metrics = serializers.DictField(child=TextIn(), required=False)
    declared = DeclaredIn(many=True, required=False)
    products = serializers.ListField(child=serializers.CharField(max_length=24), required=False)


class Disclosures(APIView):
    """The public register."""

    def get_permissions(self) -> list[Any]:
        """Anybody reads; organizations file."""
        return open_to_read(self.request, else_=gate("list", "review"))

    @extend_schema(
        operation_id="disclosures_list",
        tags=["disclosures"],
        auth=[],
        responses=page_out(DisclosureOut),
    )
    def get(self, request: Request) -> Response:
        """List what is filed."""
        return page_of(
            queries.register(),
            request,
            self,
            render=lambda row: DisclosureOut(row).data,
            ordering=("owner", "algorithm"),
        )

    @extend_schema(
        operation_id="disclosures_draft",
        tags=["disclosures"],
        request=DisclosureIn,
        responses={201: DisclosureOut},
    )
    def post(self, request: Request) -> Response:
        """Draft the next version of one of your algorithms' disclosures."""
        actor = actor_of(request)
        statement = Statement.from_document(read_input(DisclosureIn, request.data))
        made = services.draft_disclosure(
            statement=statement, owner=_owner_for(actor), by=actor, at=timezone.now()
        )
        return Response(DisclosureOut(made).data, status=status.HTTP_201_CREATED)


def _owner_for(actor: Actor) -> str:
    """Return who answers for what the actor discloses; the operator speaks for the exchange."""
    return "" if actor.has_role("OPERATOR") else actor.organization


class DisclosureDetail(APIView):
    """One version of a disclosure; what was ever filed stays readable by anybody."""

    def get_permissions(self) -> list[Any]:
        """Anybody reads what was filed; its owner writes drafts."""
        return open_to_read(self.request, else_=gate("list", "review"))

    @extend_schema(
        operation_id="disclosures_read",
        tags=["disclosures"],
        auth=[],
        responses=DisclosureDetailOut,
    )
    def get(self, request: Request, reference: str) -> Response:
        """Return it with its accuracy."""
        found = queries.get_disclosure_for(actor_of(request), reference)
        return Response(DisclosureDetailOut(found).data)

    @extend_schema(
        operation_id="disclosures_edit",
        tags=["disclosures"],
        request=DisclosureIn,
        responses=DisclosureOut,
    )
    def put(self, request: Request, reference: str) -> Response:
        """Write a draft anew; what was filed is never changed."""
        actor = actor_of(request)
        done = services.edit_disclosure(
            disclosure=queries.get_disclosure_for(actor, reference),
            statement=Statement.from_document(read_input(DisclosureIn, request.data)),
            by=actor,
            at=timezone.now(),
        )
        return Response(DisclosureOut(done).data)


FileDisclosure = verb_view(
    operation="disclosures_file",
    summary="Sign a draft and put it in the register; the version before it is superseded",
    permission=gate("list", "review"),
    load=queries.get_disclosure_for,
    service=services.file_disclosure,
    argument="disclosure",
    output=DisclosureOut,
)
WithdrawDisclosure = verb_view(
    operation="disclosures_withdraw",
    summary="Take a disclosure out of the register; it stays readable with the reason",
    permission=gate("list", "review"),
    load=queries.get_disclosure_for,
    service=services.withdraw_disclosure,
    argument="disclosure",
    takes=ReasonIn,
    output=DisclosureOut,
)


class Measurements(APIView):
    """Every figure ever measured of an algorithm."""

    permission_classes = [Public]

    @extend_schema(
        operation_id="disclosures_measurements",
        tags=["disclosures"],
        auth=[],
        responses=page_out(MeasurementOut),
    )
    def get(self, request: Request, reference: str) -> Response:
        """List them, the newest first."""
        found = queries.get_disclosure_for(actor_of(request), reference)
        rows = queries.measurements_of(found.algorithm, owner=found.owner)
        return page_of(rows, request, self, render=lambda row: MeasurementOut(row).data)
