"""Reviews of prices in the red zone over REST."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from exchange.catalog import queries
from exchange.catalog.models import PriceReview
from exchange.catalog.services import decide_price_review, request_price_review
from exchange.catalog.states import ReviewRoute

from .pagination import page_of
from .permissions import actor_of, gate, open_to_read
from .serializers import StrictSerializer, page_out, read_input


class PriceReviewIn(StrictSerializer):
    """By which way a price far outside the band may be listed, and why."""

    route = serializers.ChoiceField(ReviewRoute.choices)
    justification = serializers.CharField(max_length=2000)


class ReviewDecisionIn(StrictSerializer):
    """What the operator says of a price; buyers read the reasons."""

    uphold = serializers.BooleanField()
    reasons = serializers.CharField(max_length=2000)


class PriceReviewOut(serializers.Serializer[PriceReview]):
    """One review and what came of it."""

    reference = serializers.CharField()
    product = serializers.CharField(source="product.reference")
    route = serializers.CharField()
    status = serializers.CharField()
    plan = serializers.CharField()
    appraisal = serializers.CharField(help_text="by which the price is in the red zone")
    deviation_rate = serializers.DecimalField(max_digits=12, decimal_places=4)
    justification = serializers.CharField()
    second_appraisal = serializers.CharField()
    second_rate = serializers.DecimalField(max_digits=12, decimal_places=4, allow_null=True)
    reasons = serializers.CharField()
    requested_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)


class ProductReviews(APIView):
    """The reviews of a product's prices."""

    def get_permissions(self) -> list[Any]:
        """Anybody reads what was decided; the provider asks."""
        return open_to_read(self.request, else_=gate("list", roles=("PROVIDER",)))

    @extend_schema(
        operation_id="products_price_reviews",
        tags=["prices"],
        responses=page_out(PriceReviewOut),
    )
    def get(self, request: Request, reference: str) -> Response:
        """List what came of the reviews, the latest first."""
        product = queries.get_product_for(actor_of(request), reference)
        rows = queries.decided_reviews(product).select_related("product")
        return page_of(rows, request, self, render=lambda row: PriceReviewOut(row).data)

    @extend_schema(
        operation_id="price_reviews_request",
        tags=["prices"],
        request=PriceReviewIn,
        responses={201: PriceReviewOut},
    )
    def post(self, request: Request, reference: str) -> Response:
        """Ask for a second appraisal or for a review by the operator."""
        actor = actor_of(request)
        made = request_price_review(
            product=queries.get_product_for(actor, reference),
            by=actor,
            at=timezone.now(),
            **read_input(PriceReviewIn, request.data),
        )
        return Response(PriceReviewOut(made).data, status=status.HTTP_201_CREATED)


class DecideReview(APIView):
    """The operator's decision."""

    permission_classes = [gate("review", roles=("OPERATOR",))]

    @extend_schema(
        operation_id="price_reviews_decide",
        tags=["prices"],
        request=ReviewDecisionIn,
        responses=PriceReviewOut,
    )
    def post(self, request: Request, reference: str) -> Response:
        """Say with reasons whether the price may stand."""
        actor = actor_of(request)
        decided = decide_price_review(
            review=queries.get_price_review_for(actor, reference),
            by=actor,
            at=timezone.now(),
            **read_input(ReviewDecisionIn, request.data),
        )
        return Response(PriceReviewOut(decided).data)
