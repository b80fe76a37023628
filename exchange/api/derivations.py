"""Derived releases over REST: what would help, a dry run, the order, and what became of it."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit.log.errors import NotFound
from exchange.catalog.queries import get_product_for, get_release_for
from exchange.compliance import queries, services
from exchange.compliance.models import Derivation
from exchange.compliance.remedies import recipe_schema, recipe_sha256, write_recipe
from exchange.compliance.remedies.proposing import PRESETS

from .pagination import page_of
from .permissions import SAFE, Public, actor_of, gate
from .serializers import StrictSerializer, page_out, read_input

PROVIDER = gate("list", roles=("PROVIDER",))
OWN = gate("read", roles=("PROVIDER",))
"""Authorities read the provenance in the trail, where their purpose is asked."""


class DerivationOut(serializers.Serializer[Derivation]):
    """A derived release in the making, or made: the provenance of the result."""

    reference = serializers.CharField()
    derived_from = serializers.CharField(source="source.reference")
    product = serializers.CharField(source="product.reference")
    result = serializers.SerializerMethodField(help_text="the derived release, once there is one")
    status = serializers.CharField()
    stage = serializers.CharField()
    progress = serializers.IntegerField(help_text="percent of the rows of this stage")
    kind = serializers.CharField(help_text="MASKED, STATISTIC or RAW (GB/T 43697-2024, Annex I)")
    preset = serializers.CharField()
    recipe = serializers.JSONField()
    recipe_sha256 = serializers.CharField()
    source_sha256 = serializers.CharField()
    result_sha256 = serializers.CharField()
    tool = serializers.CharField()
    rows_in = serializers.IntegerField(allow_null=True)
    rows_out = serializers.IntegerField(allow_null=True)
    figures = serializers.JSONField()
    failure = serializers.CharField()
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)

    def get_result(self, row: Derivation) -> str:
        """Return the reference of the derived release."""
        return row.result.reference if row.result else ""


class ProvenanceOut(serializers.Serializer[Derivation]):
    """How a release was made of another, as it is told to whoever sees the release."""

    derivation = serializers.CharField(source="reference")
    kind = serializers.CharField(help_text="MASKED, STATISTIC or RAW (GB/T 43697-2024, Annex I)")
    steps = serializers.JSONField(source="recipe.steps", help_text="see GET /recipes/schema")
    recipe_sha256 = serializers.CharField()
    source_sha256 = serializers.CharField()
    result_sha256 = serializers.CharField()
    tool = serializers.CharField()
    rows_in = serializers.IntegerField()
    rows_out = serializers.IntegerField()
    finished_at = serializers.DateTimeField()


class DeriveIn(StrictSerializer):
    """A recipe, or the name of a preset; and the product that takes the result."""

    recipe = serializers.JSONField(required=False, help_text="see GET /recipes/schema")
    preset = serializers.ChoiceField(PRESETS, required=False)
    product = serializers.CharField(max_length=24, required=False)


class PreviewIn(StrictSerializer):
    """A recipe to try."""

    recipe = serializers.JSONField(help_text="see GET /recipes/schema")


class PreviewOut(serializers.Serializer[Any]):
    """What would come of a recipe, and what the filter would say of it."""

    rows_read = serializers.IntegerField()
    rows_total = serializers.IntegerField()
    whole = serializers.BooleanField(help_text="whether all rows were read")
    rows_out = serializers.IntegerField()
    figures = serializers.JSONField()
    outcome = serializers.CharField()
    grade = serializers.CharField()
    level = serializers.IntegerField(allow_null=True)
    personal = serializers.CharField()
    rules = serializers.ListField(child=serializers.CharField())
    before = serializers.JSONField(help_text="masked rows of the source")
    after = serializers.JSONField(help_text="masked rows of the result")


class RemedyColumnOut(serializers.Serializer[Any]):
    """What is proposed for one column."""

    column = serializers.CharField()
    entities = serializers.ListField(child=serializers.CharField())
    action = serializers.CharField()
    options = serializers.ListField(child=serializers.CharField())
    reason = serializers.JSONField(help_text="in English and Chinese")
    basis = serializers.JSONField(help_text="legal basis, in English and Chinese")


class RemedyProposalOut(serializers.Serializer[Any]):
    """What would make a release compliant, column by column, and the recipe for it."""

    preset = serializers.CharField()
    columns = RemedyColumnOut(many=True)
    recipe = serializers.JSONField(allow_null=True)
    recipe_sha256 = serializers.CharField()


class Derivations(APIView):
    """What was derived of a release."""

    def get_permissions(self) -> list[Any]:
        """Let a provider read what is its own, and order."""
        return [OWN() if self.request.method in SAFE else PROVIDER()]

    @extend_schema(
        operation_id="derivations_list", tags=["derivations"], responses=page_out(DerivationOut)
    )
    def get(self, request: Request, reference: str) -> Response:
        """List the derivations of a release, the latest first."""
        actor = actor_of(request)
        release = get_release_for(actor, reference)
        rows = queries.derivations_visible_to(actor).filter(source=release)
        return page_of(rows, request, self, render=lambda row: DerivationOut(row).data)

    @extend_schema(
        operation_id="derivations_request",
        tags=["derivations"],
        request=DeriveIn,
        responses={201: DerivationOut},
    )
    def post(self, request: Request, reference: str) -> Response:
        """Order a derived release; it is made by a worker and screened like any upload."""
        actor = actor_of(request)
        release = get_release_for(actor, reference)
        values: dict[str, Any] = read_input(DeriveIn, request.data)
        product = get_product_for(actor, values["product"]) if "product" in values else None
        made = services.request_derivation(
            release=release,
            recipe=values.get("recipe"),
            preset=values.get("preset", ""),
            product=product,
            by=actor,
            at=timezone.now(),
        )
        return Response(DerivationOut(made).data, status=status.HTTP_201_CREATED)


class DerivationPreview(APIView):
    """A dry run."""

    permission_classes = [PROVIDER]
    is_trial = True

    @extend_schema(
        operation_id="derivations_preview",
        tags=["derivations"],
        request=PreviewIn,
        responses=PreviewOut,
    )
    def post(self, request: Request, reference: str) -> Response:
        """Carry a recipe out over the first rows and scan the result; nothing is kept."""
        actor = actor_of(request)
        release = get_release_for(actor, reference)
        values: dict[str, Any] = read_input(PreviewIn, request.data)
        told = services.preview_derivation(
            release=release, recipe=values["recipe"], by=actor, at=timezone.now()
        )
        return Response(PreviewOut(preview_document(told)).data)


class Proposal(APIView):
    """What would help."""

    permission_classes = [PROVIDER]

    @extend_schema(
        operation_id="proposals_read",
        tags=["derivations"],
        parameters=[OpenApiParameter("preset", enum=PRESETS, default="STRICT")],
        responses=RemedyProposalOut,
    )
    def get(self, request: Request, reference: str) -> Response:
        """Propose an action for each column of a screened release, and the recipe they make."""
        actor = actor_of(request)
        release = get_release_for(actor, reference)
        preset = request.query_params.get("preset", "STRICT")
        plan, recipe = services.propose_derivation(
            release=release, preset=preset, by=actor, at=timezone.now()
        )
        told = {
            "preset": plan.preset,
            "columns": plan.columns,
            "recipe": write_recipe(recipe) if recipe else None,
            "recipe_sha256": recipe_sha256(recipe) if recipe else "",
        }
        return Response(RemedyProposalOut(told).data)


class DerivationDetail(APIView):
    """One derivation."""

    permission_classes = [OWN]

    @extend_schema(operation_id="derivations_read", tags=["derivations"], responses=DerivationOut)
    def get(self, request: Request, reference: str) -> Response:
        """Return it; ask again while it is under way."""
        return Response(
            DerivationOut(queries.get_derivation_for(actor_of(request), reference)).data
        )


class Provenance(APIView):
    """How a release came about."""

    permission_classes = [Public]

    @extend_schema(operation_id="releases_provenance", tags=["releases"], responses=ProvenanceOut)
    def get(self, request: Request, reference: str) -> Response:
        """Return how it was made of another file; 404 for one that was uploaded."""
        release = get_release_for(actor_of(request), reference)
        made = queries.derivation_of(release)
        if made is None:
            raise NotFound(_("This release was uploaded, not made of another."))
        return Response(ProvenanceOut(made).data)


class RecipeSchema(APIView):
    """The form of recipes."""

    permission_classes = [Public]

    @extend_schema(
        operation_id="recipes_schema", tags=["derivations"], responses=OpenApiTypes.OBJECT
    )
    def get(self, request: Request) -> Response:  # noqa: ARG002  the same for everybody
        """Return the JSON Schema of recipes."""
        return Response(recipe_schema())


def preview_document(told: services.Preview) -> dict[str, Any]:
    """Return a dry run as a document."""
    verdict = told.verdict
    return {
        "rows_read": told.derived.rows_in,
        "rows_total": told.rows_total,
        "whole": told.is_whole,
        "rows_out": told.derived.rows_out,
        "figures": services.figures_of(told.derived),
        "outcome": verdict.outcome if verdict else "",
        "grade": verdict.grade if verdict else "",
        "level": verdict.level if verdict else None,
        "personal": verdict.personal if verdict else "",
        "rules": verdict.rule_ids() if verdict else [],
        "before": dict(told.before),
        "after": dict(told.after),
    }
