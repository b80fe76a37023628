"""Two versions of a disclosure beside each other over REST."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit.disclosure.comparison import (
    Change,
    FieldChange,
    FigureChange,
    Piece,
    compare_figures,
    compare_texts,
)
from audit.disclosure.queries import get_versions_for
from audit.disclosure.showing import publicly_shown_to

from .disclosure import get_on_record
from .permissions import Public, actor_of

CHANGES = [(str(change), str(change)) for change in Change]


class PieceOut(serializers.Serializer[Piece]):
    """A run of words that stayed, came or went."""

    text = serializers.CharField()
    change = serializers.ChoiceField(CHANGES)


class FieldChangeOut(serializers.Serializer[FieldChange]):
    """One field of the disclosure in both versions, word by word, by language."""

    code = serializers.CharField()
    change = serializers.ChoiceField(CHANGES)
    words = serializers.DictField(child=PieceOut(many=True))


class FigureChangeOut(serializers.Serializer[FigureChange]):
    """One declared figure in both versions; empty where a version declares none."""

    metric = serializers.CharField()
    dataset = serializers.CharField()
    before = serializers.CharField()
    after = serializers.CharField()
    change = serializers.ChoiceField(CHANGES)


class ComparisonOut(serializers.Serializer[dict[str, Any]]):
    """What differs between two versions, in the texts that the reader may see."""

    earlier = serializers.CharField()
    later = serializers.CharField()
    texts = FieldChangeOut(many=True)
    figures = FigureChangeOut(many=True)


class Comparison(APIView):
    """Two versions of one algorithm's disclosure."""

    permission_classes = [Public]

    @extend_schema(
        operation_id="disclosures_compare", tags=["disclosures"], auth=[], responses=ComparisonOut
    )
    def get(self, request: Request, reference: str, other: str) -> Response:
        """Compare them; the earlier version comes first, whichever is named first."""
        actor = actor_of(request)
        for each in (reference, other):
            get_on_record(request, each)
        earlier, later = get_versions_for(actor, reference, other)
        found = {
            "earlier": earlier.reference,
            "later": later.reference,
            "texts": compare_texts(
                *(publicly_shown_to(actor, row).texts for row in (earlier, later))
            ),
            "figures": compare_figures(earlier.declared, later.declared),
        }
        return Response(ComparisonOut(found).data)
