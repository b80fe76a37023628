"""Appeals over REST, and what is sealed: for regulators, under a purpose."""

from django.http import StreamingHttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit.log.errors import NotFound
from exchange.catalog.models import Release
from exchange.compliance import appealing, queries, services
from exchange.compliance.models import Appeal
from exchange.compliance.queries import sealed_releases
from exchange.compliance.states import Answer, Wish
from exchange.vault.services import inspect_object

from .answers import file_answer
from .documents import document_view
from .idempotency import KEY_PARAMETER, idempotent
from .looks import stated_purpose
from .pagination import page_of
from .permissions import DESK, actor_of, gate
from .serializers import StrictSerializer, page_out, read_input
from .verbs import verb_view


class AppealOut(serializers.Serializer[Appeal]):
    """An appeal of a provider, and what became of it."""

    reference = serializers.CharField()
    screening = serializers.CharField(source="screening.reference")
    case = serializers.SerializerMethodField()
    release = serializers.CharField(source="screening.release.reference")
    product = serializers.CharField(source="screening.release.product.reference")
    status = serializers.CharField()
    grade = serializers.CharField()
    wish = serializers.CharField(help_text="RESCREEN or DECISION")
    grounds = serializers.CharField()
    documents = serializers.JSONField()
    lodged_at = serializers.DateTimeField()
    due_on = serializers.DateField(help_text="it is answered by the end of this day")
    answer = serializers.CharField()
    answered_for = serializers.CharField(help_text="organization of who answered")
    closed_at = serializers.DateTimeField(allow_null=True)

    def get_case(self, row: Appeal) -> str:
        """Return the case appealed against; empty where the filter itself blocked."""
        return row.case.reference if row.case else ""


class AppealIn(StrictSerializer):
    """What is appealed against, what is asked, and why."""

    screening = serializers.CharField(max_length=24)
    wish = serializers.ChoiceField(Wish.choices, default=Wish.RESCREEN)
    grounds = serializers.CharField(max_length=2000)
    documents = serializers.ListField(
        child=serializers.CharField(max_length=24), required=False, default=list
    )


class AppealAnswerIn(StrictSerializer):
    """The answer and why."""

    answer = serializers.ChoiceField(Answer.choices)
    reason = serializers.CharField(max_length=2000)


class SealedOut(serializers.Serializer[Release]):
    """A release whose file is sealed."""

    release = serializers.CharField(source="reference")
    product = serializers.CharField(source="product.reference")
    provider = serializers.CharField(source="product.provider.reference")
    screening = serializers.CharField()
    grade = serializers.CharField()
    sha256 = serializers.CharField()
    sealed_since = serializers.DateTimeField(source="status_since")


class Appeals(APIView):
    """The appeals one may read."""

    permission_classes = [gate("list", "review")]
    look = "cases"

    @extend_schema(operation_id="appeals_list", tags=["appeals"], responses=page_out(AppealOut))
    def get(self, request: Request) -> Response:
        """List them, the latest first."""
        rows = appealing.appeals_visible_to(actor_of(request))
        return page_of(rows, request, self, render=lambda row: AppealOut(row).data)

    @extend_schema(
        operation_id="appeals_lodge",
        tags=["appeals"],
        request=AppealIn,
        parameters=[KEY_PARAMETER],
        responses={201: AppealOut},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Appeal against the block that followed from a screening or its case."""
        actor = actor_of(request)
        values = read_input(AppealIn, request.data)
        screening = queries.get_screening_for(actor, values.pop("screening"))
        made = services.lodge_appeal(screening=screening, by=actor, at=timezone.now(), **values)
        return Response(AppealOut(made).data, status=status.HTTP_201_CREATED)


class AppealDetail(APIView):
    """One appeal."""

    permission_classes = [gate("read")]
    look = "appeal"

    @extend_schema(operation_id="appeals_read", tags=["appeals"], responses=AppealOut)
    def get(self, request: Request, reference: str) -> Response:
        """Return it."""
        return Response(AppealOut(appealing.get_appeal_for(actor_of(request), reference)).data)


AppealDocument = document_view(
    operation="appeals_document",
    summary="Return the bytes of a document that stands beside an appeal",
    permission=gate("read"),
    look="appeal",
    load=appealing.get_appeal_for,
    service=services.read_appeal_document,
    argument="appeal",
)
AnswerAppeal = verb_view(
    operation="appeals_answer",
    summary="Answer an appeal; whoever decided does not",
    permission=gate("review", roles=DESK),
    load=appealing.get_appeal_for,
    service=services.answer_appeal,
    argument="appeal",
    takes=AppealAnswerIn,
    output=AppealOut,
    repeatable=True,
)
WithdrawAppeal = verb_view(
    operation="appeals_withdraw",
    summary="Take an appeal back",
    permission=gate("list"),
    load=appealing.get_appeal_for,
    service=services.withdraw_appeal,
    argument="appeal",
    output=AppealOut,
)


class Sealed(APIView):
    """What is sealed: core data and state secrets."""

    permission_classes = [gate("review", roles=DESK)]
    look = "cases"

    @extend_schema(operation_id="sealed_list", tags=["sealed"], responses=page_out(SealedOut))
    def get(self, request: Request) -> Response:
        """List the releases, the latest first."""
        rows = sealed_releases(actor_of(request))
        return page_of(rows, request, self, render=lambda row: SealedOut(row).data)


class SealedFile(APIView):
    """The bytes of a sealed release, for a regulator."""

    permission_classes = [gate("review", roles=("REGULATOR",))]
    look = "own"

    @extend_schema(
        operation_id="sealed_file",
        tags=["sealed"],
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, reference: str) -> StreamingHttpResponse:
        """Return the file as it was uploaded; the purpose is an entry of the log."""
        actor = actor_of(request)
        found = sealed_releases(actor).filter(reference=reference).first()
        if found is None:
            raise NotFound
        reader = inspect_object(
            stored=found.original, purpose=stated_purpose(request), by=actor, at=timezone.now()
        )
        return file_answer(reader, name=found.reference, size=found.original.size)
