"""Words that call for a closer look, found thousands of characters at a time.

A regular expression over all of a text costs more than anything else here; so words are found
first, with arrays, and an expression is tried only where one of its words stands.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from .reading import Reading

Stretch = tuple[int, int, str]
"""Begin, end and kind, in characters of the folded text."""
Rule = Callable[[str, int, int], Iterable[Stretch]]
"""Given the text, and where the word begins and ends, say what is there."""
_PLANE = 0x10000


@dataclass(frozen=True, slots=True)
class Cue:
    """Words, and what to do where one of them stands."""

    words: tuple[str, ...]
    rule: Rule


def after(words: str, pattern: str, kind: str) -> Cue:
    """Look behind a word: the group of the pattern is the span; without group, word and all."""
    compiled = re.compile(pattern, re.IGNORECASE)

    def rule(text: str, begin: int, end: int) -> Iterator[Stretch]:
        found = compiled.match(text, end)
        if found and found.lastindex:
            yield found.start(1), found.end(1), kind
        elif found:
            yield begin, found.end(), kind

    return Cue(tuple(words.split("|")), rule)


def before(words: str, pattern: str, kind: str, *, reach: int = 40) -> Cue:
    """Look before a word: the pattern ends where the word begins; its group is the span."""
    compiled = re.compile(f"(?:{pattern})$", re.IGNORECASE)

    def rule(text: str, begin: int, end: int) -> Iterator[Stretch]:
        first = max(0, begin - reach)
        found = compiled.search(text, first, begin)
        if found and found.lastindex:
            yield found.start(1), found.end(1), kind
        elif found:
            yield found.start(), end, kind

    return Cue(tuple(words.split("|")), rule)


class Triggers:
    """All words of many cues, ready to be found at once."""

    def __init__(self, cues: Iterable[Cue]) -> None:
        buckets: dict[int, dict[str, list[Rule]]] = {}
        self._first = np.zeros(_PLANE, bool)
        for cue in cues:
            for word in cue.words:
                key = _key(word)
                self._first[ord(word[0])] = True
                buckets.setdefault(key, {}).setdefault(word, []).append(cue.rule)
        self._keys = np.array(sorted(buckets), np.int64)
        self._buckets = [
            tuple((word, _is_latin(word), tuple(rules)) for word, rules in buckets[key].items())
            for key in self._keys.tolist()
        ]

    def find(self, reading: Reading) -> Iterator[Stretch]:
        """Yield what the rules say wherever their words stand."""
        text, lowered = reading.text, reading.lowered
        points = np.append(np.minimum(reading.low_points, _PLANE - 1), 0)
        places = np.flatnonzero(self._first[points])
        pairs = points[places] << 16 | points[np.minimum(places + 1, points.size - 1)]
        for keys in (pairs, points[places] << 16):
            slots = np.searchsorted(self._keys, keys)
            slots[slots == self._keys.size] = 0
            hits = self._keys[slots] == keys
            for place, slot in zip(places[hits].tolist(), slots[hits].tolist(), strict=True):
                for word, latin, rules in self._buckets[slot]:
                    end = place + len(word)
                    if not lowered.startswith(word, place):
                        continue
                    if latin and not _stands_alone(lowered, place, end):
                        continue
                    for rule in rules:
                        yield from rule(text, place, end)


def _key(word: str) -> int:
    if not word or any(ord(character) >= _PLANE for character in word) or word != word.lower():
        message = f"{word!r} cannot be searched for"
        raise ValueError(message)
    return ord(word[0]) << 16 | (ord(word[1]) if len(word) > 1 else 0)


def _is_latin(word: str) -> bool:
    return word[0].isascii() and word[0].isalpha()


def _stands_alone(text: str, begin: int, end: int) -> bool:
    """Whether a Latin word is not part of a longer one."""
    former = text[begin - 1] if begin else ""
    latter = text[end] if end < len(text) else ""
    last = text[end - 1]
    open_end = not (last.isascii() and last.isalpha())
    return not _is_letter(former) and (open_end or not _is_letter(latter))


def _is_letter(character: str) -> bool:
    return character.isascii() and character.isalpha()
