"""Declared class of real listings against what their text suggests.

    python benchmarks/listings.py FILE

FILE is the CSV of listings on five Chinese exchanges (columns `category_aws`, `category_original`,
`title`, `description`, `product_type`). Prints the tables of docs/classification.md as Markdown.
Titles and descriptions alone are read; the category is never an input.
"""

import csv
import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from audit.rulebook.queries import list_packs  # noqa: E402  after the setup
from exchange.compliance.manual_text import (  # noqa: E402
    CLASSES,
    INDUSTRY_WORDS,
    ManualHints,
    read_manual,
)

NEEDED: Final = frozenset({"category_aws", "category_original", "title", "description"})
MEANT: Final = {
    "Manufacturing Data": "C",
    "Financial Services Data": "J",
    "Public Sector Data": "S",
    "Telecommunications Data": "I",
    "Retail, Location & Marketing Data": "FL",
    "Environmental Data": "N",
    "Resources Data": "ABD",
    "Media & Entertainment Data": "R",
    "Automotive Data": "G",
    "Healthcare & Life Sciences Data": "Q",
}
"""Sections of GB/T 4754 that a declared category may stand for; `Other` for none."""
GRADES: Final = ("一般数据", "重要数据", "核心数据")


def read_listings(path: Path) -> Iterator[tuple[dict[str, str], ManualHints]]:
    """Yield every listing with what its text suggests."""
    pack = list_packs("compliance")[-1].data
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        missing = NEEDED - set(reader.fieldnames or ())
        if missing:
            sys.exit(f"{path}: no column {', '.join(sorted(missing))}")
        for row in reader:
            yield row, read_manual([row["title"], row["description"]], pack)


def table(pairs: Iterable[tuple[str, str]], columns: Iterable[str], corner: str) -> Iterator[str]:
    """Yield a confusion table as Markdown: declared down, suggested across."""
    counts = Counter(pairs)
    names = list(columns)
    yield f"| {corner} | {' | '.join(names)} | all |"
    yield "| --- |" + " ---: |" * (len(names) + 1)
    for declared in sorted({each for each, _ in counts}):
        cells = [counts[declared, name] for name in names]
        yield f"| {declared} | {' | '.join(str(cell or '') for cell in cells)} | {sum(cells)} |"
    sums = [sum(counts[key] for key in counts if key[1] == name) for name in names]
    yield f"| all | {' | '.join(map(str, sums))} | {sum(sums)} |"


def main(path: Path) -> None:
    """Print the three tables."""
    listings = list(read_listings(path))
    sections = [*INDUSTRY_WORDS, "–"]
    pairs = [(row["category_aws"], hints.industry or "–") for row, hints in listings]
    print(*table(pairs, sections, "declared category"), sep="\n")
    judged = [(row, hints) for row, hints in listings if row["category_aws"] in MEANT]
    first = sum(
        bool(hints.industry) and hints.industry in MEANT[row["category_aws"]]
        for row, hints in judged
    )
    three = sum(
        any(each in MEANT[row["category_aws"]] for each in hints.industries[:3])
        for row, hints in judged
    )
    silent = sum(not hints.industry for _, hints in judged)
    print(f"\nAgree: {first} of {len(judged)} ({first / len(judged):.1%}); among the first three")
    print(f"sections {three} ({three / len(judged):.1%}); no section suggested: {silent}\n")
    pairs = [(row["category_aws"], hints.suggested) for row, hints in listings]
    print(*table(pairs, CLASSES, "declared category"), sep="\n")
    mentions = {
        word: sum(word in row["title"] + row["description"] for row, _ in listings)
        for word in GRADES
    }
    print(f"\nListings whose text has the word: {mentions}\n")
    words = Counter(
        (hint.theme, word) for _, hints in listings for hint in hints.themes for word in hint.words
    )
    themes = Counter(hint.theme for _, hints in listings for hint in hints.themes)
    print("| theme suggested | listings | most frequent words |\n| --- | ---: | --- |")
    for theme, count in themes.most_common():
        most = [word for (code, word), _ in words.most_common() if code == theme][:4]
        print(f"| {theme} | {count} | {'、'.join(most)} |")


if __name__ == "__main__":
    if len(sys.argv) != 2:  # noqa: PLR2004  the program and one file
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
