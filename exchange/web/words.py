"""Words for what entries of the log name: kinds of things, and fields of events."""

from typing import Final

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.log.events import REGISTRY
from exchange.compliance.states import Grade, Outcome, PersonalClass
from exchange.trading.states import DisputeGround, Side
from pricing.states import Zone

from .navigation import address

KINDS: Final[dict[str, str | Promise]] = {
    "access": _("access"),
    "account": _("account"),
    "appeal": _("appeal"),
    "appraisal": _("appraisal"),
    "buyer": _("buyer"),
    "case": _("case"),
    "certificate": _("trade certificate"),
    "contract": _("contract"),
    "demand": _("demand"),
    "destruction": _("destruction record"),
    "disclosure": _("algorithm disclosure"),
    "entry": _("entry"),
    "evidence": _("evidence bundle"),
    "erasure": _("erasure"),
    "grant": _("grant"),
    "hold": _("legal hold"),
    "inquiry": _("inquiry"),
    "measurement": _("measurement"),
    "member": _("member"),
    "object": _("file"),
    "order": _("order"),
    "organization": _("organization"),
    "pack": _("rule pack"),
    "plan": _("price"),
    "product": _("data product"),
    "proposal": _("proposed decision"),
    "provider": _("provider"),
    "release": _("release"),
    "rescreening": _("re-screening"),
    "rights": _("rights statement"),
    "rule_draft": _("draft of rules"),
    "search": _("saved search"),
    "rule": _("rule"),
    "party": _("organization looked at"),
    "screening": _("screening"),
    "supervision": _("supervision order"),
    "token": _("API token"),
    "transfer": _("transfer"),
}

FIELDS: Final[dict[str, str | Promise]] = {
    "amount": _("amount"),
    "authority": _("authority"),
    "bytes_sent": _("bytes sent"),
    "bank_reference": _("bank reference"),
    "channel": _("channel"),
    "due_on": _("due"),
    "fee_amount": _("fee"),
    "grade": _("grade"),
    "ground": _("ground"),
    "kind": _("kind"),
    "legal_basis": _("legal basis"),
    "level": _("level"),
    "outcome": _("outcome"),
    "pack": _("rule pack"),
    "personal": _("personal information"),
    "price": _("price"),
    "provider_amount": _("paid to the provider"),
    "purpose": _("purpose"),
    "quantity": _("quantity"),
    "reason": _("reason"),
    "refusal": _("refusal"),
    "roles": _("roles"),
    "rows": _("rows"),
    "rules": _("rules"),
    "side": pgettext_lazy("contract", "side"),
    "used_downloads": _("downloads used"),
    "valid_until": _("valid until"),
    "wish": _("asks"),
    "zone": _("zone"),
}
"""Fields of events that a timeline shows; digests and counters stand in the entry itself."""

ROOMS: Final[dict[str, str | Promise]] = {
    "catalog": _("Products and listings"),
    "compliance": _("Screening and cases"),
    "delivery": _("Delivery"),
    "disclosure": _("Algorithm disclosures"),
    "log": _("The log itself"),
    "oversight": _("Supervision"),
    "parties": _("Organizations and people"),
    "pricing": _("Prices and appraisals"),
    "registry": _("Rights statements"),
    "retention": _("Retention and holds"),
    "rulebook": _("Rule packs"),
    "settlement": _("Money"),
    "trading": _("Orders and contracts"),
    "vault": _("Files"),
}
VALUES: Final[dict[str, type[TextChoices]]] = {
    "grade": Grade,
    "ground": DisputeGround,
    "outcome": Outcome,
    "personal": PersonalClass,
    "side": Side,
    "zone": Zone,
}
"""Fields whose values are codes with words."""

TIMELINES = ("product", "order", "organization")


def kind_word(kind: str) -> str:
    """Return what a kind of thing is called."""
    return str(KINDS.get(kind, kind))


def value_word(field: str, value: object) -> str:
    """Return a value of an event in words, where it is a code that has some."""
    choices = VALUES.get(field)
    known = dict(choices.choices) if choices else {}
    return str(known.get(str(value), value))


def place_of(kind: str, reference: str) -> str:
    """Return where the history of a thing is shown to who watches."""
    if kind in ("buyer", "provider", "party"):
        kind = "organization"
    if kind in TIMELINES:
        return address("timeline", kind, reference)
    trail = address("regulator_trail")
    return f"{trail}?kind={kind}&reference={reference}" if trail else ""


def event_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return every event by room; the first choice of a room is all of it."""
    rooms: dict[str, list[tuple[str, str]]] = {}
    for name in sorted(REGISTRY):
        room = name.partition(".")[0]
        rooms.setdefault(room, []).append((name, str(REGISTRY[name].label)))
    return [
        (str(ROOMS.get(room, room)), [(f"{room}.", _all_of(room)), *events])
        for room, events in sorted(rooms.items())
    ]


def kind_choices() -> list[tuple[str, str]]:
    """Return every kind of thing that entries name."""
    known = {kind for event in REGISTRY.values() for kind in event.references}
    return sorted(((kind, kind_word(kind)) for kind in known), key=lambda pair: pair[1])


def _all_of(room: str) -> str:
    return str(_("all: %(room)s")) % {"room": ROOMS.get(room, room)}
