"""Column names, read as people write them: 客户_姓名, customerName, CUST NAME, cust-name."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_HAN = re.compile(r"[㐀-鿿]+")
_NOTHING = frozenset({"the", "of", "a"})


@dataclass(frozen=True, slots=True)
class Header:
    """A column name as a row of English words and a stretch of Chinese."""

    words: tuple[str, ...]
    joined: str
    han: str


def read_header(name: str) -> Header:
    """Split a column name into words; brackets, units and separators fall away."""
    plain = unicodedata.normalize("NFKC", name)
    words = tuple(word.lower() for word in _WORD.findall(plain) if word.lower() not in _NOTHING)
    return Header(words, "".join(words), "".join(_HAN.findall(plain)))


@dataclass(frozen=True, slots=True)
class HeaderTerms:
    """Terms that name one kind of content, and those that look alike but name another."""

    english: tuple[tuple[str, ...], ...]
    whole: frozenset[str]
    chinese: tuple[str, ...]
    mixed: tuple[tuple[str, tuple[str, ...]], ...]
    never: tuple[str, ...]
    never_english: tuple[tuple[str, ...], ...]

    def match(self, header: Header) -> bool:
        """Whether the name of a column points to this kind of content."""
        if any(term in header.han for term in self.never):
            return False
        if any(_contains(header.words, term) for term in self.never_english):
            return False
        if any(term in header.han for term in self.chinese):
            return True
        if any(han in header.han and _contains(header.words, rest) for han, rest in self.mixed):
            return True
        if header.joined and header.joined in self.whole:
            return True
        return any(_contains(header.words, term) for term in self.english)


def read_terms(terms: Iterable[str], never: Iterable[str] = ()) -> HeaderTerms:
    """Compile terms; `=name` matches the whole name only, other English terms word by word."""
    english, whole, chinese, mixed = [], set(), [], []
    for term in terms:
        if term.startswith("="):
            whole.add(read_header(term[1:]).joined)
        elif _HAN.fullmatch(term):
            chinese.append(term)
        elif _HAN.search(term):
            both = read_header(term)
            mixed.append((both.han, both.words))
        else:
            words = read_header(term).words
            english.append(words)
            whole.add("".join(words))
    refused = list(never)
    return HeaderTerms(
        tuple(english),
        frozenset(whole),
        tuple(chinese),
        tuple(mixed),
        tuple(term for term in refused if _HAN.search(term)),
        tuple(read_header(term).words for term in refused if not _HAN.search(term)),
    )


def _contains(words: tuple[str, ...], term: tuple[str, ...]) -> bool:
    """Whether `term` stands in `words`, word after word; a plural counts as its singular."""
    size = len(term)
    return any(
        all(word in {wanted, wanted + "s"} for word, wanted in zip(words[at:], term, strict=False))
        for at in range(len(words) - size + 1)
    )
