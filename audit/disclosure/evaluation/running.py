"""The parent's half of looking into a model, reading rows and running: three confined children."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from confined import running
from confined.running import Outcome, Progress

from .cards import Card
from .frames import OTHER, TEXT, Column, Frame, frame_from_answer
from .graph import ModelFacts, Slot
from .limits import RunLimits
from .refusals import Refused, refused
from .trees import Trees

BOOT = running.boot_of("audit.disclosure.evaluation.child")
RUNTIME = "onnxruntime"


@dataclass(frozen=True)
class Output:
    """One output over all rows: texts, whole numbers or real ones, `width` to a row."""

    name: str
    kind: str
    values: NDArray[Any]
    texts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answers:
    """What a model said over a frame, and what its running took.

    `held` are the confinements that held (see `confined.confinement`), `peak` the largest resident
    memory in bytes, `processor` seconds; `steady` that answers do not depend on a row's company.
    """

    outputs: tuple[Output, ...]
    steady: bool
    held: tuple[str, ...]
    peak: int
    processor: float


def has_runtime() -> bool:
    """Tell whether onnxruntime (the extra `[evaluation]`) is installed."""
    return find_spec(RUNTIME) is not None


def inspect_model(path: Path, *, workdir: Path, limits: RunLimits) -> ModelFacts:
    """Look into an ONNX file without executing it; raises Refused."""
    result = _run({"verb": "inspect"}, path, [], workdir, limits, None).result
    try:
        return facts_from(result)
    except (KeyError, TypeError, ValueError):
        raise refused("answer") from None


def read_frame(
    path: Path, *, folder: Path, limits: RunLimits, progress: Progress | None = None
) -> Frame:
    """Read a Parquet file into plain columns in `folder`, in the child; raises Refused."""
    result = _run({"verb": "read"}, path, [], folder, limits, progress).result
    return frame_from_answer(folder, result, str(result.get("sha256")))


def run_model(
    path: Path,
    card: Card,
    facts: ModelFacts,
    frame: Frame,
    *,
    workdir: Path,
    limits: RunLimits,
    progress: Progress | None = None,
) -> Answers:
    """Run the model over a frame's features in the child, which never sees the answers."""
    plan = make_plan(card, facts, frame)
    return run_plan(path, plan, workdir=workdir, limits=limits, progress=progress)


def run_plan(
    path: Path,
    plan: Mapping[str, Any],
    *,
    workdir: Path,
    limits: RunLimits,
    progress: Progress | None = None,
) -> Answers:
    """Run the model in the child over the columns that a plan names for each input.

    `plan` is as `make_plan` returns it. Raises Refused or Fault.
    """
    if not has_runtime():
        raise Refused("NO_RUNTIME", "no-runtime")
    rows = int(plan["rows"])
    readable = [Path(column["path"]) for slot in plan["inputs"] for column in slot["columns"]]
    outcome = _run({"verb": "run", "plan": dict(plan)}, path, readable, workdir, limits, progress)
    result = outcome.result
    try:
        outputs = tuple(_output(each, workdir, rows) for each in result["outputs"])
    except (KeyError, TypeError, ValueError):
        raise refused("answer") from None
    return Answers(
        outputs, bool(result.get("steady")), outcome.held, outcome.peak, outcome.processor
    )


def make_plan(card: Card, facts: ModelFacts, frame: Frame) -> dict[str, Any]:
    """Say which columns fill which input; raises Refused where card, model and rows disagree."""
    names = {slot.name for slot in facts.inputs}
    if card.input_name and card.input_name not in names:
        raise refused("no-input-named", name=card.input_name, found=_listed(names))
    for name in card.outputs:
        if name not in {slot.name for slot in facts.outputs}:
            found = _listed(slot.name for slot in facts.outputs)
            raise refused("no-output-named", name=name, found=found)
    features = features_of(card, facts, frame)
    if len(facts.inputs) == 1:
        slots = [_slot(facts.inputs[0], [_column(frame, name) for name in features], frame)]
    else:
        if lacking := sorted(names - set(features)):
            raise refused("no-feature-for-input", names=_listed(lacking))
        slots = [_slot(slot, [_column(frame, slot.name)], frame) for slot in facts.inputs]
    fixed = {slot.shape[0] for slot in facts.inputs if slot.shape and slot.shape[0] > 0}
    if len(fixed) > 1:
        raise refused("odd-batch")
    return {"rows": frame.rows, "fixed": fixed.pop() if fixed else 0, "inputs": slots}


def features_of(card: Card, facts: ModelFacts, frame: Frame) -> list[str]:
    """Return the features in the model's order: the card's, or what the rows hold beside others."""
    if card.features:
        return list(card.features)
    if card.input_name and frame.column(card.input_name):
        return [card.input_name]
    if len(facts.inputs) > 1:
        return [slot.name for slot in facts.inputs]
    others = {card.target, f"{card.target}_index", card.query, card.time, *card.groups}
    return [column.name for column in frame.columns if column.name not in others]


def _column(frame: Frame, name: str) -> Column:
    column = frame.column(name)
    if column is None:
        raise refused("no-column", name=name)
    if column.kind == OTHER:
        raise refused("odd-column", name=name)
    return column


def _slot(slot: Slot, columns: Sequence[Column], frame: Frame) -> dict[str, Any]:
    width = sum(column.width for column in columns)
    if slot.kind in {"other", "sequence"}:
        raise refused("odd-input", name=slot.name)
    for column in columns:
        if (column.kind == TEXT) != (slot.kind == "string"):
            raise refused("text-and-number", name=slot.name, column=column.name, kind=slot.kind)
    flat = len(slot.shape) == 1
    wanted = slot.shape[1] if len(slot.shape) > 1 else int(flat)
    if wanted and wanted != width:
        raise refused("other-width", name=slot.name, wanted=wanted, width=width)
    return {
        "name": slot.name,
        "kind": slot.kind,
        "flat": flat,
        "columns": [
            column.as_json() | {"path": str(frame.folder / column.file)} for column in columns
        ],
    }


def _run(
    task: dict[str, Any],
    path: Path,
    readable: Sequence[Path],
    workdir: Path,
    limits: RunLimits,
    progress: Progress | None,
) -> Outcome:
    where = path.resolve()
    return running.run_task(
        task | {"path": str(where)},
        boot=BOOT,
        code=["audit"],
        readable=[where, *(each.resolve() for each in readable)],
        limits=limits,
        workdir=workdir.resolve(),
        progress=progress,
    )


def facts_from(result: Mapping[str, Any]) -> ModelFacts:
    """Read what was seen in a model from plain values; raises KeyError, TypeError, ValueError."""
    trees = result["trees"]
    return ModelFacts(
        ir=int(result["ir"]),
        producer=str(result["producer"]),
        opsets={str(name): int(version) for name, version in result["opsets"].items()},
        operators=Counter({str(name): int(count) for name, count in result["operators"].items()}),
        inputs=[_slot_of(each) for each in result["inputs"]],
        outputs=[_slot_of(each) for each in result["outputs"]],
        classes=[str(each) for each in result["classes"]],
        classes_are_numbers=bool(result["classes_are_numbers"]),
        parameters=int(result["parameters"]),
        nodes=int(result["nodes"]),
        trees=trees
        and Trees(
            int(trees["count"]),
            int(trees["depth"]),
            tuple(map(int, trees["features"])),
            str(trees["style"]),
        ),
    )


def _slot_of(each: Mapping[str, Any]) -> Slot:
    return Slot(str(each["name"]), str(each["kind"]), tuple(map(int, each["shape"])))


def _output(answer: Mapping[str, Any], workdir: Path, rows: int) -> Output:
    name, kind, width = str(answer["name"]), str(answer["kind"]), int(answer["width"])
    path = workdir / str(answer["file"])
    if path.parent != workdir or path.is_symlink():
        raise ValueError(name)
    values = np.fromfile(path, dtype="<i4" if kind == "texts" else "<f8")
    texts = tuple(map(str, answer["texts"]))
    if values.size != rows * width or (kind == "texts" and not _within(values, len(texts))):
        raise ValueError(name)
    if kind != "texts" and not np.isfinite(values).all():
        raise ValueError(name)
    return Output(name, kind, values.reshape(rows, width), texts)


def _within(codes: NDArray[Any], count: int) -> bool:
    return bool(codes.size == 0 or (codes.min() >= 0 and codes.max() < count))


def _listed(names: Any) -> str:
    return ", ".join(sorted(map(str, names)))[:200]
