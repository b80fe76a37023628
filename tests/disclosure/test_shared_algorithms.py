"""The shared algorithms: measured as their cards say, to three decimals, and none accused."""

import json
import tempfile
from importlib.util import find_spec
from pathlib import Path

import pytest

from audit.disclosure.evaluation import (
    Evaluation,
    RunLimits,
    evaluate,
    read_card,
    read_frame,
)
from confined.bounds import GIB

pytestmark = pytest.mark.runtime
NAMES = [
    "a1_white_wine_quality",
    "a2_breast_cancer_diagnosis",
    "a3_diabetes_progression",
    "a4_machine_failure",
    "a5_flight_delay",
    "a6_house_price",
]
LIMITS = RunLimits(memory=3 * GIB)


def measured(folder: Path, model: Path) -> tuple[Evaluation, dict[str, float]]:
    """Return the measurement of a shared algorithm, and what its card says was measured."""
    document = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as scratch:
        folders = {name: Path(scratch) / name for name in ("holdout", "train", "work")}
        for each in folders.values():
            each.mkdir()
        frames = {
            name: read_frame(folder / f"{name}.parquet", folder=folders[name], limits=LIMITS)
            for name in ("holdout", "train")
            if (folder / f"{name}.parquet").exists()
        }
        evaluation = evaluate(
            read_card(document),
            model.read_bytes(),
            frames["holdout"],
            train=frames.get("train"),
            workdir=folders["work"],
            limits=LIMITS,
        )
    return evaluation, document["measured_holdout"]


@pytest.mark.parametrize("name", NAMES)
def test_the_measured_value_is_the_cards(shared_data: Path, name: str) -> None:
    folder = shared_data / "algorithms" / name

    evaluation, expected = measured(folder, folder / "model.onnx")

    found = {figure.metric: figure.value for figure in evaluation.figures}
    baselines = evaluation.baselines.get("majority", {})
    for metric, value in expected.items():
        if metric == "majority_baseline_accuracy":
            assert baselines["accuracy"] == pytest.approx(value, abs=5e-4)
        else:
            assert found[metric] == pytest.approx(value, abs=5e-4), metric
    assert evaluation.verdict == "CONFIRMED"
    assert not evaluation.contradicted
    assert evaluation.peak <= LIMITS.memory


def test_rare_failures_are_judged_by_f1_and_accuracy_is_told_to_say_little(
    shared_data: Path,
) -> None:
    folder = shared_data / "algorithms" / "a4_machine_failure"

    evaluation, _expected = measured(folder, folder / "model.onnx")

    assert evaluation.judged_by == "f1_positive"
    told = {finding.code: dict(finding.params) for finding in evaluation.findings}
    assert told["accuracy-says-little"] == {
        "value": 0.9793,
        "baseline": 0.966,
        "judged": "f1_positive",
    }


def test_wines_repeat_by_nature(shared_data: Path) -> None:
    folder = shared_data / "algorithms" / "a1_white_wine_quality"

    evaluation, _expected = measured(folder, folder / "model.onnx")

    told = {finding.code: dict(finding.params) for finding in evaluation.findings}
    assert told["repeated-rows"] == {"share": 0.2605, "natural": 0.2628}


def test_file_types_where_the_package_is_installed(shared_data: Path) -> None:
    spec = find_spec("magika")
    if spec is None or spec.origin is None:
        pytest.skip("the package magika, whose model this is, is not installed")
    model = Path(spec.origin).parent / "models" / "standard_v3_3" / "model.onnx"

    evaluation, expected = measured(shared_data / "algorithms" / "a7_magika_filetype", model)

    found = {figure.metric: figure.value for figure in evaluation.figures}
    assert found["accuracy"] == pytest.approx(expected["accuracy"], abs=5e-4)
    assert (evaluation.verdict, evaluation.techniques) == ("CONFIRMED", ("neural",))
