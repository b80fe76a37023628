"""The product manual (数据产品说明书), defined once; forms, API and pages are made from it."""

import datetime as dt
import hashlib
from collections.abc import Mapping

from django.utils.translation import gettext as _

from audit.log.canonical import canonical
from audit.log.errors import Invalid
from exchange.registry.fields import Kind, Problems, read_values

from .chapters.assurance import ASSURANCE
from .chapters.content import CONTENT
from .chapters.definition import Chapter, ManualField
from .chapters.delivery import DELIVERY
from .chapters.identity import IDENTITY
from .chapters.source import SOURCE
from .chapters.use import USE
from .models import Product
from .vocabulary import Form, ProductType, TimeLimit

MANUAL_FIELDS: tuple[ManualField, ...] = (
    *IDENTITY,
    *CONTENT,
    *SOURCE,
    *USE,
    *DELIVERY,
    *ASSURANCE,
)
MANUAL_COLUMNS = tuple(field.name for field in MANUAL_FIELDS if field.column)
OBJECT_FIELDS = tuple(field.name for field in MANUAL_FIELDS if field.kind == Kind.OBJECT)


def manual_chapters(product_type: str = "") -> list[tuple[Chapter, list[ManualField]]]:
    """Return the chapters with their fields, as far as they concern a type of product."""
    return [
        (
            chapter,
            [
                field
                for field in MANUAL_FIELDS
                if field.chapter == chapter
                and (not product_type or not field.for_types or product_type in field.for_types)
            ],
        )
        for chapter in Chapter
    ]


def read_manual(values: object, *, complete: bool = True) -> dict[str, object]:
    """Read a manual, or with `complete=False` a change of one, as it is stored.

    Raises Invalid naming every field that is unknown, missing or wrong; nothing is dropped
    silently, so that no caller can set what is not part of the manual.
    """
    read = read_values(MANUAL_FIELDS, values, complete=complete)
    return {
        name: value.isoformat() if isinstance(value, dt.date) else value
        for name, value in read.items()
    }


def check_coherence(values: Mapping[str, object]) -> None:
    """Raise Invalid where fields of a whole manual contradict each other."""
    problems: Problems = {}
    begin, end = values["span_from"], values["span_until"]
    if isinstance(begin, str) and isinstance(end, str) and end < begin:
        problems["span_until"] = [_("The end lies before the beginning.")]
    by_days = values["time_limit"] == TimeLimit.DAYS
    if by_days and values["time_limit_days"] is None:
        problems["time_limit_days"] = [_("Say for how many days.")]
    if not by_days and values["time_limit_days"] is not None:
        problems["time_limit_days"] = [_("Days belong to a time limit by days only.")]
    is_model = values["product_type"] == ProductType.MODEL
    if values["form"] and is_model != (values["form"] == Form.MODEL):
        problems["form"] = [
            _("A trained model comes in the form of a model, and nothing else does.")
        ]
    for field in MANUAL_FIELDS:
        said = values[field.name] != field.empty
        if said and field.for_types and values["product_type"] not in field.for_types:
            problems[field.name] = [_("This does not concern the chosen type of product.")]
    if problems:
        raise Invalid(problems)


def split_manual(values: Mapping[str, object]) -> tuple[dict[str, object], dict[str, object]]:
    """Divide values into those kept as columns and those kept in the structure."""
    columns = {name: value for name, value in values.items() if name in MANUAL_COLUMNS}
    rest = {name: value for name, value in values.items() if name not in MANUAL_COLUMNS}
    return columns, rest


def manual_of(product: Product) -> dict[str, object]:
    """Return the whole manual of a product in the order of its fields."""
    return {
        field.name: getattr(product, field.name)
        if field.column
        else product.manual.get(field.name, field.empty)
        for field in MANUAL_FIELDS
    }


def missing_to_list(product: Product) -> list[ManualField]:
    """Return the fields that a listing needs and the manual does not say yet."""
    values = manual_of(product)
    return [
        field
        for field in MANUAL_FIELDS
        if field.required_to_list and values[field.name] == field.empty
    ]


def manual_sha256(product: Product) -> str:
    """Return the digest of the whole manual, which entries of the log declare."""
    return hashlib.sha256(canonical(manual_of(product))).hexdigest()
