"""The story's measured algorithms: two sealed sets, one honest claim, one that is overstated."""

import csv
import io
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from audit.disclosure.evaluation.running import has_runtime
from audit.disclosure.models import Disclosure, EvaluationReport
from audit.disclosure.services import (
    draft_disclosure,
    file_disclosure,
    publish_disclosure,
    take_review,
)
from audit.disclosure.statements import DeclaredAccuracy, Statement
from audit.disclosure.wording import VERDICTS
from exchange.algorithms import queries
from exchange.algorithms import services as algorithms
from exchange.algorithms.models import EvaluationSet

from .datasets import package_folder
from .onnx_bytes import classifier, regression
from .story import Story

FEATURES = ("bill_length_mm", "bill_depth_mm", "flipper_length_mm")
SOURCE = "palmerpenguins 0.1.6 (Gorman, Williams and Fraser 2014), every second bird"
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Birds:
    """Penguins with all their measures, divided in two: to learn from, and to be sealed."""

    columns: dict[str, Any]

    def part(self, first: int) -> dict[str, Any]:
        """Return every second bird from the first or the second on."""
        return {name: values[first::2] for name, values in self.columns.items()}


def measure(story: Story) -> None:
    """Seal rows, hand models in, and show what is declared beside what is measured."""
    say = story.teller
    say.chapter("Algorithms of others, measured on sealed rows  算法评测")
    if not has_runtime():
        say.note("onnxruntime is not installed; install requirements/evaluation.txt to measure.")
        return
    birds = _birds()
    mass, sex = birds.part(0), birds.part(0)
    mass.pop("male")
    sex.pop("body_mass_g")
    heavy = _seal(
        story, "regulator", "企鹅体重 Weight of penguins", mass, "regression", "body_mass_g"
    )
    male = _seal(story, "operator", "企鹅性别 Sex of penguins", sex, "classification", "male")
    learned = birds.part(1)
    x = np.column_stack([learned[name] for name in FEATURES])
    weights, bias = _fit(x, learned["body_mass_g"])
    error = np.abs(x @ weights + bias - learned["body_mass_g"]).mean()
    honest = _disclose(story, "harbor", "penguin-weight", HONEST, "mae", f"{error * 1.1:.0f}")
    _measure(story, "harbor", honest, regression(weights.tolist(), bias), heavy, "CONFIRMED")
    rule, edge = _fit(x, learned["male"] * 2.0 - 1.0)
    boast = _disclose(story, "bridge", "penguin-sex", BOAST, "accuracy", "0.99")
    _measure(story, "bridge", boast, classifier((rule * 4).tolist(), edge * 4), male, "OVERSTATED")


def _seal(
    story: Story, who: str, title: str, rows: dict[str, Any], task: str, target: str
) -> EvaluationSet:
    sink = io.BytesIO()
    pq.write_table(pa.table(rows), sink)
    sink.seek(0)
    said = algorithms.SetDescription(
        title=title,
        task=task,
        target=target,
        provenance=SOURCE,
        licence="CC0-1.0",
        features=FEATURES,
        group_columns=["island"],
    )
    made = algorithms.seal_set(
        description=said,
        source=sink,
        filename=f"{target}.parquet",
        by=story.actors[who],
        at=story.now,
    )
    story.teller.fact(title, made.reference, f"{made.rows} rows sealed")
    story.teller.note(f"commitment {made.commitment}")
    return made


def _disclose(  # what an owner says
    story: Story, who: str, key: str, texts: dict[str, dict[str, str]], metric: str, value: str
) -> Disclosure:
    by = story.actors[who]
    said = Statement(
        algorithm=key,
        algorithm_type="OTHER",
        texts=texts,
        metrics={metric: METRICS[metric]},
        declared=(DeclaredAccuracy(metric=metric, value=value),),
    )
    draft = draft_disclosure(statement=said, owner=by.organization, by=by, at=story.now)
    filed = file_disclosure(disclosure=draft, by=by, at=story.now)
    operator = story.actors["operator"]
    taken = take_review(disclosure=filed, by=operator, at=story.now)
    return publish_disclosure(disclosure=taken, by=operator, at=story.now)


def _measure(
    story: Story,
    who: str,
    disclosure: Disclosure,
    content: bytes,
    chosen: EvaluationSet,
    expected: str,
) -> None:
    say, by = story.teller, story.actors[who]
    model = algorithms.hand_in_model(
        source=io.BytesIO(content), filename=f"{disclosure.algorithm}.onnx", by=by, at=story.now
    )
    run = algorithms.request_run(
        disclosure=disclosure,
        model=algorithms.model_object_of(by, model.reference),
        evaluation_set=chosen,
        card={},
        by=by,
        at=story.now,
    )
    done = algorithms.run_evaluation(run=queries.get_run(run.reference), clock=lambda: story.now)
    report = EvaluationReport.objects.filter(run=done.reference).first()
    if report is None:
        say.expect(False, f"{disclosure.name} was measured ({done.failure})")
        return
    say.fact(disclosure.name, report.reference, str(VERDICTS[report.verdict]))
    say.note(
        f"declared {report.metric} = {report.declared}, measured {report.measured} "
        f"[{report.ci_low}, {report.ci_high}], a simple rule {report.baseline}"
    )
    say.expect(report.verdict == expected, f"the register says: {VERDICTS[report.verdict]}")


def _birds() -> Birds:
    text = (package_folder("palmerpenguins") / "data" / "penguins.csv").read_text("utf-8")
    rows = [row for row in csv.DictReader(io.StringIO(text)) if "NA" not in row.values()]
    columns: dict[str, Any] = {
        name: np.array([float(row[name]) for row in rows]) for name in (*FEATURES, "body_mass_g")
    }
    columns["island"] = [row["island"] for row in rows]
    columns["male"] = np.array([int(row["sex"] == "male") for row in rows])
    return Birds(columns)


def _fit(x: Floats, y: Floats) -> tuple[Floats, float]:
    """Fit a line by least squares."""
    full = np.column_stack([x, np.ones(len(x))])
    found: Floats = np.linalg.lstsq(full, y, rcond=None)[0].astype(np.float64)
    return found[:-1], float(found[-1])


METRICS = {
    "mae": {"en": "Mean absolute error, grams", "zh": "平均绝对误差（克）"},
    "accuracy": {"en": "Accuracy", "zh": "准确率"},
}
HONEST = {
    "name": {"en": "Weight of penguins by their measures", "zh": "企鹅体重估计"},
    "technique": {"en": "Linear regression on three measures", "zh": "三项测量值的线性回归"},
    "prediction_target": {"en": "Body mass in grams", "zh": "体重（克）"},
    "stakeholders": {"en": "Research stations, aquariums", "zh": "科考站、水族馆"},
}
BOAST = {
    "name": {"en": "Sex of penguins by their measures", "zh": "企鹅性别识别"},
    "technique": {"en": "Logistic regression on three measures", "zh": "三项测量值的逻辑回归"},
    "prediction_target": {"en": "Whether a penguin is male", "zh": "企鹅是否为雄性"},
    "stakeholders": {"en": "Research stations, breeders", "zh": "科考站、繁育机构"},
}
