"""Rights statements for the tests of everything that rests on them."""

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from audit.log.actors import Actor
from audit.log.references import new_reference
from exchange.parties.models import Organization
from exchange.registry.models import RightsStatement
from exchange.registry.services import draft_rights, state_rights
from exchange.registry.states import ProofKind
from exchange.registry.terms import Proof
from exchange.vault.models import StoredObject

Log = Callable[[], list[tuple[str, str]]]
"""What the fixture `log` gives."""
PRODUCED: dict[str, object] = {
    "situation": "PRODUCED",
    "rights": ["HOLD", "USE", "OPERATE"],
    "origin": "ENTERPRISE",
    "source_kind": "COLLECTED",
    "source_note": "Recorded by our own gates since 2013.",
    "personal_basis": "NONE",
    "license_name": "CC0 1.0",
    "valid_from": "2026-01-01",
}


def make_object(owner: Organization, at: datetime, *, content: bytes = b"proof") -> StoredObject:
    """Return a row of the vault without bytes behind it."""
    reference = new_reference("OB", at)
    return StoredObject.objects.create(
        reference=reference,
        owner=owner.reference,
        purpose="PROOF",
        filename="proof.pdf",
        media_type="application/pdf",
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        wrapped_key="key",
        key_id="test",
        path=reference,
        stored_at=at,
    )


def proof(kind: ProofKind, owner: Organization, at: datetime) -> Proof:
    """Return a proof by a file of `owner`."""
    return Proof(kind=kind, file=make_object(owner, at))


def drafted_rights(
    organization: Organization,
    by: Actor,
    at: datetime,
    *,
    proofs: Sequence[Proof] | None = None,
    **changes: Any,
) -> RightsStatement:
    """Return a draft of a producer's rights, with changes."""
    if proofs is None:
        proofs = [proof(ProofKind.COLLECTION_RECORD, organization, at)]
    terms = PRODUCED | changes
    return draft_rights(organization=organization, terms=terms, proofs=proofs, by=by, at=at)


def public_rights(organization: Organization, by: Actor, at: datetime) -> RightsStatement:
    """Return rights over public data that the organization answers for."""
    kinds = (ProofKind.COLLECTION_RECORD, ProofKind.PUBLIC_AUTHORIZATION)
    proofs = [proof(kind, organization, at) for kind in kinds]
    return stated_rights(organization, by, at, origin="PUBLIC", proofs=proofs)


def stated_rights(
    organization: Organization, by: Actor, at: datetime, **changes: Any
) -> RightsStatement:
    """Return rights that the organization answers for."""
    return state_rights(statement=drafted_rights(organization, by, at, **changes), by=by, at=at)
