"""Metrics of classes. Conventions are scikit-learn's: what is undefined counts as zero.

Every metric of the confusion matrix follows from how often each class was right, said and true;
redrawing rows within each true class redraws just these counts, whatever the number of rows.
"""

from typing import Any

import numpy as np

from .scoring import (
    ROUNDS,
    Floats,
    Scores,
    Wholes,
    block_sums,
    block_weights,
    blocks_of,
    generator,
    levels_of,
)

TINY = 1e-15
MANY = 20
"""Above so many classes, the area under the curve is not averaged over each against the rest."""


def confusion_of(truth: Wholes, said: Wholes, classes: int) -> Wholes:
    """Count how often each class (row) was called each class (column)."""
    return np.bincount(truth * classes + said, minlength=classes * classes).reshape(
        classes, classes
    )


def score_counts(right: Any, said: Any, true: Any, positive: int | None) -> dict[str, Floats]:
    """Return the metrics of counts by class (last axis): right, said and true ones.

    F1 = 2·right/(said + true); MCC after Gorodkin (2004), which for two classes is Matthews'.
    """
    right, said, true = (np.asarray(each, dtype=np.float64) for each in (right, said, true))
    total = true.sum(axis=-1)
    recall = _share(right, true)
    precision = _share(right, said)
    f1 = _share(2 * right, said + true)
    seen = (said + true) > 0
    present = true > 0
    hits = right.sum(axis=-1)
    inner = hits * total - (said * true).sum(axis=-1)
    spread = (total**2 - (said**2).sum(axis=-1)) * (total**2 - (true**2).sum(axis=-1))
    found = {
        "accuracy": _share(hits, total),
        "balanced_accuracy": _mean(recall, present),
        "precision_macro": _mean(precision, seen),
        "recall_macro": _mean(recall, seen),
        "f1_macro": _mean(f1, seen),
        "f1_weighted": _share((f1 * true).sum(axis=-1), total),
        "mcc": _share(inner, np.sqrt(spread)),
    }
    if positive is not None:
        found |= {
            "precision": precision[..., positive],
            "recall": recall[..., positive],
            "f1_positive": f1[..., positive],
        }
    return found


def score_classes(confusion: Wholes, positive: int | None, scores: Scores) -> None:
    """Add the metrics of the confusion matrix, redrawn within each true class, and baselines."""
    random = generator()
    classes = confusion.shape[0]
    true = confusion.sum(axis=1)
    right = np.zeros((ROUNDS, classes))
    said = np.zeros((ROUNDS, classes))
    for row in np.flatnonzero(true):
        into = np.flatnonzero(confusion[row])
        drawn = random.multinomial(true[row], confusion[row, into] / true[row], size=ROUNDS)
        said[:, into] += drawn
        if confusion[row, row]:
            right[:, row] = drawn[:, np.flatnonzero(into == row)[0]]
    point = score_counts(np.diag(confusion), confusion.sum(axis=0), true, positive)
    draws = score_counts(right, said, np.broadcast_to(true, said.shape), positive)
    scores.add({name: float(value) for name, value in point.items()}, draws)


def score_rules(true: Wholes, prior: Floats, positive: int | None, scores: Scores) -> None:
    """Add what simple rules reach: the commonest class, the positive one, and two kinds of lots.

    `true` counts the classes of the rows, `prior` their shares among the rows one may learn from.
    """
    classes, total = true.size, true.sum()
    constant = {"majority": int(np.argmax(prior))}
    if positive is not None:
        constant["always_positive"] = positive
    for name, choice in constant.items():
        said = np.zeros(classes)
        said[choice] = total
        right = np.zeros(classes)
        right[choice] = true[choice]
        scores.base(name, _plain(score_counts(right, said, true, positive)))
    for name, lot in (("prior", prior), ("random", np.full(classes, 1 / classes))):
        scores.base(name, _plain(score_counts(true * lot, total * lot, true, positive)))


def score_order(truth: Wholes, score: Floats, scores: Scores, suffix: str = "") -> None:
    """Add the areas under the ROC and the precision-recall curve of a score for yes (1) or no (0).

    The PR area is average precision. Where there are more than 2,048 different scores, the redrawn
    values are those of 2,048 quantiles; the value itself is exact.
    """
    if len(np.unique(truth)) < 2:  # noqa: PLR2004  both yes and no are needed
        return
    exact = np.unique(score, return_inverse=True)[1]
    point = areas(*_by_level(truth, exact))
    yes, no = _by_level(truth, levels_of(score))
    random = generator()
    drawn_yes = random.multinomial(int(yes.sum()), yes / yes.sum(), size=ROUNDS)
    drawn_no = random.multinomial(int(no.sum()), no / no.sum(), size=ROUNDS)
    draws = areas(drawn_yes, drawn_no)
    names = (f"roc_auc{suffix}", f"pr_auc{suffix}")
    shift = np.array(point).reshape(2) - np.array(areas(yes, no)).reshape(2)
    scores.add(
        dict(zip(names, map(float, point), strict=True)),
        dict(zip(names, (draws[0] + shift[0], draws[1] + shift[1]), strict=True)),
    )
    scores.base("prior", {names[0]: 0.5, names[1]: float(truth.mean())})


def areas(yes: Any, no: Any) -> tuple[Floats, Floats]:
    """Return ROC area and average precision of counts by rising level of score (last axis)."""
    yes, no = np.asarray(yes, dtype=np.float64), np.asarray(no, dtype=np.float64)
    below = np.cumsum(no, axis=-1) - no
    total_yes, total_no = yes.sum(axis=-1), no.sum(axis=-1)
    roc = _share((yes * (below + no / 2)).sum(axis=-1), total_yes * total_no)
    yes, no = yes[..., ::-1], no[..., ::-1]
    hits = np.cumsum(yes, axis=-1)
    precision = _share(hits, hits + np.cumsum(no, axis=-1))
    average = _share((yes * precision).sum(axis=-1), total_yes)
    return roc, average


def score_many_orders(truth: Wholes, shares: Floats, scores: Scores) -> None:
    """Add the ROC area averaged over each class against the rest (macro), for 3 to 20 classes."""
    present = [each for each in range(shares.shape[1]) if 0 < (truth == each).sum() < truth.size]
    if not 2 < shares.shape[1] <= MANY or not present:  # noqa: PLR2004  more than yes and no
        return
    each = []
    for one in present:
        part = Scores()
        score_order((truth == one).astype(np.int64), shares[:, one], part)
        each.append(part)
    scores.add(
        {"roc_auc": float(np.mean([part.values["roc_auc"] for part in each]))},
        {"roc_auc": np.mean([part.draws["roc_auc"] for part in each], axis=0)},
    )
    scores.base("prior", {"roc_auc": 0.5})


def score_shares(truth: Wholes, shares: Floats, prior: Floats, scores: Scores) -> None:
    """Add log loss and Brier score of probabilities, and those of always saying the prior.

    Brier for two classes is the mean square error of the positive one's probability (half of
    Brier's own sum over classes); for more it is the sum.
    """
    random = generator()
    weight = 0.5 if shares.shape[1] == 2 else 1.0  # noqa: PLR2004  yes and no

    def rows(given: Floats) -> Floats:
        hit = np.take_along_axis(given, truth[:, None], axis=1)[:, 0]
        square = (given**2).sum(axis=1) - 2 * hit + 1
        return np.column_stack([-np.log(np.clip(hit, TINY, 1)), square * weight])

    blocks = blocks_of(truth.size, random)
    sizes = np.bincount(blocks).astype(np.float64)
    weights = block_weights(sizes.size, random)
    count = weights @ sizes

    def means(given: Floats) -> tuple[dict[str, float], dict[str, Floats]]:
        each = rows(given)
        drawn = (weights @ block_sums(each, blocks)) / count[:, None]
        names = ("log_loss", "brier")
        return (
            dict(zip(names, each.mean(axis=0).tolist(), strict=True)),
            dict(zip(names, drawn.T, strict=True)),
        )

    scores.add(*means(shares))
    scores.base("prior", *means(np.broadcast_to(prior, shares.shape)))


def _by_level(truth: Wholes, levels: Wholes) -> tuple[Wholes, Wholes]:
    count = int(levels.max()) + 1
    return (
        np.bincount(levels[truth == 1], minlength=count),
        np.bincount(levels[truth == 0], minlength=count),
    )


def _share(part: Any, of: Any) -> Any:
    return np.divide(part, of, out=np.zeros(np.broadcast(part, of).shape), where=np.asarray(of) > 0)


def _mean(values: Floats, where: Any) -> Any:
    return _share((values * where).sum(axis=-1), np.asarray(where).sum(axis=-1))


def _plain(found: dict[str, Any]) -> dict[str, float]:
    return {name: float(value) for name, value in found.items()}
