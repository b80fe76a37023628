"""Reading a model: what the ONNX file is, and every word in it as a table for the filter."""

from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from audit.disclosure.evaluation.graph import ModelFacts, read_model
from audit.disclosure.evaluation.limits import RunLimits
from audit.disclosure.evaluation.refusals import Refused
from audit.disclosure.evaluation.techniques import techniques_of
from confined.child import Progress

from .faults import Fault, FaultCode, too_large
from .limits import Limits
from .onnx_parts import as_columns, read_parts

SHOWN: Final = 200
KINDS: Final = {
    "model-empty": FaultCode.EMPTY,
    "model-large": FaultCode.TOO_LARGE,
    "not-onnx": FaultCode.MALFORMED,
    "hollow-tensor": FaultCode.MALFORMED,
    "unknown-part": FaultCode.MALFORMED,
}


def read_onnx(path: Path, target: Path, limits: Limits, progress: Progress) -> dict[str, Any]:
    """Read the model at `path`, its words into the Parquet file `target`; return what it is.

    Raises Fault with the reason where it is no model that is traded here.
    """
    size = path.stat().st_size
    bounds = RunLimits(model=min(limits.bytes, RunLimits.model))
    progress(0, size, "reading")
    try:
        content = path.read_bytes()
        facts = read_model(content, bounds)
        parts = read_parts(content)
    except Refused as refusal:
        code = KINDS.get(refusal.what, FaultCode.UNSUPPORTED)
        raise Fault(code, refusal.what, **refusal.params) from None
    columns = as_columns(parts)
    if len(columns) > limits.columns:
        raise too_large("model-places", count=len(columns), limit=limits.columns)
    rows = max(map(len, columns.values()), default=0)
    filled = {name: [*held, *[None] * (rows - len(held))] for name, held in columns.items()}
    pq.write_table(pa.table(filled), target)
    progress(size, size, "reading")
    found = {"texts": rows, "places": list(columns)[:SHOWN], "idle": parts.idle[:SHOWN]}
    return _told(facts) | found


def _told(facts: ModelFacts) -> dict[str, Any]:
    """Return what is shown of a model, in plain values."""
    return {
        "ir": facts.ir,
        "producer": facts.producer,
        "opsets": facts.opsets,
        "operators": dict(facts.operators.most_common(SHOWN)),
        "inputs": [asdict(slot) for slot in facts.inputs],
        "outputs": [asdict(slot) for slot in facts.outputs],
        "classes": facts.classes[:SHOWN],
        "parameters": facts.parameters,
        "nodes": facts.nodes,
        "techniques": list(techniques_of(facts)),
        "trees": {"count": facts.trees.count, "depth": facts.trees.depth} if facts.trees else None,
    }
