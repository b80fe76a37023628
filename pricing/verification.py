"""Checking an appraisal: signature, digests, and the whole working done again from its inputs."""

import base64
import binascii
import hashlib
import json
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from audit.log.errors import DomainError
from audit.log.signing import get_signer, verify_signature
from audit.rulebook.queries import list_packs

from .appraising import ALGORITHM_VERSION, work_out_appraisal
from .documents import as_plain, digest_of, read_inputs, signing_purpose
from .models import Appraisal
from .policy import Policy, policy_of

NEEDED: dict[str, type] = {"inputs": dict, "inputs_sha256": str, "pack": dict, "result": dict}
"""What a document must hold to be worked out again."""


def faults_of_appraisal(appraisal: Appraisal, *, verifier_key: str = "") -> list[str]:
    """Say what is wrong with a stored appraisal; an empty list means that it holds.

    `verifier_key` is the key one trusts, by default the present one that is kept for the appraiser.
    """
    document = appraisal.document.encode()
    faults = []
    if hashlib.sha256(document).hexdigest() != appraisal.document_sha256:
        faults.append(_("The document does not have its recorded digest."))
    trusted = verifier_key or get_signer(signing_purpose(appraisal.appraiser)).verifier_key
    if not _is_signed(document, appraisal.signature, trusted):
        faults.append(_("The signature is not that of the appraiser over this document."))
    try:
        content = json.loads(document)
    except ValueError:
        return [*faults, _("The document cannot be read.")]
    if missing := _missing(content):
        return [*faults, _("The document lacks %(field)s.") % {"field": ", ".join(missing)}]
    faults += _differences(appraisal, content)
    if digest_of(content["inputs"]) != content["inputs_sha256"]:
        faults.append(_("The inputs do not have their recorded digest."))
    policy = _policy_named(content["pack"])
    if policy is None:
        faults.append(_("The rule pack it names is not known in that form."))
    elif not is_of_another_version(content) and (
        _work_out_again(content["inputs"], policy) != content["result"]
    ):
        faults.append(_("Worked out again from its inputs, the result is another."))
    return faults


def content_of(appraisal: Appraisal) -> dict[str, Any]:
    """Read the content of the document; empty where somebody made it unreadable."""
    try:
        content = json.loads(appraisal.document)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def is_of_another_version(content: dict[str, Any]) -> bool:
    """Whether a document names another version of the algorithm than the one that runs here.

    Its signature and digests are checked all the same; the working is not done again.
    """
    named = content.get("algorithm", {"version": 1})
    return not isinstance(named, dict) or named.get("version") != ALGORITHM_VERSION


def is_authentic(appraisal: Appraisal) -> bool:
    """Whether nothing is wrong with a stored appraisal."""
    return not faults_of_appraisal(appraisal)


def is_as_signed(appraisal: Appraisal) -> bool:
    """Whether row and document still are what was signed, by the key they name.

    Unlike `is_authentic` this asks neither whether the key is the present one nor whether today's
    methods would find the same: both change, and what was signed stays signed.
    """
    document = appraisal.document.encode()
    if not _is_signed(document, appraisal.signature, appraisal.signer):
        return False
    try:
        content = json.loads(document)
    except ValueError:
        return False
    return not _missing(content) and not _differences(appraisal, content)


def _is_signed(document: bytes, signature: str, verifier_key: str) -> bool:
    try:
        raw = base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError):
        return False
    return verify_signature(verifier_key, document, raw)


def _missing(content: object) -> list[str]:
    """Name what a document that somebody changed no longer says."""
    if not isinstance(content, dict):
        return sorted(NEEDED)
    return sorted(name for name in NEEDED if not isinstance(content.get(name), NEEDED[name]))


def _work_out_again(inputs: dict[str, Any], policy: Policy) -> object:
    """Return the result that follows from `inputs`; None where they are no inputs at all."""
    try:
        return as_plain(work_out_appraisal(read_inputs(inputs), policy))
    except (LookupError, TypeError, ValueError, ArithmeticError, DomainError):
        return None


def _differences(appraisal: Appraisal, content: dict[str, Any]) -> list[str]:
    """Compare the columns that pages read with what was signed."""
    shown: dict[str, object] = {
        "reference": appraisal.reference,
        "asset": appraisal.asset,
        "release": appraisal.release,
        "provider": appraisal.owner,
        "appraiser": appraisal.appraiser,
        "purpose": appraisal.purpose,
        "basis_on": _day(appraisal.basis_on),
        "valid_until": _day(appraisal.valid_until),
        "currency": appraisal.currency,
        "low": appraisal.low.text,
        "mid": appraisal.mid.text,
        "high": appraisal.high.text,
        "inputs": appraisal.inputs,
        "inputs_sha256": appraisal.inputs_sha256,
        "result": appraisal.result,
        "disclosure": appraisal.disclosure,
    }
    return [
        _("%(field)s differs from the signed document.") % {"field": name}
        for name, value in shown.items()
        if content.get(name) != value
    ]


def _policy_named(pack: dict[str, str]) -> Policy | None:
    for known in list_packs("pricing"):
        if known.label == pack.get("label") and known.digest == pack.get("sha256"):
            return policy_of(known)
    return None


def _day(value: date) -> str:
    return value.isoformat()
