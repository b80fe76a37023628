"""A pytest plugin that runs, for each mutant, the tests that reach it, in a fork of its own."""

import gc
import hashlib
import importlib
import os
import resource
import signal
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from .mutants import ORIGINAL, ROOT, file_of, function_of, lines_of, module_of
from .results import append, read

PROVEN = 4  # tests that noticed most of a module, which its other mutants meet first
MEMORY_BYTES = 4 * 1024**3


@dataclass(frozen=True)
class Test:
    """What one test costs, and the lines of the source that it runs."""

    place: int  # in the session
    cost: float  # seconds of processor time
    lines: dict[str, set[int]]  # by file

    def reaches(self, mutant: str, lines: range) -> bool:
        """Whether it runs one of the mutant's lines."""
        return not self.lines.get(file_of(mutant), set()).isdisjoint(lines)


@dataclass
class Attempt:
    """A mutant that is being tried in a fork."""

    mutant: str
    whole: bool  # by all tests that reach it
    told: int  # where the fork writes the place of the test that failed


class Driver:
    """Runs after the collection, instead of the tests one after the other."""

    def __init__(
        self, names: Sequence[str], results: Path, *, cap: float, jobs: int, control: bool
    ) -> None:
        self.control = control
        self.kept = results.with_name("reach.jsonl")
        self.trampoline = importlib.import_module("mutmut.mutation.trampoline")
        self.coverage = importlib.import_module("coverage")
        self.names, self.results, self.cap, self.jobs = list(names), results, cap, jobs
        self.proven: dict[str, Counter[str]] = defaultdict(Counter)
        for row in read(results):
            self.proven[module_of(row["mutant"])][row["by"]] += 1
        self.running: dict[int, Attempt] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Make the database, see what reaches what, then fork for each mutant."""
        self.items = session.items
        first = next(item for item in self.items if "db" in getattr(item, "fixturenames", ()))
        self._run([first], then=min(self.items, key=lambda item: _shared(item, first)))
        self.copies = Copies(session)
        tests = self._reached()
        gc.freeze()
        for name in self.names:
            lines = lines_of(name)
            self._start(name, [test for test in tests if test.reaches(name, lines)])
            while len(self.running) >= self.jobs:
                self._wait()
        while self.running:
            self._wait()
        return True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep what a test said when it failed."""
        if report.failed:
            self.failure = f"{report.nodeid}\n{report.longreprtext}\n"

    def _run(self, items: Sequence[Any], then: Any = None) -> int | None:
        """Return the place among `items` of the first that fails, which ends it, or None."""
        for place, item in enumerate(items):
            following = items[place + 1] if place + 1 < len(items) else then
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if item.session.testsfailed:
                return place
        return None

    def _reached(self) -> list[Test]:
        """Return cost and lines of every test, seen in a fork without mutants, or kept of before.

        What is kept holds as long as neither the test's file nor the source changes.
        """
        known = {row["key"]: row for row in read(self.kept)}
        keys = [_key(item) for item in self.items]
        missing = [place for place, key in enumerate(keys) if key not in known]
        child = os.fork()
        if child == 0:
            self.copies.take()
            after = [self.items[place] for place in missing[1:]]
            for place, then in zip_longest(missing, after):
                cost, lines = self._follow(self.items[place], then)
                append(self.kept, {"key": keys[place], "cost": cost, "lines": lines})
            os._exit(0)
        failed = os.waitpid(child, 0)[1]
        self.copies.drop(child)
        if failed:
            pytest.exit("the tests fail without any mutant", returncode=2)
        known = {row["key"]: row for row in read(self.kept)}
        found = [known[key] for key in keys]
        return [
            Test(place, row["cost"], {file: set(lines) for file, lines in row["lines"].items()})
            for place, row in enumerate(found)
        ]

    def _follow(self, item: pytest.Item, then: pytest.Item | None) -> tuple[float, dict[str, Any]]:
        """Run one test without mutants; return its cost and the lines it ran."""
        here = f"{Path.cwd()}/"
        watch = self.coverage.Coverage(
            data_file=None, config_file=False, include=[f"{here}{ROOT}/*"], messages=False
        )
        watch.set_option("run:disable_warnings", ["no-data-collected"])
        began = time.process_time()
        watch.start()
        failed = self._run([item], then=then)
        watch.stop()
        if failed is not None:
            os.write(2, self.failure.encode())
            os._exit(2)
        data = watch.get_data()
        lines = {file.removeprefix(here): data.lines(file) for file in data.measured_files()}
        return time.process_time() - began, lines

    def _start(self, name: str, reaching: Sequence[Test]) -> None:
        """Fork for a mutant, with the tests chosen for it."""
        noticed = self.proven[module_of(name)]

        def successes(test: Test) -> int:
            return noticed[self.items[test.place].nodeid]

        chosen = sorted(filter(successes, reaching), key=successes, reverse=True)[:PROVEN]
        total = 0.0
        for test in sorted(reaching, key=lambda test: test.cost):
            if chosen and total + test.cost > self.cap:
                break
            if test not in chosen:
                chosen.append(test)
                total += test.cost
        if not chosen:
            self._write(name, "no test")
            return
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            limit = int(4 * sum(test.cost for test in chosen)) + 20
            resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
            resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.alarm(20 * limit)  # it sleeps, or waits for a lock
            silent = os.open(os.devnull, os.O_WRONLY)
            os.dup2(silent, 1)
            os.dup2(silent, 2)
            self.copies.take()
            changed = f"{function_of(name)}__mutmut_{ORIGINAL}" if self.control else name
            self.trampoline.set_mutant_under_test(changed)
            failed = self._run([self.items[test.place] for test in chosen])
            os.write(writing, b"" if failed is None else str(chosen[failed].place).encode())
            os._exit(0 if failed is None else 1)
        os.close(writing)
        self.running[child] = Attempt(name, len(chosen) == len(reaching), reading)

    def _wait(self) -> None:
        """Wait for one of the forks and write down what came of it."""
        child, status, used = os.wait4(-1, 0)
        if child not in self.running:  # a process that the first test left
            return
        attempt = self.running.pop(child)
        self.copies.drop(child)
        with os.fdopen(attempt.told) as told:
            failed = told.read()
        outcome = "survived" if attempt.whole else "survived within the cap"
        if status:
            outcome = "noticed" if os.WIFEXITED(status) else "noticed by time"
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGALRM:
            outcome = "noticed by waiting"
        by = self.items[int(failed)].nodeid if failed else ""
        if by:
            self.proven[module_of(attempt.mutant)][by] += 1
        seconds = round(used.ru_utime + used.ru_stime, 2)
        self._write(attempt.mutant, outcome, by, seconds)

    def _write(self, mutant: str, outcome: str, by: str = "", seconds: float = 0) -> None:
        row = {
            "mutant": mutant,
            "outcome": outcome,
            "database": connection.vendor,
            "by": by,
            "seconds": seconds,
        }
        append(self.results, row)


def _key(item: pytest.Item) -> str:
    """Return a test's name with the database and a digest of its file and of the source."""
    return f"{item.nodeid} {connection.vendor} {_digest(item.path)}"


@cache
def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    for file in (path, *sorted(ROOT.rglob("*.py"))):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def _shared(one: pytest.Item, other: pytest.Item) -> int:
    """Return how many folders and files two tests have in common."""
    return len(set(one.listchain()) & set(other.listchain()))


class Copies:
    """A copy of the database for every fork; on SQLite it lies in memory, which is forked too."""

    def __init__(self, session: pytest.Session) -> None:
        plugin = importlib.import_module("pytest_django.plugin")
        self.unblock = session.config.stash[plugin.blocking_manager_key].unblock
        self.template = connection.settings_dict["NAME"]
        self.needed = connection.vendor == "postgresql"
        if self.needed:
            connection.close()

    def take(self) -> None:
        """Copy the database for this process and use the copy."""
        if self.needed:
            name = f"{self.template}_{os.getpid()}"
            self._command(f'CREATE DATABASE "{name}" TEMPLATE "{self.template}"')
            connection.settings_dict["NAME"] = name

    def drop(self, process: int) -> None:
        """Remove what process number `process` took."""
        if self.needed:
            self._command(f'DROP DATABASE IF EXISTS "{self.template}_{process}" WITH (FORCE)')

    def _command(self, statement: str) -> None:
        with self.unblock(), connection._nodb_cursor() as cursor:
            cursor.execute(statement)
