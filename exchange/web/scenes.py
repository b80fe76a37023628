"""Scenarios and conditions of use in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from exchange.registry.fields import Field
from exchange.trading.fields import SCENARIO_FIELDS


@dataclass(frozen=True, kw_only=True)
class Said:
    """One field and what was said in it."""

    label: object
    value: object


def scenario_rows(scenario: Mapping[str, Any]) -> list[Said]:
    """Return a scenario as it was stated."""
    return [
        Said(label=field.label, value=in_words(field, scenario[field.name]))
        for field in SCENARIO_FIELDS
        if field.name in scenario and scenario[field.name] not in ("", None)
    ]


def in_words(field: Field | None, value: Any) -> object:
    """Return a field's value as a reader says it."""
    if isinstance(value, bool):
        return _("yes") if value else pgettext("answer", "no")
    if isinstance(value, (list, tuple)):
        return "; ".join(str(in_words(field, one)) for one in value)
    if field is not None and field.choices and value in field.choices.values:
        return field.choices(value).label
    return value


def fields_by_name(fields: Iterable[Field]) -> dict[str, Field]:
    """Return fields by their names."""
    return {field.name: field for field in fields}
