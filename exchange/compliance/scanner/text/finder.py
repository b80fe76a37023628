"""The finder: every kind of span in a few thousand texts at once, without overlaps."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence

from exchange.compliance.scanner.lexicon import Lexicon
from exchange.compliance.scanner.measure import find_in

from . import explained, marks, organizations, places, statements, writer
from .kinds import KINDS, Found
from .names import name_words
from .reading import Reading, read_texts
from .triggers import Stretch, Triggers

BATCH = 1 << 18
"""Characters that are searched at once."""


class TextFinder:
    """Finds persons, and what is said of them, under the dictionaries of a rule pack."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._names = names = name_words(
            lexicon.name_characters, lexicon.words.get("first_names", ())
        )
        self._triggers = Triggers(
            [
                *names.cues(),
                *places.cues(),
                *organizations.cues(names),
                *statements.cues(lexicon.words),
                *writer.cues(),
                *explained.cues(),
            ]
        )

    def find(self, texts: Sequence[str]) -> list[list[Found]]:
        """Return for each text its spans in order; offsets are Python's own."""
        found: list[list[Found]] = []
        for batch in _batches(texts):
            found.extend(self._find(batch))
        return found

    def _find(self, texts: Sequence[str]) -> list[list[Found]]:
        result: list[list[Found]] = [[] for _ in texts]
        reading = read_texts(texts)
        if not reading.text:
            return result
        for begin, end, kind in without_overlaps(self._stretches(reading)):
            index, first, last = reading.place(begin, end)
            result[index].append(Found(first, last, kind))
        return result

    def _stretches(self, reading: Reading) -> Iterator[Stretch]:
        _, finds = find_in(reading.block(), self._lexicon)
        said = list(marks.table_marks(reading, finds))
        said += marks.free_marks(reading)
        said += marks.confirm(reading.text, self._triggers.find(reading))
        said += self._names.beside(reading.text, tuple(said))
        yield from writer.resolve(reading.text, said)


def without_overlaps(stretches: Iterable[Stretch]) -> list[Stretch]:
    """Keep, of stretches that overlap, the kind of highest rank, then the longest, the first."""
    ordered = sorted(
        {stretch for stretch in stretches if stretch[1] > stretch[0]},
        key=lambda stretch: (-KINDS[stretch[2]].rank, stretch[0] - stretch[1], stretch),
    )
    taken: list[tuple[int, int]] = []
    kept = []
    for begin, end, kind in ordered:
        place = bisect_left(taken, (begin, end))
        free = place == len(taken) or taken[place][0] >= end
        if free and (place == 0 or taken[place - 1][1] <= begin):
            taken.insert(place, (begin, end))
            kept.append((begin, end, kind))
    return sorted(kept)


def _batches(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    """Take texts together until they are worth a search."""
    first, size = 0, 0
    for index, text in enumerate(texts):
        size += len(text) + 1
        if size >= BATCH:
            yield texts[first : index + 1]
            first, size = index + 1, 0
    if first < len(texts):
        yield texts[first:]
