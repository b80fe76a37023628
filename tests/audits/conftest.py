"""A provider's algorithm in the register, and two auditors."""

from datetime import datetime

import pytest

from audit.disclosure.models import Disclosure
from audit.log.actors import Actor
from exchange.appraisers.models import Accreditation
from exchange.audits.models import AlgorithmAudit, AuditFinding
from tests.appraisers.making import make_assessor

from .making import FOUND, auditing, ordered, published, reported


@pytest.fixture
def platform_disclosures(db: None) -> None:
    """Nothing is disclosed yet."""


@pytest.fixture
def disclosure(provider: Actor, at: datetime) -> Disclosure:
    return published(provider, at, owner=provider.organization)


@pytest.fixture
def auditor(db: None, at: datetime) -> Actor:
    """Administrator and signing person of an accredited auditor."""
    return make_assessor("assessor", at)[1]


@pytest.fixture
def accreditation(auditor: Actor, operator: Actor, at: datetime) -> Accreditation:
    return auditing(auditor, operator, at)


@pytest.fixture
def audit(
    disclosure: Disclosure, accreditation: Accreditation, provider: Actor, at: datetime
) -> AlgorithmAudit:
    """An audit that waits for its auditor."""
    return ordered(disclosure, accreditation, provider, at)


@pytest.fixture
def finding(audit: AlgorithmAudit, auditor: Actor, at: datetime) -> AuditFinding:
    """The one finding of a reported audit."""
    return reported(audit, auditor, at, FOUND).findings.get()
