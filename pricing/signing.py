"""The signed document of an appraisal, and the row that shows it."""

import base64
import hashlib
from datetime import datetime
from typing import Any, Final

from django.utils import translation

from audit.disclosure.queries import reference_in_force
from audit.log.actors import Actor
from audit.log.canonical import canonical
from audit.log.references import new_reference
from audit.log.signing import get_signer

from .appraising import ALGORITHM_VERSION, AppraisalInputs, AppraisalWorking, valid_until
from .documents import as_plain, digest_of, signing_purpose
from .methods.band import Band
from .models import Appraisal
from .policy import Policy
from .wording import band_text, independence_text

ALGORITHM: Final = "appraisal"
DOCUMENT_VERSION: Final = 2
LANGUAGES: Final = {"en": "en", "zh": "zh-hans"}


def sign_appraisal(
    inputs: AppraisalInputs,
    working: AppraisalWorking,
    band: Band,
    policy: Policy,
    *,
    by: Actor,
    at: datetime,
) -> Appraisal:
    """Return the row of an appraisal with its signed document, not yet stored."""
    signer = get_signer(signing_purpose(by.organization or by.id))
    plain, result = as_plain(inputs), as_plain(working)
    appraisal = Appraisal(
        reference=new_reference("A", at),
        asset=inputs.facts.asset,
        release=inputs.facts.release,
        owner=inputs.facts.owner,
        appraiser=by.organization or by.id,
        purpose=inputs.purpose,
        basis_on=inputs.basis_on,
        valid_until=valid_until(inputs, policy),
        currency=band.mid.currency,
        low_amount=band.low.amount,
        mid_amount=band.mid.amount,
        high_amount=band.high.amount,
        confidence_rate=band.confidence,
        methods=",".join(item.method for item in working.estimates),
        guideline=",".join(item.label for item in policy.guidelines),
        inputs=plain,
        inputs_sha256=digest_of(plain),
        result=result,
        disclosure=reference_in_force(ALGORITHM),
        pack=policy.label,
        signer=signer.verifier_key,
        signed_at=at,
    )
    document = canonical(_document(appraisal, policy, by=by))
    appraisal.document = document.decode()
    appraisal.document_sha256 = hashlib.sha256(document).hexdigest()
    appraisal.signature = base64.b64encode(signer.sign(document)).decode()
    return appraisal


def _document(appraisal: Appraisal, policy: Policy, *, by: Actor) -> dict[str, Any]:
    weighed = "weighing" in appraisal.inputs
    texts: dict[str, dict[str, str]] = {"basis_in_words": {}, "independence": {}}
    for key, language in LANGUAGES.items():
        with translation.override(language):
            texts["basis_in_words"][key] = band_text(appraisal.result)
            texts["independence"][key] = independence_text(platform=by.is_system, weighed=weighed)
    return {
        "type": "appraisal",
        "v": DOCUMENT_VERSION,
        "reference": appraisal.reference,
        "asset": appraisal.asset,
        "release": appraisal.release,
        "provider": appraisal.owner,
        "appraiser": appraisal.appraiser,
        "actor": by.id,
        "purpose": appraisal.purpose,
        "basis_on": appraisal.basis_on.isoformat(),
        "valid_until": appraisal.valid_until.isoformat(),
        "signed_at": appraisal.signed_at.isoformat(),
        "currency": appraisal.currency,
        "low": appraisal.low.text,
        "mid": appraisal.mid.text,
        "high": appraisal.high.text,
        "confidence": f"{appraisal.confidence_rate:f}",
        "algorithm": {"id": ALGORITHM, "version": ALGORITHM_VERSION},
        "guidelines": [as_plain(item) for item in policy.guidelines],
        "pack": {"label": policy.label, "sha256": policy.digest},
        "disclosure": appraisal.disclosure,
        "inputs": appraisal.inputs,
        "inputs_sha256": appraisal.inputs_sha256,
        "result": appraisal.result,
        **texts,
    }
