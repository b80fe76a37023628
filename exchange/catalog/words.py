"""How texts in Chinese and English are cut so that two characters of Chinese are found.

A text becomes runs: words, and unbroken stretches of Chinese. The index holds each word, each
pair of neighboring Chinese characters and the last character of each stretch; so every character
begins some piece, and the same pieces serve every database.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

HAN = (
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"  # unified ideographs, extension A, compatibility
    "\U00020000-\U0003134f"  # further extensions
    "\u3005-\u3007\u3040-\u30ff\uac00-\ud7af"  # kana and hangul are written without spaces too
)
RUN = re.compile(rf"[{HAN}]+|[^\W_{HAN}]+")
HAN_RUN = re.compile(rf"[{HAN}]+")
WORD_MAX = 64
QUERY_MAX = 200
PHRASES_MAX = 16


def runs_of(text: str) -> list[str]:
    """Return the runs of a text in their order: full-width made half-width, case folded."""
    return RUN.findall(unicodedata.normalize("NFKC", text).casefold())


def is_han(run: str) -> bool:
    """Whether a run is a stretch of Chinese rather than a word."""
    return HAN_RUN.fullmatch(run) is not None


def normalized(texts: Iterable[str]) -> str:
    """Return the runs of texts, each after one space, as phrases are looked up in."""
    return "".join(f" {run}" for text in texts for run in runs_of(text))


def tokens_of(texts: Iterable[str]) -> str:
    """Return the pieces of texts that the index holds, each once, separated by spaces."""
    found: dict[str, None] = {}
    for text in texts:
        for run in runs_of(text):
            found.update(dict.fromkeys(_pieces(run)))
    return " ".join(found)


@dataclass(frozen=True)
class Query:
    """What somebody looks for: every one of `phrases` has to occur."""

    phrases: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> "Query":
        """Read a search text; each run of it is a phrase."""
        return cls(tuple(dict.fromkeys(run[:WORD_MAX] for run in runs_of(text))))

    @property
    def exact(self) -> list[str]:
        """Pieces that have to be in the index as they are: the pairs of each Chinese phrase."""
        pairs = (
            pair
            for phrase in self.phrases
            if is_han(phrase) and len(phrase) > 1
            for pair in _pairs(phrase)
        )
        return list(dict.fromkeys(pairs))

    @property
    def beginnings(self) -> list[str]:
        """Pieces that something in the index has to begin with: words and single characters."""
        return [one for one in self.phrases if not is_han(one) or len(one) == 1]

    @property
    def unproven(self) -> list[str]:
        """Phrases whose pieces may also occur apart, so that the text itself is to be checked."""
        return [one for one in self.phrases if is_han(one) and len(one) > 2]  # noqa: PLR2004  pairs prove two

    def as_fts5(self) -> str:
        """Return the query in the language of SQLite's FTS5."""
        exact = [f'"{piece}"' for piece in self.exact]
        return " AND ".join(exact + [f'"{piece}"*' for piece in self.beginnings])

    def as_tsquery(self) -> str:
        """Return the query in the language of PostgreSQL's text search."""
        exact = [f"'{piece}'" for piece in self.exact]
        return " & ".join(exact + [f"'{piece}':*" for piece in self.beginnings])


def needle(phrase: str) -> str:
    """Return what has to be a part of a normalized text: words count from their beginning."""
    return phrase if is_han(phrase) else f" {phrase}"


def _pieces(run: str) -> Iterator[str]:
    if is_han(run):
        yield from _pairs(run)
        yield run[-1]
    else:
        yield run[:WORD_MAX]


def _pairs(run: str) -> Iterator[str]:
    return (run[place : place + 2] for place in range(len(run) - 1))
