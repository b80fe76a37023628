"""What all input has in common: nothing unknown is accepted silently."""

from functools import cache
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import inline_serializer
from rest_framework import serializers
from rest_framework.request import Request


class StrictSerializer(serializers.Serializer[Any]):
    """An input that refuses fields it does not know, naming them."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            unknown = sorted(set(map(str, data)) - set(self.fields))
            if unknown:
                raise serializers.ValidationError(
                    {name: [_("This field is not known here.")] for name in unknown}
                )
        return super().to_internal_value(data)


def read_input(serializer: type[StrictSerializer], data: Any) -> dict[str, Any]:
    """Return the validated input; raise ValidationError (a 422 problem) otherwise."""
    incoming = serializer(data=data)
    incoming.is_valid(raise_exception=True)
    return dict(incoming.validated_data)


def as_sent(request: Request, name: str = "") -> dict[str, Any]:
    """Return a field-defined body, or its part `name`, untouched: its room reads and refuses it."""
    body: Any = request.data
    if name and isinstance(body, dict):
        body = body.get(name, {})
    if not isinstance(body, dict):
        raise serializers.ValidationError({name or "body": [_("Send an object of named fields.")]})
    return dict(body)


class ReasonIn(StrictSerializer):
    """Why: it becomes part of the record."""

    reason = serializers.CharField(max_length=500)


class ActionsOut(serializers.Serializer[Any]):
    """What the state allows."""

    allowed_actions = serializers.SerializerMethodField()

    def get_allowed_actions(self, row: Any) -> list[str]:
        """Return the steps the state allows."""
        allowed: list[str] = row.lifecycle.allowed(row.status)
        return allowed


@cache
def page_out(item: type[serializers.Serializer[Any]]) -> serializers.Serializer[Any]:
    """Return the schema of one page of `item`s."""
    name = item.__name__.removesuffix("Out")
    return inline_serializer(
        f"{name}Page",
        {
            "next": serializers.URLField(allow_null=True),
            "previous": serializers.URLField(allow_null=True),
            "results": item(many=True),
        },
    )
