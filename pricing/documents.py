"""Appraisals as plain values: what is hashed, signed and stored, and how it is read back."""

import dataclasses
import hashlib
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any

from audit.log.canonical import canonical

from .appraising import AppraisalInputs
from .facts import (
    AssetFacts,
    Circulation,
    Comparable,
    CostRecord,
    Evidence,
    IncomeForecast,
    UpdateFrequency,
)
from .money import Money


def as_plain(value: object) -> Any:
    """Turn value objects into text, whole numbers, lists and mappings, exactly."""
    if isinstance(value, Mapping):
        return {str(key): as_plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [as_plain(item) for item in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, Money | type):
        names = [item.name for item in dataclasses.fields(value)]
        return {name: as_plain(getattr(value, name)) for name in names}
    return _plain_scalar(value)


def _plain_scalar(value: object) -> str | int | None:
    plain: str | int | None
    match value:
        case Money():
            plain = f"{value.amount:f} {value.currency}"
        case Decimal():
            plain = f"{value:f}"
        case Enum():
            plain = str(value.value)
        case date():
            plain = value.isoformat()
        case str() | int() | None:
            plain = value
        case _:
            message = f"{type(value).__name__} has no plain form"
            raise TypeError(message)
    return plain


def digest_of(plain: Mapping[str, Any]) -> str:
    """Hash plain values in their one canonical form."""
    return hashlib.sha256(canonical(plain)).hexdigest()


def read_inputs(plain: Mapping[str, Any]) -> AppraisalInputs:
    """Read the inputs of an appraisal back from their stored form, to work it out again."""
    income = plain["income"]
    return AppraisalInputs(
        facts=_read_facts(plain["facts"]),
        costs=_read_costs(plain["costs"]),
        comparables=tuple(_read_comparable(row) for row in plain["comparables"]),
        income=None if income is None else _read_income(income),
        purpose=plain["purpose"],
        basis_on=date.fromisoformat(plain["basis_on"]),
    )


def _read_facts(row: Mapping[str, Any]) -> AssetFacts:
    shares = ("completeness", "uniqueness", "conformity", "coverage", "demand")
    return AssetFacts(
        **{
            **row,
            **{name: _decimal(row[name]) for name in shares},
            "updated_on": date.fromisoformat(row["updated_on"]),
            "update_frequency": UpdateFrequency(row["update_frequency"]),
            "circulation": Circulation(row["circulation"]),
        }
    )


def _read_costs(row: Mapping[str, Any]) -> CostRecord:
    incurred = row["incurred_on"]
    return CostRecord(
        **{kind: Money.parse(row[kind]) for kind in CostRecord.kinds()},
        incurred_on=date.fromisoformat(incurred) if incurred else None,
        source=row["source"],
    )


def _read_comparable(row: Mapping[str, Any]) -> Comparable:
    return Comparable(
        **{
            **row,
            "price": Money.parse(row["price"]),
            "priced_on": date.fromisoformat(row["priced_on"]),
            "evidence": Evidence(row["evidence"]),
            "quality": _decimal(row["quality"]),
            "demand": _decimal(row["demand"]),
            "other": Decimal(row["other"]),
        }
    )


def _read_income(row: Mapping[str, Any]) -> IncomeForecast:
    return IncomeForecast(
        yearly=tuple(Money.parse(flow) for flow in row["yearly"]),
        discount_rate=Decimal(row["discount_rate"]),
        contribution_rate=Decimal(row["contribution_rate"]),
        source=row["source"],
    )


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
