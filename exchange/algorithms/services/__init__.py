"""Verbs of evaluation: seal rows, hand in models, ask for a measurement, carry it out."""

from .handing_in import hand_in_model, hand_in_rows
from .measuring import measure, resume_runs, run_evaluation
from .requesting import (
    ModelSource,
    TooManyRuns,
    cancel_run,
    model_object_of,
    request_rehearsal,
    request_run,
)
from .sealing import SetDescription, commitment_of, open_set, retire_set, seal_set

__all__ = [
    "ModelSource",
    "SetDescription",
    "TooManyRuns",
    "cancel_run",
    "commitment_of",
    "hand_in_model",
    "hand_in_rows",
    "measure",
    "model_object_of",
    "open_set",
    "request_rehearsal",
    "request_run",
    "resume_runs",
    "retire_set",
    "run_evaluation",
    "seal_set",
]
