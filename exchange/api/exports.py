"""Exports over REST: evidence on file, the ledger, the year's persons, what an order would need."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from exchange.compliance import export_queries as queries
from exchange.compliance import services
from exchange.compliance.export_fields import FILING_FIELDS
from exchange.compliance.filing_rules import allowed_on_filing
from exchange.compliance.models import ExportFiling, ExportRecord, ExportStanding, ExportWarning
from exchange.compliance.states import DeclaredPlace
from exchange.parties.queries import get_organization_for

from .documents import document_view
from .fields import described
from .pagination import page_of
from .permissions import DESK, actor_of, gate
from .serializers import ActionsOut, ReasonIn, StrictSerializer, as_sent, page_out, read_input
from .verbs import verb_view

FilingIn = described("FilingIn", FILING_FIELDS)


class FilingOut(ActionsOut):
    """A piece of evidence for exports."""

    reference = serializers.CharField()
    organization = serializers.CharField(source="organization.reference")
    kind = serializers.CharField()
    number = serializers.CharField()
    authority = serializers.CharField()
    ground = serializers.CharField()
    partner = serializers.CharField(help_text="HK or MO, for a Greater Bay Area contract")
    scope = serializers.JSONField()
    mapping = serializers.JSONField()
    document = serializers.CharField()
    document_sha256 = serializers.CharField()
    valid_from = serializers.DateField()
    valid_until = serializers.DateField(allow_null=True)
    file_by = serializers.DateField(allow_null=True)
    authority_filed_on = serializers.DateField(allow_null=True)
    renewal_due_on = serializers.DateField(allow_null=True)
    status = serializers.CharField()
    reason = serializers.CharField()
    filed_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)

    def get_allowed_actions(self, row: ExportFiling) -> list[str]:
        """Return the steps open to the caller now."""
        return allowed_on_filing(self.context["actor"], row)


class ExportOut(serializers.Serializer[ExportRecord]):
    """One line of the export ledger."""

    reference = serializers.CharField()
    order = serializers.CharField(source="route.order")
    product = serializers.CharField(source="route.release.product.reference")
    release = serializers.CharField(source="route.release.reference")
    exporter = serializers.CharField(source="route.exporter.reference")
    recipient = serializers.CharField(source="route.recipient.reference")
    processor = serializers.CharField()
    year = serializers.IntegerField()
    places = serializers.ListField(child=serializers.CharField())
    outcome = serializers.CharField()
    mechanism = serializers.CharField()
    ground = serializers.CharField()
    rules = serializers.ListField(child=serializers.CharField())
    filings = serializers.ListField(child=serializers.CharField())
    pack = serializers.CharField()
    ordinary = serializers.IntegerField()
    sensitive = serializers.IntegerField()
    year_ordinary = serializers.IntegerField(help_text="distinct persons of the year, with these")
    year_sensitive = serializers.IntegerField()
    counted_at = serializers.DateTimeField()


class LineOut(serializers.Serializer[Any]):
    """A line, and how near the year has come to it."""

    name = serializers.CharField()
    at = serializers.IntegerField(help_text="distinct persons from which it counts")
    warn_at = serializers.IntegerField()
    count = serializers.IntegerField()
    percent = serializers.IntegerField()


class ExportYearOut(serializers.Serializer[Any]):
    """The distinct persons of one processor since 1 January."""

    processor = serializers.CharField()
    year = serializers.IntegerField()
    ordinary = serializers.IntegerField(source="heads.ordinary")
    sensitive = serializers.IntegerField(source="heads.sensitive")
    lines = serializers.SerializerMethodField()
    organizations = serializers.ListField(child=serializers.CharField())

    @extend_schema_field(LineOut(many=True))
    def get_lines(self, row: queries.YearSoFar) -> list[dict[str, Any]]:
        """Return the lines, the lower ones first."""
        return [
            {
                "name": line.name,
                "at": line.at,
                "warn_at": line.warn_at,
                "count": count,
                "percent": percent,
            }
            for line, count, percent in row.lines
        ]


class WarningOut(serializers.Serializer[ExportWarning]):
    """A line that came near."""

    processor = serializers.CharField()
    year = serializers.IntegerField()
    line = serializers.CharField()
    line_at = serializers.IntegerField()
    persons = serializers.IntegerField()
    export = serializers.CharField(source="record.reference")
    warned_at = serializers.DateTimeField()


class StandingOut(serializers.Serializer[ExportStanding]):
    """Where an organization stands in the rules on export."""

    organization = serializers.CharField(source="organization.reference")
    processor = serializers.CharField()
    place = serializers.CharField()
    bay_area = serializers.BooleanField()
    zone = serializers.CharField()
    critical = serializers.BooleanField()
    set_at = serializers.DateTimeField()


class CompleteIn(StrictSerializer):
    """The filing of a contract with the authority."""

    number = serializers.CharField(max_length=80)
    filed_on = serializers.DateField()


class StandingIn(StrictSerializer):
    """Where an organization is registered, and with whom it is counted."""

    place = serializers.ChoiceField(DeclaredPlace.choices)
    zone = serializers.CharField(max_length=24, required=False, default="", allow_blank=True)
    critical = serializers.BooleanField(required=False, default=False)
    counted_with = serializers.CharField(
        max_length=24,
        required=False,
        default="",
        allow_blank=True,
        help_text="another organization of the same processor",
    )


class Filings(APIView):
    """Evidence for exports."""

    permission_classes = [gate("list", "review")]
    look = "filings"

    @extend_schema(operation_id="filings_list", tags=["exports"], responses=page_out(FilingOut))
    def get(self, request: Request) -> Response:
        """List one's own, or all for the watch."""
        actor = actor_of(request)
        rows = queries.filings_visible_to(actor)
        return page_of(rows, request, self, render=lambda row: _filing(actor, row))

    @extend_schema(
        operation_id="filings_file", tags=["exports"], request=FilingIn, responses={201: FilingOut}
    )
    def post(self, request: Request) -> Response:
        """Put evidence on file; it counts once it is verified."""
        actor = actor_of(request)
        made = services.file_evidence(evidence=as_sent(request), by=actor, at=timezone.now())
        return Response(_filing(actor, made), status=status.HTTP_201_CREATED)


class FilingDetail(APIView):
    """One piece of evidence."""

    permission_classes = [gate("list", "review")]
    look = "filing"

    @extend_schema(operation_id="filings_read", tags=["exports"], responses=FilingOut)
    def get(self, request: Request, reference: str) -> Response:
        """Return it with its scope."""
        actor = actor_of(request)
        return Response(_filing(actor, queries.get_filing_for(actor, reference)))


def _filing(actor: Any, row: ExportFiling) -> dict[str, Any]:
    return dict(FilingOut(row, context={"actor": actor}).data)


FilingDocument = document_view(
    operation="filings_document",
    summary="Return the bytes of the document of a piece of evidence",
    permission=gate("list", "review"),
    look="filing",
    load=queries.get_filing_for,
    service=services.read_filing_document,
    argument="filing",
)
VerifyFiling = verb_view(
    operation="filings_verify",
    summary="Let exports rest on this evidence",
    permission=gate("review", roles=DESK),
    load=queries.get_filing_for,
    service=services.verify_filing,
    argument="filing",
    output=FilingOut,
)
RejectFiling = verb_view(
    operation="filings_reject",
    summary="Refuse this evidence, with the reason",
    permission=gate("review", roles=DESK),
    load=queries.get_filing_for,
    service=services.reject_filing,
    argument="filing",
    takes=ReasonIn,
    output=FilingOut,
)
RevokeFiling = verb_view(
    operation="filings_revoke",
    summary="End this evidence before its time; the next access under it is refused",
    permission=gate("list", "review"),
    load=queries.get_filing_for,
    service=services.revoke_filing,
    argument="filing",
    takes=ReasonIn,
    output=FilingOut,
)
CompleteFiling = verb_view(
    operation="filings_complete",
    summary="Note that the contract was filed with the authority",
    permission=gate("list", roles=("PROVIDER",)),
    load=queries.get_filing_for,
    service=services.complete_filing,
    argument="filing",
    takes=CompleteIn,
    output=FilingOut,
)


class Exports(APIView):
    """The export ledger."""

    permission_classes = [gate("list", "review")]
    look = "exports"

    @extend_schema(operation_id="exports_list", tags=["exports"], responses=page_out(ExportOut))
    def get(self, request: Request) -> Response:
        """List one's own exports, or all for the watch."""
        rows = queries.exports_visible_to(actor_of(request))
        return page_of(rows, request, self, render=lambda row: ExportOut(row).data)


class ExportDetail(APIView):
    """One line of the ledger."""

    permission_classes = [gate("list", "review")]
    look = "export"

    @extend_schema(operation_id="exports_read", tags=["exports"], responses=ExportOut)
    def get(self, request: Request, reference: str) -> Response:
        """Return it."""
        return Response(ExportOut(queries.get_export_for(actor_of(request), reference)).data)


class ExportYears(APIView):
    """The persons of the year against the lines."""

    permission_classes = [gate("list", "review")]
    look = "exports"

    @extend_schema(
        operation_id="exports_years", tags=["exports"], responses=ExportYearOut(many=True)
    )
    def get(self, request: Request) -> Response:
        """Return one's own year, or every processor's for the watch, the fullest first."""
        actor, now = actor_of(request), timezone.now()
        watched = queries.years_for(actor, now)
        own = queries.year_for(actor, now)
        found = watched or ([own] if own and not actor.has_role("OPERATOR", "REGULATOR") else [])
        return Response(ExportYearOut(found, many=True).data)


class ExportWarnings(APIView):
    """Lines that came near."""

    permission_classes = [gate("list", "review")]
    look = "exports"

    @extend_schema(
        operation_id="exports_warnings", tags=["exports"], responses=page_out(WarningOut)
    )
    def get(self, request: Request) -> Response:
        """List the warnings of one's processor, or all for the watch."""
        rows = queries.warnings_visible_to(actor_of(request))
        return page_of(rows, request, self, render=lambda row: WarningOut(row).data)


class Standings(APIView):
    """Where organizations stand in the rules on export."""

    permission_classes = [gate("list", "review")]
    look = "standings"

    @extend_schema(operation_id="standings_list", tags=["exports"], responses=page_out(StandingOut))
    def get(self, request: Request) -> Response:
        """List one's own, or all for the watch."""
        rows = queries.standings_visible_to(actor_of(request))
        return page_of(rows, request, self, render=lambda row: StandingOut(row).data)


class SetStanding(APIView):
    """The standing of one organization."""

    permission_classes = [gate("review", roles=DESK)]

    @extend_schema(
        operation_id="standings_set", tags=["exports"], request=StandingIn, responses=StandingOut
    )
    def put(self, request: Request, reference: str) -> Response:
        """State it; the persons of organizations of one processor are counted together."""
        actor = actor_of(request)
        organization = get_organization_for(actor, reference)
        values = read_input(StandingIn, request.data)
        other = values.pop("counted_with")
        made = services.set_standing(
            organization=organization,
            counted_with=get_organization_for(actor, other) if other else None,
            by=actor,
            at=timezone.now(),
            **values,
        )
        return Response(StandingOut(made).data)
