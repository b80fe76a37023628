"""How accurate the appraisal is: every known price predicted from the others, never from itself.

Twice: on comparables made by a law that is known (how well the method can do when its form is
right), and on the asking prices of real exchanges where such a file stands beside the repository
(how well it does on what the market really looks like).
"""

import csv
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from random import Random
from statistics import median
from typing import Final

from django.conf import settings

from audit.disclosure.intervals import bootstrap_interval, wilson_interval
from audit.disclosure.measuring import Metric, measurement, report_progress, sha256_of
from audit.log.canonical import canonical
from audit.rulebook.queries import list_packs
from pricing.documents import as_plain
from pricing.facts import AssetFacts, Comparable, Evidence
from pricing.methods.market import appraise_by_market
from pricing.methods.quality import score_quality
from pricing.methods.working import Estimate, NotApplicable, working_precision
from pricing.money import Money
from pricing.policy import Policy, policy_of

SEED: Final = 20261123
GROUPS: Final = 20
GROUP_SIZE: Final = 10
LAW: Final = "ln P = 6 + 0.35 ln rows + 1.0 ln quality + 0.4 ln demand + 0.25 z, every 12th × 6"
BASIS: Final = date(2026, 11, 1)
LISTINGS: Final = Path("price-evidence") / "cn_data_exchange_listings.csv"
NEAREST: Final = 8
PRICELESS: Final = Money.zero()
MODES: Final = {"one-off": ("once", "one_off"), "usage-based": ("次", "per_call")}
"""Modes of sale in the file: the unit that belongs to each, and what its figures are called."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """A priced product and what is known of it; the price is hidden while it is predicted."""

    facts: AssetFacts
    comparable: Comparable
    title: str = ""
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


@measurement("appraisal", code=["pricing.methods", "pricing.policy"])
def measure_appraisal() -> list[Metric]:
    """Leave-one-out error and coverage of the market method, on all the data there is."""
    policy = policy_of(list_packs("pricing")[-1])
    metrics = _measure_synthetic(policy)
    folder = settings.SHARED_DATA
    if folder is not None and (Path(folder) / LISTINGS).is_file():
        metrics += _measure_listings(Path(folder) / LISTINGS, policy)
    return metrics


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


def read_listings(path: Path) -> list[Case]:
    """Read the priced listings that are sold by the piece or by the call, one file for all."""
    cases = []
    with path.open(encoding="utf-8-sig", newline="") as file:
        for place, row in enumerate(csv.DictReader(file)):
            price = _price(row["price_cny"])
            unit, _ = MODES.get(row["price_mode"], ("", ""))
            if price is None or unit != row["unit"]:
                continue
            cases.append(
                _case(
                    f"{row['platform']}-{place}",
                    owner=row["provider"],
                    price=Money(price),
                    title=row["title"],
                    group=f"{row['price_mode']}/{row['category_aws']}",
                    evidence=Evidence.ASK,
                )
            )
    return cases


def predict_each(cases: Sequence[Case], policy: Policy) -> Iterator[Prediction | None]:
    """Predict every case from the others of its group; None where too few are comparable."""
    groups: dict[str, list[Case]] = {}
    for case in cases:
        groups.setdefault(case.group, []).append(case)
    for case in cases:
        others = [other for other in groups[case.group] if other is not case]
        if case.title:
            others = _nearest(case, others)
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


def _measure_listings(path: Path, policy: Policy) -> list[Metric]:
    listings = read_listings(path)
    digest = sha256_of(path)
    metrics = []
    for mode, (_, kind) in MODES.items():
        cases = [case for case in listings if case.group.startswith(f"{mode}/")]
        predictions = _predict(cases, policy, f"listings, {kind}")
        prices = Counter(case.comparable.price.amount for case in cases)
        alike = sum(count for _, count in prices.most_common(2))
        note = (
            f"leave-one-out over {len(cases)} asking prices without rows or quality; "
            f"{len(cases) - len(predictions)} without enough comparables; "
            f"{alike} bear one of the two commonest prices"
        )
        metrics += _metrics(kind, predictions, f"listings: {path.name}", digest, note)
    return metrics


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


def _case(  # noqa: PLR0913  a case is described by all of these
    reference: str,
    *,
    group: str,
    price: Money = PRICELESS,
    owner: str = "",
    title: str = "",
    rows: int = 0,
    share: Decimal | None = None,
    demand: Decimal | None = None,
    evidence: Evidence = Evidence.DEAL,
) -> Case:
    facts = AssetFacts(
        asset=reference,
        release="",
        owner=owner or reference,
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
        price=price,
        priced_on=BASIS,
        owner=owner or reference,
        rows=rows or None,
        demand=demand,
        evidence=evidence,
    )
    return Case(facts=facts, comparable=comparable, title=title, group=group)


def _prediction(case: Case, estimate: Estimate) -> Prediction:
    with working_precision():
        return Prediction(
            actual=case.comparable.price.amount,
            predicted=estimate.value.amount,
            low=estimate.value.amount * (-estimate.spread).exp(),
            high=estimate.value.amount * estimate.spread.exp(),
        )


def _nearest(case: Case, others: Iterable[Case]) -> list[Case]:
    """Return the other providers' products whose titles share most pairs of characters."""
    own = _pairs(case.title)

    def likeness(other: Case) -> Decimal:
        theirs = _pairs(other.title)
        return Decimal(len(own & theirs)) / max(1, len(own | theirs))

    rivals = [other for other in others if other.comparable.owner != case.comparable.owner]
    return sorted(rivals, key=likeness, reverse=True)[:NEAREST]


def _pairs(title: str) -> set[str]:
    return {title[place : place + 2] for place in range(max(1, len(title) - 1))}


def _normal(random: Random) -> Decimal:
    """Draw nearly a standard normal: the sum of twelve uniform shares, less six."""
    return Decimal(sum(random.randrange(10**6) for _ in range(12))) / 10**6 - 6


def _price(text: str) -> Decimal | None:
    try:
        price = Decimal(text)
    except InvalidOperation:
        return None
    return price if price > 0 else None


def _four(value: Decimal) -> str:
    return f"{value:.4f}"
