"""Whether the figure is of rows the model knows: of training, or of an evaluation it learned."""

from collections.abc import Iterator

from audit.disclosure.evaluation.metrics import METRICS
from audit.disclosure.evaluation.results import Finding, Sureness, Verdict
from audit.disclosure.evaluation.verdicts import excess_of, rounding_of

from .evidence import Evidence, against, notice

GAP = 0.5
"""So much of what training leaves open must be gained before the evaluation counts as known."""
NEARLY = 0.2


def check_training(evidence: Evidence) -> Iterator[Finding]:
    """Compare what is declared, and what was measured, with the score on the training rows."""
    if evidence.trained is None:
        return
    for claim in evidence.claims:
        metric = METRICS[claim.metric]
        trained = evidence.trained.scores.values.get(claim.metric)
        if trained is None:
            continue
        declared, slack = float(claim.declared), rounding_of(claim.declared)
        excess = excess_of(claim.declared, claim.figure, metric)
        if excess > slack and abs(declared - trained) <= slack:
            sure = claim.verdict in (Verdict.OVERSTATED, Verdict.NO_BETTER)
            yield against(
                "training-score",
                Sureness.CERTAIN if sure else Sureness.LIKELY,
                metric=claim.metric,
                declared=str(claim.declared),
                trained=round(trained, 5),
                value=round(claim.figure.value, 5),
            )
        elif excess > slack and claim.verdict == Verdict.OVERSTATED:
            way = abs(trained - claim.figure.value)
            if way and abs(declared - trained) < NEARLY * way:
                yield notice(
                    "like-training-score",
                    Sureness.POSSIBLE,
                    metric=claim.metric,
                    declared=str(claim.declared),
                    trained=round(trained, 5),
                )
    yield from _check_fitted(evidence)


def _check_fitted(evidence: Evidence) -> Iterator[Finding]:
    """Find a model that knows the evaluation better than its own training rows."""
    main, trained = evidence.main, evidence.trained
    if main is None or trained is None or main.metric not in trained.scores.values:
        return
    own, metric = trained.figure(main.metric), METRICS[main.metric]
    low, high = main.figure.low, main.figure.high
    if low is None or high is None or own.low is None or own.high is None:
        return
    better = low > own.high if metric.higher else high < own.low
    gap = main.figure.value - own.value if metric.higher else own.value - main.figure.value
    reach = 1 - own.value if metric.higher else own.value
    if better and reach > 0 and gap > GAP * reach:
        yield against(
            "fitted-to-evaluation",
            Sureness.LIKELY,
            metric=main.metric,
            value=round(main.figure.value, 5),
            trained=round(own.value, 5),
        )
