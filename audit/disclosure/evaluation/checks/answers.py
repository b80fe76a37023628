"""Whether the model answers what it is asked: files, constancy, company of other rows."""

from collections.abc import Iterator

import numpy as np

from audit.disclosure.evaluation.results import Finding, Sureness

from .evidence import Evidence, against, notice


def check_answers(evidence: Evidence) -> Iterator[Finding]:
    """Find files other than the card's, answers that never change, or change with the company."""
    for name, said in (
        ("model", evidence.card.sha256_model),
        ("holdout", evidence.card.sha256_holdout),
    ):
        found = evidence.digests.get(name, "")
        if said and found and said != found:
            yield against("other-file", Sureness.CERTAIN, file=name, said=said, found=found)
    said_values = evidence.scored.said
    if np.ptp(said_values) == 0:
        classed = evidence.scored.classed
        value = classed.classes[int(said_values[0])] if classed else float(said_values[0])
        varies = classed is not None and classed.score is not None and np.ptp(classed.score) > 0
        if varies:
            yield notice("always-same-class", value=value)
        else:
            yield against("constant", Sureness.CERTAIN, value=value)
    if not evidence.steady:
        yield against("unsteady", Sureness.CERTAIN)
    if evidence.facts.loops:
        yield notice("loops", count=evidence.facts.loops)
