"""Running an ONNX model over plain arrays; in the child only.

The plan names for each input the column files it is filled from. No answer is among them: what a
model that breaks out of the runtime could learn here is what it was asked, and what it could
change is what it says.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from confined.child import Progress
from confined.faults import Ending, Fault

from .frames import Column, read_stretch
from .limits import RunLimits
from .refusals import refused

SILENT = 4
PROBE = 256
NOT_CLOSE = 1e-3
REASON = 200


def run_model(
    path: Path, plan: Mapping[str, Any], workdir: Path, limits: RunLimits, report: Progress
) -> dict[str, Any]:
    """Run the model over all rows of the plan, batch by batch; return what its outputs are like."""
    session = _open(path, limits)
    names = [output.name for output in session.get_outputs()]
    outputs = [_Output(name, workdir / f"{place}.out") for place, name in enumerate(names)]
    rows, batch = int(plan["rows"]), _batch(plan, limits)
    for start in range(0, rows, batch):
        stop = min(start + batch, rows)
        answers = _run(session, names, _feed(plan, start, stop, batch), start)
        for output, answer in zip(outputs, answers, strict=True):
            output.add(answer, stop - start)
        report(stop, rows, "running")
    probe = min(PROBE, rows)
    steady = bool(plan["fixed"]) or _is_steady(session, names, plan, probe)
    return {"outputs": [output.finish() for output in outputs], "steady": steady}


def _open(path: Path, limits: RunLimits) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = limits.threads
    options.inter_op_num_threads = 1
    options.log_severity_level = SILENT
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        # as bytes, so that the runtime knows no folder in which further files could lie
        return ort.InferenceSession(path.read_bytes(), options, providers=["CPUExecutionProvider"])
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001  the runtime raises many kinds of its own
        raise _failure("not-loaded", error) from None


def _run(
    session: ort.InferenceSession, names: Sequence[str], feed: dict[str, Any], start: int
) -> list[Any]:
    try:
        found: list[Any] = session.run(names, feed)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001  the runtime raises many kinds of its own
        raise _failure("not-run", error, row=start) from None
    return found


def _failure(what: str, error: Exception, **params: int) -> Fault:
    words = re.sub(r"[^\x20-\x7e]+", " ", str(error))
    if "bad_alloc" in words or "llocate" in words or "llocation" in words:
        return Fault(Ending.MEMORY, "memory")
    return refused(what, reason=words[-REASON:].strip() or type(error).__name__, **params)


def _batch(plan: Mapping[str, Any], limits: RunLimits) -> int:
    if plan["fixed"]:
        return int(plan["fixed"])
    width = sum(column["width"] for slot in plan["inputs"] for column in slot["columns"])
    most: int = limits.cells // max(width, 1)
    return max(1, min(limits.batch, most))


def _feed(plan: Mapping[str, Any], start: int, stop: int, batch: int) -> dict[str, Any]:
    feed = {slot["name"]: _input(slot, start, stop) for slot in plan["inputs"]}
    missing = batch - (stop - start)
    if plan["fixed"] and missing:  # the last rows are repeated; what they yield is cut off
        feed = {
            name: np.concatenate([value, np.repeat(value[-1:], missing, axis=0)])
            for name, value in feed.items()
        }
    return feed


def _input(slot: Mapping[str, Any], start: int, stop: int) -> NDArray[Any]:
    if slot["kind"] == "string":
        pieces = [_words(column, start, stop) for column in slot["columns"]]
    else:
        pieces = [
            read_stretch(Path(column["path"]), _column(column), start, stop)
            for column in slot["columns"]
        ]
    single = pieces[0] if len(pieces) == 1 else None
    joined = single if single is not None and single.ndim > 1 else np.column_stack(pieces)
    if slot["flat"]:
        joined = joined.reshape(-1)
    if slot["kind"] == "string":
        return joined
    if slot["kind"].startswith(("int", "uint", "bool")):
        joined = np.nan_to_num(joined)
    return np.ascontiguousarray(joined, dtype=slot["kind"])


def _words(column: Mapping[str, Any], start: int, stop: int) -> NDArray[Any]:
    codes = read_stretch(Path(column["path"]), _column(column), start, stop)
    words: NDArray[Any] = np.array([*column["texts"], ""], dtype=object)[codes]
    return words


def _column(column: Mapping[str, Any]) -> Column:
    return Column(column["name"], column["kind"], column["width"])


def _is_steady(
    session: ort.InferenceSession, names: Sequence[str], plan: Mapping[str, Any], rows: int
) -> bool:
    """Tell whether a row's answer is the same in other company and at another time."""
    straight = _run(session, names, _feed(plan, 0, rows, rows), 0)
    turned = {name: value[::-1].copy() for name, value in _feed(plan, 0, rows, rows).items()}
    back = _run(session, names, turned, 0)
    for one, other in zip(straight, back, strict=True):
        first, second = _plain(one), _plain(other)[::-1]
        if first.dtype.kind in "OU":
            if not np.array_equal(first, second):
                return False
        elif not np.allclose(first, second, rtol=NOT_CLOSE, atol=NOT_CLOSE, equal_nan=True):
            return False
    return True


def _plain(answer: Any) -> NDArray[Any]:
    """Return an output as an array; a list of mappings (ZipMap) as a column for each key."""
    if isinstance(answer, list):
        if not answer or not isinstance(answer[0], dict):
            raise refused("odd-output")
        keys = list(answer[0])
        return np.array([[row[key] for key in keys] for row in answer], dtype=np.float32)
    return np.asarray(answer)


class _Output:
    """One output on its way into a file: `<f8` rows of `width`, or codes of words."""

    def __init__(self, name: str, path: Path) -> None:
        self.name, self.path = name, path
        self.file: BinaryIO = path.open("wb")
        self.kind, self.width = "", 0
        self.odd = 0
        self.codes: dict[str, int] = {}

    def add(self, answer: Any, rows: int) -> None:
        values = _plain(answer)
        if not values.ndim or values.shape[0] < rows:
            got = values.shape[0] if values.ndim else 0
            raise refused("other-rows", name=self.name[:80], rows=got, expected=rows)
        values = values[:rows].reshape(rows, -1)
        self.width = self.width or values.shape[1]
        if values.shape[1] != self.width or not self.width:
            raise refused("odd-output")
        if values.dtype.kind in "OU":
            self.kind = "texts"
            flat = [self._code(str(word)) for word in values.reshape(-1).tolist()]
            self.file.write(np.array(flat, dtype="<i4").tobytes())
            return
        self.kind = "whole" if values.dtype.kind in "iub" else "real"
        numbers = values.astype("<f8")
        self.odd += int((~np.isfinite(numbers)).any(axis=1).sum())
        self.file.write(numbers.tobytes())

    def finish(self) -> dict[str, Any]:
        """Return what was written; raises Refused where some of it is no number."""
        self.file.close()
        if self.odd:
            raise refused("not-finite", name=self.name[:80], rows=self.odd)
        return {
            "name": self.name,
            "file": self.path.name,
            "kind": self.kind,
            "width": self.width,
            "texts": list(self.codes),
        }

    def _code(self, word: str) -> int:
        if len(self.codes) > RunLimits.classes:
            raise refused("many-classes", limit=RunLimits.classes)
        return self.codes.setdefault(word, len(self.codes))
