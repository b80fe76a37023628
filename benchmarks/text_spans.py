"""How fast and how well free text is read: python benchmarks/text_spans.py FILE.jsonl ...

Labeled files are divided by the SHA-256 of each row's id: the first byte even is the part that the
finder was built on, odd the part that was not; of the latter, the second byte odd is the quarter
of which no row was ever read. Speed is that of one process over each file, repeated to a million
characters.
"""

import hashlib
import os
import sys
import time
from datetime import date
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from audit.rulebook.queries import list_packs  # noqa: E402  after the setup
from exchange.compliance.labeled_texts import (  # noqa: E402
    Comparison,
    TextRow,
    checked,
    find_in_rows,
    read_rows,
    vocabulary_of,
)
from exchange.compliance.scanner.text import TextFinder  # noqa: E402
from exchange.compliance.scanning import lexicon_of  # noqa: E402

CHARACTERS: Final = 1_000_000


def parts_of(row: TextRow) -> list[str]:
    """Return the parts of a file that a row belongs to."""
    first, second = hashlib.sha256(row.id.encode()).digest()[:2]
    if first % 2 == 0:
        return ["all", "built on"]
    return ["all", "not built on", *(["never read"] if second % 2 else [])]


def measure(finder: TextFinder, file: Path) -> None:
    """Print scores by part in both readings, and characters a second."""
    vocabulary = vocabulary_of(file)
    comparisons: dict[str, Comparison] = {}
    for row, found in find_in_rows(read_rows(file), finder):
        for part in parts_of(row):
            comparisons.setdefault(part, Comparison()).add(row, vocabulary.say(found))
    print(file.name)
    for part, comparison in comparisons.items():
        for reading in ("strict", "declared"):
            scores = getattr(comparison, reading)
            every, sure = scores.all(), checked(scores)
            print(
                f"  {part:<13} {reading:<9} F1 all {every.f1:.3f} (n={every.labeled})"
                f"  checked {sure.f1:.3f} (n={sure.labeled})"
            )
    texts = [row.text for row in read_rows(file)]
    size = sum(map(len, texts)) or 1
    texts *= max(1, CHARACTERS // size)
    began = time.process_time()
    finder.find(texts)
    speed = sum(map(len, texts)) / max(time.process_time() - began, 1e-9)
    print(f"  {speed:,.0f} characters a second")


if __name__ == "__main__":
    the_finder = TextFinder(lexicon_of(list_packs("compliance")[-1], on=date(2026, 11, 23)))
    for name in sys.argv[1:]:
        measure(the_finder, Path(name))
