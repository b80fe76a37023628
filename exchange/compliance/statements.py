"""What people say about a product beside its content: its manual, and what the watch determined.

Pure: the facts as values, and the questions that rules may ask of them by name.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final


@dataclass(frozen=True, kw_only=True)
class Determined:
    """What a reviewer determined: a factor of Annex G, a harm, a catalogue, core data, a dispute.

    `harm` is object and degree where an impact was answered (GB/T 43697-2024, 6.4).
    """

    reference: str
    kind: str
    code: str = ""
    harm: tuple[str, str] | None = None


@dataclass(frozen=True, kw_only=True)
class Manual:
    """What the product manual and the rights statement say, as far as rules ask for it."""

    origin: str = "ENTERPRISE"
    source_kind: str = "COLLECTED"
    source_note: str = ""
    personal_basis: str = "NONE"
    rights: frozenset[str] = frozenset()
    proofs: frozenset[str] = frozenset()
    rights_stated: bool = False
    rights_until: date | None = None
    limits: str = ""
    scenarios: tuple[str, ...] = ()
    sector: str = ""
    industry: str = ""
    processing: str = ""
    texts: tuple[str, ...] = ()
    provider_admitted: bool = True
    determined: tuple[Determined, ...] = ()


Question = Callable[[Manual, date, Mapping[str, Any]], bool]


def _is_openly_published(manual: Manual, _on: date, _pack: Mapping[str, Any]) -> bool:
    proved = not manual.proofs.isdisjoint({"ACCESS_TERMS", "LICENSE"})
    return proved and (manual.origin == "PUBLIC" or manual.source_kind == "CRAWLED_PUBLIC")


def _is_resale_prohibited(manual: Manual, _on: date, pack: Mapping[str, Any]) -> bool:
    """Whether the limits that the provider states of its own rights forbid passing the data on."""
    said = " ".join(manual.limits.lower().split())
    terms = str(pack["words"]["resale_ban"]).split()
    return any((term.replace("-", " ") if term.isascii() else term) in said for term in terms)


QUESTIONS: Final[Mapping[str, Question]] = {
    "has_consent": lambda manual, _on, _pack: manual.personal_basis == "CONSENT",
    "declares_deidentified": lambda manual, _on, _pack: (
        manual.personal_basis in {"DEIDENTIFIED", "ANONYMIZED"}
    ),
    "public_without_authorization": lambda manual, _on, _pack: (
        manual.origin == "PUBLIC"
        and manual.proofs.isdisjoint({"PUBLIC_AUTHORIZATION", "LICENSE", "ACCESS_TERMS"})
    ),
    "openly_published": _is_openly_published,
    "collected_in_service": lambda manual, _on, _pack: manual.source_kind == "COLLECTED",
    "no_right_to_trade": lambda manual, on, _pack: (
        not manual.rights_stated
        or "OPERATE" not in manual.rights
        or (manual.rights_until is not None and manual.rights_until <= on)
    ),
    "not_stated_yet": lambda manual, _on, _pack: not manual.rights_stated,
    "in_dispute": lambda manual, _on, _pack: any(
        each.kind == "DISPUTE" for each in manual.determined
    ),
    "resale_prohibited": _is_resale_prohibited,
    "no_source": lambda manual, _on, _pack: not manual.source_note.strip(),
    "provider_unverified": lambda manual, _on, _pack: not manual.provider_admitted,
    "crawled_without_proof": lambda manual, _on, _pack: (
        manual.source_kind == "CRAWLED_PUBLIC" and "ACCESS_TERMS" not in manual.proofs
    ),
    "no_scenario": lambda manual, _on, _pack: not any(text.strip() for text in manual.scenarios),
}
"""What rules may ask of the manual, by the name that the rule pack uses."""
