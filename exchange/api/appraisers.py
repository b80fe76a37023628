"""Appraisers over REST: the public register, accreditations and engagements."""

from collections.abc import Callable
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit.log.actors import Actor
from exchange.appraisers import queries, rules, services
from exchange.appraisers.fields import ACCREDITATION_FIELDS, REQUEST_FIELDS
from exchange.appraisers.models import Accreditation, Engagement
from exchange.catalog.queries import get_product_for
from exchange.trading.signatures import party_key

from .amounts import MoneyField
from .appraising import AppraiseIn, inputs_of
from .fields import described
from .pagination import page_of
from .permissions import Public, actor_of, gate
from .serializers import ActionsOut, ReasonIn, StrictSerializer, as_sent, page_out, read_input
from .verbs import verb_view

AccreditationIn = described("AccreditationIn", ACCREDITATION_FIELDS)
EngagementAsked = described("EngagementAsked", REQUEST_FIELDS)
DESK = ("OPERATOR", "REGULATOR")


class AppraiserOut(serializers.Serializer[Accreditation]):
    """One appraiser of the public register."""

    reference = serializers.CharField()
    organization = serializers.CharField(source="organization.reference")
    name = serializers.CharField(source="organization.name")
    status = serializers.CharField()
    qualification_number = serializers.CharField()
    industries = serializers.ListField(child=serializers.CharField())
    insurer = serializers.CharField()
    insured_until = serializers.DateField()
    valid_until = serializers.DateField()
    owners = serializers.JSONField()
    key = serializers.SerializerMethodField(help_text="checks the signatures of its appraisals")

    def get_key(self, row: Accreditation) -> str:
        """Return the verifier key of the signing key that is kept for it."""
        return party_key(row.organization.reference)


class AccreditationOut(ActionsOut):
    """An accreditation with its declarations, for its organization and the watch."""

    reference = serializers.CharField()
    organization = serializers.CharField(source="organization.reference")
    kind = serializers.CharField(help_text="APPRAISAL or ALGORITHM_AUDIT")
    status = serializers.CharField()
    status_reason = serializers.CharField()
    qualification_number = serializers.CharField()
    industries = serializers.ListField(child=serializers.CharField())
    insurer = serializers.CharField()
    insured_until = serializers.DateField()
    valid_until = serializers.DateField()
    owners = serializers.JSONField()
    holdings = serializers.JSONField()
    signers = serializers.JSONField()
    links = serializers.JSONField()
    declaration_sha256 = serializers.CharField()
    applied_at = serializers.DateTimeField()

    def get_allowed_actions(self, row: Accreditation) -> list[str]:
        """Return the steps open to the caller now."""
        if rules.why_not_decide(self.context["actor"], row):
            return []
        return [verb for verb in row.lifecycle.allowed(row.status) if verb != "expire"]


class EngagementIn(StrictSerializer):
    """Whom a provider asks."""

    accreditation = serializers.CharField(max_length=24)
    engagement = EngagementAsked()


class AcceptEngagementIn(StrictSerializer):
    """What an appraiser declares when it takes an engagement on."""

    declares_independence = serializers.BooleanField()
    declares_fixed_fee = serializers.BooleanField()
    conflicts = serializers.CharField(max_length=2000, required=False, default="", allow_blank=True)


class EngagementOut(ActionsOut):
    """An appraisal that was asked for."""

    reference = serializers.CharField()
    product = serializers.CharField(source="product.reference")
    provider = serializers.CharField(source="product.provider.reference")
    appraiser = serializers.CharField(source="accreditation.organization.reference")
    accreditation = serializers.CharField(source="accreditation.reference")
    status = serializers.CharField()
    request = serializers.CharField()
    fee = MoneyField()
    owners = serializers.JSONField()
    statement = serializers.JSONField()
    reason = serializers.CharField()
    appraisal = serializers.CharField()
    requested_at = serializers.DateTimeField()
    answered_at = serializers.DateTimeField(allow_null=True)
    delivered_at = serializers.DateTimeField(allow_null=True)

    def get_allowed_actions(self, row: Engagement) -> list[str]:
        """Return the steps open to the caller now."""
        return rules.engagement_actions(self.context["actor"], row)


class Appraisers(APIView):
    """The public register of appraisers."""

    permission_classes = [Public]

    @extend_schema(
        operation_id="appraisers_list", tags=["appraisers"], responses=page_out(AppraiserOut)
    )
    def get(self, request: Request) -> Response:
        """List appraisers in force and formerly so."""
        return page_of(queries.register(), request, self, render=lambda row: AppraiserOut(row).data)


class AppraiserDetail(APIView):
    """One appraiser of the register."""

    permission_classes = [Public]

    @extend_schema(operation_id="appraisers_read", tags=["appraisers"], responses=AppraiserOut)
    def get(self, request: Request, reference: str) -> Response:  # noqa: ARG002
        """Return it with the key that checks its signatures."""
        return Response(AppraiserOut(queries.get_registered(reference)).data)


class Accreditations(APIView):
    """Applications and accreditations with their declarations."""

    permission_classes = [gate("review", roles=("ASSESSOR", *DESK))]
    look = "accreditations"

    @extend_schema(
        operation_id="accreditations_list",
        tags=["appraisers"],
        responses=page_out(AccreditationOut),
    )
    def get(self, request: Request) -> Response:
        """List one's own, or all for operator and regulator."""
        actor = actor_of(request)
        rows = queries.accreditations_visible_to(actor)
        return page_of(rows, request, self, render=lambda row: _accreditation(actor, row))

    @extend_schema(
        operation_id="accreditations_apply",
        tags=["appraisers"],
        request=AccreditationIn,
        responses={201: AccreditationOut},
    )
    def post(self, request: Request) -> Response:
        """Apply for accreditation, with qualification, insurance and declarations."""
        actor = actor_of(request)
        made = services.apply_for_accreditation(said=as_sent(request), by=actor, at=timezone.now())
        return Response(_accreditation(actor, made), status=status.HTTP_201_CREATED)


class AccreditationDetail(APIView):
    """One accreditation."""

    permission_classes = [gate("review", roles=("ASSESSOR", *DESK))]
    look = "accreditation"

    @extend_schema(
        operation_id="accreditations_read", tags=["appraisers"], responses=AccreditationOut
    )
    def get(self, request: Request, reference: str) -> Response:
        """Return it with its declarations."""
        actor = actor_of(request)
        return Response(_accreditation(actor, queries.get_accreditation_for(actor, reference)))


def _accreditation(actor: Actor, row: Accreditation) -> dict[str, Any]:
    return dict(AccreditationOut(row, context={"actor": actor}).data)


def _decision(name: str, summary: str, service: Callable[..., Accreditation]) -> type[APIView]:
    return verb_view(
        operation=f"accreditations_{name}",
        summary=summary,
        permission=gate("review", roles=DESK),
        load=queries.get_accreditation_for,
        service=service,
        argument="accreditation",
        takes=ReasonIn,
        output=AccreditationOut,
    )


ACCREDITATION_VERBS = {
    "accredit": _decision("accredit", "Accredit an applicant", services.accredit_appraiser),
    "reject": _decision("reject", "Refuse an application", services.reject_accreditation),
    "suspend": _decision("suspend", "Suspend an appraiser", services.suspend_accreditation),
    "reinstate": _decision("reinstate", "End a suspension", services.reinstate_accreditation),
    "withdraw": _decision(
        "withdraw", "Take an accreditation away for good", services.withdraw_accreditation
    ),
}


class ProductEngagements(APIView):
    """Engagements that a provider asks for."""

    permission_classes = [gate("list", roles=("PROVIDER",))]

    @extend_schema(
        operation_id="engagements_request",
        tags=["appraisers"],
        request=EngagementIn,
        responses={201: EngagementOut},
    )
    def post(self, request: Request, reference: str) -> Response:
        """Ask an accredited appraiser for an appraisal of the current release."""
        actor = actor_of(request)
        product = get_product_for(actor, reference)
        values = read_input(EngagementIn, request.data)
        made = services.request_engagement(
            product=product,
            accreditation=queries.get_registered(values["accreditation"]),
            said=as_sent(request, "engagement"),
            by=actor,
            at=timezone.now(),
        )
        return Response(_engagement(actor, made), status=status.HTTP_201_CREATED)


class Engagements(APIView):
    """Engagements of one's organization, on either side."""

    permission_classes = [gate("list", "review")]
    look = "engagements"

    @extend_schema(
        operation_id="engagements_list", tags=["appraisers"], responses=page_out(EngagementOut)
    )
    def get(self, request: Request) -> Response:
        """List what was asked: the work queue of an appraiser."""
        actor = actor_of(request)
        rows = queries.engagements_visible_to(actor)
        return page_of(rows, request, self, render=lambda row: _engagement(actor, row))


class EngagementDetail(APIView):
    """One engagement."""

    permission_classes = [gate("list", "review")]
    look = "engagement"

    @extend_schema(operation_id="engagements_read", tags=["appraisers"], responses=EngagementOut)
    def get(self, request: Request, reference: str) -> Response:
        """Return it with the declarations of both sides."""
        actor = actor_of(request)
        return Response(_engagement(actor, queries.get_engagement_for(actor, reference)))


class DeliverAppraisal(APIView):
    """An appraiser's own appraisal."""

    permission_classes = [gate("review", roles=("ASSESSOR",))]

    @extend_schema(
        operation_id="engagements_deliver",
        tags=["appraisers"],
        request=AppraiseIn,
        responses={201: EngagementOut},
    )
    def post(self, request: Request, reference: str) -> Response:
        """Sign one's own appraisal, in the form and document of the platform's."""
        actor = actor_of(request)
        engagement = queries.get_engagement_for(actor, reference)
        services.deliver_appraisal(
            engagement=engagement,
            by=actor,
            at=timezone.now(),
            **inputs_of(read_input(AppraiseIn, request.data)),
        )
        told = _engagement(actor, queries.get_engagement_for(actor, reference))
        return Response(told, status=status.HTTP_201_CREATED)


def _engagement(actor: Actor, row: Engagement) -> dict[str, Any]:
    return dict(EngagementOut(row, context={"actor": actor}).data)


def _answer(
    name: str,
    summary: str,
    service: Callable[..., Engagement],
    takes: type[StrictSerializer] | None = None,
) -> type[APIView]:
    return verb_view(
        operation=f"engagements_{name}",
        summary=summary,
        permission=gate("list", "review"),
        load=queries.get_engagement_for,
        service=service,
        argument="engagement",
        takes=takes,
        output=EngagementOut,
    )


ENGAGEMENT_VERBS = {
    "accept": _answer(
        "accept",
        "Take an engagement on, with the declarations",
        services.accept_engagement,
        AcceptEngagementIn,
    ),
    "decline": _answer("decline", "Decline an engagement", services.decline_engagement, ReasonIn),
    "recall": _answer("recall", "Take one's request back", services.recall_engagement),
}
