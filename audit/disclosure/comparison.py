"""Two versions of a disclosure beside each other: field by field, and word by word within one."""

import enum
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Final

from .fields import FIELDS
from .statements import LANGUAGES

WORD: Final = re.compile(r"[㐀-鿿]|[A-Za-z0-9_]+|\s+|.", re.DOTALL)
SENTENCE: Final = re.compile(r"[^.。;；\n]*[.。;；\n]?", re.DOTALL)
MOST: Final = 4_000
"""Beyond so many words a text is compared by sentences: the work grows with their square."""

Texts = Mapping[str, Mapping[str, str]]


class Change(enum.StrEnum):
    """What became of a field or of a piece of text."""

    SAME = "SAME"
    CHANGED = "CHANGED"
    ADDED = "ADDED"
    REMOVED = "REMOVED"


@dataclass(frozen=True)
class Piece:
    """A run of words that stayed, came or went."""

    text: str
    change: Change


@dataclass(frozen=True, kw_only=True)
class FieldChange:
    """One field of two versions; `words` marks by language what differs, where there is a text."""

    code: str
    change: Change
    words: Mapping[str, tuple[Piece, ...]]


@dataclass(frozen=True, kw_only=True)
class FigureChange:
    """One declared figure of two versions; empty where a version declares none."""

    metric: str
    dataset: str
    before: str
    after: str
    change: Change


def compare_words(before: str, after: str) -> tuple[Piece, ...]:
    """Mark what went and what came between two texts; a Chinese character counts as a word."""
    if before == after:
        return (Piece(before, Change.SAME),) if before else ()
    old, new = WORD.findall(before), WORD.findall(after)
    if max(len(old), len(new)) > MOST:
        old, new = _sentences(before), _sentences(after)
    pieces: list[Piece] = []
    for kind, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            pieces.append(Piece("".join(old[i:j]), Change.SAME))
            continue
        if i < j:
            pieces.append(Piece("".join(old[i:j]), Change.REMOVED))
        if k < m:
            pieces.append(Piece("".join(new[k:m]), Change.ADDED))
    return tuple(pieces)


def compare_texts(before: Texts, after: Texts) -> list[FieldChange]:
    """Compare what two versions say, in the order of the register's fields, unknown ones last."""
    known = [field.code for field in FIELDS]
    codes = [code for code in known if code in before or code in after]
    codes += sorted((set(before) | set(after)) - set(known))
    return [_field(code, before.get(code, {}), after.get(code, {})) for code in codes]


def compare_figures(
    before: Iterable[Mapping[str, Any]], after: Iterable[Mapping[str, Any]]
) -> list[FigureChange]:
    """Compare declared figures by metric and data, in the order of the later version."""
    old = {(row["metric"], row.get("dataset", "")): str(row["value"]) for row in before}
    new = {(row["metric"], row.get("dataset", "")): str(row["value"]) for row in after}
    return [
        FigureChange(
            metric=metric,
            dataset=dataset,
            before=(was := old.get((metric, dataset), "")),
            after=(now := new.get((metric, dataset), "")),
            change=_change(was, now, same=was == now),
        )
        for metric, dataset in [*new, *(key for key in old if key not in new)]
    ]


def _field(code: str, before: Mapping[str, str], after: Mapping[str, str]) -> FieldChange:
    languages = [name for name in LANGUAGES if before.get(name) or after.get(name)]
    old, new = ({name: texts.get(name, "") for name in languages} for texts in (before, after))
    return FieldChange(
        code=code,
        change=_change(any(old.values()), any(new.values()), same=old == new),
        words={name: compare_words(old[name], new[name]) for name in languages},
    )


def _change(before: object, after: object, *, same: bool) -> Change:
    if same:
        return Change.SAME
    if not before:
        return Change.ADDED
    return Change.CHANGED if after else Change.REMOVED


def _sentences(text: str) -> list[str]:
    return [part for part in SENTENCE.findall(text) if part]
