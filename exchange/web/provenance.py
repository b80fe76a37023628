"""How a release was made of another, step by step in the reader's words."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from .forms.remedies import COUNTED, VERBS

STEPS: Final[Mapping[str, str | Promise]] = {
    "drop": gettext_lazy("left out"),
    "mask": pgettext_lazy("step", "masked"),
    "pseudonym": gettext_lazy("replaced by a keyed pseudonym"),
    "redact": gettext_lazy("numbers and addresses in the text replaced"),
    "keep_rows": gettext_lazy("rows chosen by it"),
    "suppress": gettext_lazy("combinations shared by fewer than %(k)s left out"),
    "aggregate": gettext_lazy("figures of groups of at least %(smallest)s instead of rows"),
}
COUNTS: Final = {"band": "width", "age_band": "width", "grid": "meters"}
CHOICES: Final = {"period": "unit", "region": "level"}


def steps_in_words(steps: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Return what was done as columns and words; columns left out together stand in one line."""
    found: list[tuple[str, str]] = []
    dropped = [str(step["column"]) for step in steps if step["do"] == "drop"]
    if dropped:
        found.append((_(", ").join(dropped), str(STEPS["drop"])))
    return found + [(_columns(step), _words(step)) for step in steps if step["do"] != "drop"]


def _columns(step: Mapping[str, Any]) -> str:
    named = step.get("columns") or step.get("by") or [step.get("column", ""), step.get("longitude")]
    return _(", ").join(str(name) for name in named if name)


def unit_of(step: Mapping[str, Any]) -> str:
    """Return how coarse a step makes its column, in words; nothing for a step of another kind."""
    do = str(step["do"])
    if do in CHOICES:
        return str(VERBS[f"{do}:{step[CHOICES[do]]}"])
    if do in COUNTS:
        return str(COUNTED[do]) % {"count": step[COUNTS[do]]}
    return ""


def _words(step: Mapping[str, Any]) -> str:
    if unit := unit_of(step):
        return _("generalized to: %(unit)s") % {"unit": unit}
    return str(STEPS[str(step["do"])]) % {name: step.get(name, "") for name in ("k", "smallest")}
