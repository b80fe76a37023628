"""The cost ledger of a product over REST: entries are added and reversed, never changed."""

import binascii
from base64 import b64decode
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit.log.errors import Invalid
from exchange.catalog.costs import item_of, ledger_of
from exchange.catalog.queries import get_product_for
from exchange.catalog.services import record_product_cost, reverse_product_cost
from pricing.facts import CostRecord
from pricing.models import CostItem
from pricing.states import Allocation

from .amounts import MoneyField
from .permissions import SAFE, actor_of, gate
from .serializers import StrictSerializer, read_input

PROVIDER = gate("list", roles=("PROVIDER",))
OWN = gate("read", roles=("PROVIDER",))
"""Authorities read the entries an appraisal names in its inputs, where their purpose is asked."""
SHARE = {"max_digits": 18, "decimal_places": 2, "min_value": Decimal("0.01"), "default": Decimal(1)}


class CostIn(StrictSerializer):
    """A cost, dated, with what of it falls to the product."""

    kind = serializers.ChoiceField(CostRecord.kinds())
    title = serializers.CharField(max_length=200)
    amount = MoneyField(help_text="the whole cost, also of a joint one")
    period_from = serializers.DateField()
    period_until = serializers.DateField()
    allocation = serializers.ChoiceField(
        Allocation.choices, default=Allocation.DIRECT, help_text="by what a joint cost is divided"
    )
    part = serializers.DecimalField(**SHARE, help_text="users or revenue of this product")  # type: ignore[arg-type]
    whole = serializers.DecimalField(**SHARE, help_text="of all products that share the cost")  # type: ignore[arg-type]
    bearer = serializers.CharField(
        max_length=24,
        default="",
        allow_blank=True,
        help_text="organization that bore it; the provider if left out",
    )
    evidence = serializers.CharField(
        max_length=8_000_000,
        default="",
        allow_blank=True,
        help_text="the document in Base64; its SHA-256 is kept",
    )


class ReverseIn(StrictSerializer):
    """Why an entry is taken back."""

    reason = serializers.CharField(max_length=1000)


class CostOut(serializers.Serializer[CostItem]):
    """One entry of the ledger."""

    reference = serializers.CharField()
    kind = serializers.CharField()
    title = serializers.CharField()
    amount = MoneyField(source="money")
    allocation = serializers.CharField()
    part = serializers.DecimalField(max_digits=18, decimal_places=2)
    whole = serializers.DecimalField(max_digits=18, decimal_places=2)
    attributed = MoneyField(help_text="what falls to the product")
    bearer = serializers.CharField()
    period_from = serializers.DateField()
    period_until = serializers.DateField()
    evidence_sha256 = serializers.CharField()
    reverses = serializers.SerializerMethodField()
    reversed_by = serializers.SerializerMethodField()
    reason = serializers.CharField()
    recorded_at = serializers.DateTimeField()

    def get_reverses(self, row: CostItem) -> str:
        """Return the entry this one takes back."""
        return row.reverses.reference if row.reverses else ""

    def get_reversed_by(self, row: CostItem) -> str:
        """Return the entry that takes this one back."""
        return row.reversed_by.reference if hasattr(row, "reversed_by") else ""


class LedgerOut(serializers.Serializer[Any]):
    """A product's cost ledger."""

    total = MoneyField(allow_null=True, help_text="what stands, without what was reversed")
    weights = serializers.DictField(
        child=serializers.DecimalField(max_digits=7, decimal_places=6),
        help_text="by cost, of each organization that bore some",
    )
    warnings = serializers.ListField(
        child=serializers.CharField(), help_text="where a guided price does not cover the cost"
    )
    items = CostOut(many=True)


class Costs(APIView):
    """The ledger of one product."""

    def get_permissions(self) -> list[Any]:
        """Let a provider read and keep what is its own."""
        return [OWN() if self.request.method in SAFE else PROVIDER()]

    @extend_schema(operation_id="costs_list", tags=["prices"], responses=LedgerOut)
    def get(self, request: Request, reference: str) -> Response:
        """Return every entry, what stands, and what a guided price does not cover."""
        actor = actor_of(request)
        ledger = ledger_of(get_product_for(actor, reference), by=actor)
        return Response(LedgerOut(ledger).data)

    @extend_schema(
        operation_id="costs_record", tags=["prices"], request=CostIn, responses={201: CostOut}
    )
    def post(self, request: Request, reference: str) -> Response:
        """Enter a cost."""
        actor = actor_of(request)
        values: dict[str, Any] = read_input(CostIn, request.data)
        values["evidence"] = _decoded(values["evidence"])
        item = record_product_cost(
            product=get_product_for(actor, reference), by=actor, at=timezone.now(), **values
        )
        return Response(CostOut(item).data, status=status.HTTP_201_CREATED)


class ReverseCost(APIView):
    """Taking an entry back."""

    permission_classes = [PROVIDER]

    @extend_schema(
        operation_id="costs_reverse", tags=["prices"], request=ReverseIn, responses={201: CostOut}
    )
    def post(self, request: Request, reference: str, item: str) -> Response:
        """Take an entry back by another of the opposite amount."""
        actor = actor_of(request)
        product = get_product_for(actor, reference)
        values: dict[str, Any] = read_input(ReverseIn, request.data)
        made = reverse_product_cost(
            product=product,
            item=item_of(product, item, by=actor),
            by=actor,
            at=timezone.now(),
            **values,
        )
        return Response(CostOut(made).data, status=status.HTTP_201_CREATED)


def _decoded(text: str) -> bytes | None:
    try:
        return b64decode(text, validate=True) or None
    except (binascii.Error, ValueError):
        raise Invalid({"evidence": [_("Send the document in Base64.")]}) from None
