"""Why a decision came out as it did, in sentences and figures of the reader's language.

A decision keeps codes and figures; the room that took it words them. An app that owns an
algorithm keeps an `explaining.py` with functions such as::

    @explains("scanner")
    def explain_scan(decision: Decision) -> Explanation:
        ...
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils import translation

from .models import Decision, StandingDecision

LANGUAGES = ("en", "zh-hans")


@dataclass(frozen=True, kw_only=True)
class Share:
    """One bar of the picture: what contributed, its figure, and its length from 0 to 1.

    `against` marks what spoke against the outcome or made a figure smaller.
    """

    label: str
    figure: str
    rate: Decimal
    against: bool = False


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """What was decided, from what kind of facts, and why.

    `inputs` says what kind of facts were put in; `recompute` names the members of the document
    whose digest is kept, so that whoever holds them computes it again.
    """

    decided: str
    inputs: str
    recompute: tuple[str, ...]
    reasons: tuple[str, ...]
    shares: tuple[Share, ...] = ()
    picture: str = ""


Decided = Decision | StandingDecision
Explainer = Callable[[Any], Explanation]
_EXPLAINERS: dict[str, Explainer] = {}


class NotExplained(LookupError):
    """No words are known for the decisions of an algorithm, or for what one of them holds."""


def explains(*algorithms: str) -> Callable[[Explainer], Explainer]:
    """Register a function that words the decisions of algorithms, in the current language."""

    def register(explainer: Explainer) -> Explainer:
        _EXPLAINERS.update(dict.fromkeys(algorithms, explainer))
        return explainer

    return register


def explain(decision: Decided) -> Explanation:
    """Word a decision in the current language; NotExplained where that cannot be done."""
    explainer = _EXPLAINERS.get(decision.algorithm)
    if explainer is None:
        raise NotExplained(decision.algorithm)
    try:
        return explainer(decision)
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        message = f"{decision.reference}: {type(error).__name__}: {error}"
        raise NotExplained(message) from error


def explain_in_all_languages(decision: Decided) -> list[Explanation]:
    """Word a decision in every language of the exchange; NotExplained where one has no words."""
    found = []
    for language in LANGUAGES:
        with translation.override(language):
            said = explain(decision)
        if not said.decided or not said.reasons or not all(said.reasons):
            message = f"{decision.reference} says nothing in {language}"
            raise NotExplained(message)
        found.append(said)
    return found


def bars(rows: Iterable[tuple[str, str, Decimal]]) -> tuple[Share, ...]:
    """Return bars whose lengths are shares of the longest; negative figures speak against."""
    found = list(rows)
    longest = max((abs(figure) for _label, _shown, figure in found), default=Decimal(0))
    return tuple(
        Share(
            label=label,
            figure=shown,
            rate=abs(figure) / longest if longest else Decimal(0),
            against=figure < 0,
        )
        for label, shown, figure in found
    )
