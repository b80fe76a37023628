"""Rules of quality as lines of cells, so that they can be typed, pasted and sent without script."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exchange.vault.quality import TAKES, RuleKind

from .fields import BAR

RANGE: Final = ".."
CELLS: Final = 5


class QualityForm(forms.Form):
    """One rule a line: name, kind, columns, weight, and what the kind takes."""

    rules = forms.CharField(
        label=gettext_lazy("Rules, one a line"),
        help_text=gettext_lazy(
            "Name | kind | columns, divided by commas | weight | what it asks. For example "
            "“day | not_null | date | 1”, “load | range | load_kw | 2 | 0..100”, "
            "“kind | allowed | type | 1 | bus, tram”, “span | compare | start, end | 1 | <=”."
        ),
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false", "class": "mono"}),
        max_length=256 * 1024,
        strip=True,
    )

    def document(self) -> dict[str, Any]:
        """Return the rules as `read_rules` takes them; it judges what was typed."""
        lines = enumerate(self.cleaned_data["rules"].splitlines(), 1)
        return {"rules": [_rule(number, line) for number, line in lines if line.strip()]}

    def clean_rules(self) -> str:
        """Refuse lines without kind and columns."""
        text: str = self.cleaned_data["rules"]
        for number, line in enumerate(text.splitlines(), 1):
            if line.strip() and line.count(BAR) < 2:  # noqa: PLR2004  name | kind | columns
                raise forms.ValidationError(
                    _("Line %(line)d: write name, kind and columns, divided by “|”.")
                    % {"line": number}
                )
        return text


def lines_of(document: Mapping[str, Any]) -> str:
    """Return declared rules as the lines that the form takes."""
    return "\n".join(
        f" {BAR} ".join(
            (
                rule["id"],
                rule["kind"],
                ", ".join(rule["columns"]),
                str(rule["weight"]),
                _written(rule),
            )
        ).rstrip(f" {BAR}")
        for rule in document["rules"]
    )


def _rule(number: int, line: str) -> dict[str, Any]:
    cells = [cell.strip() for cell in line.split(BAR, CELLS - 1)] + [""] * CELLS
    name, kind, columns, weight, given = cells[:CELLS]
    rule: dict[str, Any] = {
        "id": name or f"r{number}",
        "kind": kind,
        "columns": _parts(columns),
        "weight": int(weight) if weight.isascii() and weight.isdecimal() else weight or 1,
    }
    takes = TAKES.get(RuleKind(kind), ()) if kind in set(RuleKind) else ()
    if given and takes:
        read = READERS.get(takes[0])
        rule |= read(given) if read else {takes[0]: given}
    elif given:
        rule["given"] = given
    return rule


def _bounds(text: str) -> dict[str, str]:
    low, dots, high = text.partition(RANGE)
    found = {"min": low.strip(), "max": high.strip() if dots else low.strip()}
    return {name: bound for name, bound in found.items() if bound}


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.replace("，", ",").split(",") if part.strip()]


def _written(rule: Mapping[str, Any]) -> str:
    if "values" in rule:
        return ", ".join(rule["values"])
    if "min" in rule or "max" in rule:
        return f"{rule.get('min', '')}{RANGE}{rule.get('max', '')}"
    return next((str(rule[name]) for name in TAKES[RuleKind(rule["kind"])] if name in rule), "")


READERS: Final[Mapping[str, Callable[[str], dict[str, Any]]]] = {
    "min": _bounds,
    "values": lambda text: {"values": _parts(text)},
}
"""How the last cell is read by the first thing a kind takes; others take it as it stands."""
