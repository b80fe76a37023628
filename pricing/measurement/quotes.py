"""Whether quotes are what they are said to be: exact, monotone, and not undercut by splitting."""

import hashlib
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any, Final

from audit.disclosure.intervals import wilson_interval
from audit.disclosure.measuring import Metric, measurement, report_progress
from audit.log.canonical import canonical
from pricing.plans import PlanTerms, Tier
from pricing.quotes import quote_terms
from pricing.states import PlanKind

SEED: Final = 20261123
DRAWS: Final = 1000
DATASET: Final = f"random metered plans and quantities, seed {SEED}"
FEN: Final = Decimal("0.01")


@measurement("price_quote", code=["pricing.plans", "pricing.quotes", "pricing.money"])
def measure_price_quote() -> list[Metric]:
    """Compare random quotes with an exact sum of fractions, and with the same order split."""
    random = Random(SEED)  # noqa: S311  repeatability is the point
    drawn: list[dict[str, Any]] = []
    exact = rising = whole = 0
    for done in range(1, DRAWS + 1):
        terms = draw_terms(random)
        first, second = random.randrange(1, 30_000), random.randrange(1, 30_000)
        drawn.append({"terms": terms.as_document(), "first": first, "second": second})
        one = quote_terms(terms, first).total.amount
        other = quote_terms(terms, second).total.amount
        both = quote_terms(terms, first + second).total.amount
        exact += both == independent_total(terms, first + second)
        rising += both >= max(one, other)
        whole += one + other >= both
        report_progress(done, DRAWS, "random quotes")
    digest = hashlib.sha256(canonical({"drawn": drawn})).hexdigest()
    return [
        _metric("agreement_with_exact_sum", exact, digest),
        _metric("never_falls_with_quantity", rising, digest),
        _metric("cannot_be_undercut_by_splitting", whole, digest),
    ]


def draw_terms(random: Random) -> PlanTerms:
    """Draw a metered plan with up to four tiers whose unit prices fall."""
    count = random.randrange(1, 5)
    prices = sorted((random.randrange(1, 10**8) for _ in range(count)), reverse=True)
    limits = sorted(random.sample(range(10, 20_000), count - 1))
    return PlanTerms(
        kind=PlanKind.PER_ROW,
        tiers=tuple(
            Tier(up_to=limit, unit_price=Decimal(price).scaleb(-8))
            for limit, price in zip([*limits, None], prices, strict=True)
        ),
        minimum=Decimal(random.randrange(0, 5_000)).scaleb(-2),
    )


def independent_total(terms: PlanTerms, quantity: int) -> Decimal:
    """Sum unit by tier in fractions, sharing no code with the quote."""
    total = Fraction(0)
    below = 0
    for tier in terms.tiers:
        reach = quantity if tier.up_to is None else min(quantity, tier.up_to)
        total += max(0, reach - below) * Fraction(tier.unit_price)
        below = max(below, reach)
    total = max(total, Fraction(terms.minimum))
    fen = -(-total * 100 // 1)
    return Decimal(int(fen)).scaleb(-2).quantize(FEN)


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
        exact=True,
    )
