"""Inputs that a room defines once as fields, described for the API's readers."""

from collections.abc import Iterable
from typing import Any

from rest_framework import serializers

from exchange.registry.fields import Field, Kind

PLAIN: dict[Kind, type[serializers.Field[Any, Any, Any, Any]]] = {
    Kind.NUMBER: serializers.IntegerField,
    Kind.YES_NO: serializers.BooleanField,
    Kind.DATE: serializers.DateField,
    Kind.LINK: serializers.URLField,
}


def described(
    name: str, fields: Iterable[Field], *, partial: bool = False
) -> type[serializers.Serializer[Any]]:
    """Return a serializer that describes `fields`; the room itself reads and refuses the values."""
    members: dict[str, Any] = {
        field.name: _member(name, field, required=field.required and not partial)
        for field in fields
    }
    return type(name, (serializers.Serializer,), members | {"__doc__": ""})


def _member(owner: str, field: Field, *, required: bool) -> serializers.Field[Any, Any, Any, Any]:
    words: dict[str, Any] = {"required": required, "help_text": str(field.help)}
    if field.kind == Kind.CHOICE and field.choices:
        return serializers.ChoiceField(field.choices.choices, **words)
    if field.kind == Kind.CHOICES and field.choices:
        inner = serializers.ChoiceField(field.choices.choices)
        return serializers.ListField(child=inner, **words)
    if field.kind == Kind.TAGS:
        return serializers.ListField(child=serializers.CharField(), **words)
    if field.kind == Kind.ROWS:
        row = described(f"{owner}{field.name.title().replace('_', '')}", field.columns)
        return row(many=True, **words)
    if field.kind in PLAIN:
        return PLAIN[field.kind](allow_null=not required, **words)
    if field.max_length:
        words["max_length"] = field.max_length
    return serializers.CharField(allow_blank=not required, **words)
