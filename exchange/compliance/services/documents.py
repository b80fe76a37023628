"""Documents of appeals and of evidence for exports, taken out of the vault on record."""

from datetime import datetime

from django.db import transaction

from audit.log.actors import Actor
from audit.log.errors import NotFound
from audit.log.services import record
from exchange.compliance import appealing, export_queries
from exchange.compliance.case_events import CaseDocumentRead
from exchange.compliance.models import Appeal, ExportFiling
from exchange.vault.models import StoredObject
from exchange.vault.services import ObjectReader, open_object

Opened = tuple[StoredObject, ObjectReader]


def read_appeal_document(
    *, appeal: Appeal, reference: str, purpose: str = "", by: Actor, at: datetime
) -> Opened:
    """Open a document of an appeal for its provider and those who answer appeals."""
    appeal = appealing.get_appeal_for(by, appeal.reference)
    if reference not in {each["object"] for each in appeal.documents}:
        raise NotFound
    release = appeal.screening.release
    read = CaseDocumentRead(
        object=reference,
        appeal=appeal.reference,
        release=release.reference,
        product=release.product.reference,
        purpose=purpose,
    )
    return _open(read, by, at)


def read_filing_document(
    *, filing: ExportFiling, purpose: str = "", by: Actor, at: datetime
) -> Opened:
    """Open the document of evidence for exports for its provider and those who verify it."""
    filing = export_queries.get_filing_for(by, filing.reference)
    read = CaseDocumentRead(object=filing.document, filing=filing.reference, purpose=purpose)
    return _open(read, by, at)


def _open(read: CaseDocumentRead, by: Actor, at: datetime) -> Opened:
    with transaction.atomic():
        record(read, by=by, at=at)
    stored = StoredObject.objects.get(reference=read.object)
    return stored, open_object(stored)
