"""Telling the story in a terminal: chapters, facts, progress, refusals."""

import shutil
import sys
import textwrap
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TextIO

WIDTH = 96
INK, QUIET, GOOD, STOP, PLAIN = "\033[1m", "\033[2m", "\033[32m", "\033[31m", "\033[0m"


def width_of(text: str) -> int:
    """Return how many columns `text` takes; Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


@dataclass
class Teller:
    """Writes to a terminal, or plainly into a file; counts what went wrong."""

    out: TextIO = field(default_factory=lambda: sys.stdout)
    failures: list[str] = field(default_factory=list)
    chapters: int = 0

    @property
    def is_terminal(self) -> bool:
        """Whether somebody looks on."""
        return self.out.isatty()

    def _paint(self, ink: str, text: str) -> str:
        return f"{ink}{text}{PLAIN}" if self.is_terminal else text

    def _write(self, text: str) -> None:
        self.out.write(text + "\n")
        self.out.flush()

    def chapter(self, title: str) -> None:
        """Begin the next chapter."""
        self.chapters += 1
        self._write("\n" + self._paint(INK, f"{self.chapters:2}  {title}"))

    def fact(self, what: str, reference: str = "", said: str = "") -> None:
        """Say one thing that happened, with the reference of what was made."""
        self._write(f"    {what:<34} {reference:<20} {said}".rstrip())

    def note(self, text: str) -> None:
        """Say something in a paragraph."""
        columns = min(WIDTH, shutil.get_terminal_size().columns) - 6
        for line in textwrap.wrap(text, columns, break_on_hyphens=False):
            self._write("      " + self._paint(QUIET, line))

    def refused(self, what: str, why: str) -> None:
        """Say that something was refused, as it must be."""
        self._write(f"    {self._paint(STOP, '✗ refused')} {what}")
        self.note(why)

    def expect(self, holds: bool, what: str) -> None:  # noqa: FBT001  the one thing that is asked
        """Check that the story is true; a false step is told and makes the demo fail."""
        if holds:
            self._write(f"    {self._paint(GOOD, '✓')} {what}")
        else:
            self.failures.append(what)
            self._write(f"    {self._paint(STOP, '✗ NOT SO:')} {what}")

    @contextmanager
    def progress(self, what: str) -> Iterator["Progress"]:
        """Show a bar while something long is done; plain output gets its end only."""
        bar = Progress(self, what)
        yield bar
        bar.finish()


@dataclass
class Progress:
    """A bar for one piece of work; call it as `progress(done, total, doing)`."""

    teller: Teller
    what: str
    last: int = -1

    def __call__(self, done: int, total: int | None, doing: str) -> None:
        """Show how far the work is."""
        percent = min(100, done * 100 // total) if total else 0
        if not self.teller.is_terminal or percent == self.last:
            return
        self.last = percent
        filled = percent * 24 // 100
        bar = "█" * filled + "·" * (24 - filled)
        self.teller.out.write(f"\r    {self.what} {bar} {percent:3} % {doing:<14}")
        self.teller.out.flush()

    def finish(self) -> None:
        """Take the bar away."""
        if self.teller.is_terminal and self.last >= 0:
            self.teller.out.write("\r" + " " * (WIDTH + 10) + "\r")
            self.teller.out.flush()
