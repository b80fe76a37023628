"""What came of the mutants: a file with a line for each attempt, and the figures from it."""

import json
import math
from collections import Counter
from pathlib import Path
from typing import Any

from .mutants import module_of


def read(results: Path) -> list[dict[str, Any]]:
    """Return the rows of a file of results, one for each attempt."""
    return (
        [json.loads(line) for line in results.read_text().splitlines()] if results.exists() else []
    )


def append(results: Path, row: dict[str, Any]) -> None:
    """Add one row to a file of results."""
    with results.open("a") as out:
        out.write(json.dumps(row, ensure_ascii=False) + "\n")


def outcomes(*files: Path) -> dict[str, str]:
    """Return the outcome of each mutant in `files`: it is noticed if any attempt noticed it."""
    found: dict[str, str] = {}
    for row in (row for file in files for row in read(file)):
        if not found.get(row["mutant"], "").startswith("noticed"):
            found[row["mutant"]] = row["outcome"]
    return found


def interval(noticed: int, of: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a share, in percent."""
    z, share = 1.96, noticed / of
    middle = share + z * z / (2 * of)
    half = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    scale = 100 / (1 + z * z / of)
    return (middle - half) * scale, (middle + half) * scale


def show(results: Path) -> None:
    """Print noticed, all and the survivors, per module."""
    found = outcomes(results)
    noticed = Counter(module_of(name) for name in found if found[name].startswith("noticed"))
    tried = Counter(map(module_of, found))
    for name, outcome in found.items():
        if outcome != "noticed":
            print(outcome, name)  # noqa: T201  a command
    for module, count in sorted(tried.items()):
        print(f"{module:20} {noticed[module]:5} of {count:5}")  # noqa: T201  a command
    total, of = noticed.total(), tried.total()
    low, high = interval(total, of)
    share = f"{100 * total / of:.1f} % ({low:.1f} to {high:.1f})"
    print(f"{'':20} {total:5} of {of:5}  {share}")  # noqa: T201  a command
