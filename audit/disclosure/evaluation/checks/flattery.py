"""Whether the metric was chosen to flatter: one by which a rule without skill does as well."""

from collections.abc import Iterator

from audit.disclosure.evaluation.metrics import METRICS
from audit.disclosure.evaluation.results import Finding, Sureness

from .evidence import Evidence, against, notice

LITTLE = 0.02
HIGH = 0.7


def check_flattery(evidence: Evidence) -> Iterator[Finding]:
    """Compare what the declared metric gives to the model and to the best simple rule."""
    scored, main = evidence.scored, evidence.main
    if main is not None and is_flattering(
        main.metric, scored.figure(main.metric).value, scored.figure(main.metric).baseline
    ):
        figure = scored.figure(main.metric)
        yield against(
            "flattering",
            Sureness.LIKELY,
            metric=main.metric,
            value=round(figure.value, 4),
            baseline=round(figure.baseline or 0.0, 4),
            rule=figure.baseline_name,
            judged=evidence.judged_by,
        )
    elif "accuracy" in scored.scores.values and evidence.card.task == "classification":
        figure = scored.figure("accuracy")
        if figure.baseline is not None and figure.value - figure.baseline < LITTLE:
            yield notice(
                "accuracy-says-little",
                value=round(figure.value, 4),
                baseline=round(figure.baseline, 4),
                judged=evidence.judged_by,
            )


def is_flattering(metric: str, value: float, baseline: float | None) -> bool:
    """Tell whether a metric is high for the model and no less so, or hardly, for a simple rule."""
    return (
        METRICS[metric].counts_hits
        and baseline is not None
        and value >= HIGH
        and value - baseline < LITTLE
    )
