"""Replacing what identifies persons inside free text, by the places the scanner finds."""

from collections.abc import Mapping

import numpy as np

from exchange.compliance.scanner import Lexicon
from exchange.compliance.scanner.blocks import from_texts
from exchange.compliance.scanner.measure import find_in

PIECE = 1 << 20
"""Characters of cells that are searched in one go."""


class Redactor:
    """Writes a mark in the place of every stretch of the given kinds.

    A cell in which something is found is kept in the folded form the scanner read it in, without
    invisible characters; all other cells stay byte for byte.
    """

    def __init__(self, lexicon: Lexicon, marks: Mapping[str, str]) -> None:
        self._lexicon = lexicon
        self._marks = marks

    def __call__(self, texts: list[str]) -> list[str]:
        """Return the texts with marks for what was found."""
        made: list[str] = []
        waiting: list[str] = []
        size = 0
        for text in texts:
            waiting.append(text)
            size += len(text)
            if size >= PIECE:
                made += self._redact(waiting)
                waiting, size = [], 0
        return made + (self._redact(waiting) if waiting else [])

    def _redact(self, texts: list[str]) -> list[str]:
        block, finds = find_in(from_texts(texts), self._lexicon)
        found: dict[int, list[tuple[int, int, str]]] = {}
        for kind in self._marks.keys() & finds.spans.keys():
            spans = finds.of(kind)
            if spans is None:
                continue
            for cell, begin, end in zip(
                block.cells_of(spans.begins), spans.begins, spans.ends, strict=True
            ):
                found.setdefault(int(cell), []).append((int(begin), int(end), self._marks[kind]))
        made = list(texts)
        for cell, stretches in found.items():
            made[cell] = self._write(block.data, block.starts[cell], block.ends[cell], stretches)
        return made

    def _write(
        self,
        data: "np.ndarray[tuple[int], np.dtype[np.uint8]]",
        start: np.int64,
        end: np.int64,
        stretches: list[tuple[int, int, str]],
    ) -> str:
        """Put the marks into one cell; of stretches that overlap, one mark is left."""
        parts: list[bytes] = []
        place, last = int(start), int(end)
        for begin, stop, mark in sorted(stretches, key=lambda each: (each[0], -each[1])):
            if begin >= place:
                parts += [data[place:begin].tobytes(), mark.encode()]
            place = max(place, min(stop, last))
        parts.append(data[place:last].tobytes())
        return b"".join(parts).decode("utf-8", "replace")
