"""How much a child may take; the kernel holds it to that."""

from dataclasses import asdict, dataclass, replace
from typing import Self

MIB = 1024**2
GIB = 1024**3


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """What one child may take of the machine; going beyond ends in a fault that names it."""

    seconds: int = 900  # on the clock, and of processor time
    memory: int = 3 * GIB  # address space of the child
    written: int = 16 * GIB  # the largest file the child may write
    files: int = 64  # open at one time

    def but(self, **changes: int) -> Self:
        """Return the same bounds with some changed."""
        return replace(self, **changes)

    def as_json(self) -> dict[str, int]:
        """Return the bounds in the form they travel to the child."""
        return asdict(self)
