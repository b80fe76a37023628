"""The card of an algorithm: what its owner says of it, as far as it can be measured or checked.

Four things are demanded: technique, prediction target, accuracy and stakeholders; and the column
that holds the answers. `accuracy` is `claimed`, figures by metric, or a list of metric and value.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from .refusals import Refused

TASKS: Final = ("classification", "regression", "forecast", "ranking", "anomaly_detection")
TASK_WORDS: Final = {
    "binary_classification": "classification",
    "multiclass_classification": "classification",
    "anomaly": "anomaly_detection",
    "time_series": "forecast",
    "forecasting": "forecast",
}
NAMES: Final = ("features", "onnx_outputs", "group_columns", "classes")
NOTHING: Final = ("", "none", "no", "not used", "无", "没有", "未使用", "不使用", "不涉及")
LONGEST: Final = 20_000


@dataclass(frozen=True)
class CardFault:
    """What is wrong with one field of a card."""

    name: str
    what: str
    params: Mapping[str, str | int] = field(default_factory=dict)


class CardRefused(Refused):
    """The card lacks something or says it in a form that cannot be read."""

    def __init__(self, faults: Sequence[CardFault]) -> None:
        super().__init__("CARD", "card")
        self.faults = tuple(faults)


@dataclass(frozen=True, kw_only=True)
class Card:
    """What the measurement needs of a card; `texts` are its sentences in all their languages."""

    name: str
    task: str
    target: str
    claimed: Mapping[str, Decimal]
    main_metric: str
    texts: Mapping[str, str]
    features: tuple[str, ...] = ()
    input_name: str = ""
    outputs: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    positive: str = ""
    groups: tuple[str, ...] = ()
    query: str = ""
    time: str = ""
    threshold: float | None = None
    at: int = 10
    higher_is_anomalous: bool = True
    sha256_model: str = ""
    sha256_holdout: str = ""

    def words(self, *names: str) -> str:
        """Return the texts of some fields in small letters, one after another."""
        return "\n".join(self.texts.get(name, "") for name in names).lower()

    def says(self, name: str) -> bool:
        """Tell whether the card has this field at all, be it to say "none"."""
        return name in self.texts

    def denies(self, name: str) -> bool:
        """Tell whether the card says expressly that there is nothing of the kind."""
        return self.says(name) and self.texts[name].strip(" .。").lower() in NOTHING


def read_card(document: Any) -> Card:
    """Read a card from plain values; raises CardRefused with everything that is wrong."""
    if not isinstance(document, Mapping):
        raise CardRefused([CardFault("", "card-not-object")])
    reader = _Reader(document)
    claimed = reader.claimed()
    task = reader.task()
    for name in ("technique", "prediction_target", "stakeholders"):
        reader.need_text(name)
    target = reader.name("target_column", needed=True)
    main = reader.name("main_metric") or next(iter(claimed), "")
    if main and claimed and main not in claimed:
        reader.faults.append(CardFault("main_metric", "main-not-claimed", {"name": main}))
    card = Card(
        name=reader.name("name") or target,
        task=task,
        target=target,
        claimed=claimed,
        main_metric=main,
        texts={
            str(key): text
            for key, value in document.items()
            if (text := _text(value)) is not None and key not in ("claimed", "accuracy")
        },
        features=reader.names("features"),
        input_name=reader.name("onnx_input").split(" ")[0],
        outputs=tuple(each.split(" ")[0] for each in reader.names("onnx_outputs")),
        classes=reader.names("classes"),
        positive=reader.name("positive_class"),
        groups=reader.names("group_columns"),
        query=reader.name("query_column", needed=task == "ranking"),
        time=reader.name("time_column"),
        threshold=reader.figure("threshold"),
        at=int(reader.figure("at") or 10),
        higher_is_anomalous=document.get("higher_is_anomalous", True) is not False,
        sha256_model=reader.name("sha256_model").lower(),
        sha256_holdout=reader.name("sha256_holdout").lower(),
    )
    if reader.faults:
        raise CardRefused(reader.faults)
    return card


class _Reader:
    """Reads fields one by one and gathers what is wrong with them."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        self.faults: list[CardFault] = []

    def need_text(self, name: str) -> None:
        text = _text(self.document.get(name))
        if text is None or not text.strip():
            self.faults.append(CardFault(name, "card-lacks"))
        elif len(text) > LONGEST:
            self.faults.append(CardFault(name, "card-long", {"limit": LONGEST}))

    def name(self, key: str, *, needed: bool = False) -> str:
        value = self.document.get(key)
        if value is None or value == "":
            if needed:
                self.faults.append(CardFault(key, "card-lacks"))
            return ""
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            self.faults.append(CardFault(key, "card-not-text"))
            return ""
        return str(value)

    def names(self, key: str) -> tuple[str, ...]:
        value = self.document.get(key, [])
        value = [value] if isinstance(value, str) else value
        if not isinstance(value, list) or any(
            isinstance(each, bool) or not isinstance(each, str | int | float) for each in value
        ):
            self.faults.append(CardFault(key, "card-not-list"))
            return ()
        if len({str(each) for each in value}) != len(value):
            self.faults.append(CardFault(key, "card-twice"))
        return tuple(map(str, value))

    def figure(self, key: str) -> float | None:
        value = self.document.get(key)
        if value is None:
            return None
        figure = _figure(value)
        if figure is None or (key == "at" and figure < 1):
            self.faults.append(CardFault(key, "card-not-number"))
            return None
        return float(figure)

    def task(self) -> str:
        said = str(self.document.get("task") or "").strip().lower().replace(" ", "_")
        task = TASK_WORDS.get(said, said)
        if not task:
            self.faults.append(CardFault("task", "card-lacks"))
        elif task not in TASKS:
            self.faults.append(
                CardFault("task", "card-task", {"found": said[:80], "known": ", ".join(TASKS)})
            )
        return task

    def claimed(self) -> dict[str, Decimal]:
        key = "claimed" if "claimed" in self.document else "accuracy"
        said = self.document.get(key)
        if isinstance(said, list):
            said = {
                str(each["metric"]): each["value"]
                for each in said
                if isinstance(each, Mapping) and {"metric", "value"} <= set(each)
            }
        if not isinstance(said, Mapping):
            self.faults.append(CardFault("claimed", "card-lacks-accuracy"))
            return {}
        found = {
            str(name): figure
            for name, value in said.items()
            if (figure := _figure(value)) is not None
        }
        if not found:
            self.faults.append(CardFault("claimed", "card-lacks-accuracy"))
        return found


def _figure(value: Any) -> Decimal | None:
    """Return a finite number, as written; a text is one only where it is nothing else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    try:
        figure = Decimal(str(value))
    except ArithmeticError:
        return None
    return figure if figure.is_finite() and abs(figure) < Decimal("1e300") else None


def _text(value: Any) -> str | None:
    """Return a sentence, a list of words or a text in two languages as one text."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return "\n".join(value)
    if isinstance(value, Mapping) and set(value) <= {"en", "zh"}:
        return "\n".join(str(each) for each in value.values())
    return None
