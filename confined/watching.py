"""How much memory a child took, seen from outside: its own word does not count.

What the kernel says of an ended child (`ru_maxrss`, getrusage(2)) begins with the copy of its
parent that it was before `exec`, so that a large parent hides a small child. `VmHWM` of proc(5) is
the child's alone, but can be read only while it lives.
"""

import resource
import sys
from pathlib import Path
from typing import Final

UNIT: Final = 1 if sys.platform == "darwin" else 1024
TICK: Final = 0.05
"""Seconds between two looks at a child that says nothing."""


class Watch:
    """Looks at a living child, and says what it took when it has ended."""

    def __init__(self, pid: int) -> None:
        self._status = Path(f"/proc/{pid}/status")
        self._inherited = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * UNIT
        self._seen = 0

    def look(self) -> None:
        """Take note of the most that the child has held until now."""
        try:
            lines = self._status.read_text().splitlines()
        except OSError:
            return
        for line in lines:
            if line.startswith("VmHWM:"):
                self._seen = max(self._seen, int(line.split()[1]) * 1024)

    def peak(self, usage: resource.struct_rusage) -> int:
        """Return the most it held, in bytes; where it was never seen, no less than it held."""
        told = usage.ru_maxrss * UNIT
        return told if told > self._inherited or not self._seen else self._seen
