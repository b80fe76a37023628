"""Evidence on file for exports, with its document in the vault."""

import io
from datetime import datetime
from typing import Any

from audit.log.actors import Actor
from exchange.compliance.models import ExportFiling
from exchange.compliance.services import file_evidence, verify_filing
from exchange.vault.models import StoredObject
from exchange.vault.services import store_object
from exchange.vault.states import Purpose


def make_document(owner: str, at: datetime, purpose: str = Purpose.EVIDENCE) -> StoredObject:
    """Return a document of an organization in the vault."""
    return store_object(
        source=io.BytesIO(b"%PDF-1.7 result"),
        filename="result.pdf",
        purpose=Purpose(purpose),
        owner=owner,
        by=Actor.system("vault"),
        at=at,
    )


def paper(provider: Actor, at: datetime, **changes: Any) -> dict[str, Any]:
    """Return what a provider fills in."""
    return {
        "kind": "SECURITY_ASSESSMENT",
        "number": "国信办数评〔2026〕1号",
        "authority": "国家互联网信息办公室",
        "valid_from": "2026-06-01",
        "uses": ["pricing of travel insurance"],
        "recipients": ["ORG-2"],
        "products": ["P-1"],
        "fields": ["origin", "delay"],
        "places": ["HK", "ABROAD"],
        "ordinary": 10_000_000,
        "sensitive": 10_000_000,
        "document": make_document(provider.organization, at).reference,
    } | changes


def make_filing(provider: Actor, at: datetime, **changes: Any) -> ExportFiling:
    """Return evidence that waits to be verified."""
    return file_evidence(evidence=paper(provider, at, **changes), by=provider, at=at)


def make_verified(provider: Actor, operator: Actor, at: datetime, **changes: Any) -> ExportFiling:
    """Return evidence that counts."""
    return verify_filing(filing=make_filing(provider, at, **changes), by=operator, at=at)
