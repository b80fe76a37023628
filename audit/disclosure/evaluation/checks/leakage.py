"""Whether features hold the answer: one that determines the target, or several that add up to it.

A feature is cut into its values or into 64 stretches of equal weight, "empty" among them; what
each stretch says is learned on one half of the rows and asked of the other, both ways.
"""

from collections.abc import Iterator

import numpy as np

from audit.disclosure.evaluation.metrics.classifying import areas
from audit.disclosure.evaluation.metrics.numbers import ranks
from audit.disclosure.evaluation.metrics.scoring import SEED, Floats, Wholes
from audit.disclosure.evaluation.results import Finding, Sureness

from .evidence import Evidence, against, notice, numbers_at, sample_of

STRETCHES = 64
FEWEST = 60
SURE, ALMOST, SUSPECT = 0.9995, 0.995, 0.98
SURE_NUMBER, ALMOST_NUMBER, SUSPECT_NUMBER = 0.99999, 0.999, 0.98
ALONE, ALONE_NUMBER = 0.75, 0.6
SUM = 0.9999
MOST_SUMMED = 200


def check_leakage(evidence: Evidence) -> Iterator[Finding]:
    """Find features from which the target can be read off."""
    names = evidence.plain_features
    if evidence.card.task == "ranking" or not names:
        return
    places = sample_of(evidence.holdout)
    truth = evidence.scored.truth[places]
    if truth.size < FEWEST:
        return
    columns = {name: numbers_at(evidence.holdout, name, places) for name in names}
    if evidence.card.target in names:
        yield against("target-is-feature", Sureness.CERTAIN, name=evidence.card.target)
        names = [name for name in names if name != evidence.card.target]
    classed = evidence.scored.classed is not None or evidence.card.task == "anomaly_detection"
    measure = strength_of_classes if classed else strength_of_numbers
    strength = {name: measure(columns[name], truth) for name in names}
    yield from _judge(strength, classed=classed)
    if not any(value >= (ALMOST if classed else ALMOST_NUMBER) for value in strength.values()):
        yield from _check_sum(columns, names, truth)


def _judge(strength: dict[str, float], *, classed: bool) -> Iterator[Finding]:
    sure, almost, suspect, alone = (
        (SURE, ALMOST, SUSPECT, ALONE)
        if classed
        else (SURE_NUMBER, ALMOST_NUMBER, SUSPECT_NUMBER, ALONE_NUMBER)
    )
    ordered = sorted(strength, key=lambda name: -strength[name])
    for place, name in enumerate(ordered):
        value = round(strength[name], 5)
        if value >= almost:
            sureness = Sureness.CERTAIN if value >= sure else Sureness.LIKELY
            yield against("leak", sureness, name=name, strength=value)
        elif value >= suspect and not place:
            rest = strength[ordered[1]] if len(ordered) > 1 else 0.0
            if rest <= alone:
                yield notice("perhaps-leak", Sureness.POSSIBLE, name=name, strength=value)


def strength_of_classes(feature: Floats, truth: Floats) -> float:
    """Return how well one feature tells the classes: balanced accuracy, or for two the ROC area."""
    codes = np.unique(truth, return_inverse=True)[1]
    found = _crossed(_stretches(feature), codes)
    filled = np.isfinite(feature)
    if codes.max() == 1 and filled.all():
        levels = np.unique(feature, return_inverse=True)[1]
        size = int(levels.max()) + 1
        area = float(
            areas(
                np.bincount(levels[codes == 1], minlength=size),
                np.bincount(levels[codes == 0], minlength=size),
            )[0]
        )
        found = max(found, area, 1 - area)
    return found


def _crossed(stretches: Wholes, codes: Wholes) -> float:
    """Return the balanced accuracy of the commonest class of each stretch, across halves."""
    half = np.random.default_rng(SEED).random(codes.size) < 0.5  # noqa: PLR2004  a half
    classes, size = int(codes.max()) + 1, int(stretches.max()) + 1
    said = np.empty_like(codes)
    for one, other in ((half, ~half), (~half, half)):
        table = np.bincount(
            stretches[one] * classes + codes[one], minlength=size * classes
        ).reshape(size, classes)
        weight = np.bincount(codes[one], minlength=classes)
        share = table / np.maximum(weight, 1)
        share[table.sum(axis=1) == 0] = weight / weight.sum()
        said[other] = np.argmax(share, axis=1)[stretches[other]]
    right = [np.mean(said[codes == each] == each) for each in range(classes)]
    return float(np.mean(right))


def strength_of_numbers(feature: Floats, truth: Floats) -> float:
    """Return how closely one feature follows the target, straight or by rank."""
    filled = np.isfinite(feature)
    if filled.sum() < FEWEST or np.ptp(feature[filled]) == 0 or np.ptp(truth[filled]) == 0:
        return 0.0
    straight = np.corrcoef(feature[filled], truth[filled])[0, 1]
    ranked = np.corrcoef(ranks(feature[filled]), ranks(truth[filled]))[0, 1]
    return float(max(abs(straight), abs(ranked)) * filled.mean())


def _stretches(feature: Floats) -> Wholes:
    filled = np.isfinite(feature)
    different = np.unique(feature[filled])
    if different.size > STRETCHES:
        edges = np.unique(np.quantile(feature[filled], np.linspace(0, 1, STRETCHES + 1)[1:-1]))
        codes = np.searchsorted(edges, feature, side="right")
    else:
        codes = np.searchsorted(different, feature)
    return np.where(filled, codes + 1, 0)


def _check_sum(columns: dict[str, Floats], names: list[str], truth: Floats) -> Iterator[Finding]:
    """Find a target that is a weighted sum of features, without error."""
    usable = [
        name for name in names if np.isfinite(columns[name]).all() and np.ptp(columns[name]) > 0
    ][:MOST_SUMMED]
    if len(usable) < 2 or truth.size < 4 * len(usable):  # noqa: PLR2004  a sum has two parts
        return
    table = np.column_stack([columns[name] for name in usable])
    table = (table - table.mean(axis=0)) / table.std(axis=0)
    table = np.column_stack([table, np.ones(truth.size)])
    half = np.random.default_rng(SEED).random(truth.size) < 0.5  # noqa: PLR2004  a half
    weights = np.linalg.lstsq(table[half], truth[half], rcond=None)[0]
    left = truth[~half] - table[~half] @ weights
    spread = float(np.var(truth[~half]))
    explained = 1 - float(np.mean(left**2)) / spread if spread else 0.0
    if explained >= SUM:
        most = sorted(zip(np.abs(weights[:-1]).tolist(), usable, strict=True), reverse=True)
        shown = ", ".join(name for weight, name in most if weight > most[0][0] / 100)[:200]
        yield against("leak-sum", Sureness.LIKELY, names=shown, strength=round(explained, 6))
