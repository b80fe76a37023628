"""What a trained model is and was trained on, over REST."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit.log.errors import NotFound
from exchange.catalog.models import TrainingStatement
from exchange.catalog.queries import get_product_for, training_of
from exchange.trading.services import state_model_training

from .permissions import actor_of, gate, open_to_read
from .serializers import StrictSerializer, read_input


class TrainingIn(StrictSerializer):
    """A statement on training data."""

    algorithm = serializers.CharField(help_text="short name under which its disclosure is filed")
    model_sha256 = serializers.CharField(
        required=False,
        default="",
        allow_blank=True,
        help_text="of the file the disclosure is about, where the disclosure does not say it",
    )
    sources = serializers.ListField(
        child=serializers.JSONField(),
        help_text="objects of name, rights (STATEMENT, CONTRACT or DECLARED), reference, evidence, "
        "personal (NONE, ANONYMIZED, DEIDENTIFIED or CONSENT), grade (GENERAL, IMPORTANT or CORE) "
        "and note",
    )


class TrainingOut(serializers.Serializer[TrainingStatement]):
    """What is stated of a model now."""

    reference = serializers.CharField()
    product = serializers.CharField(source="product.reference")
    number = serializers.IntegerField()
    algorithm = serializers.CharField()
    model_sha256 = serializers.CharField()
    sources = serializers.JSONField()
    sha256 = serializers.CharField(help_text="SHA-256 of the statement as canonical JSON")
    stated_at = serializers.DateTimeField()


class Training(APIView):
    """The statement on training data of a model."""

    def get_permissions(self) -> list[Any]:
        """Anybody reads it beside a product; the provider states it."""
        return open_to_read(self.request, else_=gate("list", roles=("PROVIDER",)))

    @extend_schema(operation_id="training_read", tags=["models"], responses=TrainingOut)
    def get(self, request: Request, reference: str) -> Response:
        """Return what is stated now."""
        found = training_of(get_product_for(actor_of(request), reference))
        if found is None:
            raise NotFound
        return Response(TrainingOut(found).data)

    @extend_schema(
        operation_id="training_state",
        tags=["models"],
        request=TrainingIn,
        responses={201: TrainingOut},
    )
    def post(self, request: Request, reference: str) -> Response:
        """State under which disclosure the model goes and on what it was trained."""
        actor = actor_of(request)
        stated = state_model_training(
            product=get_product_for(actor, reference),
            statement=read_input(TrainingIn, request.data),
            by=actor,
            at=timezone.now(),
        )
        return Response(TrainingOut(stated).data, status=status.HTTP_201_CREATED)
