"""Mutants of `audit/log`: mutmut changes the source, this runs the tests that reach each change.

    python -m tests.mutating make           # write the mutants, by mutmut (docs/faults.md)
    python -m tests.mutating run tiles,heads tests/log/test_tiles.py tests/log/test_halt.py
    python -m tests.mutating run all tests/log --sample 500 --seed 7 --jobs 2
    python -m tests.mutating show           # per module, and what survived

The tests are collected, and the database made, once; each mutant is a fork of that, on PostgreSQL
with a copy of the database. Which test reaches which line is seen in one run without mutants, which
has to pass. A mutant meets the tests that noticed most of its module, then the quickest, up to
`--cap` seconds of processor time. It is noticed when a test fails or the time runs out by far.
What stands in the file of results already, or in those named by `--without`, is not tried again,
but for what survived, with `--again`: by other tests, or on the other database. `--control` tries
mutants that change nothing, of which none may be noticed.
"""

import argparse
import os
import random
import sys
from pathlib import Path

import pytest

from .driver import Driver
from .mutants import PLACE, make, names_of
from .results import outcomes, show

OPTIONS = [
    f"-p{name}" for name in ("tests.environment", "no:xdist", "no:randomly", "no:cacheprovider")
]
NETWORK = ["--disable-socket", "--allow-unix-socket", "--allow-hosts=127.0.0.1,::1,localhost"]


def main() -> int:
    """Do what was asked."""
    parser = argparse.ArgumentParser(description=__doc__, add_help=True)
    parser.add_argument("command", choices=["make", "run", "show"])
    parser.add_argument("modules", nargs="?", default="all")
    parser.add_argument("tests", nargs="*", default=["tests/log"])
    parser.add_argument("--cap", type=float, default=12, help="seconds of tests for one mutant")
    parser.add_argument("--sample", type=int, default=0, help="that many, chosen at random")
    parser.add_argument("--seed", type=int, default=1, help="of the choice")
    parser.add_argument("--jobs", type=int, default=1, help="mutants tried side by side")
    parser.add_argument("--results", type=Path, default=Path("mutants.jsonl"))
    parser.add_argument("--without", type=Path, action="append", default=[])
    parser.add_argument("--again", action="store_true", help="what survived in --results")
    parser.add_argument("--control", action="store_true", help="change nothing")
    said = parser.parse_args()
    if said.command == "make":
        make()
    if said.command == "show":
        show(said.results)
    if said.command != "run":
        return 0
    results, *without = [path.resolve() for path in (said.results, *said.without)]
    if Path.cwd().name != PLACE.name:  # the copies of the tests belong to the mutants
        os.environ["HYPOTHESIS_PROFILE"] = "mutants"
        arguments = [*sys.argv[1:], "--results", str(results)]
        for path in without:
            arguments += ["--without", str(path)]
        os.chdir(PLACE)
        os.execv(sys.executable, [sys.executable, "-m", "tests.mutating", *arguments])  # noqa: S606
    known = outcomes(results, *without)
    if said.again:
        survivors = {
            n for n, outcome in outcomes(results).items() if not outcome.startswith("noticed")
        }
        names = [name for name in names_of(said.modules.split(",")) if name in survivors]
    else:
        names = [name for name in names_of(said.modules.split(",")) if name not in known]
    if said.sample:
        names = random.Random(said.seed).sample(names, min(said.sample, len(names)))
    driver = Driver(names, results, cap=said.cap, jobs=said.jobs, control=said.control)
    settings = ["-q", "-o", "addopts=", "-c", "pyproject.toml", *OPTIONS, *NETWORK]
    return int(pytest.main([*settings, *said.tests], plugins=[driver]))


if __name__ == "__main__":
    sys.exit(main())
