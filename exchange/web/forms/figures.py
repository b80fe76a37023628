"""Figures written as text in a form: lists of amounts, named rows, judgments such as 1/3."""

from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

AMOUNT: Final[dict[str, Any]] = {"max_digits": 18, "decimal_places": 2, "min_value": Decimal(0)}
SHARE: Final[dict[str, Any]] = {"min_value": 0, "max_value": 1, "decimal_places": 6}


def lines_of(rows: int, example: str) -> forms.Textarea:
    """Return a field of several lines with an example in it."""
    return forms.Textarea(attrs={"rows": rows, "inputmode": "text", "placeholder": example})


def number_of(label: Promise | str, example: str, **bounds: Any) -> forms.DecimalField:
    """Return an optional figure with an example in it."""
    widget = forms.NumberInput(attrs={"placeholder": example})
    return forms.DecimalField(label=str(label), required=False, widget=widget, **bounds)


def read_amounts(text: str) -> list[Decimal]:
    """Read one amount a line."""
    field = forms.DecimalField(**AMOUNT)
    lines = [line.replace(",", "").strip() for line in text.splitlines()]
    return [field.clean(line) for line in lines if line]


def read_charges(text: str) -> list[tuple[str, list[Decimal]]]:
    """Read one name a line, with amounts."""
    return _named(text, forms.DecimalField(**AMOUNT))


def read_scores(text: str) -> list[tuple[str, list[Decimal]]]:
    """Read one name a line, with scores from 0 to 100."""
    return _named(text, forms.DecimalField(min_value=0, max_value=100, decimal_places=4))


def read_judgment(text: str) -> Decimal | None:
    """Read 3, 0.5 or 1/3; a fraction is written with eight places."""
    if not text.strip():
        return None
    above, _slash, below = text.partition("/")
    try:
        value = Decimal(above.strip()) / Decimal(below.strip() or 1)
        return value.quantize(Decimal("0.00000001"))
    except (InvalidOperation, ZeroDivisionError):
        raise ValidationError(_("A judgment is a number such as 3 or 1/3.")) from None


def _named(text: str, field: forms.DecimalField) -> list[tuple[str, list[Decimal]]]:
    found = []
    for line in filter(str.strip, text.splitlines()):
        name, colon, figures = line.replace("：", ":").rpartition(":")
        if not colon:
            raise ValidationError(_("A line is a name, a colon, and figures with commas between."))
        cells = figures.replace("，", ",").split(",")
        found.append((name.strip(), [field.clean(cell.strip()) for cell in cells]))
    return found
