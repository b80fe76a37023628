"""From a described product to its listing over REST: rights, commitment, price, decision."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from exchange.catalog import queries, services
from exchange.registry.queries import get_rights_for

from .catalog import ProductDetailOut, detail_of
from .permissions import actor_of, gate
from .pricing import PlanIn, PlanOut, terms_of
from .serializers import ReasonIn, StrictSerializer, read_input
from .verbs import verb_view


class AttachRightsIn(StrictSerializer):
    """Which statement the product rests on."""

    rights = serializers.CharField(max_length=24)


class CommitmentIn(StrictSerializer):
    """For which version of the description the provider answers."""

    version = serializers.IntegerField(min_value=1)


class ListingIn(StrictSerializer):
    """A request for listing."""

    justification = serializers.CharField(
        max_length=2000, required=False, default="", allow_blank=True
    )


class ListIn(StrictSerializer):
    """The operator's decision to list, and the version that was read."""

    version = serializers.IntegerField(
        source="expected_version",
        min_value=1,
        required=False,
        help_text="409 if the provider changed the description since; read it again",
    )
    note = serializers.CharField(max_length=2000, required=False, default="", allow_blank=True)


class ProductRights(APIView):
    """What the product rests on."""

    permission_classes = [gate("list", roles=("PROVIDER",))]

    @extend_schema(
        operation_id="products_attach_rights",
        tags=["products"],
        request=AttachRightsIn,
        responses=ProductDetailOut,
    )
    def put(self, request: Request, reference: str) -> Response:
        """Rest it on one of your statements."""
        actor = actor_of(request)
        product = queries.get_product_for(actor, reference)
        chosen = read_input(AttachRightsIn, request.data)["rights"]
        done = services.attach_rights(
            product=product, rights=get_rights_for(actor, chosen), by=actor, at=timezone.now()
        )
        return detail_of(done, request)


class Commitment(APIView):
    """The legal commitment (法律承诺书)."""

    permission_classes = [gate("list", roles=("PROVIDER",))]

    @extend_schema(
        operation_id="products_commit",
        tags=["products"],
        request=CommitmentIn,
        responses=ProductDetailOut,
    )
    def post(self, request: Request, reference: str) -> Response:
        """Answer for the description in exactly the version named."""
        actor = actor_of(request)
        product = queries.get_product_for(actor, reference)
        version = read_input(CommitmentIn, request.data)["version"]
        done = services.accept_commitment(
            product=product, expected_version=version, by=actor, at=timezone.now()
        )
        return detail_of(done, request)


class ProductPlan(APIView):
    """The price the provider sets."""

    permission_classes = [gate("list", roles=("PROVIDER",))]

    @extend_schema(
        operation_id="products_price", tags=["prices"], request=PlanIn, responses=PlanOut
    )
    def put(self, request: Request, reference: str) -> Response:
        """Put a price in force; the one before it is kept and superseded."""
        actor = actor_of(request)
        product = queries.get_product_for(actor, reference)
        values = read_input(PlanIn, request.data)
        plan = services.price_product(
            product=product,
            terms=terms_of(values),
            justification=values["justification"],
            by=actor,
            at=timezone.now(),
        )
        return Response(PlanOut(plan).data)


VERBS = {
    "request-listing": verb_view(
        operation="products_request_listing",
        summary="Ask the operator to list exactly this version, release and price",
        permission=gate("list", roles=("PROVIDER",)),
        load=queries.get_product_for,
        service=services.request_listing,
        argument="product",
        takes=ListingIn,
        output=ProductDetailOut,
    ),
    "retract-listing": verb_view(
        operation="products_retract_listing",
        summary="Take one's own request back",
        permission=gate("list", roles=("PROVIDER",)),
        load=queries.get_product_for,
        service=services.retract_listing,
        argument="product",
        output=ProductDetailOut,
    ),
    "list": verb_view(
        operation="products_list",
        summary="Put the product on the market if everything a listing needs still holds",
        permission=gate("review", roles=("OPERATOR",)),
        load=queries.get_product_for,
        service=services.list_product,
        argument="product",
        takes=ListIn,
        output=ProductDetailOut,
    ),
    "return": verb_view(
        operation="products_return",
        summary="Send a request back to its provider with what is to be mended",
        permission=gate("review", roles=("OPERATOR",)),
        load=queries.get_product_for,
        service=services.return_listing,
        argument="product",
        takes=ReasonIn,
        output=ProductDetailOut,
    ),
    "suspend": verb_view(
        operation="products_suspend",
        summary="Take a listing off the market for a while; access under it stops",
        permission=gate("list", "review", roles=("PROVIDER", "OPERATOR", "REGULATOR")),
        load=queries.get_product_for,
        service=services.suspend_listing,
        argument="product",
        takes=ReasonIn,
        output=ProductDetailOut,
    ),
    "resume": verb_view(
        operation="products_resume",
        summary="Let a suspended listing go on, by who stopped it or an authority above",
        permission=gate("list", "review", roles=("PROVIDER", "OPERATOR", "REGULATOR")),
        load=queries.get_product_for,
        service=services.resume_listing,
        argument="product",
        takes=ReasonIn,
        output=ProductDetailOut,
    ),
    "reopen": verb_view(
        operation="products_reopen",
        summary="Work on a delisted product for a new listing",
        permission=gate("list", roles=("PROVIDER",)),
        load=queries.get_product_for,
        service=services.reopen_product,
        argument="product",
        output=ProductDetailOut,
    ),
    "delist": verb_view(
        operation="products_delist",
        summary="End a listing; contracts that run are not touched",
        permission=gate("list", "review", roles=("PROVIDER", "OPERATOR", "REGULATOR")),
        load=queries.get_product_for,
        service=services.delist_product,
        argument="product",
        takes=ReasonIn,
        output=ProductDetailOut,
    ),
}
