"""How fast rows are valued, beside the libraries that do the same, and in how much memory.

    python3 benchmarks/valuation.py [--rows 50000] [--holdout 500] [--features 32] [--k 5]
                                    [--pydvl PYTHON] [--opendataval PYTHON]

A peer is a Python that has it installed; `benchmarks/valuation_peer.py` runs under it, on the same
numbers, in the same run. Every contender has a process of its own, so that peak memory is its own,
and one thread, so that what else the machine does weighs alike.
Printed are seconds, ratios, the peak resident memory, and the largest difference between values.
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

import numpy as np

HERE = Path(__file__).parent


def main() -> None:
    """Draw the numbers, let everyone value them, print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--holdout", type=int, default=500)
    parser.add_argument("--features", type=int, default=32)
    parser.add_argument("--k", type=int, default=5)
    parser.add_argument("--pydvl", default="", help="a Python with pyDVL")
    parser.add_argument("--opendataval", default="", help="a Python with OpenDataVal")
    parser.add_argument("--inside", default="", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        print(json.dumps(ours(Path(options.inside))))
        return
    load = os.getloadavg()[0]
    print(f"{options.rows} rows x {options.holdout} holdout rows x {options.features} features")
    with tempfile.TemporaryDirectory() as folder:
        case = draw(Path(folder), options)
        mine = run([sys.executable, __file__, "--inside", str(case)])
        show("Quanheng", mine, mine, case)
        for name, python in (("pydvl", options.pydvl), ("opendataval", options.opendataval)):
            if python:
                script = str(HERE / "valuation_peer.py")
                show(name, run([python, script, name, str(case)]), mine, case)
            else:
                print(f"{name:12} not given")
    print(f"load average {load:.2f} before, {os.getloadavg()[0]:.2f} after")


def draw(folder: Path, options: argparse.Namespace) -> Path:
    """Write rows of two overlapping classes and a holdout of the same kind."""
    chance = np.random.default_rng(20261129)
    sides = {}
    for name, count in (("rows", options.rows), ("holdout", options.holdout)):
        labels = chance.integers(0, 2, count)
        centers = 0.4 * labels[:, None]
        sides[name] = chance.normal(size=(count, options.features)) + centers
        sides[f"{name}_labels"] = labels
    file = folder / "case.npz"
    np.savez(file, k=options.k, **sides)
    return file


def ours(file: Path) -> dict[str, float]:
    """Value the rows in this process, three times; the best counts."""
    sys.path.insert(0, str(HERE.parent))
    from pricing.valuation.neighbors import value_for_classes  # noqa: PLC0415

    case = np.load(file)
    seconds, work = [], []
    arguments = [case[name] for name in ("rows", "rows_labels", "holdout", "holdout_labels")]
    for _turn in range(3):
        begun, begun_work = time.perf_counter(), time.process_time()
        values = value_for_classes(*arguments, int(case["k"]))
        seconds.append(time.perf_counter() - begun)
        work.append(time.process_time() - begun_work)
    np.save(file.with_name("Quanheng.npy"), values)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": min(seconds), "cpu": min(work), "peak_mib": peak}


def run(command: list[str]) -> dict[str, float]:
    """Run one contender and read its figures from the last line it prints."""
    alone = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    done = subprocess.run(  # noqa: S603
        command, capture_output=True, text=True, check=False, env=os.environ | alone
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr}")
    figures: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return figures


def show(name: str, figures: dict[str, float], mine: dict[str, float], case: Path) -> None:
    """Print one line of the comparison."""
    reference = np.load(case.with_name("Quanheng.npy"))
    values = np.load(case.with_name(f"{name}.npy"))
    print(
        f"{name:12} {figures['seconds']:8.2f} s  {figures['cpu']:8.2f} s of CPU"
        f"  {figures['seconds'] / mine['seconds']:6.1f} x"
        f"  {figures['cpu'] / mine['cpu']:6.1f} x CPU"
        f"  {figures['peak_mib']:8.0f} MiB  values differ by {np.abs(values - reference).max():.1e}"
    )


if __name__ == "__main__":
    main()
