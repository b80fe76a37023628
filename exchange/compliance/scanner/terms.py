"""Words of dictionaries in any language, looked for in single values: all groups in one pass."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

_WORD = re.compile(r"[a-z0-9]+")


class Terms:
    """Finds which groups of words a value belongs to.

    Latin terms are matched word by word, whatever their case; hyphens in the dictionary join the
    words of one term. Chinese terms are matched anywhere.
    """

    def __init__(self, groups: Mapping[str, Iterable[str]]) -> None:
        self._latin: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        self._han: dict[str, list[tuple[str, str]]] = {}
        for group, words in groups.items():
            for word in words:
                lowered = word.lower()
                if lowered.isascii():
                    parts = tuple(_WORD.findall(lowered))
                    self._latin.setdefault(parts[0], []).append((parts, group))
                else:
                    self._han.setdefault(lowered[0], []).append((lowered, group))

    def count(self, values: Sequence[str]) -> Counter[str]:
        """Return in how many of some values each group is; most often none is in any."""
        whole = "\n".join(values).lower()
        found = not self._latin.keys().isdisjoint(_WORD.findall(whole)) or any(
            word in whole
            for character in self._han.keys() & set(whole)
            for word, _ in self._han[character]
        )
        if not found:
            return Counter()
        return Counter(group for value in values for group in self.find(value))

    def find(self, value: str) -> set[str]:
        """Return the groups of which at least one word stands in the value."""
        lowered = value.lower()
        found: set[str] = set()
        words = _WORD.findall(lowered)
        for at, word in enumerate(words):
            for parts, group in self._latin.get(word, ()):
                if len(parts) == 1 or tuple(words[at : at + len(parts)]) == parts:
                    found.add(group)
        if not lowered.isascii():
            for character in set(lowered).intersection(self._han):
                found |= {group for word, group in self._han[character] if word in lowered}
        return found
