"""What an appraisal's report says, in the reader's language: for pages, PDF and programs alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from .appraising import ALGORITHM_VERSION
from .documents import read_inputs
from .income import IncomeForecast, IncomeForm, IncomeUse
from .methods.reconciling import APPROACH_OF
from .methods.working import Method, Operation
from .models import Appraisal
from .money import Money
from .report_wording import EVIDENCE, ways_alike
from .waterfall import Bar, waterfall
from .wording import (
    APPROACHES,
    FORMULAE,
    INCOME_FORMS,
    METHODS,
    SOURCES,
    WAYS,
    band_text,
    coefficient_text,
    independence_text,
    remark_text,
)


@dataclass(frozen=True, kw_only=True)
class CoefficientLine:
    """A coefficient as the report lists it."""

    label: str
    symbol: str
    value: Decimal
    low: Decimal
    high: Decimal
    range_low: Decimal
    range_high: Decimal
    source: str


@dataclass(frozen=True, kw_only=True)
class MethodPart:
    """One method: its formula, the same with the numbers put in, and its share of the band."""

    code: str
    label: str
    approach: str
    formula: str
    worked: str
    value: Decimal
    weight: Decimal
    bars: Sequence[Bar]
    coefficients: Sequence[CoefficientLine]
    remarks: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class ComparableLine:
    """One comparable: what it asks, X1 to X5, what that makes, its weight, and why."""

    reference: str
    title: str
    price: str
    priced_on: str
    evidence: str
    factors: Mapping[str, Decimal]
    adjusted: Decimal | None
    weight: Decimal | None
    used: bool
    why: str


@dataclass(frozen=True, kw_only=True)
class BladeLine:
    """One input of the tornado."""

    label: str
    low: Decimal
    high: Decimal
    at_low: Decimal
    at_high: Decimal
    swing: Decimal


@dataclass(frozen=True, kw_only=True)
class UseLine:
    """One use of the data in the forecast."""

    number: int
    name: str
    form: str
    weight: Decimal
    rate: Decimal
    worked: str


@dataclass(frozen=True, kw_only=True)
class WeighingPart:
    """How the approaches were weighed by the appraiser."""

    way: str
    weights: Sequence[tuple[str, Decimal]]
    consistency: Decimal | None
    aspects: Sequence[tuple[str, Decimal]]
    source: str


@dataclass(frozen=True, kw_only=True)
class Report:
    """The whole report beside band, dates and signature."""

    algorithm_version: int
    worked_out_again: bool
    words: str
    independence: str
    methods: Sequence[MethodPart]
    left_out: Sequence[tuple[str, str]]
    weighing: WeighingPart | None
    uses: Sequence[UseLine]
    comparables: Sequence[ComparableLine]
    tornado: Sequence[BladeLine]


def report_of(appraisal: Appraisal, content: Mapping[str, Any]) -> Report:
    """Read the report from the row and the content of its document; nothing is worked out anew."""
    result = appraisal.result
    version = int(content.get("algorithm", {}).get("version", 1))
    weights = {row["method"]: Decimal(row["weight"]) for row in result["band"]["shares"]}
    forecast = read_inputs(appraisal.inputs).income
    return Report(
        algorithm_version=version,
        worked_out_again=version == ALGORITHM_VERSION,
        words=band_text(result),
        independence=independence_text(
            platform=appraisal.appraiser.startswith("system"),
            weighed="weighing" in appraisal.inputs,
        ),
        methods=[_method(row, weights, forecast) for row in result["estimates"]],
        left_out=[
            (str(METHODS[row["method"]]), remark_text(row["remark"]))
            for row in result["not_applicable"]
        ],
        weighing=_weighing(result.get("weighed"), appraisal.inputs),
        uses=_uses(forecast),
        comparables=_comparables(appraisal),
        tornado=[
            BladeLine(
                label=coefficient_text(row["code"]),
                **{
                    name: Decimal(row[name])
                    for name in ("low", "high", "at_low", "at_high", "swing")
                },
            )
            for row in result.get("tornado", ())
        ],
    )


def figure(value: Decimal) -> str:
    """Write a figure with four places at most, without the zeros it is stored with."""
    text = f"{value:,.4f}"
    return text.rstrip("0").rstrip(".")


def amount_text(stored: str) -> str:
    """Write a stored amount: `60,000.00 CNY`."""
    amount = Money.parse(stored)
    return f"{amount.amount:,.2f} {amount.currency}"


def _method(
    row: Mapping[str, Any], weights: Mapping[str, Decimal], forecast: IncomeForecast | None
) -> MethodPart:
    bars = waterfall(row)
    code = row["method"]
    return MethodPart(
        code=code,
        label=str(METHODS[code]),
        approach=str(APPROACHES[APPROACH_OF[Method(code)]]),
        formula=FORMULAE[code],
        worked=worked_text(bars, forecast if code == Method.INCOME else None),
        value=Decimal(row["value"].partition(" ")[0]),
        weight=weights.get(code, Decimal(0)),
        bars=bars,
        coefficients=[
            CoefficientLine(
                label=coefficient_text(item["code"]),
                symbol=item["symbol"],
                source=str(SOURCES.get(item["source"], item["source"])),
                **{
                    name: Decimal(item[name])
                    for name in ("value", "low", "high", "range_low", "range_high")
                },
            )
            for item in row["coefficients"]
        ],
        remarks=[remark_text(remark) for remark in row["remarks"]],
    )


def worked_text(bars: Sequence[Bar], forecast: IncomeForecast | None = None) -> str:
    """Write a formula with its numbers: `(60,000.00 + 15,000.00) × 1.15 ÷ 20 = 4,312.50`."""
    if not bars:
        return ""
    added = [bar for bar in bars if bar.operation in {Operation.ADD, Operation.AVERAGE}]
    rest = [bar for bar in bars if bar not in added]
    first = " + ".join(f"{bar.effect:,.2f}" for bar in added)
    if forecast is not None:
        parts = [_use_worked(use, forecast) for use in forecast.uses]
        option = [f"{bar.effect:,.2f}" for bar in added if bar.code == "growth_option"]
        first = " + ".join([*parts, *option])
    if rest and len(added) > 1:
        first = f"({first})"
    return " ".join([first, *(bar.caption for bar in rest), f"= {bars[-1].after:,.2f}"])


def _use_worked(use: IncomeUse, forecast: IncomeForecast) -> str:
    rate = figure(forecast.rate_of(use))
    terms = [
        f"{_year_worked(use, year)} ÷ (1 + {rate})^{year + 1}" for year in range(len(use.yearly))
    ]
    whole = " + ".join(terms)
    return whole if len(forecast.uses) == 1 else f"{figure(use.weight)} × ({whole})"


def _year_worked(use: IncomeUse, year: int) -> str:
    income = f"{use.yearly[year].amount:,.2f}"
    match use.form:
        case IncomeForm.ROYALTY:
            return f"{income} × {figure(use.contribution_rate or Decimal(1))}"
        case IncomeForm.EXCESS:
            charges = " − ".join(f"{item.yearly[year].amount:,.2f}" for item in use.charges)
            return f"({income} − {charges})"
        case IncomeForm.INCREMENTAL:
            return f"({income} − {use.without[year].amount:,.2f})"
        case IncomeForm.DIRECT:
            return income


def _uses(forecast: IncomeForecast | None) -> list[UseLine]:
    if forecast is None:
        return []
    return [
        UseLine(
            number=number,
            name=use.name,
            form=str(INCOME_FORMS[use.form]),
            weight=use.weight,
            rate=forecast.rate_of(use),
            worked=_use_worked(use, forecast),
        )
        for number, use in enumerate(forecast.uses, start=1)
    ]


def _weighing(weighed: Mapping[str, Any] | None, inputs: Mapping[str, Any]) -> WeighingPart | None:
    if weighed is None:
        return None
    consistency, aspects = weighed["consistency"], weighed["aspects"] or {}
    return WeighingPart(
        way=str(WAYS[weighed["way"]]),
        weights=[
            (str(APPROACHES[name]), Decimal(weight)) for name, weight in weighed["weights"].items()
        ],
        consistency=None if consistency is None else Decimal(consistency),
        aspects=[(name, Decimal(weight)) for name, weight in aspects.items()],
        source=inputs["weighing"]["source"],
    )


def _comparables(appraisal: Appraisal) -> list[ComparableLine]:
    market = [row for row in appraisal.result["estimates"] if row["method"] == Method.MARKET]
    judged = {row["reference"]: row for found in market for row in found["adjustments"]}
    lines = [
        _comparable(row, judged.get(row["reference"]), appraisal)
        for row in appraisal.inputs["comparables"]
    ]
    return sorted(lines, key=lambda line: (not line.used, -(line.weight or 0), line.reference))


def _comparable(
    row: Mapping[str, Any], judged: Mapping[str, Any] | None, appraisal: Appraisal
) -> ComparableLine:
    weight = judged.get("weight") if judged else None
    traits = row.get("traits") or {}
    return ComparableLine(
        reference=row["reference"],
        title=traits.get("title", ""),
        price=amount_text(row["price"]),
        priced_on=row["priced_on"],
        evidence=str(EVIDENCE[row["evidence"]]),
        factors={name: Decimal(text) for name, text in judged["factors"].items()} if judged else {},
        adjusted=Decimal(judged["adjusted"]) if judged else None,
        weight=None if weight is None else Decimal(weight),
        used=bool(judged and judged["used"]),
        why=_why(row, judged, appraisal),
    )


def _why(row: Mapping[str, Any], judged: Mapping[str, Any] | None, appraisal: Appraisal) -> str:
    """Say why a comparable counts, or why it does not."""
    own = appraisal.inputs["facts"].get("traits") or {}
    its = row.get("traits") or {}
    if judged is None:
        return _why_not_compared(row, own, its, appraisal)
    weight = judged.get("weight")
    if not judged["used"] and weight is None:
        return _("left out: %(distance)s deviations from the median") % {
            "distance": judged["reason"]
        }
    if not judged["used"]:
        return _("others are more alike")
    if weight is None:
        return _("counts like every other: too few to learn weights from")
    alike = ways_alike(own, its)
    same = _("alike in title and text; same %(facets)s") % {"facets": _(", ").join(alike)}
    return same if alike else _("alike in title and text")


def _why_not_compared(
    row: Mapping[str, Any],
    own: Mapping[str, Any],
    its: Mapping[str, Any],
    appraisal: Appraisal,
) -> str:
    if row["owner"] and row["owner"] == appraisal.owner:
        return _("a product of the same provider is not compared")
    if own.get("unit") and its and its["unit"] != own["unit"]:
        return _("priced by another unit of sale")
    if not any(part["method"] == Method.MARKET for part in appraisal.result["estimates"]):
        return _("the market method does not apply")
    return _("others are more alike")
