"""How accurate the appraisal is: every known price predicted from the others, never from itself.

Twice: on comparables made by a law that is known (how well the method can do when its form is
right), and on the asking prices of real exchanges where such a file stands beside the repository
(how well it does on what the market really looks like: `pricing.measurement.backtest`).
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random
from statistics import median
from typing import Any, Final

from audit.disclosure.intervals import bootstrap_interval, wilson_interval
from audit.disclosure.measuring import (
    Better,
    Metric,
    measurement,
    outside_data,
    report_progress,
    sha256_of,
)
from audit.log.canonical import canonical
from audit.rulebook.queries import list_packs
from pricing.documents import as_plain
from pricing.facts import AssetFacts, Comparable
from pricing.methods.market import appraise_by_market
from pricing.methods.quality import score_quality
from pricing.methods.working import Estimate, NotApplicable, working_precision
from pricing.money import Money
from pricing.policy import Policy, policy_of

from .backtest import Protocol, backtest
from .figures import Figures, figures_of
from .listings import read_listings

SEED: Final = 20261123
GROUPS: Final = 20
GROUP_SIZE: Final = 10
LAW: Final = "ln P = 6 + 0.35 ln rows + 1.0 ln quality + 0.4 ln demand + 0.25 z, every 12th × 6"
BASIS: Final = date(2026, 11, 1)
LISTINGS: Final = Path("price-evidence") / "cn_data_exchange_listings.csv"
PRICELESS: Final = Money.zero()
PROTOCOLS: Final = {Protocol.LISTING: "listing_out", Protocol.PROVIDER: "provider_out"}
"""The protocols as the names of the register's figures end in them."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """A priced product and what is known of it; the price is hidden while it is predicted."""

    facts: AssetFacts
    comparable: Comparable
    group: str = ""


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """What the method said of a case, and what was true."""

    actual: Decimal
    predicted: Decimal
    low: Decimal
    high: Decimal

    @property
    def error(self) -> Decimal:
        """How many times too high or too low, less one: 0.25 is a quarter off either way."""
        ratio = self.predicted / self.actual
        return max(ratio, 1 / ratio) - 1

    @property
    def is_covered(self) -> bool:
        """Whether the interval held the true price."""
        return self.low <= self.actual <= self.high


@measurement("appraisal", code=["pricing.methods", "pricing.policy", "pricing.measurement"])
def measure_appraisal() -> list[Metric]:
    """Error and coverage of the market method, on all the data there is."""
    policy = policy_of(list_packs("pricing")[-1])
    folder = outside_data()
    path = None if folder is None else folder / LISTINGS
    return measure_on(path if path is not None and path.is_file() else None, policy)


def measure_on(path: Path | None, policy: Policy) -> list[Metric]:
    """Measure on the known law, and on a file of listings by both protocols where there is one."""
    metrics = _measure_synthetic(policy)
    if path is not None:
        listings, digest = read_listings(path), sha256_of(path)
        for protocol in Protocol:
            outcomes = backtest(listings, protocol, minimum=policy.market.minimum)
            for figures in figures_of(outcomes, protocol):
                metrics += metrics_of(figures, f"listings: {path.name}", digest)
    return metrics


def metrics_of(figures: Figures, dataset: str, digest: str) -> list[Metric]:
    """Say the figures of one exchange and protocol as the register keeps them."""
    end = f"{figures.exchange}_{PROTOCOLS[Protocol(figures.protocol)]}"
    why = ", ".join(f"{code} {count}" for code, count in figures.refusals.items()) or "none"
    note = (
        f"{figures.protocol}, asking prices, {figures.providers} named providers, "
        f"{figures.answered} of {figures.listings} answered, refused: {why}"
    )
    low, high = wilson_interval(figures.refused, figures.listings)
    common: dict[str, Any] = {"dataset": dataset, "dataset_sha256": digest, "note": note}
    refused = Metric(
        name=f"refused_share_{end}",
        value=_float(figures.refused_share),
        ci_low=_float(low),
        ci_high=_float(high),
        n=figures.listings,
        better=Better.LOWER,
        **common,
    )
    if not figures.answered:
        return [refused]
    common["n"] = figures.answered
    return [
        Metric(
            name=f"log_error_{end}",
            value=_float(figures.median_error),
            ci_low=_float(figures.median_error_low),
            ci_high=_float(figures.median_error_high),
            better=Better.LOWER,
            **common,
        ),
        Metric(
            name=f"plain_error_{end}",
            value=_float(figures.plain_median_error),
            better=Better.LOWER,
            **common,
        ),
        Metric(
            name=f"interval_coverage_{end}",
            value=_float(figures.coverage),
            ci_low=_float(figures.coverage_low),
            ci_high=_float(figures.coverage_high),
            **common
            | {"note": f"{note}; found exactly: {figures.exact_share}; meant to hold 0.80"},
        ),
        refused,
    ]


def make_synthetic_cases(policy: Policy) -> list[Case]:
    """Draw products from the known law; the same ones in every run."""
    random = Random(SEED)  # noqa: S311  repeatability is the point
    cases = []
    with working_precision():
        for place in range(GROUPS * GROUP_SIZE):
            rows = random.randrange(1_000, 1_000_000)
            share = Decimal(random.randrange(40, 100)) / 100
            demand = Decimal(random.randrange(50, 200)) / 100
            case = _case(
                f"synthetic-{place}",
                group=str(place // GROUP_SIZE),
                rows=rows,
                share=share,
                demand=demand,
            )
            quality = score_quality(case.facts, policy.quality, BASIS).value
            log_price = 6 + Decimal("0.35") * Decimal(rows).ln() + quality.ln()
            log_price += Decimal("0.4") * demand.ln() + Decimal("0.25") * _normal(random)
            price = log_price.exp() * (6 if place % 12 == 11 else 1)  # noqa: PLR2004  the law's own figure
            comparable = replace(case.comparable, price=Money(price).quantized(), quality=quality)
            cases.append(replace(case, comparable=comparable))
    return cases


def predict_each(cases: Sequence[Case], policy: Policy) -> Iterator[Prediction | None]:
    """Predict every case from the others of its group; None where too few are comparable."""
    groups: dict[str, list[Case]] = {}
    for case in cases:
        groups.setdefault(case.group, []).append(case)
    for case in cases:
        others = [other for other in groups[case.group] if other is not case]
        estimate = appraise_by_market(
            case.facts,
            [other.comparable for other in others],
            policy=policy.market,
            quality=policy.quality,
            basis_on=BASIS,
            per_license=True,
        )
        if isinstance(estimate, NotApplicable):
            yield None
        else:
            yield _prediction(case, estimate)


def _measure_synthetic(policy: Policy) -> list[Metric]:
    cases = make_synthetic_cases(policy)
    content = canonical({"cases": [as_plain(case.comparable) for case in cases]})
    name = f"synthetic comparables, seed {SEED}: {LAW}"
    digest = hashlib.sha256(content).hexdigest()
    predictions = _predict(cases, policy, "synthetic comparables")
    return _metrics("synthetic", predictions, name, digest, "leave-one-out")


def _predict(cases: Sequence[Case], policy: Policy, what: str) -> list[Prediction]:
    found = []
    for done, prediction in enumerate(predict_each(cases, policy), start=1):
        report_progress(done, len(cases), what)
        if prediction is not None:
            found.append(prediction)
    return found


def _metrics(
    kind: str, predictions: Sequence[Prediction], dataset: str, digest: str, note: str
) -> list[Metric]:
    errors = [prediction.error for prediction in predictions]
    low, high = bootstrap_interval(errors, median, seed=SEED)
    covered = sum(prediction.is_covered for prediction in predictions)
    count = len(predictions)
    ends = wilson_interval(covered, count)
    return [
        Metric(
            name=f"median_error_{kind}",
            value=_four(median(errors)),
            ci_low=_four(low),
            ci_high=_four(high),
            n=count,
            dataset=dataset,
            dataset_sha256=digest,
            note=note,
            better=Better.LOWER,
        ),
        Metric(
            name=f"interval_coverage_{kind}",
            value=_four(Decimal(covered) / count),
            ci_low=_four(Decimal(str(ends[0]))),
            ci_high=_four(Decimal(str(ends[1]))),
            n=count,
            dataset=dataset,
            dataset_sha256=digest,
            note=f"{note}; the interval is meant to hold 0.80",
        ),
    ]


def _case(reference: str, *, group: str, rows: int, share: Decimal, demand: Decimal) -> Case:
    facts = AssetFacts(
        asset=reference,
        release="",
        owner=reference,
        rows=rows,
        columns=0,
        bytes=0,
        updated_on=BASIS,
        completeness=share,
        uniqueness=share,
        conformity=share,
        coverage=share,
        demand=demand,
    )
    comparable = Comparable(
        reference=reference,
        price=PRICELESS,
        priced_on=BASIS,
        owner=reference,
        rows=rows,
        demand=demand,
    )
    return Case(facts=facts, comparable=comparable, group=group)


def _prediction(case: Case, estimate: Estimate) -> Prediction:
    with working_precision():
        return Prediction(
            actual=case.comparable.price.amount,
            predicted=estimate.value.amount,
            low=estimate.value.amount * (-estimate.spread).exp(),
            high=estimate.value.amount * estimate.spread.exp(),
        )


def _normal(random: Random) -> Decimal:
    """Draw nearly a standard normal: the sum of twelve uniform shares, less six."""
    return Decimal(sum(random.randrange(10**6) for _ in range(12))) / 10**6 - 6


def _four(value: Decimal) -> str:
    return f"{value:.4f}"


def _float(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"
