"""How data is graded beyond what its content shows: determinations, and new gradings called for."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from exchange.catalog.queries import get_product_for, get_release_for
from exchange.compliance import gradings, services
from exchange.compliance.models import Determination, Regrade
from exchange.compliance.queries import regrades_visible_to
from exchange.compliance.states import (
    DeterminationKind,
    DeterminationState,
    RegradeState,
    Trigger,
)

from .idempotency import KEY_PARAMETER, idempotent
from .pagination import page_of
from .permissions import DESK, actor_of, gate
from .serializers import ActionsOut, StrictSerializer, page_out, read_input
from .verbs import verb_view

LONGEST = 2000


class WhyIn(StrictSerializer):
    """Why: the provider reads it, and its digest stands in the log."""

    reason = serializers.CharField(max_length=LONGEST)


class DeterminationOut(ActionsOut):
    """What a reviewer determined about a product that its content does not show."""

    reference = serializers.CharField()
    product = serializers.CharField(source="product.reference")
    kind = serializers.CharField(help_text="FACTOR, IMPACT, CATALOG, CORE_DATA or DISPUTE")
    code = serializers.CharField(help_text="the factor of Annex G, or the catalogue or notice")
    affected = serializers.CharField(help_text="object of the harm (GB/T 43697-2024, Table 1)")
    degree = serializers.CharField(help_text="EXTREME, SERIOUS or MODERATE")
    reason = serializers.CharField()
    status = serializers.CharField()
    made_for = serializers.CharField(help_text="organization of who determined it")
    made_at = serializers.DateTimeField()
    withdrawn_at = serializers.DateTimeField(allow_null=True)

    def get_allowed_actions(self, row: Determination) -> list[str]:
        """Return the steps open to the caller now."""
        return gradings.allowed_on_determination(self.context["actor"], row)


class HarmIn(StrictSerializer):
    """An object of harm and its degree, as Table 1 of the standard names them."""

    affected = serializers.CharField(max_length=24)
    degree = serializers.CharField(max_length=16)


class DeterminationIn(StrictSerializer):
    """What is determined about which product, and why."""

    product = serializers.CharField(max_length=24)
    kind = serializers.ChoiceField(DeterminationKind.choices)
    code = serializers.CharField(
        max_length=24,
        required=False,
        default="",
        allow_blank=True,
        help_text="for FACTOR a factor of Annex G such as G-q; for CATALOG the catalogue or notice",
    )
    harm = HarmIn(required=False, help_text="for IMPACT only")
    reason = serializers.CharField(max_length=LONGEST)


class DeterminationFilter(StrictSerializer):
    """Which determinations."""

    product = serializers.CharField(required=False, max_length=24)
    status = serializers.ChoiceField(DeterminationState.choices, required=False)


class RegradeOut(ActionsOut):
    """That a release has to be graded again by a day; past it nothing trades."""

    reference = serializers.CharField()
    release = serializers.CharField(source="release.reference")
    product = serializers.CharField(source="release.product.reference")
    trigger = serializers.CharField(help_text="GB/T 43697-2024, Annex J")
    by_person = serializers.BooleanField(help_text="a new screening alone does not settle it")
    reason = serializers.CharField()
    status = serializers.CharField()
    opened_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField()
    screening = serializers.CharField(help_text="the screening that settled it, if one did")
    closed_at = serializers.DateTimeField(allow_null=True)

    def get_allowed_actions(self, row: Regrade) -> list[str]:
        """Return the steps open to the caller now."""
        return gradings.allowed_on_regrade(self.context["actor"], row)


class RegradeIn(StrictSerializer):
    """Which release is to be graded again, on which trigger, and why."""

    release = serializers.CharField(max_length=24)
    trigger = serializers.ChoiceField(Trigger.choices)
    reason = serializers.CharField(max_length=LONGEST)


class RegradeFilter(StrictSerializer):
    """Which re-gradings."""

    release = serializers.CharField(required=False, max_length=24)
    status = serializers.ChoiceField(RegradeState.choices, required=False)


class Determinations(APIView):
    """What reviewers determined."""

    permission_classes = [gate("list", "review")]
    look = "gradings"

    @extend_schema(
        operation_id="determinations_list",
        tags=["determinations"],
        parameters=[DeterminationFilter],
        responses=page_out(DeterminationOut),
    )
    def get(self, request: Request) -> Response:
        """List those on one's own products, or all for the watch; the latest first."""
        rows = gradings.determinations_visible_to(actor_of(request))
        return _page(self, request, rows, DeterminationFilter, DeterminationOut, "product")

    @extend_schema(
        operation_id="determinations_make",
        tags=["determinations"],
        request=DeterminationIn,
        parameters=[KEY_PARAMETER],
        responses={201: DeterminationOut},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Determine what no content shows; the product's live releases are graded again."""
        actor = actor_of(request)
        values = read_input(DeterminationIn, request.data)
        harm = values.pop("harm", None)
        made = services.make_determination(
            product=get_product_for(actor, values.pop("product")),
            harm=(harm["affected"], harm["degree"]) if harm else None,
            by=actor,
            at=timezone.now(),
            **values,
        )
        return _answer(DeterminationOut, actor, made, status.HTTP_201_CREATED)


class DeterminationDetail(APIView):
    """One determination."""

    permission_classes = [gate("list", "review")]
    look = "determination"

    @extend_schema(
        operation_id="determinations_read", tags=["determinations"], responses=DeterminationOut
    )
    def get(self, request: Request, reference: str) -> Response:
        """Return it with its reason."""
        actor = actor_of(request)
        return _answer(DeterminationOut, actor, gradings.get_determination_for(actor, reference))


class Regrades(APIView):
    """Releases whose grading has to be done again."""

    permission_classes = [gate("list", "review")]
    look = "gradings"

    @extend_schema(
        operation_id="regrades_list",
        tags=["regrades"],
        parameters=[RegradeFilter],
        responses=page_out(RegradeOut),
    )
    def get(self, request: Request) -> Response:
        """List those of one's own releases, or all for the watch; the latest first."""
        rows = regrades_visible_to(actor_of(request))
        return _page(self, request, rows, RegradeFilter, RegradeOut, "release")

    @extend_schema(
        operation_id="regrades_open",
        tags=["regrades"],
        request=RegradeIn,
        parameters=[KEY_PARAMETER],
        responses={201: RegradeOut},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Call for a new grading; one that is owed for the same reason is returned as it stands."""
        actor = actor_of(request)
        values = read_input(RegradeIn, request.data)
        release = get_release_for(actor, values.pop("release"))
        made = services.open_regrade(release=release, by=actor, at=timezone.now(), **values)
        return _answer(RegradeOut, actor, made, status.HTTP_201_CREATED)


class RegradeDetail(APIView):
    """One re-grading."""

    permission_classes = [gate("list", "review")]
    look = "regrade"

    @extend_schema(operation_id="regrades_read", tags=["regrades"], responses=RegradeOut)
    def get(self, request: Request, reference: str) -> Response:
        """Return it with its day."""
        actor = actor_of(request)
        return _answer(RegradeOut, actor, gradings.get_regrade_for(actor, reference))


def _page(
    view: APIView,
    request: Request,
    rows: Any,
    takes: type[StrictSerializer],
    output: type[ActionsOut],
    thing: str,
) -> Response:
    """Return one page; the parameter named `thing` is the reference of what the row is about."""
    context = {"actor": actor_of(request)}
    names = set(takes().fields)
    said = {name: text for name, text in request.query_params.items() if name in names}
    asked = read_input(takes, said)
    if about := asked.pop(thing, ""):
        asked[f"{thing}__reference"] = about
    return page_of(
        rows.filter(**asked),
        request,
        view,
        render=lambda row: output(row, context=context).data,
        parameters=names,
    )


def _answer(output: type[ActionsOut], actor: Any, row: Any, code: int = 200) -> Response:
    return Response(output(row, context={"actor": actor}).data, status=code)


WithdrawDetermination = verb_view(
    operation="determinations_withdraw",
    summary="Take a determination back; the product's releases are graded again",
    permission=gate("review", roles=DESK),
    load=gradings.get_determination_for,
    service=services.withdraw_determination,
    argument="determination",
    takes=WhyIn,
    output=DeterminationOut,
)
CloseRegrade = verb_view(
    operation="regrades_close",
    summary="Say that a grading stands, and why",
    permission=gate("review", roles=DESK),
    load=gradings.get_regrade_for,
    service=services.close_regrade,
    argument="regrade",
    takes=WhyIn,
    output=RegradeOut,
)
