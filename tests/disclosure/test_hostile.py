"""Models made to harm: refused before they run, or ended within their limits; nothing else."""

import gzip
import pickle
import sys
import threading
import time
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from audit.disclosure.evaluation import Evaluation, RunLimits
from confined.bounds import MIB

from . import fitting, onnx_files
from .measuring import LIMITS, card, measure
from .onnx_files import INT64, NUMBER, Graph, field, graph, model, node, of_nodes, slot

TABLE = fitting.houses(1, rows=300)
WIDTH = len(TABLE.features)
SHORT = LIMITS.but(seconds=4, memory=700 * MIB)


class Trap:
    """Writes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        """Return what unpickling calls."""
        return Path.touch, (self.path,)


def tried(content: bytes, *, limits: RunLimits = SHORT, **changes: Any) -> Evaluation:
    """Return what becomes of a file that is handed in as the model of an honest card."""
    document = card("houses", "linear", TABLE) | {"claimed": {"mae": 40}} | changes
    return measure(document, content, TABLE.part("holdout"), limits=limits)


def children() -> set[int]:
    """Return the processes this one has started and not yet collected."""
    listed = Path(f"/proc/self/task/{threading.get_native_id()}/children")
    return {int(pid) for pid in listed.read_text().split()} if listed.exists() else set()


def zipped() -> bytes:
    """Return an archive."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("model.onnx", b"x")
    return out.getvalue()


def honest() -> bytes:
    """Return an honest model."""
    return fitting.fit("linear", TABLE)


def nested(depth: int) -> Graph:
    """Return graphs within graphs."""
    inner = nested(depth - 1) if depth else None
    steps = [node("If", ["c"], ["y"], then_branch=inner)] if inner else []
    return Graph(graph(steps, [], NUMBER))


def reading_from(place: str) -> bytes:
    """Return a model whose weights are said to lie in another file."""
    constant = onnx_files.external_tensor("w", place)
    steps = [node("MatMul", ["X", "w"], ["y"])]
    return model(graph(steps, [slot("X", ["n", WIDTH])], NUMBER, [constant]))


def reading_in_attribute() -> bytes:
    """Return a model that hides such weights in an attribute of an operator."""
    hidden = field(1, "value") + field(5, onnx_files.external_tensor("", "../key")) + field(20, 4)
    steps = [field(2, "w") + field(4, "Constant") + field(5, hidden)]
    steps.append(node("MatMul", ["X", "w"], ["y"]))
    return model(graph(steps, [slot("X", ["n", WIDTH])], NUMBER))


def hollow() -> bytes:
    """Return a model with a constant of 160 GB that is not there."""
    constant = onnx_files.hollow_tensor("w", 40_000_000_000)
    steps = [node("MatMul", ["X", "w"], ["y"])]
    return model(graph(steps, [slot("X", ["n", WIDTH])], NUMBER, [constant]))


def in_domain(domain: str) -> bytes:
    """Return a model with an operator of somebody's own."""
    steps = [node("Run", ["X"], ["y"], domain)]
    return model(graph(steps, [slot("X", ["n", WIDTH])], NUMBER), **{domain: 1})


REFUSED = {
    "nothing": (lambda: b"", "model-empty"),
    "zip": (zipped, "foreign-model"),
    "gzip": (lambda: gzip.compress(honest()), "foreign-model"),
    "elf": (lambda: b"\x7fELF" + bytes(99), "foreign-model"),
    "script": (lambda: b"#!/bin/sh\nrm -rf /\n", "foreign-model"),
    "noise": (lambda: np.random.default_rng(1).bytes(5000), "not-onnx"),
    "cut": (lambda: honest()[:-40], "not-onnx"),
    "endless number": (lambda: b"\x08" + b"\xff" * 99, "not-onnx"),
    "no graph": (lambda: field(1, 8) + field(8, field(2, 17)), "not-onnx"),
    "two graphs": (lambda: model(b"") + field(7, b""), "not-onnx"),
    "external": (lambda: reading_from("weights.bin"), "external-data"),
    "external above": (lambda: reading_from("../../etc/passwd"), "external-data"),
    "external absolute": (lambda: reading_from("/etc/passwd"), "external-data"),
    "external hidden": (reading_in_attribute, "external-data"),
    "hollow": (hollow, "hollow-tensor"),
    "own domain": (lambda: in_domain("com.example"), "own-domain"),
    "extensions": (lambda: in_domain("com.microsoft"), "own-domain"),
    "functions": (lambda: model(graph([], [], NUMBER), field(25, b"")), "own-functions"),
    "training": (lambda: model(graph([], [], NUMBER), field(20, b"")), "training-graph"),
    "nested": (lambda: model(nested(12).content), "deep-graph"),
    "no input": (lambda: model(graph([], [], NUMBER)), "no-input"),
    "no output": (lambda: model(graph([], [slot("X", ["n", 1])], [])), "no-output"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_sound_model_is_refused_without_being_run(name: str) -> None:
    make, reason = REFUSED[name]

    evaluation = tried(make())

    assert (evaluation.verdict, evaluation.reason) == ("NOT_RUN", reason)
    assert evaluation.peak < SHORT.memory
    assert "onnxruntime" not in sys.modules
    assert children() == set()


def test_a_pickle_is_never_opened(tmp_path: Path) -> None:
    trap = tmp_path / "sprung"

    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        evaluation = tried(pickle.dumps(Trap(trap), protocol=protocol))

        assert evaluation.verdict == "NOT_RUN"
        assert evaluation.reason in {"pickle", "not-onnx"}
    assert not trap.exists()


def test_a_file_or_graph_that_is_too_large_is_refused() -> None:
    many = of_nodes([node("Identity", ["X"], ["y"])] * 60, WIDTH, NUMBER)

    assert tried(honest(), limits=SHORT.but(model=100)).reason == "model-large"
    assert tried(many, limits=SHORT.but(nodes=50)).reason == "many-nodes"


def looping(trips: int) -> bytes:
    """Return a model whose loop takes `trips` turns."""
    body = graph(
        [node("Identity", ["c"], ["d"]), node("Sin", ["v"], ["w"])],
        [slot("i", [], INT64), slot("c", [], 9), slot("v", ["n", WIDTH])],
        [slot("d", [], 9), slot("w", ["n", WIDTH])],
    )
    steps = [
        node("Constant", [], ["turns"], value=np.array(trips, dtype=np.int64)),
        node("Loop", ["turns", "", "X"], ["z"], body=Graph(body)),
        node("ReduceSum", ["z", "axes"], ["y"], keepdims=1),
    ]
    return of_nodes(steps, WIDTH, NUMBER, {"axes": np.array([1])})


def filling(numbers: int) -> bytes:
    """Return a model that asks for an array of so many numbers."""
    steps = [
        node("ConstantOfShape", ["size"], ["big"]),
        node("ReduceSum", ["big", "axes"], ["one"], keepdims=1),
        node("ReduceSum", ["X", "rows"], ["sum"], keepdims=1),
        node("Add", ["sum", "one"], ["y"]),
    ]
    constants = {"size": np.array([numbers]), "axes": np.array([0]), "rows": np.array([1])}
    return of_nodes(steps, WIDTH, NUMBER, constants)


def widening() -> bytes:
    """Return a model that answers each row with a hundred thousand numbers."""
    steps = [node("Slice", ["X", "from", "to", "axis"], ["one"]),
             node("Expand", ["one", "shape"], ["y"])]  # fmt: skip
    constants = {"from": np.array([0]), "to": np.array([1]), "axis": np.array([1]),
                 "shape": np.array([1, 100_000])}  # fmt: skip
    return of_nodes(steps, WIDTH, [slot("y", ["n", 100_000])], constants)


def broken(operator: str) -> bytes:
    """Return a model that answers with what is not a number."""
    steps = [
        node("ReduceSum", ["X", "axes"], ["sum"], keepdims=1),
        node("Neg", ["sum"], ["below"]),
        node(operator, ["below"], ["y"]),
    ]
    return of_nodes(steps, WIDTH, NUMBER, {"axes": np.array([1])})


def summing() -> bytes:
    """Return a model that answers all rows with one number."""
    return of_nodes([node("ReduceSum", ["X"], ["y"], keepdims=1)], WIDTH, NUMBER)


RUN = {
    "endless loop": (lambda: looping(2**62), {"timeout", "processor-time"}),
    "160 GB": (lambda: filling(40_000_000_000), {"memory"}),
    "1 GB where 0.7 are allowed": (lambda: filling(250_000_000), {"memory", "killed"}),
    "wide answers": (widening, {"memory", "killed", "written"}),
    "square root of minus": (lambda: broken("Sqrt"), {"not-finite"}),
    "logarithm of minus": (lambda: broken("Log"), {"not-finite"}),
    "one answer for all": (summing, {"other-rows"}),
    "no such operator": (
        lambda: of_nodes([node("Explode", ["X"], ["y"])], WIDTH, NUMBER),
        {"not-loaded"},
    ),
    "no such name": (
        lambda: of_nodes([node("Identity", ["Q"], ["y"])], WIDTH, NUMBER),
        {"not-loaded"},
    ),
}


@pytest.mark.runtime
@pytest.mark.parametrize("name", RUN)
def test_what_harms_when_it_runs_is_ended_within_its_limits(name: str) -> None:
    make, reasons = RUN[name]
    began = time.monotonic()

    evaluation = tried(make(), limits=SHORT.but(written=64 * MIB))

    assert evaluation.verdict == "NOT_RUN"
    assert evaluation.reason in reasons
    assert 0 < evaluation.peak <= SHORT.memory
    assert evaluation.processor <= SHORT.seconds + 1
    assert time.monotonic() - began < 60  # as busy as the machine may be
    assert "onnxruntime" not in sys.modules
    assert children() == set()


@pytest.mark.runtime
def test_a_short_loop_is_run_and_told() -> None:
    evaluation = tried(looping(3))

    assert evaluation.verdict == "NO_BETTER"
    assert [finding.code for finding in evaluation.findings][:1] == ["loops"]


@pytest.mark.runtime
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"onnx_input": "features"}, "no-input-named"),
        ({"onnx_outputs": ["price"]}, "no-output-named"),
        ({"features": ["area", "garden"]}, "no-column"),
        ({"features": ["area", "rooms"]}, "other-width"),
        ({"target_column": "rent"}, "no-target"),
        ({"claimed": {"goodness": 0.9}}, "unknown-metric"),
        ({"claimed": {"accuracy": 0.9}}, "unknown-metric"),
        ({"task": "classification", "claimed": {"accuracy": 0.9}}, "one-score-many-classes"),
        ({"task": "anomaly_detection", "claimed": {"roc_auc": 0.9}}, "odd-anomalies"),
        ({"task": "ranking", "query_column": "rooms", "claimed": {"ndcg": 0.9}}, "odd-relevance"),
    ],
)
def test_card_model_and_rows_have_to_agree(changes: dict[str, Any], reason: str) -> None:
    evaluation = tried(honest(), **changes)

    assert (evaluation.verdict, evaluation.reason) == ("NOT_RUN", reason)


@pytest.mark.runtime
def test_rows_have_to_be_enough_and_complete() -> None:
    document = card("houses", "linear", TABLE) | {"claimed": {"mae": 40}}
    rows = TABLE.part("holdout")
    gaps = rows | {"price": np.where(np.arange(120) < 5, np.nan, rows["price"])}
    words = rows | {"area": [str(each) for each in rows["area"]]}
    flat = rows | {"price": np.full(120, 7.0)}

    def reason(columns: dict[str, Any]) -> tuple[str, Any]:
        found = measure(document, honest(), columns)
        return found.reason, dict(found.reason_params)

    ten = {name: values[:10] for name, values in rows.items()}
    assert reason(ten) == ("few-rows", {"rows": 10, "fewest": 30})
    assert reason(gaps) == ("empty-target", {"name": "price", "rows": 5})
    assert reason(words)[0] == "text-and-number"
    assert reason(flat)[0] == "one-value"


@pytest.mark.runtime
def test_the_model_never_sees_the_answers() -> None:
    """The plan of a run names the files of the features, and the child may read no others."""
    from audit.disclosure.evaluation import read_card  # noqa: PLC0415
    from audit.disclosure.evaluation.frames import Column, Frame  # noqa: PLC0415
    from audit.disclosure.evaluation.graph import ModelFacts, Slot  # noqa: PLC0415
    from audit.disclosure.evaluation.running import make_plan  # noqa: PLC0415

    columns = tuple(Column(name, "number", file=f"{name}.raw") for name in TABLE.columns)
    frame = Frame(Path("/rows"), 300, columns)
    facts = ModelFacts(inputs=[Slot("X", "float32", (0, WIDTH))], outputs=[])
    document = card("houses", "linear", TABLE) | {"claimed": {"mae": 40}}

    plan = make_plan(read_card(document), facts, frame)

    paths = [column["path"] for each in plan["inputs"] for column in each["columns"]]
    assert paths == [f"/rows/{name}.raw" for name in TABLE.features]
