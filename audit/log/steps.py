"""Tables of permitted steps: pure data, which models and their states are made from."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from django.db import models


@dataclass(frozen=True)
class Step:
    """One permitted change of state, from any of `sources` to `target`."""

    sources: Iterable[str]
    target: str
    name: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "sources", frozenset(self.sources))


class Lifecycle:
    """The table of steps of one kind of thing; also read for API actions and diagrams."""

    registry: ClassVar[dict[str, "Lifecycle"]] = {}

    def __init__(
        self, kind: str, states: type[models.TextChoices], *, initial: str, **steps: Step
    ) -> None:
        self.kind = kind
        self.states = states
        self.initial = initial
        self.steps = {name: Step(step.sources, step.target, name) for name, step in steps.items()}
        Lifecycle.registry[kind] = self

    def __getattr__(self, name: str) -> Step:
        try:
            return self.__dict__["steps"][name]  # type: ignore[no-any-return]
        except KeyError:
            raise AttributeError(name) from None

    def allowed(self, status: str) -> list[str]:
        """Return the names of the steps possible from `status`, in the table's order."""
        return [name for name, step in self.steps.items() if status in step.sources]

    @property
    def final(self) -> frozenset[str]:
        """The states that nothing leaves."""
        return frozenset(s for s in self.states.values if not self.allowed(s))
