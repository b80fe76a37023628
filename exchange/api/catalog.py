"""Data products over REST: search, facets, and the manual with its version."""

import hashlib
import json
from typing import Any

from django.utils import timezone
from django.utils.http import parse_etags
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers, status
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from exchange.catalog import queries, services
from exchange.catalog.manual import MANUAL_FIELDS, manual_of
from exchange.catalog.models import Product, Release
from exchange.catalog.search import FILTERS, ORDERS, facets
from exchange.catalog.services.ordering import is_ranked, note_ranking
from exchange.parties.queries import get_organization
from pricing.queries import current_appraisals, current_plans

from .appraising import BandOut
from .authentication import place_of
from .fields import described
from .pagination import check_parameters, page_of
from .permissions import Public, actor_of, gate, open_to_read
from .pricing import PlanOut
from .serializers import as_sent, page_out
from .shown import ShownOut
from .throttling import AnonymousThrottle

ManualIn = described("ProductManualIn", MANUAL_FIELDS)
ManualChangeIn = described("ProductManualChangeIn", MANUAL_FIELDS, partial=True)
NARROWING = ("q", *FILTERS)
WORDS = OpenApiParameter("q", str, description="words; Chinese and English")
SEARCH = [
    WORDS,
    *[
        OpenApiParameter(name, str, many=True, enum=about.values or None)
        for name, about in FILTERS.items()
    ],
]
ORDER = OpenApiParameter("order", str, enum=sorted(ORDERS))


class ProductOut(serializers.Serializer[Product]):
    """A product as lists show it."""

    reference = serializers.CharField()
    provider = serializers.CharField(source="provider.reference")
    provider_name = serializers.CharField(source="provider.name")
    name = serializers.CharField()
    name_en = serializers.CharField()
    abstract = serializers.CharField()
    product_type = serializers.CharField()
    industry = serializers.CharField()
    update_frequency = serializers.CharField()
    format = serializers.CharField()
    level = serializers.IntegerField(allow_null=True)
    status = serializers.CharField()
    status_since = serializers.DateTimeField()
    version = serializers.IntegerField()
    listed_at = serializers.DateTimeField(allow_null=True)
    zone = serializers.CharField(help_text="GREEN, AMBER or RED: price against the band")
    deviation_rate = serializers.DecimalField(max_digits=12, decimal_places=4, allow_null=True)
    plan = serializers.SerializerMethodField()
    appraisal = serializers.SerializerMethodField()
    allowed_actions = serializers.SerializerMethodField()

    def get_plan(self, row: Product) -> dict[str, Any] | None:
        """Return the price in force."""
        plan = self._found("plans", current_plans, row)
        return dict(PlanOut(plan).data) if plan else None

    def get_appraisal(self, row: Product) -> dict[str, Any] | None:
        """Return the band in force."""
        appraisal = self._found("appraisals", current_appraisals, row)
        return dict(BandOut(appraisal).data) if appraisal else None

    def get_allowed_actions(self, row: Product) -> list[str]:
        """Return the steps the state allows."""
        return row.lifecycle.allowed(row.status)

    def _found(self, name: str, read: Any, row: Product) -> Any:
        known = self.context.get(name)
        return (read([row.reference]) if known is None else known).get(row.reference)


class ProductDetailOut(ShownOut, ProductOut):
    """A product with its whole manual and its current release."""

    manual = serializers.SerializerMethodField()
    rights = serializers.CharField(source="rights.reference", default=None, allow_null=True)
    current_release = serializers.CharField(
        source="current.reference", default=None, allow_null=True
    )
    justification = serializers.CharField()
    operator_note = serializers.CharField()
    committed_at = serializers.DateTimeField(allow_null=True)

    def release_of(self, row: Product) -> Release | None:
        """Return the release on the market."""
        return row.current

    def get_manual(self, row: Product) -> dict[str, Any]:
        """Return every field of the manual."""
        return manual_of(row)


class FacetOut(serializers.Serializer[Any]):
    """One value of a filter and how many products have it."""

    value = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field named label
    count = serializers.IntegerField()


FacetsOut = inline_serializer(
    "Facets", {name: FacetOut(many=True, required=False) for name in FILTERS}
)


class VersionNeeded(APIException):
    """A change without the version it starts from."""

    status_code = 428
    default_code = "version-needed"
    default_detail = _("Send If-Match with the ETag of the product you read.")


class VersionChanged(APIException):
    """A change from a version that is not the present one."""

    status_code = 412
    default_code = "version-changed"
    default_detail = _("The product was changed meanwhile; read it again.")


def detail_of(product: Product, request: Request, code: int = status.HTTP_200_OK) -> Response:
    """Return the whole product with its entity tag: its version, then a digest of what is shown."""
    body = ProductDetailOut(product, context={"place": place_of(request)}).data
    shown = hashlib.sha256(json.dumps(body, default=str, sort_keys=True).encode()).hexdigest()
    tag = f'"{product.reference}.{product.version}.{shown[:16]}"'
    return Response(body, status=code, headers={"ETag": tag, "Cache-Control": "private, no-cache"})


def _check_version(request: Request, product: Product) -> None:
    """Compare If-Match with the version of the description; what else is shown may change."""
    said = request.headers.get("If-Match", "")
    if not said:
        raise VersionNeeded
    present = f"{product.reference}.{product.version}"
    if not any(tag.strip('"').rpartition(".")[0] == present for tag in parse_etags(said)):
        raise VersionChanged


def _words(request: Request) -> str:
    return str(
        serializers.CharField(allow_blank=True).run_validation(request.query_params.get("q", ""))
    )


def _filters(request: Request) -> dict[str, list[str]]:
    params = request.query_params
    return {name: params.getlist(name) for name in FILTERS if name in params}


class Products(APIView):
    """The market, and with `status` the products one may see beyond it."""

    def get_permissions(self) -> list[Any]:
        """Anybody looks; providers create."""
        return open_to_read(self.request, else_=gate("list", roles=("PROVIDER",)))

    @extend_schema(
        operation_id="products_search",
        tags=["products"],
        parameters=[*SEARCH, ORDER],
        responses=page_out(ProductOut),
    )
    def get(self, request: Request) -> Response:
        """Search by text and filters; two Chinese characters are enough."""
        text, filters = _words(request), _filters(request)
        order = request.query_params.get("order", "")
        rows = queries.search_products(actor_of(request), text=text, filters=filters, order=order)
        ordering = tuple(str(item) for item in rows.query.order_by)
        shown: list[Any] = []

        def render(row: Any) -> dict[str, Any]:
            shown.append(row)
            return dict(ProductOut(row).data)

        answer = page_of(
            rows,
            request,
            self,
            render=render,
            ordering=ordering,
            parameters=("order", *NARROWING),
        )
        if is_ranked(text, filters, order):
            decision = note_ranking(
                text=text,
                filters=filters,
                shown=shown,
                visitor=AnonymousThrottle().get_ident(request),
                by=actor_of(request),
                at=timezone.now(),
            )
            if decision is not None:
                answer["Ranking-Decision"] = decision.reference
        return answer

    @extend_schema(
        operation_id="products_create",
        tags=["products"],
        request=ManualIn,
        responses={201: ProductDetailOut},
    )
    def post(self, request: Request) -> Response:
        """Begin the description of a product; only what a listing needs is required later."""
        actor = actor_of(request)
        made = services.create_product(
            provider=get_organization(actor.organization),
            manual=as_sent(request),
            by=actor,
            at=timezone.now(),
        )
        return detail_of(made, request, status.HTTP_201_CREATED)


class Facets(APIView):
    """What the search can be narrowed by."""

    permission_classes = [Public]

    @extend_schema(
        operation_id="products_facets",
        tags=["products"],
        parameters=SEARCH,
        responses=FacetsOut,
    )
    def get(self, request: Request) -> Response:
        """Return each filter's values with counts for this search."""
        check_parameters(request, NARROWING)
        rows = queries.search_products(
            actor_of(request),
            text=_words(request),
            filters=_filters(request),
        )
        found = facets(rows)
        return Response({name: FacetOut(values, many=True).data for name, values in found.items()})


class ProductDetail(APIView):
    """One product."""

    def get_permissions(self) -> list[Any]:
        """Anybody looks at what is listed; its provider changes it."""
        return open_to_read(self.request, else_=gate("list", roles=("PROVIDER",)))

    @extend_schema(
        operation_id="products_read",
        tags=["products"],
        parameters=[OpenApiParameter("If-None-Match", str, OpenApiParameter.HEADER)],
        responses={200: ProductDetailOut, 304: None},
    )
    def get(self, request: Request, reference: str) -> Response:
        """Return it with its ETag; 304 when If-None-Match names it."""
        found = detail_of(queries.get_product_for(actor_of(request), reference), request)
        known = parse_etags(request.headers.get("If-None-Match", ""))
        if found["ETag"] in known:
            found.data, found.status_code = None, status.HTTP_304_NOT_MODIFIED
        return found

    @extend_schema(
        operation_id="products_change",
        tags=["products"],
        request=ManualChangeIn,
        parameters=[OpenApiParameter("If-Match", str, OpenApiParameter.HEADER, required=True)],
        responses=ProductDetailOut,
    )
    def patch(self, request: Request, reference: str) -> Response:
        """Change fields of the manual, from the version that was read."""
        actor = actor_of(request)
        product = queries.get_product_for(actor, reference)
        _check_version(request, product)
        done = services.edit_product(
            product=product,
            changes=as_sent(request),
            expected_version=product.version,
            by=actor,
            at=timezone.now(),
        )
        return detail_of(done, request)
