"""Writing rules over REST, and following what a new version does to the market.

Drafts are written and approved by persons: a token reads them, a session changes them.
"""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit.log.actors import Actor
from audit.log.errors import NotFound
from audit.rulebook import queries, services
from audit.rulebook.models import RuleDraft, RulePack
from audit.rulebook.queries import find_pack, seal_of
from audit.rulebook.schemas import faults_of
from exchange.compliance.models import Rescreening
from exchange.compliance.queries import (
    foreseen_outcomes,
    get_rescreening_for,
    progress_of,
    rescreenings_visible_to,
)

from .pagination import page_of
from .permissions import actor_of, gate
from .rulebook import PackOut
from .serializers import ActionsOut, ReasonIn, StrictSerializer, page_out, read_input
from .verbs import verb_view

WATCHERS = ("REGULATOR", "OPERATOR")
WRITES = gate("review", roles=("REGULATOR",))
FOLLOWS = gate("audit", roles=WATCHERS)


class FaultOut(serializers.Serializer[Any]):
    """What keeps a text from being a version."""

    place = serializers.CharField()
    what = serializers.CharField()
    remedy = serializers.CharField()


class RuleDraftOut(ActionsOut):
    """A version in the making."""

    reference = serializers.CharField()
    kind = serializers.CharField()
    base = serializers.CharField(help_text="the version it was begun from")
    reason = serializers.CharField()
    version = serializers.IntegerField()
    effective_on = serializers.DateField(allow_null=True)
    status = serializers.CharField()
    status_reason = serializers.CharField()
    started_at = serializers.DateTimeField()
    published_as = serializers.CharField()
    seal = serializers.SerializerMethodField(help_text="what an approval is of: kind, day, text")

    def get_seal(self, row: RuleDraft) -> str:
        """Return the seal of the draft as it is now."""
        return seal_of(row.kind, row.effective_on, row.text)


class RuleDraftDetailOut(RuleDraftOut):
    """A version in the making, with its text and its faults."""

    text = serializers.CharField()
    faults = serializers.SerializerMethodField()

    def get_faults(self, row: RuleDraft) -> list[dict[str, str]]:
        """Return what is wrong in the text."""
        base = find_pack(row.base)
        found = faults_of(row.kind, row.text, base) if base else []
        return [FaultOut(fault).data for fault in found]


class StartIn(StrictSerializer):
    """The beginning of a draft."""

    kind = serializers.CharField(max_length=24)
    reason = serializers.CharField(max_length=500)
    base = serializers.CharField(max_length=48, required=False, allow_blank=True, default="")


class EditIn(StrictSerializer):
    """Another text, another day, of the version that was read."""

    expected_version = serializers.IntegerField(min_value=1)
    text = serializers.CharField(required=False, trim_whitespace=False)
    effective_on = serializers.DateField(required=False)


class SealIn(StrictSerializer):
    """What is approved: the seal of what was read."""

    seal = serializers.CharField(max_length=64)


class RuleDrafts(APIView):
    """Drafts of one's own authority."""

    permission_classes = [WRITES]

    @extend_schema(
        operation_id="rule_drafts_list", tags=["rules"], responses=page_out(RuleDraftOut)
    )
    def get(self, request: Request) -> Response:
        """List them, the newest first."""
        rows = queries.drafts_visible_to(actor_of(request))
        return page_of(rows, request, self, render=lambda row: RuleDraftOut(row).data)

    @extend_schema(
        operation_id="rule_drafts_start",
        tags=["rules"],
        request=StartIn,
        responses={201: RuleDraftDetailOut},
    )
    def post(self, request: Request) -> Response:
        """Begin a draft from a version."""
        values = read_input(StartIn, request.data)
        made = services.start_draft(by=actor_of(request), at=timezone.now(), **values)
        return Response(RuleDraftDetailOut(made).data, status=status.HTTP_201_CREATED)


class RuleDraftDetail(APIView):
    """One draft."""

    permission_classes = [WRITES]

    @extend_schema(operation_id="rule_drafts_read", tags=["rules"], responses=RuleDraftDetailOut)
    def get(self, request: Request, reference: str) -> Response:
        """Return it with its text and what is wrong in it."""
        draft = queries.get_draft_for(actor_of(request), reference)
        return Response(RuleDraftDetailOut(draft).data)

    @extend_schema(
        operation_id="rule_drafts_edit",
        tags=["rules"],
        request=EditIn,
        responses=RuleDraftDetailOut,
    )
    def patch(self, request: Request, reference: str) -> Response:
        """Give it another text or day; an approval is void from then on."""
        actor = actor_of(request)
        draft = queries.get_draft_for(actor, reference)
        values = read_input(EditIn, request.data)
        services.edit_draft(draft=draft, by=actor, at=timezone.now(), **values)
        return Response(RuleDraftDetailOut(draft).data)


def _verb(name: str, summary: str, takes: type[StrictSerializer] | None = None) -> type[APIView]:
    return verb_view(
        operation=f"rules_{name}_draft",
        summary=summary,
        permission=WRITES,
        load=queries.get_draft_for,
        service=getattr(services, f"{name}_draft"),
        argument="draft",
        takes=takes,
        output=PackOut if name == "publish" else RuleDraftOut,
    )


DRAFT_VERBS = {
    "propose": _verb("propose", "Ask a second person to approve"),
    "approve": _verb("approve", "Approve exactly what was read", SealIn),
    "return": _verb("return", "Give it back with the reason", ReasonIn),
    "publish": _verb("publish", "Make it a version that never changes"),
    "discard": _verb("discard", "Give it up", ReasonIn),
}


def _stored_pack(actor: Actor, reference: str) -> RulePack:
    """Return a version; all of them are public."""
    del actor
    found = RulePack.objects.filter(reference=reference).first()
    if found is None:
        raise NotFound
    return found


WithdrawPack = verb_view(
    operation="rules_withdraw_version",
    summary="Take a version back before it binds",
    permission=WRITES,
    load=_stored_pack,
    service=services.withdraw_pack,
    argument="pack",
    takes=ReasonIn,
    output=PackOut,
)


class RescreeningOut(serializers.Serializer[Rescreening]):
    """What a version does to what is on the market."""

    reference = serializers.CharField()
    pack = serializers.CharField()
    effective_on = serializers.DateField()
    status = serializers.CharField()
    planned_at = serializers.DateTimeField()
    applied_from = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)


class RunProgressOut(serializers.Serializer[Any]):
    """How far it is, in releases."""

    total = serializers.IntegerField()
    read = serializers.IntegerField()
    renewed = serializers.IntegerField()
    stopped = serializers.IntegerField()
    failed = serializers.IntegerField()
    left = serializers.IntegerField()


class RescreeningDetailOut(RescreeningOut):
    """One re-screening with its figures."""

    progress = serializers.SerializerMethodField()
    foreseen = serializers.SerializerMethodField(help_text="verdicts read ahead, by outcome")

    @extend_schema_field(RunProgressOut)
    def get_progress(self, row: Rescreening) -> dict[str, int]:
        """Return how far it is."""
        return dict(RunProgressOut(progress_of(row)).data)

    def get_foreseen(self, row: Rescreening) -> dict[str, int]:
        """Return what the rules will mean once they bind."""
        return foreseen_outcomes(row)


class Rescreenings(APIView):
    """Runs over what versions touch."""

    permission_classes = [FOLLOWS]

    @extend_schema(
        operation_id="rescreenings_list", tags=["rules"], responses=page_out(RescreeningOut)
    )
    def get(self, request: Request) -> Response:
        """List them, the newest first."""
        rows = rescreenings_visible_to(actor_of(request))
        return page_of(rows, request, self, render=lambda row: RescreeningOut(row).data)


class RescreeningDetail(APIView):
    """One run."""

    permission_classes = [FOLLOWS]

    @extend_schema(operation_id="rescreenings_read", tags=["rules"], responses=RescreeningDetailOut)
    def get(self, request: Request, reference: str) -> Response:
        """Return it with how far it is."""
        run = get_rescreening_for(actor_of(request), reference)
        return Response(RescreeningDetailOut(run).data)
