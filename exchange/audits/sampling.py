"""Drawing a sample that nobody chose, and that anybody can draw again. Pure.

A record's place in the draw is HMAC-SHA-256(seed, reference); the lowest `size` are drawn. The
seed is made of the audit's reference, a word that the auditor gives and the digest of the
population: the exchange does not know the word before, the auditor draws once.
"""

import hashlib
import heapq
import hmac
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Sample:
    """What was drawn, with everything that shows how."""

    population: int
    population_sha256: str
    seed: str
    references: tuple[str, ...]
    sha256: str


def draw(references: Iterable[str], *, size: int, audit: str, word: str) -> Sample:
    """Draw up to `size` of the references, each of which counts once; the order given is none."""
    population = sorted(set(references))
    known = digest_of_list(population)
    seed = hashlib.sha256(f"{audit}\n{word}\n{known}".encode()).hexdigest()
    drawn = sorted(heapq.nsmallest(size, population, key=lambda each: place_of(seed, each)))
    return Sample(
        population=len(population),
        population_sha256=known,
        seed=seed,
        references=tuple(drawn),
        sha256=digest_of_list(drawn),
    )


def place_of(seed: str, reference: str) -> bytes:
    """Return where a record stands in the draw of a seed."""
    return hmac.digest(bytes.fromhex(seed), reference.encode(), "sha256")


def digest_of_list(references: Iterable[str]) -> str:
    """Return the SHA-256 over the references in order, each ended by a line feed."""
    found = hashlib.sha256()
    for reference in references:
        found.update(f"{reference}\n".encode())
    return found.hexdigest()
