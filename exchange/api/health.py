"""The health of the log over REST: what is public for anybody, the rest for those who watch."""

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from exchange.oversight.health import Health, health_of

from .looks import WATCHERS
from .permissions import Public, actor_of, gate


class PeriodOut(serializers.Serializer[Any]):
    """The log of one period."""

    period = serializers.CharField()
    origin = serializers.CharField()
    first = serializers.IntegerField(help_text="index of its first entry in the whole log")
    size = serializers.IntegerField()
    status = serializers.CharField()


class VouchingOut(serializers.Serializer[Any]):
    """A cosignature of the newest checkpoint."""

    name = serializers.CharField()
    key_id = serializers.CharField()
    at = serializers.DateTimeField()


class ReconciliationOut(serializers.Serializer[Any]):
    """The last comparison of log and database."""

    at = serializers.DateTimeField()
    entry = serializers.UUIDField()
    things = serializers.IntegerField()
    differences = serializers.IntegerField()


class WatchedOut(serializers.Serializer[Health]):
    """What is for those who watch."""

    waiting = serializers.IntegerField(help_text="entries without index")
    is_late = serializers.BooleanField()
    alarms = serializers.ListField(child=serializers.CharField())
    failing = serializers.SerializerMethodField(help_text="reactions that fail at present")
    abandoned = serializers.IntegerField()
    failing_searches = serializers.SerializerMethodField(
        help_text="saved searches that fail at present"
    )
    reconciliation = ReconciliationOut(allow_null=True)
    to_do = serializers.ListField(child=serializers.CharField())

    def get_failing(self, row: Health) -> list[str]:
        """Return the names of reactions."""
        return [cursor.reaction for cursor in row.failing]

    def get_failing_searches(self, row: Health) -> list[str]:
        """Return their references."""
        return [search.reference for search in row.searches]


class HealthOut(serializers.Serializer[Health]):
    """The log as it is now; `watched` is null for others than regulator and operator."""

    size = serializers.IntegerField()
    logs = PeriodOut(many=True)
    checkpoint_size = serializers.IntegerField(
        source="checkpoint.size", default=None, allow_null=True
    )
    checkpoint_at = serializers.DateTimeField(
        source="checkpoint.created_at", default=None, allow_null=True
    )
    checkpoint_age = serializers.IntegerField(allow_null=True, help_text="seconds")
    is_witnessed = serializers.BooleanField()
    cosignatures = VouchingOut(many=True)
    verifier_key = serializers.CharField()
    watched = WatchedOut(source="*", allow_null=True)


class LogHealth(APIView):
    """How the log is."""

    permission_classes = [Public]

    @extend_schema(operation_id="log_health", tags=["log"], responses=HealthOut)
    def get(self, request: Request) -> Response:
        """Return sizes, checkpoint and witnesses; to who watches also what is in trouble."""
        told = dict(HealthOut(health_of(timezone.now())).data)
        if not actor_of(request).has_role(*WATCHERS):
            told["watched"] = None
        return Response(told)


class Metrics(APIView):
    """The log's health for Prometheus, with a token of the operator or a regulator."""

    permission_classes = [gate("audit", roles=WATCHERS)]

    @extend_schema(
        operation_id="log_metrics",
        tags=["log"],
        responses={(200, "text/plain"): OpenApiTypes.STR},
    )
    def get(self, request: Request) -> HttpResponse:  # noqa: ARG002
        """Return the figures in the text format of Prometheus."""
        health = health_of(timezone.now())
        registry = CollectorRegistry()
        last = health.reconciliation
        figures = {
            "size": ("Entries with their index", health.size),
            "pending": ("Entries that wait for their index", health.waiting),
            "checkpoint_age_seconds": ("Age of the newest checkpoint", health.checkpoint_age or 0),
            "witnessed": ("Whether its quorum cosigned it", int(health.is_witnessed)),
            "frozen": ("Whether the log is not published", int(bool(health.alarms))),
            "reactions_failing": ("Reactions that fail at present", len(health.failing)),
            "searches_failing": ("Saved searches that fail at present", len(health.searches)),
            "differences": (
                "Differences of the last reconciliation, -1 where there was none",
                last.differences if last else -1,
            ),
        }
        for name, (about, value) in figures.items():
            Gauge(f"quanheng_log_{name}", about, registry=registry).set(value)
        return HttpResponse(
            generate_latest(registry), content_type="text/plain; version=0.0.4; charset=utf-8"
        )
