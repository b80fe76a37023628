"""Decisions of the platform's algorithms over REST: read, check the inputs, set aside."""

from typing import Any

from django.utils import translation
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit.decisions import queries
from audit.decisions.explanations import NotExplained, explain
from audit.decisions.models import Decision, Override, StandingDecision
from audit.decisions.rules import OUTCOME_MOST, REASON_MOST
from audit.decisions.sealing import proof_of
from audit.decisions.services import digest_of, override_decision
from audit.decisions.states import WATCHERS, Result
from audit.disclosure.models import Suspension
from audit.log.errors import Invalid, NotFound
from audit.log.queries import entries_for
from exchange.audits.doubt import DoubtSearch, find_in_doubt

from .pagination import page_of
from .permissions import Public, actor_of, gate
from .serializers import StrictSerializer, page_out, read_input
from .verbs import verb_view

LANGUAGES = {"en": "en", "zh": "zh-hans"}
DOUBT_NARROWS = ("algorithm", "kind", "suspension", "since", "until")
NARROWING = ("algorithm", "kind", "subject", "in_doubt")


class ReasonsOut(serializers.Serializer[Any]):
    """What was decided and why, in one language."""

    decided = serializers.CharField()
    inputs = serializers.CharField(help_text="what kind of facts were put in")
    reasons = serializers.ListField(child=serializers.CharField())


class OverrideOut(serializers.Serializer[Override]):
    """What a person made of a decision."""

    reference = serializers.CharField()
    result = serializers.ChoiceField(Result.choices)
    outcome = serializers.CharField()
    reason = serializers.CharField()
    organization = serializers.CharField()
    overridden_at = serializers.DateTimeField()


class DecisionOut(serializers.Serializer[Decision]):
    """One decision, with the version of the disclosure in force then."""

    reference = serializers.CharField()
    algorithm = serializers.CharField()
    disclosure = serializers.CharField(source="disclosure.reference")
    disclosure_version = serializers.IntegerField(source="disclosure.version")
    subject_kind = serializers.CharField()
    subject = serializers.CharField()
    organization = serializers.CharField(source="concerning", help_text="whom it concerns")
    inputs_sha256 = serializers.CharField()
    output = serializers.JSONField()
    taken_at = serializers.DateTimeField()


class DecisionDetailOut(DecisionOut):
    """A decision with its reasons, its entry in the log and what people made of it."""

    explanation = serializers.JSONField(help_text="codes and figures")
    reasons = serializers.SerializerMethodField()
    recompute = serializers.SerializerMethodField(help_text="members whose digest is kept")
    entry = serializers.SerializerMethodField(help_text="id of the entry in the log")
    in_doubt_since = serializers.SerializerMethodField(
        help_text="day from which a suspension puts the algorithm's decisions in doubt"
    )
    overrides = OverrideOut(many=True)

    def get_reasons(self, row: Decision) -> dict[str, Any]:
        """Return what was decided and why, in both languages."""
        return _reasons(row)

    def get_recompute(self, row: Decision) -> list[str]:
        """Return the members of the inputs."""
        try:
            return list(explain(row).recompute)
        except NotExplained:
            return []

    def get_entry(self, row: Decision) -> str:
        """Return the id under which receipt and proof are had."""
        entry = entries_for("decision", row.reference).first()
        return str(entry.id) if entry else ""

    def get_in_doubt_since(self, row: Decision) -> str | None:
        """Return the earliest such day, or nothing."""
        days = [each.since for each in queries.doubts_about(row)]
        return min(days).isoformat() if days else None


class RankingOut(serializers.Serializer[StandingDecision]):
    """The order of a search's results: the same for whoever asks the same."""

    reference = serializers.CharField()
    algorithm = serializers.CharField()
    disclosure = serializers.CharField(source="disclosure.reference")
    inputs_sha256 = serializers.CharField()
    output = serializers.JSONField()
    explanation = serializers.JSONField()
    reasons = serializers.SerializerMethodField()
    taken_at = serializers.DateTimeField()
    seal = serializers.SerializerMethodField(help_text="root, place and proof; null until sealed")

    def get_reasons(self, row: StandingDecision) -> dict[str, Any]:
        """Return why the results stand so, in both languages."""
        return _reasons(row)

    def get_seal(self, row: StandingDecision) -> dict[str, Any] | None:
        """Return what leads from the decision to the entry of its seal."""
        if row.seal is None:
            return None
        place, size, hashes = proof_of(row)
        entry = entries_for("seal", row.seal.reference).first()
        return {
            "reference": row.seal.reference,
            "root_sha256": row.seal.root_sha256,
            "index": place,
            "size": size,
            "proof": [each.hex() for each in hashes],
            "entry": str(entry.id) if entry else "",
        }


class DoubtOut(serializers.Serializer[Suspension]):
    """The suspension that puts a decision in doubt."""

    reference = serializers.CharField()
    disclosure = serializers.CharField(source="disclosure.reference")
    since = serializers.DateField(help_text="decisions from this day on are in doubt")
    suspended_at = serializers.DateTimeField()
    lifted_at = serializers.DateTimeField(allow_null=True)


class DecisionInDoubtOut(DecisionOut):
    """A decision in doubt, why it is, and what people made of it."""

    doubts = serializers.SerializerMethodField()
    overrides = OverrideOut(many=True)

    @extend_schema_field(DoubtOut(many=True))
    def get_doubts(self, row: Decision) -> Any:
        """Return the suspensions that put it in doubt, read for the whole page at once."""
        doubts = queries.doubts_among(row, self.context["known"])
        return [dict(DoubtOut(each).data) for each in doubts]


class DoubtQuery(StrictSerializer):
    """Which decisions in doubt; what is left out means any. Both days are included."""

    algorithm = serializers.CharField(max_length=48, required=False)
    kind = serializers.CharField(
        max_length=32, required=False, help_text="kind of thing decided about"
    )
    suspension = serializers.CharField(max_length=24, required=False)
    since = serializers.DateField(required=False)
    until = serializers.DateField(required=False)


class InputsIn(StrictSerializer):
    """Inputs that somebody holds; nothing of them is kept."""

    inputs = serializers.DictField()


class InputsCheckedOut(serializers.Serializer[Any]):
    """Whether they are those of the decision."""

    same = serializers.BooleanField()
    inputs_sha256 = serializers.CharField(help_text="digest of what was sent")


class OverrideIn(StrictSerializer):
    """What a person puts in the place of a decision, and why."""

    result = serializers.ChoiceField(Result.choices)
    outcome = serializers.CharField(max_length=OUTCOME_MOST)
    reason = serializers.CharField(max_length=REASON_MOST)


class Decisions(APIView):
    """The decisions one may read."""

    permission_classes = [gate("read")]
    look = "decisions"

    @extend_schema(
        operation_id="decisions_list",
        tags=["decisions"],
        parameters=[
            OpenApiParameter("algorithm", str),
            OpenApiParameter("kind", str, description="kind of thing decided about"),
            OpenApiParameter("subject", str, description="reference of the thing"),
            OpenApiParameter("in_doubt", bool, description="only those a suspension puts in doubt"),
        ],
        responses=page_out(DecisionOut),
    )
    def get(self, request: Request) -> Response:
        """List decisions about the caller's organization, or all for who watches."""
        params = request.query_params
        rows = queries.narrowed(
            queries.visible_to(actor_of(request)), algorithm=params.get("algorithm", "")
        )
        if kind := params.get("kind"):
            rows = rows.filter(subject_kind=kind)
        if subject := params.get("subject"):
            rows = rows.filter(subject=subject)
        if params.get("in_doubt") == "true":
            rows = queries.in_doubt(rows)
        return page_of(
            rows, request, self, render=lambda row: DecisionOut(row).data, parameters=NARROWING
        )


class DecisionsInDoubt(APIView):
    """The decisions that a suspension put in doubt."""

    permission_classes = [gate("read", roles=("REGULATOR",))]
    look = "decisions"

    @extend_schema(
        operation_id="decisions_in_doubt",
        tags=["decisions"],
        parameters=[DoubtQuery],
        responses=page_out(DecisionInDoubtOut),
    )
    def get(self, request: Request) -> Response:
        """List them, the newest first, each with the suspensions that put it in doubt."""
        asked = {name: text for name, text in request.query_params.items() if name in DOUBT_NARROWS}
        rows = find_in_doubt(actor_of(request), DoubtSearch(**read_input(DoubtQuery, asked)))
        context = {"known": queries.suspensions_on_record()}
        return page_of(
            rows,
            request,
            self,
            render=lambda row: DecisionInDoubtOut(row, context=context).data,
            parameters=DOUBT_NARROWS,
        )


class DecisionDetail(APIView):
    """One decision."""

    permission_classes = [gate("read")]
    look = "decision"

    @extend_schema(operation_id="decision", tags=["decisions"], responses=DecisionDetailOut)
    def get(self, request: Request, reference: str) -> Response:
        """Return it with its reasons in both languages, its entry and its overrides."""
        row = queries.get_decision_for(actor_of(request), reference)
        return Response(DecisionDetailOut(row).data)


class Ranking(APIView):
    """The order of a search's results."""

    permission_classes = [Public]

    @extend_schema(operation_id="ranking", tags=["decisions"], responses=RankingOut)
    def get(self, request: Request, reference: str) -> Response:  # noqa: ARG002  as every view
        """Return the points of each product by field, and the proof of its seal."""
        found = StandingDecision.objects.select_related("disclosure", "seal")
        row = found.filter(reference=reference).first()
        if row is None:
            raise NotFound
        return Response(RankingOut(row).data)


class VerifyInputs(APIView):
    """Whether inputs are those of a decision."""

    permission_classes = [gate("read")]

    @extend_schema(
        operation_id="decisions_verify_inputs",
        tags=["decisions"],
        request=InputsIn,
        responses=InputsCheckedOut,
    )
    def post(self, request: Request, reference: str) -> Response:
        """Compare the digest of the canonical form; figures are text, as they were put in."""
        row = queries.get_any_for(actor_of(request), reference)
        inputs = read_input(InputsIn, request.data)["inputs"]
        try:
            digest = digest_of(inputs)
        except (ValueError, TypeError, RecursionError) as error:
            raise Invalid({"inputs": [str(error)[:200]]}) from None
        same = digest == row.inputs_sha256
        return Response(InputsCheckedOut({"same": same, "inputs_sha256": digest}).data)


OverrideDecision = verb_view(
    operation="decisions_override",
    summary="Set a decision aside, change or confirm it, as a person who answers for the market",
    permission=gate("review", roles=WATCHERS),
    load=queries.get_decision_for,
    service=override_decision,
    argument="decision",
    output=OverrideOut,
    takes=OverrideIn,
)


def _reasons(row: Decision | StandingDecision) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for code, language in LANGUAGES.items():
        with translation.override(language):
            try:
                said[code] = ReasonsOut(explain(row)).data
            except NotExplained:
                said[code] = None
    return said
