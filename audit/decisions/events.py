"""What the log says of decisions: digests, never what was put in or came out."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from audit.log.events import Event, Ref, event


@event("decision.taken", label=_("algorithm decided"))
class DecisionTaken(Event):
    """An algorithm of the platform decided about a thing, under a disclosure in force."""

    decision: Ref
    disclosure: Ref
    organization: Ref = ""
    algorithm: str
    about: str
    about_reference: str
    inputs_sha256: str
    document_sha256: str

    @classmethod
    def refs_in(cls, body: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Name the thing decided about too, so that its timeline shows the decision."""
        return _with_thing(super().refs_in(body), body)


@event("decision.overridden", label=_("algorithm's decision overridden"))
class DecisionOverridden(Event):
    """A person put another outcome in the place of an algorithm's decision, or confirmed it."""

    override: Ref
    decision: Ref
    organization: Ref = ""
    algorithm: str
    about: str
    about_reference: str
    result: str
    outcome: str
    reason_sha256: str

    @classmethod
    def refs_in(cls, body: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Name the thing decided about too, so that its timeline shows the override."""
        return _with_thing(super().refs_in(body), body)


@event("decision.sealed", label=_("standing decisions sealed"))
class DecisionsSealed(Event):
    """A batch of decisions that are the same for everybody, by the root of their hash tree."""

    seal: Ref
    decisions_count: int
    root_sha256: str


@event("decision.seal.emptied", label=_("sealed decisions destroyed after their term"))
class SealEmptied(Event):
    """The rows of a seal were destroyed; its root stays."""

    seal: Ref
    decisions_count: int
    legal_basis: str


def _with_thing(refs: list[tuple[str, str]], body: Mapping[str, Any]) -> list[tuple[str, str]]:
    thing = (str(body["about"]), str(body["about_reference"]))
    return refs if thing in refs else [*refs, thing]
