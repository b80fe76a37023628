"""The people and the machines of an organization over REST: members and tokens."""

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit.log.errors import Invalid, NotAllowed, NotFound
from exchange.parties import queries, rules, services
from exchange.parties.models import ApiToken, Member
from exchange.parties.states import MemberRole, TokenScope

from .pagination import page_of
from .permissions import actor_of, gate
from .serializers import StrictSerializer, page_out, read_input


class MemberRoleIn(StrictSerializer):
    """A place in the organization."""

    role = serializers.ChoiceField(MemberRole.choices)


class MemberIn(MemberRoleIn):
    """Who shall act for the organization."""

    email = serializers.EmailField(help_text="of a registered account")


class MemberOut(serializers.Serializer[Member]):
    """A person who acts for an organization."""

    member = serializers.CharField(source="user.public_id")
    name = serializers.CharField(source="user.name")
    role = serializers.ChoiceField(MemberRole.choices)
    since = serializers.DateTimeField()


class TokenOut(serializers.Serializer[ApiToken]):
    """A credential of a machine; its secret is never shown again."""

    prefix = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field named label
    scopes = serializers.ListField(child=serializers.ChoiceField(TokenScope.choices))
    issued_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    revoked_at = serializers.DateTimeField(allow_null=True)
    last_used_at = serializers.DateTimeField(allow_null=True)


class TokenIn(StrictSerializer):
    """What a new token shall reach, and until when."""

    label = serializers.CharField(  # type: ignore[assignment]  # a field named label
        max_length=100, required=False, default="", allow_blank=True
    )
    scopes = serializers.ListField(child=serializers.ChoiceField(TokenScope.choices))
    expires_at = serializers.DateTimeField()


class NewTokenOut(TokenOut):
    """The token with its secret, this once."""

    secret = serializers.CharField()


class Members(APIView):
    """The people who act for the organization."""

    permission_classes = [gate("read")]
    look = "organization"

    @extend_schema(
        operation_id="members_list", tags=["organizations"], responses=page_out(MemberOut)
    )
    def get(self, request: Request, reference: str) -> Response:
        """List them."""
        actor = actor_of(request)
        organization = queries.get_organization_for(actor, reference)
        rows = queries.members_visible_to(actor).filter(organization=organization)
        return page_of(rows, request, self, render=lambda row: MemberOut(row).data, ordering="pk")

    @extend_schema(
        operation_id="members_add",
        tags=["organizations"],
        request=MemberIn,
        responses={201: MemberOut},
    )
    def post(self, request: Request, reference: str) -> Response:
        """Let a registered person act for the organization."""
        actor = actor_of(request)
        organization = queries.get_organization_for(actor, reference)
        values = read_input(MemberIn, request.data)
        if refusal := rules.why_not_administer(actor, organization):
            raise NotAllowed(refusal)  # before anybody learns which addresses have accounts
        person = queries.find_user(values["email"])
        if person is None:
            raise Invalid({"email": [_("There is no account with this address.")]})
        made = services.add_member(
            organization=organization,
            user=person,
            role=values["role"],
            by=actor,
            at=timezone.now(),
        )
        return Response(MemberOut(made).data, status=status.HTTP_201_CREATED)


class MemberDetail(APIView):
    """One person's place in an organization."""

    permission_classes = [gate("read")]

    @extend_schema(
        operation_id="members_change",
        tags=["organizations"],
        request=MemberRoleIn,
        responses=MemberOut,
    )
    def patch(self, request: Request, reference: str, member: str) -> Response:
        """Give the person another place; it holds from its next request on."""
        actor = actor_of(request)
        done = services.change_member_role(
            member=queries.get_member_for(actor, reference, member),
            role=read_input(MemberRoleIn, request.data)["role"],
            by=actor,
            at=timezone.now(),
        )
        return Response(MemberOut(done).data)

    @extend_schema(operation_id="members_remove", tags=["organizations"], responses={204: None})
    def delete(self, request: Request, reference: str, member: str) -> Response:
        """End the person's place; the tokens it issued for the organization are revoked."""
        actor = actor_of(request)
        found = queries.get_member_for(actor, reference, member)
        services.remove_member(member=found, by=actor, at=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


class Tokens(APIView):
    """Tokens of the organization; only an administrator's session may see or issue them."""

    permission_classes = [gate("read")]
    look = "organization"

    @extend_schema(operation_id="tokens_list", tags=["tokens"], responses=page_out(TokenOut))
    def get(self, request: Request, reference: str) -> Response:
        """List them."""
        actor = actor_of(request)
        organization = queries.get_organization_for(actor, reference)
        rows = queries.tokens_visible_to(actor).filter(organization=organization)
        return page_of(rows, request, self, render=lambda row: TokenOut(row).data, ordering="-pk")

    @extend_schema(
        operation_id="tokens_issue",
        tags=["tokens"],
        request=TokenIn,
        responses={201: NewTokenOut},
    )
    def post(self, request: Request, reference: str) -> Response:
        """Issue one; the secret is in this answer and nowhere else."""
        actor = actor_of(request)
        organization = queries.get_organization_for(actor, reference)
        values = read_input(TokenIn, request.data)
        token, secret = services.issue_token(
            organization=organization, by=actor, at=timezone.now(), **values
        )
        body = TokenOut(token).data | {"secret": secret}
        return Response(body, status=status.HTTP_201_CREATED)


class RevokeToken(APIView):
    """The end of a token."""

    permission_classes = [gate("read")]

    @extend_schema(operation_id="tokens_revoke", tags=["tokens"], request=None, responses=TokenOut)
    def post(self, request: Request, prefix: str) -> Response:
        """Revoke it; it opens nothing from the next request on."""
        actor = actor_of(request)
        token = queries.tokens_visible_to(actor).filter(prefix=prefix).first()
        if token is None:
            raise NotFound
        return Response(
            TokenOut(services.revoke_token(token=token, by=actor, at=timezone.now())).data
        )
