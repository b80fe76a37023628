"""The register of algorithms over REST: what they do, for whom, how accurate they measured."""

from datetime import date
from typing import Any

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit.disclosure import queries, services
from audit.disclosure.fields import Audience
from audit.disclosure.limits import stage_of
from audit.disclosure.models import Disclosure, Measurement
from audit.disclosure.portable import statement_from
from audit.disclosure.rules import disclosure_actions
from audit.disclosure.showing import audience_of, openings_for, publicly_shown_to
from audit.disclosure.states import STANDING, WAITING, AlgorithmType, DisclosureState
from audit.log.actors import Actor
from exchange.parties.queries import organizations_named

from .looks import put_thing_on_record
from .pagination import page_of
from .permissions import DESK, Public, actor_of, gate, open_to_read
from .serializers import ReasonIn, StrictSerializer, as_sent, page_out, read_input
from .verbs import verb_view


def get_on_record(request: Request, reference: str) -> Disclosure:
    """Return a version; what is not public a regulator reads under a purpose, on record."""
    actor = actor_of(request)
    found = queries.get_disclosure_for(actor, reference)
    if found.published_at is None and found.owner != actor.organization:
        put_thing_on_record(request, actor, kind="disclosure", reference=found.reference)
    return found


def actions_of(actor: Actor, row: Disclosure) -> list[str]:
    """Return the verbs open to the actor now; what a regulator has in hand is not the operator's.

    The register is asked further only where that decides.
    """
    watches = actor.has_role(*DESK)
    stopped = watches and row.status == DisclosureState.SUSPENDED
    waits = watches and row.status in WAITING
    return disclosure_actions(
        actor,
        row,
        suspensions=queries.open_suspensions(row.algorithm, owner=row.owner) if stopped else (),
        held=waits and queries.is_held_by_regulator(row),
    )


class MeasurementOut(serializers.Serializer[Measurement]):
    """One measured figure."""

    run = serializers.CharField()
    metric = serializers.CharField()
    value = serializers.CharField()
    ci_low = serializers.CharField()
    ci_high = serializers.CharField()
    n = serializers.IntegerField()
    dataset = serializers.CharField()
    dataset_sha256 = serializers.CharField()
    code_sha256 = serializers.CharField()
    note = serializers.CharField()
    measured_at = serializers.DateTimeField()


class AccuracyOut(serializers.Serializer[queries.AccuracyRow]):
    """What the owner declares beside what the platform found; null means not yet measured."""

    metric = serializers.CharField()
    declared = serializers.CharField()
    declared_note = serializers.CharField()
    measured = MeasurementOut(allow_null=True)


class DisclosureOut(serializers.Serializer[Disclosure]):
    """One version of an algorithm's disclosure."""

    reference = serializers.CharField()
    algorithm = serializers.CharField()
    algorithm_type = serializers.CharField()
    owner = serializers.CharField(help_text="organization, or empty for the exchange itself")
    version = serializers.IntegerField()
    status = serializers.CharField()
    name = serializers.CharField()
    technique = serializers.CharField()
    prediction_target = serializers.CharField()
    stakeholders = serializers.CharField()
    filing_number = serializers.CharField(help_text="given with the first publication")
    reviewer = serializers.CharField(
        help_text="who reviewed it; empty while it stands under its owner's responsibility"
    )
    service_began_on = serializers.DateField(allow_null=True)
    model_sha256 = serializers.CharField()
    filed_at = serializers.DateTimeField(allow_null=True)
    published_at = serializers.DateTimeField(allow_null=True)
    due_on = serializers.SerializerMethodField(help_text="end of the time limit that runs")
    stage = serializers.SerializerMethodField(help_text="for which act it runs")
    document_sha256 = serializers.CharField()
    allowed_actions = serializers.SerializerMethodField()

    def get_due_on(self, row: Disclosure) -> date | None:
        """Return the limit, for owner and supervisors."""
        return row.due_on if self.is_inside(row) else None

    def get_stage(self, row: Disclosure) -> str:
        """Return whose act the limit waits for."""
        return str(stage_of(row) or "") if self.is_inside(row) else ""

    def get_allowed_actions(self, row: Disclosure) -> list[str]:
        """Return the verbs open to the caller."""
        return actions_of(self.context["actor"], row)

    def is_inside(self, row: Disclosure) -> bool:
        """Whether the caller reads all of it: its owner and supervisors."""
        return audience_of(self.context["actor"], row.owner) == Audience.REGULATOR


class DisclosureDetailOut(DisclosureOut):
    """A disclosure with all its texts and its accuracy."""

    statement = serializers.SerializerMethodField(help_text="texts by field, each in en and zh")
    withheld = serializers.SerializerMethodField(help_text="fields that the caller may not read")
    openings = serializers.SerializerMethodField(
        help_text="by restricted field that is shown: its salt, and its digest in the document"
    )
    notes = serializers.SerializerMethodField(help_text="what is to be mended, by field")
    products = serializers.JSONField()
    document = serializers.CharField(help_text="the signed canonical document")
    signature = serializers.CharField()
    signer = serializers.CharField(help_text="verifier key (C2SP)")
    accuracy = serializers.SerializerMethodField()

    def get_statement(self, row: Disclosure) -> dict[str, dict[str, str]]:
        """Return the texts that the caller may read."""
        shown = publicly_shown_to(self.context["actor"], row)
        return {code: dict(said) for code, said in shown.texts.items()}

    def get_withheld(self, row: Disclosure) -> list[str]:
        """Return the fields that are there and not shown."""
        return list(publicly_shown_to(self.context["actor"], row).withheld)

    def get_openings(self, row: Disclosure) -> dict[str, dict[str, str]]:
        """Return what opens the digests of restricted fields."""
        return openings_for(publicly_shown_to(self.context["actor"], row), row)

    def get_notes(self, row: Disclosure) -> dict[str, str]:
        """Return the reviewer's notes, for owner and supervisors."""
        return dict(row.notes) if self.is_inside(row) else {}

    def get_accuracy(self, row: Disclosure) -> list[dict[str, Any]]:
        """Return declared and measured accuracy side by side."""
        return [dict(AccuracyOut(item).data) for item in queries.accuracy_of(row)]


class SearchIn(StrictSerializer):
    """What is looked for in the register."""

    text = serializers.CharField(max_length=200, required=False)
    algorithm_type = serializers.ChoiceField(AlgorithmType.choices, required=False)
    status = serializers.ChoiceField(list(STANDING), required=False)
    owner = serializers.CharField(
        max_length=24,
        required=False,
        allow_blank=True,
        help_text="organization, or empty for the exchange itself",
    )


class WithdrawIn(ReasonIn):
    """Why, and for what is in the register the last day of service."""

    last_day = serializers.DateField(required=False)


class Disclosures(APIView):
    """The public register."""

    def get_permissions(self) -> list[Any]:
        """Anybody reads; organizations file."""
        return open_to_read(self.request, else_=gate("list", "review"))

    @extend_schema(
        operation_id="disclosures_list",
        tags=["disclosures"],
        auth=[],
        parameters=[SearchIn],
        responses=page_out(DisclosureOut),
    )
    def get(self, request: Request) -> Response:
        """List what is published or suspended; words are looked for in public texts."""
        said = read_input(SearchIn, request.query_params.dict())
        owners = organizations_named(said.get("text", ""))
        wanted = queries.RegisterSearch(owners=owners, **said)
        found = queries.search(queries.register(), wanted)
        context = {"actor": actor_of(request)}
        return page_of(
            found,
            request,
            self,
            render=lambda row: DisclosureOut(row, context=context).data,
            ordering=("owner", "algorithm"),
        )

    @extend_schema(
        operation_id="disclosures_draft",
        tags=["disclosures"],
        request=OpenApiTypes.OBJECT,
        responses={201: DisclosureOut},
    )
    def post(self, request: Request) -> Response:
        """Draft the next version of one of your algorithms' disclosures."""
        actor = actor_of(request)
        made = services.draft_disclosure(
            statement=statement_from(as_sent(request)),
            owner=owner_for(actor),
            by=actor,
            at=timezone.now(),
        )
        out = DisclosureOut(made, context={"actor": actor})
        return Response(out.data, status=status.HTTP_201_CREATED)


class OwnDisclosures(APIView):
    """Every version of the caller's own algorithms."""

    permission_classes = [gate("list", "review")]

    @extend_schema(
        operation_id="disclosures_own",
        tags=["disclosures"],
        responses=page_out(DisclosureOut),
    )
    def get(self, request: Request) -> Response:
        """List them with state and time limit."""
        actor = actor_of(request)
        context = {"actor": actor}
        return page_of(
            queries.list_own(actor),
            request,
            self,
            render=lambda row: DisclosureOut(row, context=context).data,
            ordering=("algorithm", "-version"),
        )


def owner_for(actor: Actor) -> str:
    """Return who answers for what the actor discloses; the operator speaks for the exchange."""
    return "" if actor.has_role("OPERATOR") else actor.organization


class DisclosureDetail(APIView):
    """One version of a disclosure; what was ever published stays readable by anybody."""

    def get_permissions(self) -> list[Any]:
        """Anybody reads what was filed; its owner writes drafts."""
        return open_to_read(self.request, else_=gate("list", "review"))

    @extend_schema(
        operation_id="disclosures_read",
        tags=["disclosures"],
        auth=[],
        responses=DisclosureDetailOut,
    )
    def get(self, request: Request, reference: str) -> Response:
        """Return it with its accuracy."""
        found = get_on_record(request, reference)
        return Response(DisclosureDetailOut(found, context={"actor": actor_of(request)}).data)

    @extend_schema(
        operation_id="disclosures_edit",
        tags=["disclosures"],
        request=OpenApiTypes.OBJECT,
        responses=DisclosureOut,
    )
    def put(self, request: Request, reference: str) -> Response:
        """Write a draft anew; what was filed is never changed."""
        actor = actor_of(request)
        done = services.edit_disclosure(
            disclosure=queries.get_disclosure_for(actor, reference),
            statement=statement_from(as_sent(request)),
            by=actor,
            at=timezone.now(),
        )
        return Response(DisclosureOut(done, context={"actor": actor}).data)


FileDisclosure = verb_view(
    operation="disclosures_file",
    summary="Hand a version in for review; the platform's own are published at once",
    permission=gate("list", "review"),
    load=queries.get_disclosure_for,
    service=services.file_disclosure,
    argument="disclosure",
    output=DisclosureOut,
)
WithdrawDisclosure = verb_view(
    operation="disclosures_withdraw",
    summary="Take a disclosure out of the register; it stays readable with the reason",
    permission=gate("list", "review"),
    load=queries.get_disclosure_for,
    service=services.withdraw_disclosure,
    argument="disclosure",
    takes=WithdrawIn,
    output=DisclosureOut,
)


class Measurements(APIView):
    """Every figure ever measured of an algorithm."""

    permission_classes = [Public]

    @extend_schema(
        operation_id="disclosures_measurements",
        tags=["disclosures"],
        auth=[],
        responses=page_out(MeasurementOut),
    )
    def get(self, request: Request, reference: str) -> Response:
        """List them, the newest first."""
        found = queries.get_disclosure_for(actor_of(request), reference)
        rows = queries.measurements_of(found.algorithm, owner=found.owner)
        return page_of(rows, request, self, render=lambda row: MeasurementOut(row).data)
