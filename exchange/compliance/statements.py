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
class TrainingSource:
    """One thing a model was trained on: the right to, and how it is graded at the gravest.

    `rests` says whether the right is on record; `personal` is whether it tells of persons.
    """

    name: str
    rights: str
    reference: str = ""
    rests: bool = True
    personal: bool = False
    grade: str = "GENERAL"


@dataclass(frozen=True, kw_only=True)
class ModelPapers:
    """What stands on record of a trained model beside its file.

    `disclosure` is the version in force, empty where there is none; `lacks` are fields it has to
    say and does not; `concerns` whether it names the product; `same_file` whether it is about
    exactly this file. `idle` are constants of the file that nothing in it uses.
    """

    algorithm: str = ""
    disclosure: str = ""
    lacks: tuple[str, ...] = ()
    concerns: bool = False
    same_file: bool = False
    sources: tuple[TrainingSource, ...] = ()
    idle: tuple[str, ...] = ()

    @property
    def is_disclosed(self) -> bool:
        """Whether a complete disclosure of this product's algorithm is in force."""
        return bool(self.disclosure) and not self.lacks and self.concerns


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
    model: ModelPapers | None = None


Question = Callable[[Manual, date, Mapping[str, Any]], bool]


def _is_openly_published(manual: Manual, _on: date, _pack: Mapping[str, Any]) -> bool:
    proved = not manual.proofs.isdisjoint({"ACCESS_TERMS", "LICENSE"})
    return proved and (manual.origin == "PUBLIC" or manual.source_kind == "CRAWLED_PUBLIC")


def _is_resale_prohibited(manual: Manual, _on: date, pack: Mapping[str, Any]) -> bool:
    """Whether the limits that the provider states of its own rights forbid passing the data on."""
    said = " ".join(manual.limits.lower().split())
    terms = str(pack["words"]["resale_ban"]).split()
    return any((term.replace("-", " ") if term.isascii() else term) in said for term in terms)


def _of_model(ask: Callable[[ModelPapers], bool]) -> Question:
    """Return a question that only a model can answer with yes."""
    return lambda manual, _on, _pack: manual.model is not None and ask(manual.model)


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
    "model_undisclosed": _of_model(lambda model: not model.is_disclosed),
    "model_other_file": _of_model(lambda model: model.is_disclosed and not model.same_file),
    "model_without_rights": _of_model(
        lambda model: not model.sources or not all(each.rests for each in model.sources)
    ),
    "model_of_persons": _of_model(lambda model: any(each.personal for each in model.sources)),
    "model_of_important": _of_model(
        lambda model: any(each.grade == "IMPORTANT" for each in model.sources)
    ),
    "model_of_core": _of_model(lambda model: any(each.grade == "CORE" for each in model.sources)),
    "model_idle_parts": _of_model(lambda model: bool(model.idle)),
    "no_scenario": lambda manual, _on, _pack: not any(text.strip() for text in manual.scenarios),
}
"""What rules may ask of the manual, by the name that the rule pack uses."""
