"""Whether a stored step is what its inputs say: worked out again by whoever reads it."""

from typing import Final

from pricing.documents import as_plain, digest_of
from pricing.methods.adjusting import work_out_step
from pricing.methods.policies import AdjustmentPolicy
from pricing.plans import PlanTerms

from .documents import read_step_inputs
from .models import PriceStep
from .terms import move_terms

FAULTS: Final = ("inputs", "working", "terms")


def faults_of_step(step: PriceStep, policy: AdjustmentPolicy) -> list[str]:
    """Name what does not hold: the digest of the inputs, the working, or the terms made of it.

    `policy` is of the pack that the step names.
    """
    faults = []
    if digest_of(step.inputs) != step.inputs_sha256:
        faults.append("inputs")
    inputs = read_step_inputs(
        {k: v for k, v in step.inputs.items() if k not in {"plan", "quantity"}}
    )
    working = work_out_step(inputs, policy)
    if as_plain(working) != step.working:
        faults.append("working")
    moved = move_terms(
        PlanTerms.from_document(step.inputs["plan"]),
        working.factor,
        quantity=step.inputs["quantity"],
        limits=working.limits,
    )
    if moved is None or moved.terms.sha256 != step.terms_sha256:
        faults.append("terms")
    return faults
