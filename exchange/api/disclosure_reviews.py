"""Review, suspension and recall of disclosures over REST, for the operator and regulators."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit.disclosure import queries, services
from audit.disclosure.models import Disclosure, Suspension
from audit.disclosure.portable import export_of
from audit.disclosure.showing import shown_to
from audit.disclosure.states import Duty

from .disclosure import DisclosureOut
from .pagination import page_of
from .permissions import DESK, Public, actor_of, gate
from .serializers import ReasonIn, StrictSerializer, page_out
from .verbs import verb_view

REVIEW = gate("review", roles=DESK)


class NotesIn(StrictSerializer):
    """What is to be mended, by field; `whole` stands for the filing as such."""

    notes = serializers.DictField(child=serializers.CharField(max_length=2000), allow_empty=False)


class NoteIn(StrictSerializer):
    """What the reviewer says with it."""

    note = serializers.CharField(max_length=2000, required=False, default="", allow_blank=True)


class SuspendIn(ReasonIn):
    """Why, on what basis, and from which day on decisions are in doubt."""

    basis = serializers.CharField(max_length=400, help_text="law and article; it stands in the log")
    since = serializers.DateField()


class CallIn(ReasonIn):
    """What is to be filed, and since when."""

    duty = serializers.ChoiceField([each for each in Duty.choices if each[0]])
    since = serializers.DateField()


class SuspensionOut(serializers.Serializer[Suspension]):
    """One suspension of an algorithm."""

    reference = serializers.CharField()
    disclosure = serializers.CharField(source="disclosure.reference")
    authority = serializers.CharField()
    by_regulator = serializers.BooleanField()
    reason = serializers.CharField()
    basis = serializers.CharField(help_text="law and article")
    since = serializers.DateField(help_text="decisions from this day on are in doubt")
    suspended_at = serializers.DateTimeField()
    lifted_at = serializers.DateTimeField(allow_null=True)
    lift_reason = serializers.CharField()


class Suspensions(APIView):
    """When an algorithm was not to decide, and since when its decisions are in doubt."""

    permission_classes = [Public]

    @extend_schema(
        operation_id="disclosures_suspensions",
        tags=["disclosures"],
        auth=[],
        responses=page_out(SuspensionOut),
    )
    def get(self, request: Request, reference: str) -> Response:
        """List the suspensions of the algorithm, whichever version they met, the latest first."""
        found = queries.get_disclosure_for(actor_of(request), reference)
        return page_of(
            queries.suspensions_of(found.algorithm, owner=found.owner),
            request,
            self,
            render=lambda row: SuspensionOut(row).data,
            ordering=("-suspended_at", "-pk"),
        )


class DisclosureInFull(APIView):
    """One version with every text, for those who review; a regulator states its purpose."""

    permission_classes = [REVIEW]
    look = "disclosure"

    @extend_schema(
        operation_id="disclosures_full", tags=["disclosures"], responses=OpenApiTypes.OBJECT
    )
    def get(self, request: Request, reference: str) -> Response:
        """Return it as a file by the published schema."""
        actor = actor_of(request)
        found = queries.get_disclosure_for(actor, reference)
        return Response(export_of(found, shown_to(actor, found)))


class WaitingDisclosures(APIView):
    """What waits for a review that the caller may take up."""

    permission_classes = [REVIEW]
    look = "disclosures"

    @extend_schema(
        operation_id="disclosures_waiting",
        tags=["disclosures"],
        responses=page_out(DisclosureOut),
    )
    def get(self, request: Request) -> Response:
        """List it, the latest first; `due_on` says by when it is to be decided."""
        actor = actor_of(request)
        rows = queries.list_waiting(actor)
        context = {"actor": actor}
        return page_of(
            rows,
            request,
            self,
            render=lambda row: DisclosureOut(row, context=context).data,
            ordering=("-filed_at", "-pk"),
        )


def _suspend(*, disclosure: Disclosure, **said: Any) -> Disclosure:
    return services.suspend_disclosure(disclosure=disclosure, **said).disclosure


def _verb(
    name: str, summary: str, service: Any, takes: type[StrictSerializer] | None
) -> type[APIView]:
    return verb_view(
        operation=f"disclosures_{name}",
        summary=summary,
        permission=REVIEW if name != "call" else gate("list", "review"),
        load=queries.get_disclosure_for,
        service=service,
        argument="disclosure",
        takes=takes,
        output=DisclosureOut,
    )


TakeReview = _verb(
    "take", "Take a filing up for review; a regulator may take it over", services.take_review, None
)
ReturnDisclosure = _verb(
    "return", "Send a filing back with what is to be mended", services.return_disclosure, NotesIn
)
RefuseDisclosure = _verb(
    "refuse", "Keep a version out of the register for good", services.refuse_disclosure, ReasonIn
)
PublishDisclosure = _verb(
    "publish", "Put a reviewed version into force", services.publish_disclosure, NoteIn
)
ConfirmDisclosure = _verb(
    "confirm",
    "Say that what was published under its owner's responsibility was reviewed",
    services.confirm_disclosure,
    NoteIn,
)
SuspendDisclosure = _verb("suspend", "Stop an algorithm", _suspend, SuspendIn)
LiftSuspension = _verb(
    "lift", "Let a suspended algorithm decide again", services.lift_suspension, ReasonIn
)
CallForFiling = _verb(
    "call",
    "Note that a change or an end of service is to be filed",
    services.call_for_filing,
    CallIn,
)
