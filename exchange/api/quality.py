"""Quality of data over REST: rules that providers declare, and what was measured by them."""

import json
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from exchange.catalog import quality, services
from exchange.catalog.models import QualityReport, QualityRules
from exchange.catalog.queries import get_product_for, get_release_for

from .permissions import Public, actor_of, gate
from .serializers import StrictSerializer, read_input

PROVIDER = gate("list", roles=("PROVIDER",))


class QualityRulesIn(StrictSerializer):
    """Rules of the vocabulary in docs/quality.md."""

    rules = serializers.ListField(
        child=serializers.JSONField(),
        help_text="objects of id, kind, columns, weight and what the kind takes",
    )


class QualityRulesOut(serializers.Serializer[QualityRules]):
    """A version of a product's rules."""

    reference = serializers.CharField()
    number = serializers.IntegerField()
    rules = serializers.JSONField(source="rules.rules")
    sha256 = serializers.CharField(help_text="SHA-256 of the rules as canonical JSON")
    declared_at = serializers.DateTimeField()


class QualityReportOut(serializers.Serializer[QualityReport]):
    """A measuring of quality: how far it is, or the report."""

    reference = serializers.CharField()
    release = serializers.CharField(source="release.reference")
    status = serializers.CharField()
    progress = serializers.IntegerField(help_text="percent of the table")
    score = serializers.DecimalField(
        source="score_rate", max_digits=5, decimal_places=4, allow_null=True
    )
    grade = serializers.CharField()
    report = serializers.SerializerMethodField(help_text="null until it is measured")
    report_sha256 = serializers.CharField(
        source="document_sha256", help_text="SHA-256 of the report as canonical JSON, as logged"
    )
    examples = serializers.SerializerMethodField(
        help_text="numbers of rows that break a rule, with masked cells; for its provider"
    )
    failure = serializers.CharField()
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)

    def get_report(self, row: QualityReport) -> dict[str, Any] | None:
        """Return the report as it was hashed."""
        return json.loads(row.document) if row.document else None

    def get_examples(self, row: QualityReport) -> dict[str, Any]:
        """Return the rows to its provider, and nothing to others."""
        own = row.release.product.provider.reference
        return row.examples if own == self.context["organization"] else {}


class ProductQualityOut(serializers.Serializer[Any]):
    """The rules in force and the last report on the current release."""

    rules = QualityRulesOut(allow_null=True)
    report = QualityReportOut(allow_null=True)


class TrialRuleOut(serializers.Serializer[Any]):
    """What one rule would find."""

    id = serializers.CharField()
    failing = serializers.IntegerField(help_text="rows that break it")
    examples = serializers.JSONField(help_text="numbers of the first such rows, cells masked")


class TrialOut(serializers.Serializer[Any]):
    """What rules would find in the newest release; nothing is kept."""

    release = serializers.CharField()
    whole = serializers.BooleanField(help_text="false: too large to wait for; declare and order")
    rows = serializers.IntegerField()
    rules = TrialRuleOut(many=True)


class ProductQuality(APIView):
    """Rules and report of a product."""

    permission_classes = [Public]

    @extend_schema(operation_id="quality_read", tags=["quality"], responses=ProductQualityOut)
    def get(self, request: Request, reference: str) -> Response:
        """Return the rules in force and the last report on the current release."""
        actor = actor_of(request)
        product = get_product_for(actor, reference)
        told = {
            "rules": quality.current_rules(product),
            "report": quality.latest_report(product.current),
        }
        context = {"organization": actor.organization}
        return Response(ProductQualityOut(told, context=context).data)


class DeclareRules(APIView):
    """What a provider promises of every row."""

    permission_classes = [PROVIDER]

    @extend_schema(
        operation_id="quality_declare",
        tags=["quality"],
        request=QualityRulesIn,
        responses={201: QualityRulesOut},
    )
    def post(self, request: Request, reference: str) -> Response:
        """Declare rules; the current release and every later one are measured by them."""
        actor = actor_of(request)
        product = get_product_for(actor, reference)
        declared = services.declare_quality_rules(
            product=product,
            document=read_input(QualityRulesIn, request.data),
            by=actor,
            at=timezone.now(),
        )
        return Response(QualityRulesOut(declared).data, status=status.HTTP_201_CREATED)


class TryRules(APIView):
    """A preview of failures."""

    permission_classes = [PROVIDER]

    @extend_schema(
        operation_id="quality_try", tags=["quality"], request=QualityRulesIn, responses=TrialOut
    )
    def post(self, request: Request, reference: str) -> Response:
        """Count what rules would find in the newest release; nothing is kept."""
        actor = actor_of(request)
        product = get_product_for(actor, reference)
        document = read_input(QualityRulesIn, request.data)
        trial = services.try_quality_rules(product=product, document=document, by=actor)
        told = {
            "release": trial.release.reference,
            "whole": trial.found is not None,
            "rows": trial.release.rows,
            "rules": trial.found["rules"] if trial.found else [],
        }
        return Response(TrialOut(told).data)


class MeasureRelease(APIView):
    """An order to measure."""

    permission_classes = [PROVIDER]

    @extend_schema(
        operation_id="quality_measure",
        tags=["quality"],
        request=None,
        responses={201: QualityReportOut},
    )
    def post(self, request: Request, reference: str) -> Response:
        """Have a release measured by the rules in force; a worker does it."""
        actor = actor_of(request)
        release = get_release_for(actor, reference)
        report = services.request_quality(release=release, by=actor, at=timezone.now())
        told = QualityReportOut(report, context={"organization": actor.organization})
        return Response(told.data, status=status.HTTP_201_CREATED)


class QualityReportDetail(APIView):
    """One report."""

    permission_classes = [Public]

    @extend_schema(
        operation_id="quality_reports_read", tags=["quality"], responses=QualityReportOut
    )
    def get(self, request: Request, reference: str) -> Response:
        """Return a report; ask again while it is under way."""
        actor = actor_of(request)
        report = quality.get_report_for(actor, reference)
        told = QualityReportOut(report, context={"organization": actor.organization})
        return Response(told.data)
