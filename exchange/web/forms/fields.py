"""Forms made from fields that a room defines once; the room itself reads what was sent.

A table of rows is one line each, its cells divided by a vertical bar, so that it can be typed,
pasted from a spreadsheet, and sent without script.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from exchange.registry.fields import Field, Kind

BAR = "|"
YES = {"yes", "true", "1", "是", "y"}


class TagsField(forms.CharField):
    """Short texts, one a line."""

    def to_python(self, value: Any) -> Any:
        """Return the texts."""
        if isinstance(value, list):
            return value
        return [line.strip() for line in (value or "").splitlines() if line.strip()]

    def prepare_value(self, value: Any) -> Any:
        """Return the texts as lines."""
        return "\n".join(map(str, value)) if isinstance(value, list | tuple) else value


class RowsField(forms.CharField):
    """A small table: one row a line, cells divided by a bar."""

    def __init__(self, *, columns: tuple[Field, ...], **words: Any) -> None:
        self.columns = columns
        super().__init__(**words)

    def to_python(self, value: Any) -> Any:
        """Return the rows as objects of named cells."""
        if isinstance(value, list):
            return value
        lines = [line for line in (value or "").splitlines() if line.strip()]
        return [self._row(number, line) for number, line in enumerate(lines, 1)]

    def _row(self, number: int, line: str) -> dict[str, Any]:
        cells = [cell.strip() for cell in line.replace("\t", BAR).split(BAR)]
        if len(cells) > len(self.columns):
            raise forms.ValidationError(
                _("Line %(line)d has more than %(count)d cells.")
                % {"line": number, "count": len(self.columns)}
            )
        pairs = zip(self.columns, cells, strict=False)
        return {
            column.name: cell.lower() in YES if column.kind == Kind.YES_NO else cell
            for column, cell in pairs
            if cell
        }

    def prepare_value(self, value: Any) -> Any:
        """Return the rows as lines."""
        if not isinstance(value, list):
            return value
        return "\n".join(
            f" {BAR} ".join(_cell(row.get(column.name, "")) for column in self.columns)
            for row in value
        )


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    return str(value)


def form_fields_of(fields: Iterable[Field]) -> dict[str, forms.Field]:
    """Return the form field of each field, in their order."""
    return {field.name: _form_field(field) for field in fields}


def form_of(name: str, fields: Iterable[Field]) -> type[forms.Form]:
    """Return a form class with these fields."""
    return type(name, (forms.Form,), form_fields_of(fields))


def sent(form: forms.Form, fields: Iterable[Field]) -> dict[str, Any]:
    """Return the cleaned values of `fields` as their room reads them; what is empty, as empty."""
    values: Mapping[str, Any] = form.cleaned_data
    return {
        field.name: field.empty if values.get(field.name) in (None, "") else values[field.name]
        for field in fields
        if field.name in values
    }


def _form_field(field: Field) -> forms.Field:  # noqa: PLR0911  one for each kind
    words: dict[str, Any] = {
        "label": field.label,
        "help_text": field.help,
        "required": field.required,
    }
    match field.kind:
        case Kind.CHOICE if field.choices:
            blank = [] if field.required else [("", "–")]
            return forms.ChoiceField(choices=[*blank, *field.choices.choices], **words)
        case Kind.CHOICES if field.choices:
            return forms.MultipleChoiceField(
                choices=field.choices.choices, widget=forms.CheckboxSelectMultiple, **words
            )
        case Kind.YES_NO:
            return forms.BooleanField(**{**words, "required": False})
        case Kind.NUMBER:
            return forms.IntegerField(min_value=field.minimum, max_value=field.maximum, **words)
        case Kind.DATE:
            picker = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
            return forms.DateField(widget=picker, **words)
        case Kind.TAGS:
            lines = forms.Textarea(attrs={"rows": 3})
            return TagsField(widget=lines, **_explained(words, _("One a line.")))
        case Kind.ROWS:
            titles = f" {BAR} ".join(str(column.label) for column in field.columns)
            return RowsField(
                columns=field.columns,
                widget=forms.Textarea(attrs={"rows": 4, "placeholder": titles}),
                **_explained(words, _("One row a line: %(columns)s") % {"columns": titles}),
            )
        case Kind.PROSE:
            prose = forms.Textarea(attrs={"rows": 4})
            return forms.CharField(widget=prose, max_length=field.max_length or None, **words)
    return forms.CharField(max_length=field.max_length or None, **words)


def _explained(words: dict[str, Any], more: str) -> dict[str, Any]:
    return {**words, "help_text": f"{words['help_text']} {more}".strip()}
