"""Electronic signatures under contracts and certificates: the exact text signed, and its check.

A party does not sign the document's bytes alone but a statement that names the document by digest
together with the side, the organization, the signer and the time, so that none of these can be
exchanged afterwards (《电子签名法》第十三条).
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from audit.log.canonical import canonical
from audit.log.signing import get_signer, verify_signature

CONTRACT_STATEMENT = "quanheng.contract-signature.v1"


@dataclass(frozen=True)
class SignedText:
    """A text with the signature under it and the key that checks it."""

    text: str
    key: str
    signature: str

    @property
    def sha256(self) -> str:
        """The digest that fixes text and signature together, for the log."""
        return digest_of(f"{self.text}\n{self.signature}")


def digest_of(text: str | bytes) -> str:
    """Return the SHA-256 of a text as hexadecimal digits."""
    return hashlib.sha256(text.encode() if isinstance(text, str) else text).hexdigest()


def canonical_text(document: Mapping[str, Any]) -> str:
    """Return a document in its one canonical form (RFC 8785), the form that is signed."""
    return canonical(document).decode()


def time_text(at: datetime) -> str:
    """Return an instant as it stands in signed documents: UTC, to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def party_key(organization: str) -> str:
    """Return the verifier key of the signing key that the exchange keeps for a party."""
    return get_signer(f"party/{organization}").verifier_key


def sign_text(text: str, *, purpose: str) -> SignedText:
    """Sign a canonical text with the key of `purpose`."""
    signer = get_signer(purpose)
    return SignedText(
        text=text, key=signer.verifier_key, signature=signer.sign(text.encode()).hex()
    )


def sign_contract_text(
    *, contract: str, sha256: str, side: str, organization: str, signer: str, at: datetime
) -> SignedText:
    """Sign for one side of a contract; the platform's side has no organization."""
    statement = canonical_text(
        {
            "type": CONTRACT_STATEMENT,
            "contract": contract,
            "sha256": sha256,
            "side": side,
            "organization": organization,
            "signer": signer,
            "signed_at": time_text(at),
        }
    )
    purpose = f"party/{organization}" if organization else "contract"
    return sign_text(statement, purpose=purpose)


def is_genuine(signed: SignedText) -> bool:
    """Whether the holder of the key signed exactly this text."""
    try:
        signature = bytes.fromhex(signed.signature)
    except ValueError:
        return False
    return verify_signature(signed.key, signed.text.encode(), signature)


def statement_names(text: str, expected: Mapping[str, str]) -> bool:
    """Whether a signed statement says what it is kept for."""
    try:
        statement = json.loads(text)
    except ValueError:
        return False
    return isinstance(statement, dict) and all(
        statement.get(name) == value for name, value in expected.items()
    )
