"""The inputs of a step as plain values, and how they are read back to work it out again."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Any

from pricing.methods.adjusting import Bounds, Readings, StepInputs, Trigger


def read_step_inputs(plain: Mapping[str, Any]) -> StepInputs:
    """Read the inputs of a step back from their stored form."""
    return StepInputs(
        ask=Decimal(plain["ask"]),
        currency=plain["currency"],
        triggers=tuple(Trigger(name) for name in plain["triggers"]),
        then=_readings(plain["then"]),
        now=_readings(plain["now"]),
        bounds=Bounds(
            **{each.name: _figure(plain["bounds"][each.name]) for each in fields(Bounds)}
        ),
        gone=tuple(Decimal(factor) for factor in plain["gone"]),
    )


def _readings(row: Mapping[str, Any]) -> Readings:
    return Readings(
        **{
            **row,
            "on": date.fromisoformat(row["on"]),
            "cost_index": Decimal(row["cost_index"]),
            "quality": _figure(row["quality"]),
            "negotiated": tuple(Decimal(ratio) for ratio in row["negotiated"]),
        }
    )


def _figure(text: str | None) -> Any:
    return None if text is None else Decimal(text)
