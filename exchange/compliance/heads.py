"""The heads of a case's file: what each asks, which fields answer it, and what is still missing.

The heads and their number of documents are the rule pack `cases`; the fields are defined here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from audit.retention.terms import months_after
from audit.rulebook.queries import Pack, get_pack
from exchange.registry.fields import Field, Kind
from exchange.registry.states import PersonalBasis

from .models import Case, Screening
from .states import CaseKind, Conclusion, Grade, Opinion, PersonalClass

KIND: Final = "cases"
PROSE_MAX: Final = 10_000


def _prose(name: str, label: str | Promise, help_text: str | Promise = "") -> Field:
    return Field(
        name=name,
        label=label,
        kind=Kind.PROSE,
        required=True,
        max_length=PROSE_MAX,
        help=help_text,
    )


FIELDS: Final[Mapping[str, Field]] = {
    field.name: field
    for field in (
        _prose("assessment", gettext_lazy("assessment")),
        _prose("lawfulness", gettext_lazy("lawful, legitimate and necessary")),
        _prose("effects", gettext_lazy("effect on persons' rights, and risks")),
        _prose("measures", gettext_lazy("measures, and whether they fit the risk")),
        _prose("special_rules", gettext_lazy("special rules for processing")),
        _prose("consent_form", gettext_lazy("words that persons consented to")),
        Field(
            name="note", label=gettext_lazy("explanation"), kind=Kind.PROSE, max_length=PROSE_MAX
        ),
        Field(
            name="recipients",
            label=gettext_lazy("recipients by name"),
            kind=Kind.TAGS,
            required=True,
            max_length=200,
            max_items=100,
            help=gettext_lazy("Name, code or reference as registered with the exchange."),
        ),
        Field(
            name="persons",
            label=gettext_lazy("number of persons"),
            kind=Kind.NUMBER,
            required=True,
            minimum=1,
        ),
        Field(name="obtained_from", label=gettext_lazy("from"), kind=Kind.DATE, required=True),
        Field(name="obtained_until", label=gettext_lazy("until"), kind=Kind.DATE, required=True),
        Field(
            name="author",
            label=gettext_lazy("made by"),
            kind=Kind.TEXT,
            required=True,
            max_length=200,
        ),
        Field(name="assessed_on", label=gettext_lazy("finished on"), kind=Kind.DATE, required=True),
        Field(
            name="conclusion",
            label=gettext_lazy("conclusion"),
            kind=Kind.CHOICE,
            choices=Conclusion,
            required=True,
        ),
        Field(
            name="authority",
            label=gettext_lazy("competent authority"),
            kind=Kind.TEXT,
            required=True,
            max_length=200,
        ),
        Field(
            name="number",
            label=gettext_lazy("number of the document"),
            kind=Kind.TEXT,
            required=True,
            max_length=100,
        ),
        Field(name="given_on", label=gettext_lazy("date"), kind=Kind.DATE, required=True),
        Field(
            name="opinion",
            label=gettext_lazy("opinion"),
            kind=Kind.CHOICE,
            choices=Opinion,
            required=True,
        ),
        Field(name="valid_until", label=gettext_lazy("valid until"), kind=Kind.DATE),
    )
}


@dataclass(frozen=True, kw_only=True)
class Head:
    """One head: what it asks for, on which basis, and how much answers it."""

    id: str
    title: str
    asks: str
    basis: str
    fields: tuple[Field, ...]
    documents: int
    fresh_months: int
    optional: bool


@dataclass(frozen=True, kw_only=True)
class Said:
    """The newest version of one head, as far as completeness goes."""

    values: Mapping[str, Any]
    documents: Sequence[Mapping[str, Any]]


def case_pack(on: date) -> Pack:
    """Return the rules of cases in effect on a day."""
    return get_pack(KIND, on=on)


def kind_of(screening: Screening) -> CaseKind:
    """Return what a case on a screening is about; the graver aspect names it."""
    if screening.grade != Grade.GENERAL:
        return CaseKind.IMPORTANT
    if screening.personal == PersonalClass.SENSITIVE:
        return CaseKind.SENSITIVE_PERSONAL
    return CaseKind.REVIEW


def heads_of(case: Case, pack: Pack) -> list[Head]:
    """Return the heads that a case's file has, in the order of the law."""
    screening = case.screening
    rights = screening.release.product.rights
    stated = rights is not None and rights.personal_basis == PersonalBasis.CONSENT
    facts = {
        "grades": {case.grade},
        "personal": {screening.personal},
        "consent_stated": {screening.personal} if stated else set(),
        "themes": {theme.get("code", "") for theme in screening.report.get("themes", ())},
    }
    return [_head(entry) for entry in pack.data["heads"] if _wanted(entry["when"], facts)]


def _wanted(when: Mapping[str, Sequence[str]], facts: Mapping[str, set[str]]) -> bool:
    return not when or any(facts[name].intersection(values) for name, values in when.items())


def _head(entry: Mapping[str, Any]) -> Head:
    language = "zh" if (get_language() or "en").startswith("zh") else "en"
    return Head(
        id=entry["id"],
        title=entry[language],
        asks=entry[f"asks_{language}"],
        basis=entry["basis"],
        fields=tuple(FIELDS[name] for name in entry["fields"]),
        documents=int(entry["documents"]),
        fresh_months=int(entry.get("fresh_months", 0)),
        optional=bool(entry.get("optional", False)),
    )


def shortcomings(
    case: Case, said: Mapping[str, Said], pack: Pack, *, on: date
) -> dict[str, list[str]]:
    """Return what is still missing in a file, by head; empty when it is complete."""
    found = {
        head.id: _shortcomings(case, head, said.get(head.id), pack, on)
        for head in heads_of(case, pack)
    }
    return {head: words for head, words in found.items() if words}


def _shortcomings(case: Case, head: Head, said: Said | None, pack: Pack, on: date) -> list[str]:
    if said is None:
        return [] if head.optional else [_("Nothing is said here yet.")]
    words = [*_unsaid(head, said, int(pack.data["least_characters"])), *_undocumented(head, said)]
    return words or _unfit(case, head, said.values, on)


def _unsaid(head: Head, said: Said, least: int) -> list[str]:
    words = []
    for field in head.fields:
        value = said.values.get(field.name)
        if field.required and value in (None, "", []):
            words.append(_("Missing: %(field)s.") % {"field": field.label})
        elif field.kind == Kind.PROSE and field.required and len(str(value)) < least:
            words.append(
                _("“%(field)s” says too little: at least %(least)d characters.")
                % {"field": field.label, "least": least}
            )
    return words


def _undocumented(head: Head, said: Said) -> list[str]:
    lacking = head.documents - len(said.documents)
    if lacking <= 0:
        return []
    text = ngettext("%(count)d document is missing.", "%(count)d documents are missing.", lacking)
    return [text % {"count": lacking}]


def _unfit(case: Case, head: Head, values: Mapping[str, Any], on: date) -> list[str]:
    """Return why what is said does not carry an approval."""
    words = []
    day = _day(values.get("assessed_on") or values.get("given_on"))
    if day and day > on:
        words.append(_("The date lies in the future."))
    if day and head.fresh_months and day < months_after(on, -head.fresh_months):
        words.append(
            _("The assessment is older than %(count)d months.") % {"count": head.fresh_months}
        )
    until = _day(values.get("valid_until"))
    if until and until <= on:
        words.append(_("The opinion is no longer valid."))
    first, last = _day(values.get("obtained_from")), _day(values.get("obtained_until"))
    if first and last and (last < first or last > on):
        words.append(_("The period of the consents does not lie before today, in its order."))
    counted = int(case.screening.report.get("persons") or 0)
    if head.id == "CONSENT" and int(values.get("persons") or 0) < counted:
        words.append(
            _("The consents are of %(said)d persons, the content is about %(counted)d.")
            % {"said": values.get("persons") or 0, "counted": counted}
        )
    return words


def _day(value: object) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) and value else None


def why_not_carried(said: Mapping[str, Said]) -> str | None:
    """Return which finding of the file itself stands against an approval, or None."""
    for entry in said.values():
        if entry.values.get("opinion") == Opinion.REFUSES:
            return _("The competent authority does not agree.")
        if entry.values.get("conclusion") == Conclusion.NOT_ACCEPTABLE:
            return _("The assessment finds the risk not acceptable.")
    return None
