"""How fast another library values the same rows; `benchmarks/valuation.py` calls this.

    PYTHON benchmarks/valuation_peer.py pydvl|opendataval CASE.npz

Runs under a Python that has the library. Each is called as its documentation tells, once.
"""

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np


def main() -> None:
    """Value the rows and print the figures as JSON."""
    name, file = sys.argv[1], Path(sys.argv[2])
    prepare = {"pydvl": with_pydvl, "opendataval": with_opendataval}[name]
    work = prepare(dict(np.load(file)))
    begun, begun_work = time.perf_counter(), time.process_time()
    values = work()
    seconds, cpu = time.perf_counter() - begun, time.process_time() - begun_work
    np.save(file.with_name(f"{name}.npy"), values)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "cpu": cpu, "peak_mib": peak}))


def with_pydvl(case: dict[str, Any]) -> Callable[[], Any]:
    """Return the work as pyDVL does it."""
    from pydvl.valuation import Dataset, KNNShapleyValuation  # noqa: PLC0415
    from sklearn.neighbors import KNeighborsClassifier  # noqa: PLC0415

    rows = Dataset(case["rows"], case["rows_labels"])
    holdout = Dataset(case["holdout"], case["holdout_labels"])
    model = KNeighborsClassifier(n_neighbors=int(case["k"]))

    def work() -> Any:
        valuation = KNNShapleyValuation(model=model, test_data=holdout, progress=False)
        return valuation.fit(rows).result.values

    return work


def with_opendataval(case: dict[str, Any]) -> Callable[[], Any]:
    """Return the work as OpenDataVal does it: float32 tensors, labels one-hot."""
    import torch  # noqa: PLC0415
    from opendataval.dataval import KNNShapley  # noqa: PLC0415

    def tensors(side: str) -> tuple[Any, Any]:
        labels = torch.nn.functional.one_hot(torch.tensor(case[f"{side}_labels"]), 2).float()
        return torch.tensor(case[side], dtype=torch.float32), labels

    valuation = KNNShapley(k_neighbors=int(case["k"]))
    valuation.input_data(*tensors("rows"), *tensors("holdout"))
    return lambda: valuation.train_data_values().evaluate_data_values()


if __name__ == "__main__":
    main()
