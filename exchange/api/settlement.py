"""Money on the exchange over REST: balances, statements, what the bank brought and took."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from exchange.parties.queries import get_organization_for
from exchange.settlement import queries, services
from exchange.settlement.models import Transfer
from pricing.money import DEFAULT_CURRENCY, MINOR_UNITS

from .amounts import MoneyField
from .idempotency import KEY_PARAMETER, idempotent
from .permissions import actor_of, gate
from .serializers import StrictSerializer, read_input


class BalanceOut(serializers.Serializer[Any]):
    """What an organization can spend, and what waits in escrow."""

    organization = serializers.CharField()
    available = MoneyField()
    escrow = MoneyField()


class StatementQuery(StrictSerializer):
    """Which part of the statement."""

    currency = serializers.ChoiceField(sorted(MINOR_UNITS), default=DEFAULT_CURRENCY)
    since = serializers.DateTimeField(required=False)
    until = serializers.DateTimeField(required=False)


class StatementRowOut(serializers.Serializer[queries.StatementRow]):
    """One line of a statement."""

    at = serializers.DateTimeField()
    transfer = serializers.UUIDField()
    kind = serializers.CharField()
    status = serializers.CharField()
    purpose = serializers.CharField()
    account = serializers.CharField()
    debit = MoneyField(allow_null=True)
    credit = MoneyField(allow_null=True)
    balance = MoneyField()


class BalancesOut(serializers.Serializer[Any]):
    """Both pots of one organization."""

    available = MoneyField()
    escrow = MoneyField()


class StatementOut(serializers.Serializer[queries.Statement]):
    """What moved between two instants."""

    organization = serializers.CharField()
    currency = serializers.CharField()
    opening = BalancesOut()
    rows = StatementRowOut(many=True)
    closing = BalancesOut()


class BankMoneyIn(StrictSerializer):
    """Money that the bank brought or took."""

    organization = serializers.CharField(max_length=24)
    amount = MoneyField()
    bank_reference = serializers.CharField(max_length=64)
    transfer_id = serializers.UUIDField(help_text="made by the caller; a retry repeats it")


class TransferOut(serializers.Serializer[Transfer]):
    """One movement of money."""

    id = serializers.UUIDField()
    kind = serializers.CharField()
    status = serializers.CharField()
    amount = MoneyField()
    party = serializers.CharField()
    purpose = serializers.CharField()
    bank_reference = serializers.CharField()
    created_at = serializers.DateTimeField()


class Balance(APIView):
    """What an organization has here."""

    permission_classes = [gate("trade")]
    look = "organization"

    @extend_schema(operation_id="accounts_balance", tags=["accounts"], responses=BalanceOut)
    def get(self, request: Request, reference: str) -> Response:
        """Return available money and escrow."""
        organization = get_organization_for(actor_of(request), reference).reference
        found = queries.balance_of(organization)
        body = BalanceOut(
            {"organization": organization, "available": found.available, "escrow": found.escrow}
        )
        return Response(body.data)


class StatementView(APIView):
    """The account statement."""

    permission_classes = [gate("trade")]
    look = "organization"

    @extend_schema(
        operation_id="accounts_statement",
        tags=["accounts"],
        parameters=[
            OpenApiParameter("currency", str),
            OpenApiParameter("since", str, description="RFC 3339, included"),
            OpenApiParameter("until", str, description="RFC 3339, not included"),
        ],
        responses=StatementOut,
    )
    def get(self, request: Request, reference: str) -> Response:
        """Return every movement with its running balance."""
        values = read_input(StatementQuery, request.query_params.dict())
        found = queries.statement_for(actor_of(request), reference, **values)
        return Response(StatementOut(found).data)


class Deposits(APIView):
    """Money that arrived at the bank."""

    permission_classes = [gate("review", roles=("OPERATOR",))]

    @extend_schema(
        operation_id="accounts_deposit",
        tags=["accounts"],
        request=BankMoneyIn,
        parameters=[KEY_PARAMETER],
        responses={201: TransferOut},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Book it to the organization."""
        return _book(services.deposit, request)


class Withdrawals(APIView):
    """Money that the bank paid out."""

    permission_classes = [gate("review", roles=("OPERATOR",))]

    @extend_schema(
        operation_id="accounts_withdraw",
        tags=["accounts"],
        request=BankMoneyIn,
        parameters=[KEY_PARAMETER],
        responses={201: TransferOut},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Book what was paid out; only what is available."""
        return _book(services.withdraw, request)


def _book(verb: Any, request: Request) -> Response:
    actor = actor_of(request)
    values = read_input(BankMoneyIn, request.data)
    get_organization_for(actor, values["organization"])
    transfer = verb(by=actor, at=timezone.now(), **values)
    return Response(TransferOut(transfer).data, status=status.HTTP_201_CREATED)
