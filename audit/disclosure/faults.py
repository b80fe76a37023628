"""What is wrong in a statement: what cannot be kept at all, and what it lacks to be filed."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

from django.utils.translation import gettext as _

from .fields import BY_CODE, REQUIRED
from .statements import ALGORITHM, LANGUAGES, DeclaredAccuracy, Statement, is_figure
from .states import AlgorithmType

Faults = dict[str, list[str]]
SHA256: Final = re.compile(r"[0-9a-f]{64}\Z", re.ASCII)
MOST_FIGURES: Final = 40
LENGTHS: Final = {
    "metric": 120,
    "value": 40,
    "dataset": 200,
    "note": 500,
    "ci_low": 40,
    "ci_high": 40,
}
MOST_PRODUCTS: Final = 200
EARLIEST: Final = date(1990, 1, 1)


def faults_of_statement(statement: Statement) -> Faults:
    """Say by field what keeps a statement from being kept as a draft; empty when nothing does."""
    faults = _faults_of_texts(statement.texts)
    if not ALGORITHM.match(statement.algorithm):
        faults["algorithm"] = [
            _("A key has 2 to 48 small letters, digits, hyphens or underscores.")
        ]
    if statement.algorithm_type not in AlgorithmType.values:
        faults["algorithm_type"] = [_("This type of algorithm is not known.")]
    faults |= _faults_of_lists(statement)
    for name in ("service_began_on", "changed_on"):
        if (said_on := getattr(statement, name)) and not _is_day(said_on):
            faults[name] = [_("Write a day as 2026-11-30, not before 1990.")]
    if statement.model_sha256 and not SHA256.match(statement.model_sha256):
        faults["model_sha256"] = [_("A SHA-256 digest has 64 hexadecimal digits.")]
    return faults


def faults_to_file(statement: Statement, *, on: date, measures_itself: bool = False) -> Faults:
    """Say by field what a statement lacks to be filed on a day; empty when nothing.

    The platform's own algorithms (`measures_itself`) need no claim beside their measurement.
    """
    faults = faults_of_statement(statement)
    for code in REQUIRED:
        if not any(statement.texts.get(code, {}).values()):
            faults[code] = [_("This is needed.")]
    if not statement.declared and not measures_itself:
        faults["declared"] = [_("At least one figure is needed.")]
    for name in ("service_began_on", "changed_on"):
        said = getattr(statement, name)
        if said and name not in faults and date.fromisoformat(said) > on:
            faults[name] = [_("This day has not come yet.")]
    return faults


def _faults_of_lists(statement: Statement) -> Faults:
    faults: Faults = {}
    claims = [item for item in statement.declared if not item.is_published]
    for place, item in enumerate(claims):
        if said := list(_faults_of_figure(item)):
            faults[f"declared.{place}"] = said
    if len(claims) > MOST_FIGURES:
        faults["declared"] = [_("At most %(most)d figures.") % {"most": MOST_FIGURES}]
    if any(
        len(name) > LENGTHS["metric"] or len(text) > LENGTHS["metric"]
        for name, texts in statement.metrics.items()
        for text in texts.values()
    ):
        faults["metrics"] = [_("The names of metrics are short.")]
    if len(statement.products) > MOST_PRODUCTS:
        faults["products"] = [_("At most %(most)d products.") % {"most": MOST_PRODUCTS}]
    return faults


def _faults_of_texts(texts: Mapping[str, Mapping[str, str]]) -> Faults:
    faults: Faults = {}
    for code, said in texts.items():
        field = BY_CODE.get(code)
        if field is None:
            faults[code] = [_("A disclosure has no such field.")]
        elif not set(said) <= set(LANGUAGES):
            faults[code] = [_("Texts are given in English (en) and Chinese (zh).")]
        elif (long := max((len(text) for text in said.values()), default=0)) > field.most:
            words = _("This text has %(long)d characters; %(most)d are the most.")
            faults[code] = [words % {"long": long, "most": field.most}]
    return faults


def _faults_of_figure(item: DeclaredAccuracy) -> Iterator[str]:
    if not item.metric or not item.is_figure:
        yield _("A declared accuracy has a name and a number.")
    for name, most in LENGTHS.items():
        if len(getattr(item, name)) > most:
            yield _("%(name)s has more than %(most)d characters.") % {"name": name, "most": most}
    if item.n < 0:
        yield _("The number of cases is a whole number above 0.")
    if item.measured_on and not _is_day(item.measured_on):
        yield _("Write a day as 2026-11-30, not before 1990.")
    if bool(item.ci_low) != bool(item.ci_high):
        yield _("An interval has two ends.")
    elif item.ci_low and not (is_figure(item.ci_low) and is_figure(item.ci_high)):
        yield _("The ends of an interval are numbers.")


def _is_day(text: str) -> bool:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return False
    return day.isoformat() == text and day >= EARLIEST
