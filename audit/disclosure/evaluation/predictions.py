"""What a model's outputs mean: classes, probabilities, scores or numbers, beside the truth."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .cards import Card
from .frames import MATRIX, TEXT, Frame
from .graph import ModelFacts
from .limits import RunLimits
from .metrics.scoring import Floats, Wholes
from .refusals import refused
from .running import Answers, Output

NEAR_ONE = 0.02
YES = ("1", "true", "True", "yes", "是")
TWO = 2


@dataclass(frozen=True)
class Classed:
    """Classes by code: true and said; probabilities by class and a score for the positive one.

    `shares` is None where the model gives no probabilities, `score` where nothing can be ordered.
    """

    classes: tuple[str, ...]
    truth: Wholes
    said: Wholes
    positive: int | None
    shares: Floats | None
    score: Floats | None


@dataclass(frozen=True)
class Numbered:
    """Numbers: true and said."""

    truth: Floats
    said: Floats


def read_truth(frame: Frame, name: str) -> Floats:
    """Return the answers as numbers; raises Refused where some are missing."""
    column = frame.column(name)
    if column is None:
        raise refused("no-target", name=name, found=", ".join(frame.names)[:200])
    if column.kind == MATRIX:
        raise refused("odd-column", name=name)
    values = frame.numbers(name)
    if empty := int(np.isnan(values).sum()):
        raise refused("empty-target", name=name, rows=empty)
    return values


def read_numbers(card: Card, frame: Frame, answers: Answers) -> Numbered:
    """Return numbers beside the truth; the output is the card's first, or the only one."""
    column = frame.column(card.target)
    if column is not None and column.kind == TEXT:
        raise refused("text-target", name=card.target, task=card.task)
    chosen = _chosen(card, answers)
    if len(chosen) != 1 or chosen[0].kind == "texts" or chosen[0].values.shape[1] != 1:
        raise refused("odd-output")
    return Numbered(read_truth(frame, card.target), chosen[0].values[:, 0])


def read_score(card: Card, frame: Frame, answers: Answers) -> tuple[Floats, Floats]:
    """Return score and truth of anomalies (1) or rankings; a score that rises with the matter."""
    numbers = [out for out in _chosen(card, answers) if out.kind != "texts"]
    real = [out for out in numbers if out.kind == "real"] or numbers
    if not real:
        raise refused("odd-output")
    said = real[0].values[:, -1]
    if card.task == "anomaly_detection" and not card.higher_is_anomalous:
        said = -said
    return said, read_truth(frame, card.target)


def read_classes(
    card: Card, facts: ModelFacts, frame: Frame, answers: Answers, limits: RunLimits
) -> Classed:
    """Return classes beside the truth; raises Refused where it cannot be told which is which."""
    chosen = _chosen(card, answers)
    keys, codes = _true_keys(card, frame, limits)
    label = next((out for out in chosen if _is_label(out, keys)), None)
    rest = [out for out in chosen if out is not label and out.kind == "real"]
    many = next((out for out in rest if out.values.shape[1] > 1), None)
    single = next((out for out in rest if out.values.shape[1] == 1), None)
    order: list[str] = []
    if many is not None:
        width = many.values.shape[1]
        order, index = _order(card, facts, frame, keys, width)
        if index is not None:
            keys, codes = index
    elif single is not None and label is None and len(keys) != TWO:
        raise refused("one-score-many-classes", classes=len(keys))
    label_keys, label_codes = _label_keys(label) if label is not None else ([], None)
    classes = list(dict.fromkeys([*order, *_sorted({*keys, *label_keys})]))
    place = {key: code for code, key in enumerate(classes)}
    truth = np.array([place[key] for key in keys], dtype=np.int64)[codes]
    positive = _positive(card, classes)
    shares = score = None
    said: Any = None
    if many is not None:
        full = np.zeros((frame.rows, len(classes)))
        full[:, : many.values.shape[1]] = many.values
        shares = _probabilities(full)
        said = np.argmax(many.values, axis=1)
        score = full[:, positive] if positive is not None else None
    elif single is not None:
        score = single.values[:, 0]
        if positive is not None and len(classes) == TWO:
            said, shares = _from_single(score, positive, card.threshold)
    if label_codes is not None:
        said = np.array([place[key] for key in label_keys], dtype=np.int64)[label_codes]
    if said is None:
        raise refused("odd-output")
    return Classed(tuple(classes), truth, said.astype(np.int64), positive, shares, score)


def _chosen(card: Card, answers: Answers) -> list[Output]:
    if not card.outputs:
        return list(answers.outputs)
    return [out for name in card.outputs for out in answers.outputs if out.name == name]


def _true_keys(card: Card, frame: Frame, limits: RunLimits) -> tuple[list[str], Wholes]:
    """Return the different true classes, and each row's place among them."""
    values = read_truth(frame, card.target)
    different, codes = np.unique(values, return_inverse=True)
    if different.size > limits.classes:
        raise refused("target-not-classes", name=card.target, count=int(different.size))
    column = frame.column(card.target)
    if column is not None and column.kind == TEXT:
        return [column.texts[int(code)] for code in different], codes
    return [_key(value) for value in different.tolist()], codes


def _is_label(out: Output, keys: Sequence[str]) -> bool:
    if out.values.shape[1] != 1:
        return False
    if out.kind != "real":
        return True
    different = np.unique(out.values)
    return different.size <= len(keys) and all(_key(each) in keys for each in different.tolist())


def _label_keys(label: Output) -> tuple[list[str], Wholes]:
    different, codes = np.unique(label.values[:, 0], return_inverse=True)
    if label.kind == "texts":
        return [label.texts[int(code)] for code in different], codes
    return [_key(value) for value in different.tolist()], codes


def _order(
    card: Card, facts: ModelFacts, frame: Frame, keys: list[str], width: int
) -> tuple[list[str], tuple[list[str], Wholes] | None]:
    """Return which class each column of probabilities stands for.

    In this order: what the graph says, what the card says, the column `<target>_index` of the
    rows, the true classes in order. The third replaces the truth, and is returned with it.
    """
    if len(facts.classes) == width:
        return [_tidy(each) for each in facts.classes], None
    if len(card.classes) == width:
        return [_tidy(each) for each in card.classes], None
    index = f"{card.target}_index"
    if frame.column(index):
        values = read_truth(frame, index)
        different, codes = np.unique(values, return_inverse=True)
        if different[0] < 0 or different[-1] >= width or np.any(different % 1):
            raise refused("odd-index", name=index, width=width)
        return [str(each) for each in range(width)], ([_key(v) for v in different.tolist()], codes)
    if len(keys) == width:
        return _sorted(keys), None
    raise refused("unknown-classes", width=width, count=len(keys))


def _positive(card: Card, classes: Sequence[str]) -> int | None:
    if card.positive:
        if _tidy(card.positive) not in classes:
            raise refused("no-positive", name=card.positive)
        return classes.index(_tidy(card.positive))
    if len(classes) > TWO:
        return None
    return next((classes.index(word) for word in YES if word in classes), len(classes) - 1)


def _probabilities(values: Floats) -> Floats | None:
    total = values.sum(axis=1)
    if values.min() < -NEAR_ONE or np.any(np.abs(total - 1) > NEAR_ONE):
        return None
    clipped = np.clip(values, 0, 1)
    found: Floats = clipped / clipped.sum(axis=1, keepdims=True)
    return found


def _from_single(
    score: Floats, positive: int, threshold: float | None
) -> tuple[Wholes, Floats | None]:
    """Return classes and probabilities of one number: a probability, or a score around zero."""
    is_share = bool(score.min() >= 0 and score.max() <= 1)
    edge = threshold if threshold is not None else (0.5 if is_share else 0.0)
    said = np.where(score > edge, positive, 1 - positive)
    if not is_share:
        return said, None
    pair = [1 - score, score]
    return said, np.column_stack(pair if positive else pair[::-1])


def _key(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def _tidy(word: str) -> str:
    """Return a class's name in the one form in which numbers are written here."""
    try:
        return _key(float(word))
    except (ValueError, OverflowError):
        return word


def _sorted(keys: Any) -> list[str]:
    try:
        return sorted(keys, key=float)
    except ValueError:
        return sorted(keys)
