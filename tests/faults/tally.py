"""Counting what was done to the log and what came of it."""

import json
from dataclasses import asdict, dataclass, field

from tests.faults.checking import Verdict


@dataclass
class Tally:
    """Of one part: faults injected, and every promise that was broken."""

    part: str
    database: str
    kills: int = 0
    errors: int = 0  # faults other than kills
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    skipped: str = ""
    seconds: float = 0.0

    def take(self, verdict: Verdict, place: str) -> None:
        """Add what a check found after the fault at `place`."""
        self.lost += [f"{place}: {each}" for each in verdict.lost]
        self.doubled += [f"{place}: {each}" for each in verdict.doubled]
        self.wrong += [f"{place}: {each}" for each in verdict.wrong]

    @property
    def is_clean(self) -> bool:
        """Whether every promise was kept."""
        return not (self.lost or self.doubled or self.wrong)

    def write(self) -> str:
        """Return this as one line, for the process that asked."""
        return json.dumps(asdict(self))

    @classmethod
    def read(cls, line: str) -> "Tally":
        """Return the tally of one line."""
        return cls(**json.loads(line))
