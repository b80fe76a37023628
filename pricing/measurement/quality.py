"""Whether quality scores are what they are said to be: random counts, scored again by fractions."""

import hashlib
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any, Final

from audit.disclosure.intervals import wilson_interval
from audit.disclosure.measuring import Metric, measurement, report_progress
from audit.log.canonical import canonical
from audit.rulebook.queries import get_pack
from pricing.quality import Accesses, Item, QualityStandard, Updates, measure, standard_of

SEED: Final = 20261129
DRAWS: Final = 1000
DAY: Final = date(2026, 11, 23)
COUNTED: Final = ("completeness", "conformity", "accuracy", "consistency")
DATASET: Final = f"random counts of rows, updates and accesses, seed {SEED}"


@measurement("quality", code=["pricing.quality"])
def measure_quality_scores() -> list[Metric]:
    """Compare the score and grade of random releases with exact fractions."""
    pack = get_pack("quality", on=DAY)
    standard = standard_of(pack.label, pack.data)
    random = Random(SEED)  # noqa: S311  repeatability is the point
    drawn: list[dict[str, Any]] = []
    scores = grades = 0
    for done in range(1, DRAWS + 1):
        items = _draw_items(random)
        ended = random.randrange(0, 500)
        succeeded = random.randrange(0, ended + 1)
        accesses = Accesses(since=DAY, until=DAY, ended=ended, succeeded=succeeded)
        updates = Updates(days=0, releases=(DAY - timedelta(days=1),), on=DAY)
        found = measure(items, updates=updates, accesses=accesses, standard=standard)
        exact = _exact(items, accesses, standard)
        drawn.append(
            {
                "items": [[i.dimension, i.total, i.failing, i.weight] for i in items],
                "accesses": [ended, succeeded],
            }
        )
        scores += _is_same(found.score, exact)
        grades += found.grade == _grade(exact, standard)
        report_progress(done, DRAWS, "random releases")
    digest = hashlib.sha256(canonical({"drawn": drawn})).hexdigest()
    return [
        _metric("scores_agree_with_exact_fractions", scores, digest),
        _metric("grades_agree_with_exact_fractions", grades, digest),
    ]


def _draw_items(random: Random) -> list[Item]:
    items = []
    for number in range(random.randrange(0, 8)):
        total = random.randrange(0, 10**6)
        items.append(
            Item(
                id=f"rule-{number}",
                dimension=random.choice(COUNTED),
                total=total,
                failing=random.randrange(0, total + 1),
                weight=random.randrange(1, 10),
            )
        )
    return items


def _exact(items: list[Item], accesses: Accesses, standard: QualityStandard) -> Fraction | None:
    """Score by fractions that are rounded where the standard rounds, sharing no code with it."""
    counted = [(i.dimension, i.total, i.failing, i.weight) for i in items]
    counted.append(("accessibility", accesses.ended, accesses.ended - accesses.succeeded, 1))
    above = below = Fraction(0)
    for dimension, weight in standard.weights.items():
        rows = [row for row in counted if row[0] == dimension and row[1]]
        if not rows:
            continue
        met = sum(Fraction(row[3]) * Fraction(row[1] - row[2], row[1]) for row in rows)
        share = Fraction(round(met / sum(row[3] for row in rows) * 10_000), 10_000)
        above += Fraction(weight) * share
        below += Fraction(weight)
    return above / below if below else None


def _is_same(found: Decimal | None, exact: Fraction | None) -> bool:
    if found is None or exact is None:
        return found is None and exact is None
    return Fraction(found) == Fraction(round(exact * 10_000), 10_000)


def _grade(exact: Fraction | None, standard: QualityStandard) -> str:
    if exact is None:
        return ""
    score = Fraction(round(exact * 10_000), 10_000)
    return next((name for name, least in standard.grades if score >= Fraction(least)), "D")


def _metric(name: str, right: int, digest: str) -> Metric:
    low, high = wilson_interval(right, DRAWS)
    return Metric(
        name=name,
        value=f"{Decimal(right) / DRAWS:.4f}",
        ci_low=f"{low:.4f}",
        ci_high=f"{high:.4f}",
        n=DRAWS,
        dataset=DATASET,
        dataset_sha256=digest,
    )
