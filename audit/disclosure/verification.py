"""Checking a filed disclosure: its digest, its signature, and that pages show what was signed."""

import base64
import binascii
import hashlib
import json

from django.utils.translation import gettext as _

from audit.log.signing import get_signer, verify_signature

from .models import Disclosure


def faults_of_disclosure(disclosure: Disclosure, *, verifier_key: str = "") -> list[str]:
    """Say what is wrong with a filed disclosure; an empty list means that it holds."""
    document = disclosure.document.encode()
    faults = []
    if hashlib.sha256(document).hexdigest() != disclosure.document_sha256:
        faults.append(_("The document does not have its recorded digest."))
    trusted = verifier_key or get_signer("disclosure").verifier_key
    try:
        signature = base64.b64decode(disclosure.signature, validate=True)
    except (binascii.Error, ValueError):
        signature = b""
    if not verify_signature(trusted, document, signature):
        faults.append(_("The signature is not the platform's over this document."))
    try:
        content = json.loads(document)
    except ValueError:
        content = None
    if not isinstance(content, dict):
        return [*faults, _("The document cannot be read.")]
    shown = {
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
    faults += [
        _("%(field)s differs from the signed document.") % {"field": name}
        for name, value in shown.items()
        if content.get(name) != value
    ]
    return faults
