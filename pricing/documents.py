"""Appraisals as plain values: what is hashed, signed and stored, and how it is read back."""

import dataclasses
import hashlib
import json
from collections.abc import Mapping, Sequence
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
    CostEntry,
    CostRecord,
    Evidence,
    MeasuredQuality,
    Traits,
    UpdateFrequency,
)
from .income import Charge, Expansion, IncomeForecast, IncomeForm, IncomeUse, Life, RateParts
from .methods.reconciling import Approach, Way, Weighing
from .money import Money


def as_plain(value: object) -> Any:
    """Turn value objects into text, whole numbers, lists and mappings, exactly."""
    if isinstance(value, Mapping):
        return {str(key): as_plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [as_plain(item) for item in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, Money | type):
        found = {item.name: (item, getattr(value, item.name)) for item in dataclasses.fields(value)}
        return {
            name: as_plain(content)
            for name, (item, content) in found.items()
            if content is not None or not item.metadata.get("written_if_known")
        }
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


def signing_purpose(appraiser: str) -> str:
    """Return whose key signs: the platform's for its own, the one kept for an organization."""
    return "appraisal" if appraiser.startswith("system") else f"party/{appraiser}"


def digest_of(plain: Mapping[str, Any]) -> str:
    """Hash plain values in their one canonical form."""
    return hashlib.sha256(canonical(plain)).hexdigest()


def read_inputs(plain: Mapping[str, Any]) -> AppraisalInputs:
    """Read the inputs of an appraisal back from their stored form, to work it out again."""
    income, weighing = plain["income"], plain.get("weighing")
    return AppraisalInputs(
        facts=_read_facts(plain["facts"]),
        costs=_read_costs(plain["costs"]),
        comparables=tuple(_read_comparable(row) for row in plain["comparables"]),
        income=None if income is None else _read_income(income),
        purpose=plain["purpose"],
        basis_on=date.fromisoformat(plain["basis_on"]),
        weighing=None if weighing is None else _read_weighing(weighing),
    )


def as_frozen(inputs: AppraisalInputs) -> AppraisalInputs:
    """Return the inputs as a reader of the signed document finds them.

    The working is done from these, so that it hangs on nothing that the document does not say,
    such as the order in which a mapping was filled.
    """
    return read_inputs(json.loads(canonical(as_plain(inputs))))


def _read_facts(row: Mapping[str, Any]) -> AssetFacts:
    shares = ("completeness", "uniqueness", "conformity", "coverage", "demand")
    return AssetFacts(
        **{
            **row,
            **{name: _decimal(row[name]) for name in shares},
            "updated_on": date.fromisoformat(row["updated_on"]),
            "update_frequency": UpdateFrequency(row["update_frequency"]),
            "circulation": Circulation(row["circulation"]),
            "traits": _read_traits(row.get("traits")),
            "measured": _read_measured(row.get("measured")),
        }
    )


def _read_costs(row: Mapping[str, Any]) -> CostRecord:
    incurred = row["incurred_on"]
    return CostRecord(
        **{kind: Money.parse(row[kind]) for kind in CostRecord.kinds()},
        incurred_on=date.fromisoformat(incurred) if incurred else None,
        source=row["source"],
        entries=_read_entries(row.get("entries")),
    )


def _read_entries(rows: Sequence[Mapping[str, Any]] | None) -> tuple[CostEntry, ...] | None:
    if rows is None:
        return None
    return tuple(
        CostEntry(
            reference=row["reference"],
            kind=row["kind"],
            amount=Money.parse(row["amount"]),
            incurred_on=date.fromisoformat(row["incurred_on"]),
        )
        for row in rows
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
            "traits": _read_traits(row.get("traits")),
        }
    )


def _read_traits(row: Mapping[str, Any] | None) -> Traits | None:
    return None if row is None else Traits(**row)


def _read_measured(row: Mapping[str, Any] | None) -> MeasuredQuality | None:
    if row is None:
        return None
    figures = ("shares", "weights")
    exact = {key: {name: Decimal(text) for name, text in row[key].items()} for key in figures}
    return MeasuredQuality(**{**row, **exact})


def _read_income(row: Mapping[str, Any]) -> IncomeForecast:
    if "uses" not in row:  # as the first version of the algorithm took it
        share = Decimal(row["contribution_rate"])
        rate = Decimal(row["discount_rate"])
        yearly = _read_amounts(row["yearly"])
        return IncomeForecast.single(
            *yearly, discount_rate=rate, contribution_rate=share, source=row["source"]
        )
    parts, life, expansion = row["rate_parts"], row["life"], row["expansion"]
    return IncomeForecast(
        uses=tuple(_read_use(use) for use in row["uses"]),
        rate_parts=None if parts is None else RateParts(**_decimals(parts)),
        life=None if life is None else Life(**_decimals(life)),
        expansion=None if expansion is None else _read_expansion(expansion),
        source=row["source"],
    )


def _read_use(row: Mapping[str, Any]) -> IncomeUse:
    charges = (Charge(name=c["name"], yearly=_read_amounts(c["yearly"])) for c in row["charges"])
    return IncomeUse(
        name=row["name"],
        yearly=_read_amounts(row["yearly"]),
        form=IncomeForm(row["form"]),
        weight=Decimal(row["weight"]),
        discount_rate=_decimal(row["discount_rate"]),
        contribution_rate=_decimal(row["contribution_rate"]),
        charges=tuple(charges),
        without=_read_amounts(row["without"]),
    )


def _read_expansion(row: Mapping[str, Any]) -> Expansion:
    return Expansion(
        value=Money.parse(row["value"]),
        outlay=Money.parse(row["outlay"]),
        years=Decimal(row["years"]),
        rate=Decimal(row["rate"]),
        volatility=Decimal(row["volatility"]),
    )


def _read_weighing(row: Mapping[str, Any]) -> Weighing:
    return Weighing(
        way=Way(row["way"]),
        approaches=tuple(Approach(name) for name in row["approaches"]),
        weights=_figures(row["weights"]),
        judgments=tuple(_figures(line) for line in row["judgments"]),
        aspects=tuple(row["aspects"]),
        scores=tuple(_figures(line) for line in row["scores"]),
        source=row["source"],
    )


def _read_amounts(rows: Sequence[str]) -> tuple[Money, ...]:
    return tuple(Money.parse(row) for row in rows)


def _figures(rows: Sequence[str]) -> tuple[Decimal, ...]:
    return tuple(Decimal(row) for row in rows)


def _decimals(row: Mapping[str, str | None]) -> dict[str, Any]:
    return {name: _decimal(text) for name, text in row.items()}


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
