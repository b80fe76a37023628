"""Checking what the register signed: its digest, its signature, that pages show what was signed."""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from audit.log.signing import get_signer, verify_signature

from .models import Disclosure, EvaluationReport
from .services.evaluating import columns_of
from .showing import content_of


def faults_of_disclosure(disclosure: Disclosure, *, verifier_key: str = "") -> list[str]:
    """Say what is wrong with a filed disclosure; an empty list means that it holds."""
    content, faults = _signed_content(disclosure, verifier_key)
    if content is None:
        return faults
    shown = _first_form(disclosure) if content.get("v") == 1 else content_of(disclosure)
    return [*faults, *_differences(shown, content)]


def _first_form(disclosure: Disclosure) -> dict[str, Any]:
    """Return what documents said when every text was public."""
    return {
        "reference": disclosure.reference,
        "algorithm": disclosure.algorithm,
        "algorithm_type": disclosure.algorithm_type,
        "owner": disclosure.owner,
        "version": disclosure.version,
        "texts": disclosure.statement,
        "metrics": disclosure.metrics,
        "declared": disclosure.declared,
        "products": disclosure.products,
        "statement_sha256": disclosure.statement_sha256,
    }


def faults_of_evaluation(report: EvaluationReport, *, verifier_key: str = "") -> list[str]:
    """Say what is wrong with an evaluation report; an empty list means that it holds."""
    content, faults = _signed_content(report, verifier_key)
    if content is None:
        return faults
    found = content.get("evaluation")
    if not isinstance(found, dict):
        return [*faults, _("The document cannot be read.")]
    shown = {
        "reference": report.reference,
        "run": report.run,
        "disclosure": report.disclosure.reference,
        "evaluation_set": report.evaluation_set,
        "set_sha256": report.set_sha256,
        "model_sha256": report.model_sha256,
    }
    columns = {name: getattr(report, name) for name in columns_of(found)}
    return [*faults, *_differences(shown, content), *_differences(columns, columns_of(found))]


def _signed_content(
    row: Disclosure | EvaluationReport, verifier_key: str
) -> tuple[dict[str, Any] | None, list[str]]:
    """Return what a signed document says, and what is wrong with its digest and signature."""
    document = row.document.encode()
    faults = []
    if hashlib.sha256(document).hexdigest() != row.document_sha256:
        faults.append(_("The document does not have its recorded digest."))
    trusted = verifier_key or get_signer("disclosure").verifier_key
    try:
        signature = base64.b64decode(row.signature, validate=True)
    except (binascii.Error, ValueError):
        signature = b""
    if not verify_signature(trusted, document, signature):
        faults.append(_("The signature is not the platform's over this document."))
    try:
        content = json.loads(document)
    except ValueError:
        content = None
    if not isinstance(content, dict):
        return None, [*faults, _("The document cannot be read.")]
    return content, faults


def _differences(shown: Mapping[str, Any], content: Mapping[str, Any]) -> list[str]:
    return [
        _("%(field)s differs from the signed document.") % {"field": name}
        for name, value in shown.items()
        if content.get(name) != value
    ]
