"""What the confinement and measuring of a model cost beside onnxruntime called directly.

    python3 benchmarks/evaluation.py [--rows 1000000] [--trees 300] [--depth 6] [--json]

Boosted trees over 20 features, written here; a table of as many rows as asked, in Parquet. In one
run: onnxruntime directly, in a process of its own, on a matrix that is in memory already, and with
the reading of the table; the confined runner on the same rows; and the whole evaluation with
reading, metrics, intervals and checks. Seconds on the clock, processor seconds and peak memory of
each; ratios are to onnxruntime alone.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from audit.disclosure.evaluation import (  # noqa: E402  after the path
    Evaluation,
    Frame,
    RunLimits,
    evaluate,
    inspect_model,
    read_card,
    read_frame,
)
from audit.disclosure.evaluation.running import run_model  # noqa: E402
from tests.disclosure import onnx_files  # noqa: E402
from tests.disclosure.onnx_files import Node  # noqa: E402

FEATURES = [f"x{place}" for place in range(20)]
LIMITS = RunLimits()
MIB = 1024**2
DIRECT = """
import json, resource, sys, time
import numpy as np
import onnxruntime as ort
import pyarrow.parquet as pq
model, table, out = sys.argv[1:4]
began = time.monotonic()
names = [name for name in pq.read_schema(table).names if name.startswith("x")]
columns = pq.read_table(table, columns=names)
matrix = np.column_stack([column.to_numpy() for column in columns.columns]).astype(np.float32)
options = ort.SessionOptions()
options.intra_op_num_threads = int(sys.argv[4])
read = time.monotonic()
start = time.process_time()
said = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"]).run(
    ["shares"], {"X": matrix})[0]
done = time.monotonic()
used = resource.getrusage(resource.RUSAGE_SELF)
if out != "-":
    np.save(out, said)
print(json.dumps({"run": done - read, "whole": done - began, "processor": time.process_time()
    - start, "peak": used.ru_maxrss * 1024}))
"""


def main() -> None:
    """Build, run side by side, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--trees", type=int, default=300)
    parser.add_argument("--depth", type=int, default=6)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="quanheng-benchmark-") as scratch:
        folder = Path(scratch)
        make(folder, options.rows, options.trees, options.depth)
        rows = [direct(folder), *ours(folder)]
    base = rows[0]["seconds"]
    for row in rows:
        row["ratio"] = round(row["seconds"] / base, 2)
    if options.json:
        print(json.dumps(rows))
        return
    print(f"{options.rows:,} rows × {len(FEATURES)}, {options.trees} trees of depth "
          f"{options.depth}, load {os.getloadavg()[0]:.1f}")  # fmt: skip
    print(f"{'':44}{'clock s':>9}{'processor s':>13}{'peak MB':>9}{'ratio':>7}")
    for row in rows:
        print(f"{row['name']:44}{row['seconds']:9.2f}{row['processor']:13.2f}"
              f"{row['peak'] // MIB:9}{row['ratio']:7.2f}")  # fmt: skip


def make(folder: Path, rows: int, trees: int, depth: int) -> None:
    """Write a model of random trees, and a table whose answers follow what it says."""
    random = np.random.default_rng(1)

    def grow(left: int) -> Node:
        if not left:
            return Node(float(random.normal(0, 0.25)))
        feature, edge = int(random.integers(len(FEATURES))), float(random.normal(0, 0.7))
        return Node(0.0, feature, edge, grow(left - 1), grow(left - 1))

    content = onnx_files.trees(
        [grow(depth) for _ in range(trees)], len(FEATURES), boosted=True, base=0.0, classes=True
    )
    (folder / "model.onnx").write_bytes(content)
    matrix = random.normal(0, 1, (rows, len(FEATURES))).astype(np.float32)
    columns = dict(zip(FEATURES, matrix.T, strict=True))
    table = folder / "rows.parquet"
    pq.write_table(pa.table(columns), table)
    _run_direct(folder, folder / "said.npy")
    said = np.load(folder / "said.npy")[:, 1]
    answers = (random.random(rows) < said).astype(np.int64)
    pq.write_table(pa.table(columns | {"y": answers}), table)


def direct(folder: Path) -> dict[str, Any]:
    """Measure onnxruntime alone."""
    found = min((_run_direct(folder, Path("-")) for _ in range(2)), key=lambda each: each["run"])
    return {
        "name": "onnxruntime alone, matrix in memory",
        "seconds": found["run"],
        "processor": found["processor"],
        "peak": found["peak"],
    }


def ours(folder: Path) -> list[dict[str, Any]]:
    """Measure the confined runner, and the whole evaluation."""
    card = read_card(
        {
            "technique": "gradient boosted trees",
            "prediction_target": "an event",
            "stakeholders": "nobody",
            "claimed": {"roc_auc": 0.7},
            "target_column": "y",
            "task": "classification",
            "features": FEATURES,
        }
    )
    model = folder / "model.onnx"
    spaces = {name: folder / name for name in ("rows", "run", "work")}
    for space in spaces.values():
        space.mkdir()
    began = time.monotonic()
    frame = read_frame(folder / "rows.parquet", folder=spaces["rows"], limits=LIMITS)
    read = time.monotonic() - began
    facts = inspect_model(model, workdir=spaces["run"], limits=LIMITS)
    began = time.monotonic()
    answers = run_model(model, card, facts, frame, workdir=spaces["run"], limits=LIMITS)
    runner = {
        "name": "confined runner, rows in files",
        "seconds": time.monotonic() - began,
        "processor": answers.processor,
        "peak": answers.peak,
    }
    began, used = time.monotonic(), _used()
    evaluation = _evaluate(card, model, frame, spaces["work"])
    whole = {
        "name": "reading, running, metrics, intervals, checks",
        "seconds": time.monotonic() - began + read,
        "processor": _used() - used,
        "peak": max(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, evaluation.peak),
    }
    if evaluation.verdict == "NOT_RUN":
        sys.exit(f"not run: {evaluation.reason} {dict(evaluation.reason_params)}")
    return [runner, whole]


def _evaluate(card: Any, model: Path, frame: Frame, workdir: Path) -> Evaluation:
    return evaluate(card, model.read_bytes(), frame, workdir=workdir, limits=LIMITS)


def _run_direct(folder: Path, out: Path) -> dict[str, float]:
    done = subprocess.run(  # noqa: S603  our own words
        [sys.executable, "-c", DIRECT, str(folder / "model.onnx"), str(folder / "rows.parquet"),
         str(out), str(LIMITS.threads)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _used() -> float:
    """Return the processor seconds of this process and those it collected."""
    return sum(
        used.ru_utime + used.ru_stime
        for used in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


if __name__ == "__main__":
    main()
