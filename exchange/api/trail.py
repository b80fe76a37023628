"""The trail over REST: search, export, timelines, and searches that watch."""

from typing import Any

from django.http import StreamingHttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit.log.actors import Actor
from exchange.oversight import exports, findings, queries, services
from exchange.oversight.models import SavedSearch
from exchange.oversight.rules import why_not_inspect
from exchange.oversight.search import FIELDS, Search, find
from exchange.oversight.states import Interval

from .looks import OWN, WATCHERS, stated_purpose
from .pagination import page_of
from .permissions import actor_of, gate
from .serializers import StrictSerializer, page_out, read_input


class TrailRowOut(serializers.Serializer[queries.TrailRow]):
    """One entry of the log."""

    index = serializers.IntegerField()
    id = serializers.UUIDField()
    name = serializers.CharField(help_text="the event")
    label = serializers.CharField()  # type: ignore[assignment]  # a field named label
    version = serializers.IntegerField()
    occurred_at = serializers.DateTimeField()
    actor = serializers.CharField()
    organization = serializers.CharField()
    kind = serializers.CharField()
    subject = serializers.CharField()
    request_id = serializers.CharField()
    refs = serializers.ListField(child=serializers.ListField(child=serializers.CharField()))
    body = serializers.JSONField()


class TrailOut(serializers.Serializer[queries.TrailPage]):
    """Some entries; `cursor` begins the next page, null at the end."""

    rows = TrailRowOut(many=True)
    cursor = serializers.IntegerField(allow_null=True)


class SearchQuery(StrictSerializer):
    """What to look for; all conditions have to hold."""

    event = serializers.ListField(child=serializers.CharField(max_length=96), required=False)
    kind = serializers.CharField(max_length=24, required=False)
    reference = serializers.CharField(max_length=64, required=False)
    rule = serializers.CharField(max_length=24, required=False)
    actor = serializers.CharField(max_length=96, required=False)
    organization = serializers.CharField(max_length=32, required=False)
    party = serializers.CharField(max_length=200, required=False)
    text = serializers.CharField(max_length=100, required=False)
    request_id = serializers.CharField(max_length=64, required=False)
    since = serializers.DateTimeField(required=False)
    until = serializers.DateTimeField(required=False)


class TrailQuery(SearchQuery):
    """What to look for, and which part of it."""

    cursor = serializers.IntegerField(min_value=0, max_value=2**53, required=False)
    limit = serializers.IntegerField(min_value=1, max_value=200, default=50)


class ExportQuery(SearchQuery):
    """What to take away, and how."""

    format = serializers.ChoiceField(choices=[form.value for form in exports.Format])


class TimelineQuery(StrictSerializer):
    """Which part of a history."""

    cursor = serializers.IntegerField(min_value=0, max_value=2**53, required=False)
    limit = serializers.IntegerField(min_value=1, max_value=200, default=50)


CONDITIONS = [
    OpenApiParameter("event", str, many=True, description="name, or prefix with a dot"),
    OpenApiParameter("kind", str, description="kind of thing, alone or with `reference`"),
    OpenApiParameter("reference", str, description="the whole reference of a thing"),
    OpenApiParameter("rule", str, description="rule that fired, such as R-PSEUDO"),
    OpenApiParameter("actor", str, description="id; for who watches also a person's name"),
    OpenApiParameter("organization", str, description="reference of the organization acting"),
    OpenApiParameter("party", str, description="name, code or reference of who acted or is named"),
    OpenApiParameter("text", str, description="piece of a reference or of a thing's name"),
    OpenApiParameter("request_id", str),
    OpenApiParameter("since", OpenApiTypes.DATETIME),
    OpenApiParameter("until", OpenApiTypes.DATETIME, description="not included"),
]
PART = [OpenApiParameter("cursor", int), OpenApiParameter("limit", int)]


def _asked(request: Request, query: type[SearchQuery]) -> tuple[Search, dict[str, Any]]:
    """Return what is looked for, and what else was said."""
    said: dict[str, Any] = request.query_params.dict()
    if "event" in said:
        said["event"] = request.query_params.getlist("event")
    values = read_input(query, said)
    conditions = {"events" if name == "event" else name: v for name, v in values.items()}
    return Search.of({n: v for n, v in conditions.items() if n in FIELDS}), values


def _look(request: Request, actor: Actor, search: Search, *, what: str) -> None:
    """Record what a watcher is about to read of the trail; a party reads what concerns it."""
    if why_not_inspect(actor):
        return
    purpose, at = stated_purpose(request), timezone.now()
    if what == "trail" and search.reference and search.kind in services.INSPECTED_KINDS:
        services.record_view(
            kind=search.kind,
            reference=search.reference,
            purpose=purpose,
            scope=search.scope,
            by=actor,
            at=at,
        )
        return
    services.record_inspection(what=what, purpose=purpose, scope=search.scope, by=actor, at=at)


class Trail(APIView):
    """Entries of the log: all for regulator and operator, their own for parties."""

    permission_classes = [gate("audit")]
    look = OWN

    @extend_schema(
        operation_id="log_entries",
        tags=["log"],
        parameters=[*CONDITIONS, *PART],
        responses=TrailOut,
    )
    def get(self, request: Request) -> Response:
        """List them, the newest first."""
        actor = actor_of(request)
        search, values = _asked(request, TrailQuery)
        search.filters()  # a text that says too little is refused before there is a look
        _look(request, actor, search, what="trail")
        found = find(actor, search, before=values.get("cursor"), limit=values["limit"])
        return Response(TrailOut(found).data)


class TrailExport(APIView):
    """Everything that fits, as a file sent while it is read."""

    permission_classes = [gate("audit", roles=WATCHERS)]
    look = OWN

    @extend_schema(
        operation_id="log_export",
        tags=["log"],
        parameters=[
            *CONDITIONS,
            OpenApiParameter("format", str, required=True, enum=["csv", "jsonl"]),
        ],
        responses={
            (200, "text/csv"): OpenApiTypes.STR,
            (200, "application/jsonl"): OpenApiTypes.STR,
        },
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        """Send the entries, the newest first; the taking away is recorded."""
        actor = actor_of(request)
        search, values = _asked(request, ExportQuery)
        form = exports.Format(values["format"])
        search.filters()
        _look(request, actor, search, what="trail.export")
        name = f"trail-{timezone.now():%Y%m%d-%H%M%S}.{form}"
        return StreamingHttpResponse(
            exports.export_trail(actor, search, form),
            content_type=exports.CONTENT_TYPES[form],
            headers={
                "Content-Disposition": content_disposition_header(as_attachment=True, filename=name)
            },
        )


class Timeline(APIView):
    """The history of a product, an order or an organization with all that belongs to it."""

    permission_classes = [gate("audit")]
    look = "timeline"
    look_of = WATCHERS

    @extend_schema(operation_id="log_timeline", tags=["log"], parameters=PART, responses=TrailOut)
    def get(self, request: Request, kind: str, reference: str) -> Response:
        """List it, the oldest first."""
        values = read_input(TimelineQuery, request.query_params.dict())
        found = queries.timeline(
            actor_of(request), kind, reference, after=values.get("cursor"), limit=values["limit"]
        )
        return Response(TrailOut(found).data)


class SearchOut(serializers.Serializer[SavedSearch]):
    """A search that is kept."""

    reference = serializers.CharField()
    name = serializers.CharField()
    filters = serializers.JSONField(help_text="conditions by name, as for /log/entries")
    alert = serializers.BooleanField(help_text="whether it watches and gives notice")
    interval = serializers.IntegerField(help_text="minutes between two looks at what is new")
    unseen = serializers.IntegerField(default=0, help_text="findings not opened yet")
    found = serializers.IntegerField(default=0)
    checked_at = serializers.DateTimeField()
    created_at = serializers.DateTimeField()


class SearchIn(StrictSerializer):
    """A search to keep."""

    name = serializers.CharField(max_length=80)
    filters = serializers.DictField(help_text="conditions by name, as for /log/entries")
    alert = serializers.BooleanField(default=True)
    interval = serializers.ChoiceField(choices=Interval.values, default=Interval.HOUR.value)


class SearchPatch(StrictSerializer):
    """What to change of a kept search."""

    name = serializers.CharField(max_length=80, required=False)
    alert = serializers.BooleanField(required=False)
    interval = serializers.ChoiceField(choices=Interval.values, required=False)


class SavedSearches(APIView):
    """Searches of the person who calls."""

    permission_classes = [gate("audit", roles=WATCHERS)]

    @extend_schema(operation_id="searches_list", tags=["log"], responses=page_out(SearchOut))
    def get(self, request: Request) -> Response:
        """List them."""
        rows = findings.searches_visible_to(actor_of(request))
        return page_of(rows, request, self, render=lambda row: SearchOut(row).data, ordering="pk")

    @extend_schema(
        operation_id="searches_save", tags=["log"], request=SearchIn, responses={201: SearchOut}
    )
    def post(self, request: Request) -> Response:
        """Keep one; it watches what is recorded from now on."""
        values = read_input(SearchIn, request.data)
        made = services.save_search(by=actor_of(request), at=timezone.now(), **values)
        return Response(SearchOut(made).data, status=status.HTTP_201_CREATED)


class SavedSearchDetail(APIView):
    """One kept search."""

    permission_classes = [gate("audit", roles=WATCHERS)]

    @extend_schema(operation_id="searches_read", tags=["log"], responses=SearchOut)
    def get(self, request: Request, reference: str) -> Response:
        """Return it."""
        return Response(SearchOut(findings.get_search_for(actor_of(request), reference)).data)

    @extend_schema(
        operation_id="searches_change", tags=["log"], request=SearchPatch, responses=SearchOut
    )
    def patch(self, request: Request, reference: str) -> Response:
        """Rename it, or have it give notice or not."""
        actor = actor_of(request)
        search = findings.get_search_for(actor, reference)
        values = read_input(SearchPatch, request.data)
        services.change_search(search=search, by=actor, at=timezone.now(), **values)
        return Response(SearchOut(findings.get_search_for(actor, reference)).data)

    @extend_schema(operation_id="searches_remove", tags=["log"], responses={204: None})
    def delete(self, request: Request, reference: str) -> Response:
        """Let it watch no longer."""
        actor = actor_of(request)
        search = findings.get_search_for(actor, reference)
        services.remove_search(search=search, by=actor, at=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


class Findings(APIView):
    """What a kept search found since it was saved."""

    permission_classes = [gate("audit", roles=WATCHERS)]
    look = "search"
    look_of = WATCHERS

    @extend_schema(
        operation_id="searches_findings", tags=["log"], parameters=PART, responses=TrailOut
    )
    def get(self, request: Request, reference: str) -> Response:
        """List the entries, the newest first; those shown count as seen."""
        actor = actor_of(request)
        values = read_input(TimelineQuery, request.query_params.dict())
        search = findings.get_search_for(actor, reference)
        found = findings.findings_of(
            actor, search, before=values.get("cursor"), limit=values["limit"]
        )
        services.mark_seen(
            search=search, indexes=[row.index for row in found.rows], by=actor, at=timezone.now()
        )
        return Response(TrailOut(found).data)
