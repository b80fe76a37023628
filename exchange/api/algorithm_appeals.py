"""Appeals of who is affected by an algorithm, over REST: with an account, or by receipt."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit.disclosure.queries import get_disclosure_for
from audit.log.actors import Actor
from exchange.audits import appeal_queries, appeal_rules, services
from exchange.audits.appeal_fields import LODGE_FIELDS
from exchange.audits.models import AlgorithmAppeal
from exchange.audits.states import AppealState

from .fields import described
from .pagination import page_of
from .permissions import InsufficientScope, actor_of, gate
from .serializers import ActionsOut, ReasonIn, StrictSerializer, as_sent, page_out, read_input
from .throttling import AppealThrottle
from .verbs import verb_view

AppealSaid = described("AlgorithmAppealSaid", LODGE_FIELDS)
OUTCOMES = [
    (state.value, state.label)
    for state in (AppealState.UPHELD, AppealState.PARTLY_UPHELD, AppealState.REJECTED)
]


class MayAppeal(BasePermission):
    """Anybody, with or without account; a token needs a scope in which it acts."""

    def has_permission(self, request: Request, view: APIView) -> bool:  # noqa: ARG002
        """Say yes to strangers, and to tokens that act."""
        actor = actor_of(request)
        if actor.is_identified and not (actor.has_scope("list") or actor.has_scope("trade")):
            raise InsufficientScope("list", "trade")
        return True


class AlgorithmAppealOut(ActionsOut):
    """An appeal without what was said in it."""

    reference = serializers.CharField()
    algorithm = serializers.CharField()
    owner = serializers.CharField(help_text="empty: the exchange itself")
    disclosure = serializers.CharField()
    decision = serializers.CharField()
    inference = serializers.CharField()
    wish = serializers.CharField()
    status = serializers.CharField()
    instance = serializers.IntegerField(help_text="1: the owner answers; 2: a regulator decides")
    lodged_at = serializers.DateTimeField()
    due_on = serializers.DateField(help_text="it is answered by the end of this day")
    extended_on = serializers.DateField(allow_null=True)
    answered_at = serializers.DateTimeField(allow_null=True)
    overridden = serializers.BooleanField()

    def get_allowed_actions(self, row: AlgorithmAppeal) -> list[str]:
        """Return the steps open to the caller now."""
        receipt = bool(self.context.get("receipt"))
        return appeal_rules.appeal_actions(self.context["actor"], row, with_receipt=receipt)


class AppealStepOut(serializers.Serializer[Any]):
    """What was said at one step; null once it was erased."""

    event = serializers.CharField()
    at = serializers.DateTimeField()
    text = serializers.CharField(allow_null=True)
    outcome = serializers.CharField()
    at_instance = serializers.IntegerField(source="instance")


class AppellantOut(serializers.Serializer[appeal_queries.Appellant]):
    """Who appealed."""

    name = serializers.CharField()
    contact = serializers.CharField()
    organization = serializers.CharField()


class AlgorithmAppealFullOut(AlgorithmAppealOut):
    """An appeal with what was said in it; who appealed only for itself and a regulator."""

    said = AppealStepOut(many=True)
    appellant = AppellantOut(allow_null=True)


class AlgorithmAppealIn(StrictSerializer):
    """Against which algorithm, by its disclosure, and what."""

    disclosure = serializers.CharField(max_length=24)
    appeal = AppealSaid()


class LodgedOut(AlgorithmAppealOut):
    """The appeal with its receipt; the secret is shown this once."""

    secret = serializers.CharField(help_text="empty for who has an account")


class AppealAnswer(StrictSerializer):
    """Outcome and reasons."""

    outcome = serializers.ChoiceField(OUTCOMES)
    answer = serializers.CharField(max_length=4000)


class ReceiptIn(StrictSerializer):
    """A receipt."""

    reference = serializers.CharField(max_length=24)
    secret = serializers.CharField(max_length=64)


class ReferIn(ReceiptIn):
    """A receipt, and why the answer does not settle it."""

    reason = serializers.CharField(max_length=4000)


class AlgorithmAppeals(APIView):
    """One's own appeals, and those one has to answer."""

    permission_classes = [gate("list", "trade", "review")]
    look = "algorithm_appeals"

    def get_permissions(self) -> Any:
        """Let anybody lodge."""
        return [MayAppeal()] if self.request.method == "POST" else super().get_permissions()

    def get_throttles(self) -> list[Any]:
        """Let strangers lodge a few an hour."""
        return [*super().get_throttles(), AppealThrottle()]

    @extend_schema(
        operation_id="algorithm_appeals_list",
        tags=["appeals"],
        responses=page_out(AlgorithmAppealOut),
    )
    def get(self, request: Request) -> Response:
        """List them, the latest first."""
        actor = actor_of(request)
        rows = appeal_queries.appeals_visible_to(actor)
        context = {"actor": actor}
        return page_of(
            rows, request, self, render=lambda row: AlgorithmAppealOut(row, context=context).data
        )

    @extend_schema(
        operation_id="algorithm_appeals_lodge",
        tags=["appeals"],
        request=AlgorithmAppealIn,
        responses={201: LodgedOut},
    )
    def post(self, request: Request) -> Response:
        """Appeal; without an account the answer holds the secret of the receipt."""
        actor = actor_of(request)
        values = read_input(AlgorithmAppealIn, request.data)
        lodged = services.lodge_appeal(
            disclosure=get_disclosure_for(actor, values["disclosure"]),
            said=as_sent(request, "appeal"),
            by=actor,
            at=timezone.now(),
        )
        context = {"actor": actor, "receipt": lodged.secret}
        told = dict(AlgorithmAppealOut(lodged.appeal, context=context).data)
        return Response(told | {"secret": lodged.secret}, status=status.HTTP_201_CREATED)


class AlgorithmAppealDetail(APIView):
    """One appeal."""

    permission_classes = [gate("list", "trade", "review")]
    look = "algorithm_appeal"

    @extend_schema(
        operation_id="algorithm_appeals_read", tags=["appeals"], responses=AlgorithmAppealFullOut
    )
    def get(self, request: Request, reference: str) -> Response:
        """Return it with what was said."""
        actor = actor_of(request)
        return Response(_full(actor, appeal_queries.get_appeal_for(actor, reference)))


class AppealReceipt(APIView):
    """An appeal by its receipt; the secret is sent in the body, never in an address."""

    permission_classes = [MayAppeal]
    throttle_classes = [AppealThrottle]

    @extend_schema(
        operation_id="appeal_receipts_read",
        tags=["appeals"],
        request=ReceiptIn,
        responses=AlgorithmAppealFullOut,
    )
    def post(self, request: Request) -> Response:
        """Return the appeal with what was said."""
        actor = actor_of(request)
        appeal, _values = _found(request, ReceiptIn)
        return Response(_full(actor, appeal, receipt=True))


class ReferAppeal(APIView):
    """The way to the second instance."""

    permission_classes = [MayAppeal]
    throttle_classes = [AppealThrottle]

    @extend_schema(
        operation_id="appeal_receipts_refer",
        tags=["appeals"],
        request=ReferIn,
        responses=AlgorithmAppealFullOut,
    )
    def post(self, request: Request) -> Response:
        """Take the appeal to the regulator."""
        actor = actor_of(request)
        appeal, values = _found(request, ReferIn)
        done = services.refer_appeal(
            appeal=appeal,
            reason=values["reason"],
            secret=values["secret"],
            by=actor,
            at=timezone.now(),
        )
        return Response(_full(actor, done, receipt=True))


class WithdrawByReceipt(APIView):
    """Taking an appeal back."""

    permission_classes = [MayAppeal]
    throttle_classes = [AppealThrottle]

    @extend_schema(
        operation_id="appeal_receipts_withdraw",
        tags=["appeals"],
        request=ReceiptIn,
        responses=AlgorithmAppealFullOut,
    )
    def post(self, request: Request) -> Response:
        """Take the appeal back."""
        actor = actor_of(request)
        appeal, values = _found(request, ReceiptIn)
        done = services.withdraw_appeal(
            appeal=appeal, secret=values["secret"], by=actor, at=timezone.now()
        )
        return Response(_full(actor, done, receipt=True))


class EraseByReceipt(APIView):
    """The erasure of who appealed (《个人信息保护法》第四十七条)."""

    permission_classes = [MayAppeal]
    throttle_classes = [AppealThrottle]

    @extend_schema(
        operation_id="appeal_receipts_erase",
        tags=["appeals"],
        request=ReceiptIn,
        responses=AlgorithmAppealOut,
    )
    def post(self, request: Request) -> Response:
        """Destroy everything said of and by the person; the receipt is void afterwards."""
        actor = actor_of(request)
        appeal, values = _found(request, ReceiptIn)
        done = services.erase_appellant(
            appeal=appeal, secret=values["secret"], by=actor, at=timezone.now()
        )
        return Response(AlgorithmAppealOut(done, context={"actor": actor}).data)


def _found(
    request: Request, takes: type[StrictSerializer]
) -> tuple[AlgorithmAppeal, dict[str, Any]]:
    values = read_input(takes, request.data)
    appeal = appeal_queries.get_appeal_by_receipt(values["reference"], values["secret"])
    return appeal, values


def _full(actor: Actor, appeal: AlgorithmAppeal, *, receipt: bool = False) -> dict[str, Any]:
    knows = receipt or appeal_rules.why_not_know(actor, appeal) is None
    who = appeal_queries.appellant_of(appeal) if knows else None
    context = {"actor": actor, "receipt": receipt}
    return {
        **AlgorithmAppealOut(appeal, context=context).data,
        "said": AppealStepOut(appeal_queries.said_in(appeal), many=True).data,
        "appellant": AppellantOut(who).data if who else None,
    }


def _verb(
    name: str, summary: str, service: Any, takes: type[StrictSerializer] | None = ReasonIn
) -> type[APIView]:
    return verb_view(
        operation=f"algorithm_appeals_{name}",
        summary=summary,
        permission=gate("list", "trade", "review"),
        load=appeal_queries.get_appeal_for,
        service=service,
        argument="appeal",
        takes=takes,
        output=AlgorithmAppealOut,
    )


APPEAL_VERBS = {
    "answer": _verb("answer", "Answer an appeal", services.answer_appeal, AppealAnswer),
    "extend": _verb("extend", "Take more time, once", services.extend_appeal),
    "refer": _verb("refer", "Take an appeal to the regulator", services.refer_appeal),
    "withdraw": _verb("withdraw", "Take an appeal back", services.withdraw_appeal, None),
}
RECEIPTS = {
    "": AppealReceipt,
    "/refer": ReferAppeal,
    "/withdraw": WithdrawByReceipt,
    "/erase": EraseByReceipt,
}
