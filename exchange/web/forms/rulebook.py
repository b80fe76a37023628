"""Forms of those who write rules."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

LINES = forms.Textarea(attrs={"rows": 3})
NO_RELIEF = "NONE"
ACTIONS = [
    ("BLOCK", _("stops the release")),
    ("REVIEW", _("asks for a human decision")),
    ("NOTICE", _("to be mended before the listing")),
]
RELIEF_ACTIONS = [
    (NO_RELIEF, _("no relief")),
    *ACTIONS,
    ("ALLOW", pgettext_lazy("relief", "passes")),
]
OVERRIDES = [
    ("NONE", _("nobody")),
    ("OPERATOR", _("the operator or a regulator")),
    ("REGULATOR", _("a regulator only")),
]


class StartForm(forms.Form):
    """Which rules are to read otherwise, and why."""

    kind = forms.ChoiceField(label=_("Rules"))
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("It becomes part of the record and is shown to those it concerns."),
        max_length=500,
        widget=LINES,
    )


def start_form(kinds: list[tuple[str, str]]) -> type[forms.Form]:
    """Return the form of a beginning; `kinds` are versions to begin from, with their names."""
    field = forms.ChoiceField(label=_("Begin from"), choices=kinds)
    return type("StartForm", (StartForm,), {"kind": field})


class VersionForm(forms.Form):
    """A change to the draft as it was read."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class DayForm(VersionForm):
    """The day from which the rules bind."""

    effective_on = forms.DateField(
        label=_("Binding from"),
        help_text=_("They bind from midnight of this day where the exchange is."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


class TextForm(VersionForm):
    """The whole text."""

    text = forms.CharField(
        label=_("Text (TOML)"),
        strip=False,
        widget=forms.Textarea(attrs={"rows": 30, "spellcheck": "false", "class": "code"}),
    )


class SealForm(forms.Form):
    """Nothing but what was read."""

    seal = forms.CharField(widget=forms.HiddenInput)


class NothingForm(forms.Form):
    """A decision that needs no words."""


def rule_form(rule: Mapping[str, Any], *, locked: bool) -> type[forms.Form]:
    """Return the form of one rule: what it does, from when on, what softens it, its words."""
    fields: dict[str, forms.Field] = {}
    if not locked:
        fields["enabled"] = forms.BooleanField(label=_("In force"), required=False)
        fields["action"] = forms.ChoiceField(label=_("What follows"), choices=ACTIONS)
        fields["override"] = forms.ChoiceField(label=_("Who may allow it"), choices=OVERRIDES)
    if "persons_from" in rule.get("when", {}):
        fields["persons_from"] = forms.IntegerField(label=_("From so many persons"), min_value=1)
    for number, relief in enumerate(rule.get("relief", ())):
        what = f"{relief['manual']}" if "manual" in relief else ""
        if "few" in relief:
            fields[f"few_{number}"] = forms.IntegerField(
                label=_("Softened below so many persons"), min_value=1
            )
        name = _("Softened where %(what)s") % {"what": what} if what else _("Softened to")
        fields[f"relief_{number}"] = forms.ChoiceField(label=name, choices=RELIEF_ACTIONS)
    for name, label in (
        ("en", _("Title in English")),
        ("zh", _("Title in Chinese")),
        ("basis_en", _("Legal basis in English")),
        ("basis_zh", _("Legal basis in Chinese")),
        ("remedy_en", _("What to do, in English")),
        ("remedy_zh", _("What to do, in Chinese")),
    ):
        if name in rule:
            fields[name] = forms.CharField(label=label, max_length=2000, widget=LINES)
    return type("RuleForm", (VersionForm,), fields)


def rule_initial(rule: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the form of a rule begins with."""
    said: dict[str, Any] = {
        name: rule[name]
        for name in ("action", "override", "en", "zh", "basis_en", "basis_zh", "remedy_en",
                     "remedy_zh")
        if name in rule
    }  # fmt: skip
    said["enabled"] = rule.get("enabled", True)
    said["persons_from"] = rule.get("when", {}).get("persons_from")
    for number, relief in enumerate(rule.get("relief", ())):
        said[f"relief_{number}"] = relief["action"]
        said[f"few_{number}"] = relief.get("few")
    return said


def rule_values(rule: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keys of a rule with their new values; None takes a key out."""
    words = ("action", "override", "en", "zh", "basis_en", "basis_zh", "remedy_en", "remedy_zh")
    values: dict[str, Any] = {
        name: " ".join(str(said[name]).split()) for name in words if name in said
    }
    if "enabled" in said and said["enabled"] != rule.get("enabled", True):
        values["enabled"] = None if said["enabled"] else False
    if said.get("persons_from"):
        values["when"] = dict(rule["when"]) | {"persons_from": said["persons_from"]}
    if "relief" in rule:
        kept = [
            dict(relief)
            | {"action": said[f"relief_{number}"]}
            | ({"few": said[f"few_{number}"]} if "few" in relief else {})
            for number, relief in enumerate(rule["relief"])
            if said[f"relief_{number}"] != NO_RELIEF
        ]
        values["relief"] = kept or None
    return values


def section_form(table: Mapping[str, Any]) -> type[forms.Form]:
    """Return the form of a section's own figures and words."""
    fields: dict[str, forms.Field] = {}
    for name, value in table.items():
        if isinstance(value, bool):
            fields[name] = forms.BooleanField(label=name, required=False)
        elif isinstance(value, int):
            fields[name] = forms.IntegerField(label=name)
        elif isinstance(value, float):
            fields[name] = forms.FloatField(label=name)
        elif isinstance(value, str) and len(value) <= 2000:  # noqa: PLR2004  longer is for the text
            fields[name] = forms.CharField(label=name, max_length=2000, widget=LINES)
    return type("SectionForm", (VersionForm,), fields)
