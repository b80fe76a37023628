"""What somebody looks for in the trail, in the words it was asked in, and what that means.

Words become references here: an organization is given by name, code or reference, a person by
name, a thing by a piece of its reference or its name. The log itself holds references only.
"""

import dataclasses
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Self

from django.db.models import Model, Q
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from audit.disclosure.models import Disclosure
from audit.log.actors import Actor
from audit.log.canonical import canonical
from audit.log.errors import Invalid
from audit.log.events import REGISTRY
from audit.log.models import EntryRef
from audit.log.queries import TrailFilters
from exchange.appraisers.models import Accreditation, Engagement
from exchange.catalog.models import PriceReview, Product, Release
from exchange.compliance.models import Case, Screening
from exchange.delivery.models import Access, Grant
from exchange.parties.queries import find_organizations, find_people
from exchange.registry.models import RightsStatement
from exchange.trading.models import (
    Contract,
    Demand,
    Inquiry,
    Negotiation,
    Order,
    TradeCertificate,
)
from exchange.vault.models import StoredObject
from pricing.models import Appraisal, Plan

from .models import SavedSearch, SupervisionOrder
from .queries import PAGE, TrailPage, trail, watches

MOST = 500
"""Things that a piece of text may stand for before it says too little."""
SHORTEST = 2

NAMED: Final[tuple[tuple[type[Model], tuple[str, ...]], ...]] = (
    (Product, ("reference", "name", "name_en")),
    (Demand, ("reference", "title")),
    (RightsStatement, ("reference", "title")),
    *(
        (model, ("reference",))
        for model in (
            Access,
            Accreditation,
            Appraisal,
            Case,
            Contract,
            Disclosure,
            Engagement,
            Grant,
            Inquiry,
            Negotiation,
            Order,
            Plan,
            PriceReview,
            Release,
            SavedSearch,
            Screening,
            StoredObject,
            SupervisionOrder,
            TradeCertificate,
        )
    ),
)
"""What is found by a piece of its reference or its name."""


@dataclass(frozen=True, kw_only=True)
class Search:
    """Conditions that all have to hold; empty means anything. Times are half-open."""

    events: tuple[str, ...] = ()
    kind: str = ""
    reference: str = ""
    rule: str = ""
    actor: str = ""
    party: str = ""
    text: str = ""
    organization: str = ""
    request_id: str = ""
    since: datetime | None = None
    until: datetime | None = None

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Self:
        """Return the search that was kept as `said`; raise Invalid naming what is not known."""
        problems: dict[str, list[object]] = {}
        values: dict[str, Any] = {}
        for name, value in said.items():
            if name not in FIELDS:
                problems[name] = [_("There is no such field.")]
            elif name == "events":
                values[name] = _events(value, problems)
            elif name in {"since", "until"}:
                values[name] = _instant(name, value, problems)
            elif not isinstance(value, str) or len(value) > FIELDS[name]:
                problems[name] = [_("This is no text, or too long.")]
            else:
                values[name] = value.strip()
        if problems:
            raise Invalid(problems)
        return cls(**values)

    def said(self) -> dict[str, Any]:
        """Return the conditions that were made, as they are kept."""
        plain = {name: _plain(value) for name, value in dataclasses.asdict(self).items()}
        return {name: value for name, value in plain.items() if value}

    @property
    def digest(self) -> str:
        """SHA-256 of the conditions, which may name people and so are not logged themselves."""
        return hashlib.sha256(canonical(self.said())).hexdigest()

    @property
    def scope(self) -> str:
        """What was looked for, as it may stand in the log: texts that may name people left out."""
        told = self.said()
        hidden = sorted(told.keys() & {"actor", "party", "text"})
        parts = [
            f"{name}={','.join(value) if isinstance(value, list) else value}"
            for name, value in told.items()
            if name not in hidden
        ]
        return " ".join([*parts, *(f"{name}=…" for name in hidden)])

    def filters(self, *, people: bool = True) -> TrailFilters:
        """Return what is looked for in the log; raise Invalid where a text says too little.

        Without `people` an actor is found by its id only: names are for those who watch.
        """
        return TrailFilters(
            names=self.events,
            kind=self.kind,
            reference=self.reference,
            rule=self.rule,
            organization=self.organization,
            request_id=self.request_id,
            since=self.since,
            until=self.until,
            actors=actors_named(self.actor, people=people) if self.actor else None,
            parties=find_organizations(self.party, limit=MOST) if self.party else None,
            references=things_named(self.text) if self.text else None,
        )


FIELDS: Final = {
    "events": 96,
    "kind": 24,
    "reference": 64,
    "rule": 24,
    "actor": 96,
    "party": 200,
    "text": 100,
    "organization": 32,
    "request_id": 64,
    "since": 40,
    "until": 40,
}
"""Conditions and how long their texts may be."""


def find(
    actor: Actor, search: Search, *, before: int | None = None, limit: int = PAGE
) -> TrailPage:
    """Return entries that fit and that the actor may read, the newest first."""
    filters = search.filters(people=watches(actor))
    return trail(actor, filters, before=before, limit=limit)


def things_named(text: str) -> list[str]:
    """Return references of what a piece of text may mean; raise Invalid where that is too much."""
    piece = text.strip()
    if len(piece) < SHORTEST:
        raise Invalid({"text": [_("Say at least two characters.")]})
    found = dict.fromkeys(find_organizations(piece, limit=MOST + 1))
    for model, fields in NAMED:
        fits = Q()
        for field in fields:
            fits |= Q(**{f"{field}__icontains": piece})
        rows = model._default_manager.filter(fits)  # noqa: SLF001  Django's documented name
        found |= dict.fromkeys(rows.order_by().values_list("reference", flat=True)[: MOST + 1])
        if len(found) > MOST:
            raise Invalid({"text": [_("More than 500 things are called so; say more of it.")]})
    exact = EntryRef.objects.filter(reference=piece)  # things without a table of their own
    return [*found, piece] if piece not in found and exact.exists() else list(found)


def actors_named(text: str, *, people: bool = True) -> list[str]:
    """Return ids of actors that a text may mean: an id, or a person's name or address."""
    word = text.strip()
    ids = [word, f"system:{word}", f"token:{word}"]
    return [*ids, *find_people(word, limit=MOST)] if people else ids


def _events(value: object, problems: dict[str, list[object]]) -> tuple[str, ...]:
    names = [str(name) for name in value] if isinstance(value, (list, tuple)) else []
    unknown = [name for name in names if not _is_event(name)]
    if unknown or not isinstance(value, (list, tuple)):
        told = ", ".join(unknown[:5])
        problems["events"] = [_("These events are not known: %(names)s.") % {"names": told}]
    return tuple(dict.fromkeys(names))


def _is_event(name: str) -> bool:
    if not name.endswith("."):
        return name in REGISTRY
    return any(known.startswith(name) for known in REGISTRY)


def _instant(name: str, value: object, problems: dict[str, list[object]]) -> datetime | None:
    try:
        found = value if isinstance(value, datetime) else parse_datetime(str(value))
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        problems[name] = [_("This is no instant with its zone, such as 2026-11-23T06:00:00Z.")]
        return None
    return found


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def event_tree() -> list[tuple[str, list[tuple[str, list[str]]]]]:
    """Return the known events as room, subject and names, in the order of their names."""
    tree: dict[str, dict[str, list[str]]] = {}
    for name in sorted(REGISTRY):
        room, subject = name.split(".")[:2]
        tree.setdefault(room, {}).setdefault(f"{room}.{subject}.", []).append(name)
    return [(f"{room}.", list(subjects.items())) for room, subjects in tree.items()]
