"""Organizations over REST: application, checks, admission, decisions."""

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit.log.errors import Invalid, NotFound
from exchange.parties import queries, services
from exchange.parties.models import AdmissionCheck, Organization
from exchange.parties.services import Check
from exchange.parties.states import CheckKind, OrganizationRole
from exchange.vault.queries import get_object_for
from exchange.vault.states import Purpose

from .pagination import page_of
from .permissions import actor_of, gate
from .serializers import ReasonIn, StrictSerializer, page_out, read_input
from .verbs import verb_view


class OrganizationOut(serializers.Serializer[Organization]):
    """An organization on the exchange."""

    reference = serializers.CharField()
    uscc = serializers.CharField(help_text="unified social credit code, GB 32100")
    name = serializers.CharField()
    name_en = serializers.CharField()
    region = serializers.CharField()
    roles = serializers.ListField(child=serializers.ChoiceField(OrganizationRole.choices))
    status = serializers.CharField()
    status_since = serializers.DateTimeField()
    status_reason = serializers.CharField()
    applied_at = serializers.DateTimeField()
    admitted_at = serializers.DateTimeField(allow_null=True)
    allowed_actions = serializers.SerializerMethodField()

    def get_allowed_actions(self, row: Organization) -> list[str]:
        """Return the steps the state allows."""
        return row.lifecycle.allowed(row.status)


class ApplyIn(StrictSerializer):
    """An application for admission."""

    uscc = serializers.CharField(max_length=18)
    name = serializers.CharField(max_length=200)
    name_en = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)
    region = serializers.CharField(max_length=100, required=False, default="", allow_blank=True)
    roles = serializers.ListField(child=serializers.ChoiceField(OrganizationRole.choices))
    clean_record_declared = serializers.BooleanField()


class CheckIn(StrictSerializer):
    """One verification by the operator."""

    kind = serializers.ChoiceField(CheckKind.choices)
    passed = serializers.BooleanField(default=True)
    evidence = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)


class AdmitIn(StrictSerializer):
    """The operator's decision to admit."""

    checks = CheckIn(many=True, required=False)
    roles = serializers.ListField(
        child=serializers.ChoiceField(OrganizationRole.choices), required=False
    )


class LicenseIn(StrictSerializer):
    """Which stored file is the license."""

    object = serializers.CharField(max_length=24, help_text="of purpose LICENSE")


class CheckOut(serializers.Serializer[AdmissionCheck]):
    """What the operator verified."""

    kind = serializers.CharField()
    passed = serializers.BooleanField()
    evidence = serializers.CharField()
    checked_at = serializers.DateTimeField()


class Organizations(APIView):
    """The organizations the caller may see."""

    permission_classes = [gate("read")]
    look = "organizations"

    @extend_schema(
        operation_id="organizations_list",
        tags=["organizations"],
        responses=page_out(OrganizationOut),
    )
    def get(self, request: Request) -> Response:
        """List them, the latest application first."""
        rows = queries.organizations_visible_to(actor_of(request))
        return page_of(
            rows, request, self, render=lambda row: OrganizationOut(row).data, ordering="-pk"
        )

    @extend_schema(
        operation_id="organizations_apply",
        tags=["organizations"],
        request=ApplyIn,
        responses={201: OrganizationOut},
    )
    def post(self, request: Request) -> Response:
        """Apply for admission; the signed-in person becomes the administrator."""
        actor = actor_of(request)
        applicant = queries.user_of(actor)
        if applicant is None:
            raise NotFound
        values = read_input(ApplyIn, request.data)
        made = services.apply_for_admission(
            applicant=applicant, by=actor, at=timezone.now(), **values
        )
        return Response(OrganizationOut(made).data, status=status.HTTP_201_CREATED)


class OrganizationDetail(APIView):
    """One organization."""

    permission_classes = [gate("read")]
    look = "organization"

    @extend_schema(
        operation_id="organizations_read", tags=["organizations"], responses=OrganizationOut
    )
    def get(self, request: Request, reference: str) -> Response:
        """Return it."""
        return Response(
            OrganizationOut(queries.get_organization_for(actor_of(request), reference)).data
        )


class Admit(APIView):
    """The operator's admission."""

    permission_classes = [gate("review", roles=("OPERATOR",))]

    @extend_schema(
        operation_id="organizations_admit",
        tags=["organizations"],
        request=AdmitIn,
        responses=OrganizationOut,
    )
    def post(self, request: Request, reference: str) -> Response:
        """Admit the applicant after recording the checks."""
        actor = actor_of(request)
        organization = queries.get_organization_for(actor, reference)
        values = read_input(AdmitIn, request.data)
        done = services.admit_organization(
            organization=organization,
            checks=[Check(**check) for check in values.get("checks", [])],
            roles=values.get("roles"),
            by=actor,
            at=timezone.now(),
        )
        return Response(OrganizationOut(done).data)


DECISIONS = {
    "reject": (services.reject_organization, "Refuse an application"),
    "suspend": (services.suspend_organization, "Void the roles from the next request on"),
    "reinstate": (services.reinstate_organization, "Give a suspended organization its roles back"),
    "terminate": (services.terminate_organization, "End the membership"),
}
decision_views = {
    verb: verb_view(
        operation=f"organizations_{verb}",
        summary=summary,
        permission=gate("review", roles=("OPERATOR", "REGULATOR")),
        load=queries.get_organization_for,
        service=service,
        argument="organization",
        takes=ReasonIn,
        output=OrganizationOut,
    )
    for verb, (service, summary) in DECISIONS.items()
}


class License(APIView):
    """The license file of an applicant."""

    permission_classes = [gate("read")]

    @extend_schema(
        operation_id="organizations_license",
        tags=["organizations"],
        request=LicenseIn,
        responses=OrganizationOut,
    )
    def put(self, request: Request, reference: str) -> Response:
        """Put a file of the organization before the operator as its license."""
        actor = actor_of(request)
        organization = queries.get_organization_for(actor, reference)
        stored = get_object_for(actor, read_input(LicenseIn, request.data)["object"])
        if stored.owner != organization.reference or stored.purpose != Purpose.LICENSE:
            raise Invalid({"object": [_("Name a file of the organization with purpose LICENSE.")]})
        done = services.attach_license(
            organization=organization,
            license_object=stored.reference,
            by=actor,
            at=timezone.now(),
        )
        return Response(OrganizationOut(done).data)


class Checks(APIView):
    """What the operator verifies about an applicant."""

    permission_classes = [gate("review", roles=("OPERATOR",))]

    @extend_schema(
        operation_id="organizations_check",
        tags=["organizations"],
        request=CheckIn,
        responses={201: CheckOut},
    )
    def post(self, request: Request, reference: str) -> Response:
        """Keep one verification; a later one of its kind supersedes it."""
        actor = actor_of(request)
        kept = services.record_check(
            organization=queries.get_organization_for(actor, reference),
            check=Check(**read_input(CheckIn, request.data)),
            by=actor,
            at=timezone.now(),
        )
        return Response(CheckOut(kept).data, status=status.HTTP_201_CREATED)
