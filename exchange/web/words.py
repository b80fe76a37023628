"""Words for what entries of the log name: kinds of things, and fields of events."""

from typing import Final

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.log.events import REGISTRY
from exchange.compliance.states import Grade, Outcome, PersonalClass, Trigger
from exchange.trading.states import DisputeGround, Side
from pricing.states import Zone

from .navigation import address
from .reasons import in_words

KINDS: Final[dict[str, str | Promise]] = {
    "access": _("access"),
    "accreditation": _("accreditation"),
    "account": _("account"),
    "algorithm_appeal": _("appeal against an algorithm"),
    "algorithm_audit": _("audit of an algorithm"),
    "algorithm_file": _("file of an algorithm"),
    "appeal": _("appeal"),
    "appraisal": _("appraisal"),
    "audit_finding": _("finding of an audit"),
    "buyer": _("buyer"),
    "case": _("case"),
    "certificate": _("trade certificate"),
    "contract": _("contract"),
    "cost": _("cost item"),
    "demand": _("demand"),
    "decision": _("decision of an algorithm"),
    "override": _("override of a decision"),
    "seal": _("seal of decisions"),
    "price_step": _("price step"),
    "derivation": _("derivation"),
    "quality": _("quality report"),
    "destruction": _("destruction record"),
    "determination": _("determination"),
    "disclosure": _("algorithm disclosure"),
    "engagement": _("engagement"),
    "entry": _("entry"),
    "evaluation": _("evaluation report"),
    "evaluation_run": _("evaluation run"),
    "evaluation_set": _("evaluation set"),
    "evidence": _("evidence bundle"),
    "erasure": _("erasure"),
    "export": _("export of data"),
    "filing": _("evidence for exports"),
    "grant": _("grant"),
    "hold": _("legal hold"),
    "inquiry": _("inquiry"),
    "measurement": _("measurement"),
    "negotiation": _("negotiation"),
    "member": _("member"),
    "object": _("file"),
    "order": _("order"),
    "organization": _("organization"),
    "pack": _("rule pack"),
    "plan": _("price"),
    "price_review": _("review of a price"),
    "product": _("data product"),
    "proposal": _("proposed decision"),
    "provider": _("provider"),
    "regrade": _("re-grading"),
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
    "authority": pgettext_lazy("decision", "authority"),
    "bytes_sent": _("bytes sent"),
    "bank_reference": _("bank reference"),
    "channel": _("channel"),
    "due_at": _("due"),
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
    "trigger": _("trigger"),
    "used_downloads": _("downloads used"),
    "valid_until": _("valid until"),
    "wish": _("asks"),
    "zone": _("zone"),
}
"""Fields of events that a timeline shows; digests and counters stand in the entry itself."""

ROOMS: Final[dict[str, str | Promise]] = {
    "algorithms": _("Evaluation of algorithms"),
    "catalog": _("Products and listings"),
    "compliance": _("Screening and cases"),
    "decision": _("Decisions of algorithms"),
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
    "surveillance": _("Surveillance of trading"),
    "trading": _("Orders and contracts"),
    "vault": _("Files"),
}
VALUES: Final[dict[str, type[TextChoices]]] = {
    "grade": Grade,
    "ground": DisputeGround,
    "outcome": Outcome,
    "personal": PersonalClass,
    "side": Side,
    "trigger": Trigger,
    "zone": Zone,
}
"""Fields whose values are codes with words."""

TIMELINES = ("product", "order", "organization")


def kind_word(kind: str) -> str:
    """Return what a kind of thing is called."""
    return str(KINDS.get(kind, kind))


def value_word(field: str, value: object) -> str:
    """Return a value of an event in words, where it is a code that has some."""
    if field == "reason":
        return in_words(str(value))
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
