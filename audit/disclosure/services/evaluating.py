"""The verb that puts the result of an evaluation run into the register."""

import base64
import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from audit.disclosure import rules
from audit.disclosure.evaluation.publishing import publish
from audit.disclosure.evaluation.results import Evaluation
from audit.disclosure.events import AlgorithmEvaluated
from audit.disclosure.measuring import SHA256
from audit.disclosure.models import Disclosure, EvaluationReport
from audit.log.actors import Actor
from audit.log.canonical import canonical
from audit.log.errors import Conflict, Invalid, NotAllowed
from audit.log.references import new_reference
from audit.log.services import record
from audit.log.signing import get_signer

DOCUMENT_VERSION: Final = 1


@transaction.atomic
def record_evaluation(  # noqa: PLR0913  what a reader needs to judge the result
    *,
    disclosure: Disclosure,
    evaluation: Evaluation,
    run: str,
    evaluation_set: str,
    set_sha256: str,
    commitment: str,
    limits: Mapping[str, int],
    by: Actor,
    at: datetime,
) -> EvaluationReport:
    """Sign what an evaluation on a sealed set found, and keep it in the register.

    `commitment` is what the log said of the set when it was sealed, `limits` the bounds of the
    run (seconds, bytes). Raises NotAllowed unless the platform itself measures, Conflict where the
    disclosure was never filed, Invalid for a digest that is none.
    """
    if refusal := rules.why_not_measure(by):
        raise NotAllowed(refusal)
    if disclosure.filed_at is None:
        raise Conflict(_("Accuracy is recorded on a filed disclosure only."))
    if not SHA256.fullmatch(set_sha256) or not SHA256.fullmatch(evaluation.model_sha256):
        raise Invalid({"set_sha256": [_("The digests of set and model are needed.")]})
    reference = new_reference("EV", at)
    found = publish(evaluation)
    content = {
        "type": "algorithm-evaluation",
        "v": DOCUMENT_VERSION,
        "reference": reference,
        "run": run,
        "disclosure": disclosure.reference,
        "disclosure_sha256": disclosure.document_sha256,
        "algorithm": disclosure.algorithm,
        "owner": disclosure.owner,
        "evaluation_set": evaluation_set,
        "set_sha256": set_sha256,
        "set_commitment": commitment,
        "model_sha256": evaluation.model_sha256,
        "limits": dict(limits),
        "evaluation": found,
        "measured_at": at.isoformat(),
    }
    signer = get_signer("disclosure")
    document = canonical(content)
    report = EvaluationReport.objects.create(
        reference=reference,
        disclosure=disclosure,
        run=run,
        evaluation_set=evaluation_set,
        set_sha256=set_sha256,
        document=document.decode(),
        document_sha256=hashlib.sha256(document).hexdigest(),
        signature=base64.b64encode(signer.sign(document)).decode(),
        signer=signer.verifier_key,
        measured_at=at,
        **columns_of(found),
    )
    event = AlgorithmEvaluated(
        evaluation=reference,
        disclosure=disclosure.reference,
        organization=disclosure.owner,
        evaluation_run=run,
        evaluation_set=evaluation_set,
        algorithm=disclosure.algorithm,
        verdict=report.verdict,
        contradicted=report.contradicted,
        set_sha256=set_sha256,
        model_sha256=evaluation.model_sha256,
        document_sha256=report.document_sha256,
    )
    record(event, by=by, at=at)
    return report


def columns_of(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of a report that repeat its document."""
    judged = (claim for claim in found["claims"] if claim["judged"])
    main: Mapping[str, Any] = next(judged, {})
    return {
        "verdict": found["verdict"],
        "contradicted": found["contradicted"],
        "metric": main.get("metric", ""),
        "judged_by": found["judged_by"],
        "declared": main.get("declared", ""),
        "measured": main.get("value", ""),
        "ci_low": main.get("low", ""),
        "ci_high": main.get("high", ""),
        "baseline": main.get("baseline", ""),
        "rows": found["rows"],
        "model_sha256": found["model_sha256"],
    }
