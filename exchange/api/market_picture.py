"""The market picture over REST: index, volumes, dispersion, without revealing a deal."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from exchange.trading.prices import ask_dispersion, market_picture
from pricing.market_picture import BUYERS, DEALS, SELLERS, Dispersion, Group, Picture

from .permissions import Public


class IndexPointOut(serializers.Serializer[Any]):
    """The index in one quarter, with its interval of 80 %."""

    period = serializers.CharField()
    value = serializers.CharField()
    low = serializers.CharField()
    high = serializers.CharField()


class MarketCellOut(serializers.Serializer[Any]):
    """One group in one quarter; figures are null where they are not shown."""

    period = serializers.CharField()
    showing = serializers.ChoiceField(["SHOWN", "TOO_FEW", "PROTECTING", "EMPTY"])
    deals = serializers.IntegerField(allow_null=True)
    volume = serializers.CharField(allow_null=True)
    typical = serializers.CharField(allow_null=True, help_text="geometric mean of the prices")


class MarketGroupOut(serializers.Serializer[Any]):
    """All deals, one industry, or one type of product in an industry."""

    industry = serializers.CharField(help_text="section of GB/T 4754, empty for all")
    product_type = serializers.CharField(help_text="empty for all")
    index = IndexPointOut(many=True)
    cells = MarketCellOut(many=True)


class DispersionOut(serializers.Serializer[Dispersion]):
    """How asking prices stand to appraised bands."""

    asks = serializers.IntegerField()
    below = serializers.IntegerField()
    within = serializers.IntegerField()
    above = serializers.IntegerField()
    quartiles = serializers.ListField(child=serializers.CharField(), allow_null=True)


class MarketPictureOut(serializers.Serializer[Any]):
    """All that is published, and the rule by which it is."""

    currency = serializers.CharField()
    rule = serializers.JSONField()
    periods = serializers.ListField(child=serializers.CharField())
    groups = MarketGroupOut(many=True)
    asks = DispersionOut()


class MarketPicture(APIView):
    """What the market looks like."""

    permission_classes = [Public]

    @extend_schema(operation_id="market_picture", tags=["market"], responses=MarketPictureOut)
    def get(self, request: Request) -> Response:  # noqa: ARG002  the same for everybody
        """Return index, volumes and dispersion of the quarters that have ended."""
        picture = market_picture(timezone.localdate())
        body = {
            "currency": "CNY",
            "rule": {"deals": DEALS, "sellers": SELLERS, "buyers": BUYERS},
            "periods": picture.periods,
            "groups": [_group(picture, group) for group in picture.groups],
            "asks": ask_dispersion(),
        }
        return Response(MarketPictureOut(body).data)


def _group(picture: Picture, group: Group) -> dict[str, Any]:
    industry, product_type = (*group, "", "")[:2]
    return {
        "industry": industry,
        "product_type": product_type,
        "index": picture.index[group],
        "cells": [picture.cells[group, period] for period in picture.periods],
    }
