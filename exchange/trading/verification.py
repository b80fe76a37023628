"""Checking contracts and trade certificates: text, signatures, and the log's word for them.

The keys that count are those the document names, and the document is the one whose digest stands
in the log: an exchange that changes its keys does not make its old contracts doubtful.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from audit.log.errors import NotFound
from audit.log.models import Entry

from .models import Contract, Signature, TradeCertificate
from .signatures import (
    CONTRACT_STATEMENT,
    SignedText,
    canonical_text,
    digest_of,
    is_genuine,
    statement_names,
    time_text,
)
from .states import CertificateState, ContractState, Side


@dataclass(frozen=True)
class Verification:
    """The outcome of a check: valid, or every fault found, in words."""

    faults: tuple[str, ...]

    @property
    def is_valid(self) -> bool:
        """Whether nothing was found."""
        return not self.faults


@dataclass(frozen=True, kw_only=True)
class PublicCertificate:
    """What anybody may know of a certificate by its reference: that it stands, and for what.

    Parties and price stay with the holders; who was handed the document compares its digest.
    """

    reference: str
    status: str
    issued_at: datetime
    sha256: str
    key: str
    product: str
    product_name: str
    release_sha256: str
    contract_sha256: str
    verification: Verification

    @property
    def is_valid(self) -> bool:
        """Whether the certificate is genuine and stands."""
        return self.status == CertificateState.ISSUED and self.verification.is_valid


def verify_contract(contract: Contract) -> Verification:
    """Check a contract's text, every signature due in its state, and the log's record of both."""
    return Verification(tuple(_faults_of_contract(contract)))


def verify_certificate(certificate: TradeCertificate) -> Verification:
    """Check a certificate's text, its signature, and the log's record of it."""
    return Verification(tuple(_faults_of_certificate(certificate)))


def check_certificate_document(text: str) -> PublicCertificate:
    """Check a certificate document that somebody was handed; NotFound where it was never issued.

    It has to be the issued text, digit by digit, once brought into its canonical form.
    """
    try:
        document = json.loads(text)
        digest = digest_of(canonical_text(document))
    except (ValueError, TypeError, AttributeError):
        raise NotFound(_("This is not a trade certificate.")) from None
    certificate = TradeCertificate.objects.filter(sha256=digest).first()
    if certificate is None:
        raise NotFound(_("No certificate with this text was ever issued here."))
    return look_up_certificate(certificate.reference)


def look_up_certificate(reference: str) -> PublicCertificate:
    """Return what anybody may know of a certificate (查验); NotFound where there is none."""
    rows = TradeCertificate.objects.select_related("order__product", "order__contract")
    certificate = rows.filter(reference=reference).first()
    if certificate is None:
        raise NotFound
    order = certificate.order
    return PublicCertificate(
        reference=certificate.reference,
        status=certificate.status,
        issued_at=certificate.issued_at,
        sha256=certificate.sha256,
        key=certificate.key,
        product=order.product.reference,
        product_name=order.product.name,
        release_sha256=order.release_sha256,
        contract_sha256=order.contract.sha256,
        verification=verify_certificate(certificate),
    )


def _faults_of_contract(contract: Contract) -> Iterator[str]:
    document = _document(contract.document)
    if document is None or digest_of(contract.document) != contract.sha256:
        yield _("The document does not have the digest it is kept under.")
        return
    if document.get("reference") != contract.reference:
        yield _("The document is of another contract.")
    if _logged("contract", contract.reference, "trading.contract.drafted") != contract.sha256:
        yield _("The log has another digest of this contract.")
    signatures = {signature.side: signature for signature in contract.signatures.all()}
    due = _sides_due(contract)
    for side in Side:
        signature = signatures.get(side)
        if signature is None:
            if side in due:
                yield _("The signature of the %(side)s is missing.") % {"side": side.label}
        elif fault := _fault_of_signature(contract, document, signature):
            yield fault


def _sides_due(contract: Contract) -> list[Side]:
    match contract.status:
        case ContractState.DRAFTED:
            return []
        case ContractState.SIGNED_BY_PROVIDER:
            return [Side.PROVIDER]
        case ContractState.SIGNED_BY_BUYER:
            return [Side.BUYER]
    if contract.effective_at is None:  # lapsed before it took effect
        return []
    return [Side.PROVIDER, Side.BUYER, Side.PLATFORM]


def _fault_of_signature(
    contract: Contract, document: dict[str, Any], signature: Signature
) -> str | None:
    """Return what is wrong with a signature; its key has to be the one the document names."""
    side = Side(signature.side)
    party = document["exchange" if side == Side.PLATFORM else side.lower()]
    expected = {
        "type": CONTRACT_STATEMENT,
        "contract": contract.reference,
        "sha256": contract.sha256,
        "side": str(side),
        "organization": party.get("reference", ""),
        "signer": signature.signer,
        "signed_at": time_text(signature.signed_at),
    }
    signed = SignedText(text=signature.statement, key=signature.key, signature=signature.signature)
    genuine = signature.key == party["key"] and is_genuine(signed)
    if genuine and statement_names(signature.statement, expected):
        return None
    return _("The signature of the %(side)s does not hold.") % {"side": side.label}


def _faults_of_certificate(certificate: TradeCertificate) -> Iterator[str]:
    document = _document(certificate.document)
    if document is None or digest_of(certificate.document) != certificate.sha256:
        yield _("The document does not have the digest it is kept under.")
        return
    if document.get("reference") != certificate.reference:
        yield _("The document is of another certificate.")
    name = "trading.certificate.issued"
    if _logged("certificate", certificate.reference, name) != certificate.sha256:
        yield _("The log has another digest of this certificate.")
    signed = SignedText(
        text=certificate.document, key=certificate.key, signature=certificate.signature
    )
    if certificate.key != document["issuer"]["key"] or not is_genuine(signed):
        yield _("The signature of the exchange does not hold.")


def _document(text: str) -> dict[str, Any] | None:
    try:
        document = json.loads(text)
    except ValueError:
        return None
    return document if isinstance(document, dict) else None


def _logged(kind: str, reference: str, name: str) -> str:
    """Return the digest that the log has of a thing, from the entry that fixed it."""
    entries = Entry.objects.filter(subject_kind=kind, subject=reference, name=name)
    entry = entries.order_by("position").first()
    if entry is None:
        return ""
    return str(json.loads(bytes(entry.data))["body"][f"{kind}_sha256"])
