"""Faults on purpose: see `python -m tests.faults --help`, and `sweep` for single verbs."""

from tests.faults.statements import Broken, breaking_at, sweep

__all__ = ["Broken", "breaking_at", "sweep"]
