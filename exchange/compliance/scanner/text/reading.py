"""Texts laid out for searching, folded to ASCII forms, with the way back to every character."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from exchange.compliance.scanner.arrays import Places
from exchange.compliance.scanner.blocks import PAD, Block
from exchange.compliance.scanner.fold import fold_points

END = "\0"
"""Stands between two texts; no pattern matches across it."""
_LOST = 0xFFFD
_A, _Z = ord("A"), ord("Z")


@dataclass(frozen=True)
class Reading:
    """Several texts as one, with full-width forms folded and invisible characters gone.

    `text` is what is searched and `points` its code points; `origin` names, for each of its
    characters, the character of the texts as given, laid end to end with one between them;
    `starts` says where each of these texts begins.
    """

    text: str
    points: Places
    origin: Places
    starts: Places

    @cached_property
    def lowered(self) -> str:
        """The text with ASCII capitals lowered: as long as the text, unlike `str.lower`."""
        return self.text.translate(_LOWER)

    @cached_property
    def low_points(self) -> Places:
        """Code points of the lowered text."""
        capital = (self.points >= _A) & (self.points <= _Z)
        return np.where(capital, self.points + 32, self.points)

    @cached_property
    def _byte_places(self) -> Places:
        widths = 1 + (self.points > 0x7F) + (self.points > 0x7FF) + (self.points > 0xFFFF)
        return np.concatenate([[0], np.cumsum(widths)])

    def block(self) -> Block:
        """Return the folded texts as a block of bytes, for the detectors of tables."""
        content = np.frombuffer(self.text.encode(), np.uint8)
        data = np.zeros(content.size + 2 * PAD, np.uint8)
        data[PAD : PAD + content.size] = content
        between = np.flatnonzero(content == 0) + PAD
        starts = np.concatenate([[PAD], between + 1])
        ends = np.concatenate([between, [PAD + content.size]])
        return Block(
            data,
            starts,
            ends,
            bool(content.size < self.points.size or content.max(initial=0) > 0x7F),
        )

    def characters_at(self, places: Places) -> Places:
        """Return the characters of the folded text that begin at places of the block."""
        return np.searchsorted(self._byte_places, places - PAD)

    def place(self, begin: int, end: int) -> tuple[int, int, int]:
        """Return which text a stretch lies in, and where, in characters as they were given."""
        first, last = int(self.origin[begin]), int(self.origin[end - 1]) + 1
        index = int(np.searchsorted(self.starts, first, side="right")) - 1
        start = int(self.starts[index])
        return index, first - start, last - start


_LOWER = {code: code + 32 for code in range(_A, _Z + 1)}


def read_texts(texts: Sequence[str]) -> Reading:
    """Fold texts; what cannot be encoded is read as a character that means nothing."""
    whole = [text.replace(END, " ") if END in text else text for text in texts]
    joined = END.join(whole)
    raw = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.int64)
    raw = np.where((raw >= 0xD800) & (raw < 0xE000), _LOST, raw)
    points, keep = fold_points(raw)
    points = points[keep]
    lengths = np.array([len(text) for text in whole], np.int64)
    starts = np.concatenate([[0], np.cumsum(lengths[:-1] + 1)]) if whole else np.zeros(1, np.int64)
    text = points.astype("<u4").tobytes().decode("utf-32-le")
    return Reading(text, points, np.flatnonzero(keep), starts)
