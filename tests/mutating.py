"""Mutants of `audit/log`: mutmut changes the source, this runs the tests that reach each change.

    python -m tests.mutating make           # write the mutants, by mutmut (docs/faults.md)
    python -m tests.mutating run tiles,heads tests/log/test_tiles.py tests/log/test_halt.py
    python -m tests.mutating run all tests/log --sample 300
    python -m tests.mutating show           # per module, and what survived

The tests are collected, and the database made, once; each mutant is a fork of that. Which test
reaches which function is seen in one run without mutants, which has to pass. A mutant is given the
quickest of its tests first, up to `--cap` seconds of processor time, and is noticed when one fails
or the time runs out by far. What was tried already is not tried again.
"""

import argparse
import importlib
import json
import os
import random
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

PLACE = Path("mutants")
RESULTS = Path("mutants.jsonl")
OPTIONS = [
    f"-p{name}" for name in ("tests.environment", "no:xdist", "no:randomly", "no:cacheprovider")
]
NETWORK = ["--disable-socket", "--allow-unix-socket", "--allow-hosts=127.0.0.1,::1,localhost"]


def make() -> None:
    """Write the mutants of everything that pyproject.toml names into `mutants/`."""
    mutmut = importlib.import_module("mutmut.__main__")
    mutmut.set_mutant_under_test("mutant_generation")
    PLACE.mkdir(exist_ok=True)
    for step in ("copy_src_dir", "copy_also_copy_files", "setup_source_paths"):
        getattr(mutmut, step)()
    mutmut.create_mutants(1)


def names_of(modules: Sequence[str]) -> Iterator[str]:
    """Yield the names of the mutants of `modules`; `all` is every module."""
    for meta in sorted(Path("audit/log").glob("*.py.meta")):
        if "all" in modules or meta.name.removesuffix(".py.meta") in modules:
            yield from json.loads(meta.read_text())["exit_code_by_key"]


class Driver:
    """Runs after the collection, instead of the tests one after the other."""

    def __init__(self, modules: Sequence[str], results: Path, *, cap: float, sample: int) -> None:
        self.trampoline = importlib.import_module("mutmut.mutation.trampoline")
        self.trampoline.record_trampoline_hit = lambda name, **_kwargs: self.hits.add(name)
        self.hits: set[str] = set()
        self.results, self.cap = results, cap
        told = results.read_text().splitlines() if results.exists() else []
        known = {json.loads(line)["mutant"] for line in told}
        names = list(names_of(modules))
        if sample:
            names = random.Random(1).sample(names, min(sample, len(names)))
        self.names = [name for name in names if name not in known]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Make the database, see what reaches what, then fork for each mutant."""
        first = next(item for item in session.items if "db" in getattr(item, "fixturenames", ()))
        other = next(item for item in session.items if item.path != first.path)
        self._run(session, [first], then=other)
        told = self._reached(session)
        with self.results.open("a") as out:
            for name in self.names:
                function = name.rpartition("__mutmut_")[0]
                reaching = sorted((cost, place) for place, cost, seen in told if function in seen)
                outcome = self._try(session, name, reaching)
                out.write(json.dumps({"mutant": name, "outcome": outcome}) + "\n")
                out.flush()
        return True

    def _run(self, session: pytest.Session, items: Sequence[Any], then: Any = None) -> bool:
        """Whether `items` pass; the first failure ends it."""
        for item, following in zip(items, [*items[1:], then], strict=True):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if session.testsfailed:
                return False
        return True

    def _reached(self, session: pytest.Session) -> list[tuple[int, float, list[str]]]:
        """Return place, cost and functions of every test, seen in a fork without mutants."""
        reading, writing = os.pipe()
        if os.fork() == 0:
            found = []
            self.trampoline.set_mutant_under_test("stats")
            for place, item in enumerate(session.items):
                self.hits.clear()
                began = time.process_time()
                following = session.items[place + 1] if place + 1 < len(session.items) else None
                if not self._run(session, [item], then=following):
                    os._exit(2)
                found.append((place, time.process_time() - began, sorted(self.hits)))
            with os.fdopen(writing, "w") as out:
                json.dump(found, out)
            os._exit(0)
        os.close(writing)
        with os.fdopen(reading) as told:
            text = told.read()
        if os.wait()[1] or not text:
            pytest.exit("the tests fail without any mutant", returncode=2)
        return [(place, cost, seen) for place, cost, seen in json.loads(text)]

    def _try(
        self, session: pytest.Session, name: str, reaching: Sequence[tuple[float, int]]
    ) -> str:
        chosen, total = [], 0.0
        for cost, place in reaching:
            if chosen and total + cost > self.cap:
                break
            chosen.append(session.items[place])
            total += cost
        if not chosen:
            return "no test"
        if os.fork() == 0:
            limit = int(4 * total) + 20
            resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
            silent = os.open(os.devnull, os.O_WRONLY)
            os.dup2(silent, 1)
            os.dup2(silent, 2)
            self.trampoline.set_mutant_under_test(name)
            os._exit(0 if self._run(session, chosen) else 1)
        status = os.wait()[1]
        if not status:
            return "survived" if len(chosen) == len(reaching) else "survived within the cap"
        return "noticed" if os.WIFEXITED(status) else "noticed by time"


def show() -> None:
    """Print noticed, all and the survivors, per module."""
    rows = [json.loads(line) for line in RESULTS.read_text().splitlines()]
    noticed = Counter(
        row["mutant"].split(".")[2] for row in rows if row["outcome"].startswith("noticed")
    )
    tried = Counter(row["mutant"].split(".")[2] for row in rows)
    for module, count in sorted(tried.items()):
        print(f"{module:16} {noticed[module]:5} of {count:5}")  # noqa: T201  a command
    for row in rows:
        if not row["outcome"].startswith("noticed"):
            print(row["outcome"], row["mutant"])  # noqa: T201  a command
    total = sum(tried.values())
    print(f"{'':16} {sum(noticed.values()):5} of {total:5}")  # noqa: T201  a command


def main() -> int:
    """Do what was asked."""
    parser = argparse.ArgumentParser(description=__doc__, add_help=True)
    parser.add_argument("command", choices=["make", "run", "show"])
    parser.add_argument("modules", nargs="?", default="all")
    parser.add_argument("tests", nargs="*", default=["tests/log"])
    parser.add_argument("--cap", type=float, default=12, help="seconds of tests for one mutant")
    parser.add_argument("--sample", type=int, default=0, help="that many, chosen at random")
    said = parser.parse_args()
    if said.command == "make":
        make()
    if said.command == "show":
        show()
    if said.command != "run":
        return 0
    if Path.cwd().name != PLACE.name:  # the copies of the tests belong to the mutants
        os.chdir(PLACE)
        os.environ["HYPOTHESIS_PROFILE"] = "mutants"
        os.execv(sys.executable, [sys.executable, "-m", "tests.mutating", *sys.argv[1:]])  # noqa: S606
    results = Path("..") / RESULTS
    driver = Driver(said.modules.split(","), results, cap=said.cap, sample=said.sample)
    settings = ["-q", "-o", "addopts=", "-c", "pyproject.toml", *OPTIONS, *NETWORK]
    return int(pytest.main([*settings, *said.tests], plugins=[driver]))


if __name__ == "__main__":
    sys.exit(main())
