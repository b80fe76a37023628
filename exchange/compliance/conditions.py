"""Conditions of an approval: what they are, how they stand in a contract, what they refuse.

They are bound into the decision, carried into every contract in both languages
(《网络数据安全管理条例》第十二条), and asked again at order and delivery. Purpose and reports bind
by contract only: no code can see what data is used for.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.log.canonical import canonical
from audit.log.errors import Invalid
from audit.rulebook.queries import day_of, list_packs
from exchange.catalog.vocabulary import DeliveryMode
from exchange.registry.fields import Field, Kind, read_values

from .models import Case

DAYS_MAX: Final = 3650
HANDED_OVER: Final = frozenset({DeliveryMode.FILE_DOWNLOAD})
"""The ways of delivery by which the exchange hands a file over."""
COMPUTED: Final = frozenset({DeliveryMode.SANDBOX, DeliveryMode.MODEL_RESULT})
"""The ways by which the data stays within the exchange and answers leave (可用不可见)."""

FIELDS: Final = (
    Field(
        name="purpose",
        label=gettext_lazy("purpose"),
        kind=Kind.PROSE,
        max_length=1000,
        help=gettext_lazy("What the data may be used for, and nothing else."),
    ),
    Field(
        name="recipients",
        label=gettext_lazy("recipients"),
        kind=Kind.TAGS,
        max_length=32,
        max_items=100,
        help=gettext_lazy("References of organizations (ORG-…); nobody else may order."),
    ),
    Field(
        name="scenarios",
        label=gettext_lazy("scenarios"),
        kind=Kind.TAGS,
        max_length=200,
        max_items=50,
        help=gettext_lazy("Of those that the product manual permits; none means all."),
    ),
    Field(
        name="channels",
        label=gettext_lazy("ways of delivery"),
        kind=Kind.CHOICES,
        choices=DeliveryMode,
        help=gettext_lazy(
            "The data stays in the domain: sandbox, privacy computation, results only. The "
            "exchange itself answers questions by sandbox and by results only."
        ),
    ),
    Field(
        name="retention_days",
        label=gettext_lazy("kept for at most (days)"),
        kind=Kind.NUMBER,
        minimum=1,
        maximum=DAYS_MAX,
    ),
    Field(
        name="reporting_days",
        label=gettext_lazy("report on the use every (days)"),
        kind=Kind.NUMBER,
        minimum=1,
        maximum=DAYS_MAX,
    ),
    Field(name="expires_on", label=gettext_lazy("delivered and used until"), kind=Kind.DATE),
)
NAMES: Final = {field.name: field.label for field in FIELDS}


@dataclass(frozen=True, kw_only=True)
class Use:
    """What somebody wants to do with a release, as far as conditions ask.

    `channels` are the names under which manual and conditions know the one way of delivery.
    """

    recipient: str
    channels: frozenset[str]
    on: date
    scenario: str = ""
    term_days: int | None = None
    keeps: bool = False
    passes_on: bool = False


def read_conditions(raw: object) -> dict[str, Any]:
    """Read conditions as they are stored and signed; what is empty is left out.

    Raises Invalid naming each field as `conditions.…`.
    """
    try:
        read = read_values(FIELDS, {} if raw is None else raw)
    except Invalid as error:
        fields = {f"conditions.{name}": texts for name, texts in error.fields.items()}
        raise Invalid(fields) from None
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in read.items()
        if value not in (None, "", [])
    }


def digest_of(conditions: Mapping[str, Any]) -> str:
    """Return the digest under which the log knows conditions."""
    return hashlib.sha256(canonical(dict(conditions))).hexdigest()


def missing_in(conditions: Mapping[str, Any], wanted: Iterable[str]) -> list[str]:
    """Return the labels of the conditions that a kind of case has to carry and this lacks."""
    return [str(NAMES[name]) for name in wanted if name not in conditions]


def why_not_under(conditions: Mapping[str, Any], use: Use) -> str | None:
    """Return which condition stands against a use, or None."""
    for name, rule in RULES.items():
        if name in conditions and (refusal := rule(conditions[name], use)):
            return _("Condition of the compliance case (%(condition)s): %(refusal)s") % {
                "condition": NAMES[name],
                "refusal": refusal,
            }
    return None


def _recipients(named: list[str], use: Use) -> str | None:
    if use.recipient not in named:
        return _("only the organizations that the decision names may receive the data.")
    if use.passes_on:
        return _("the data may not be passed on to others.")
    return None


def _scenarios(permitted: list[str], use: Use) -> str | None:
    if not use.scenario or use.scenario in permitted:
        return None
    return _("permitted are: %(scenarios)s.") % {"scenarios": "; ".join(permitted)}


def _channels(permitted: list[str], use: Use) -> str | None:
    if use.channels.intersection(permitted):
        return None
    return _("the data is delivered only by: %(channels)s.") % {"channels": in_words(permitted)}


def in_words(modes: Iterable[str]) -> str:
    """Return ways of delivery in the current language, in their order; none as a dash."""
    labels = [str(mode.label) for mode in DeliveryMode if mode in set(modes)]
    return "; ".join(labels) or "–"


def _retention(days: int, use: Use) -> str | None:
    if use.keeps:
        return _("the data has to be deleted when the term ends.")
    if use.term_days is not None and use.term_days > days:
        return _("the term may be at most %(days)d days.") % {"days": days}
    return None


def _expiry(until: str, use: Use) -> str | None:
    last = use.on + timedelta(days=use.term_days or 0)
    if last <= date.fromisoformat(until):
        return None
    return _("delivery and use end on %(until)s.") % {"until": until}


RULES: Final[Mapping[str, Callable[[Any, Use], str | None]]] = {
    "recipients": _recipients,
    "scenarios": _scenarios,
    "channels": _channels,
    "retention_days": _retention,
    "expires_on": _expiry,
}


def clauses_of(case: Case, names: Mapping[str, str]) -> list[dict[str, str]]:
    """Return the clauses that an approved case adds to a contract, in both languages.

    `names` are the recipients' registered names by reference.
    """
    pack = next(pack for pack in list_packs("cases") if pack.label == case.pack)
    return [
        {
            "id": clause["id"],
            "title_en": clause["title_en"],
            "title_zh": clause["title_zh"],
            "text_en": clause["text_en"].format_map(_terms(case, names, "en")),
            "text_zh": clause["text_zh"].format_map(_terms(case, names, "zh-hans")),
        }
        for clause in pack.data["clauses"]
        if not clause["of"] or clause["of"] in case.conditions
    ]


def _terms(case: Case, names: Mapping[str, str], language: str) -> dict[str, Any]:
    """Return the words that the clauses leave open; the parties' own stand for themselves."""
    said: dict[str, Any] = dict(case.conditions)
    comma = "、" if language.startswith("zh") else "; "
    with translation.override(language):
        channels = [str(DeliveryMode(code).label) for code in said.get("channels", ())]
    return said | {
        "case": case.reference,
        "decided_on": day_of(case.decided_at).isoformat() if case.decided_at else "",
        "valid_until": case.valid_until.isoformat() if case.valid_until else "–",
        "recipients": comma.join(
            f"{names.get(reference, reference)} ({reference})"
            for reference in said.get("recipients", ())
        ),
        "scenarios": comma.join(said.get("scenarios", ())),
        "channels": comma.join(channels),
    }
