"""Cases of each kind, and further persons who decide."""

from datetime import datetime

import pytest

from audit.log.actors import Actor
from exchange.compliance.models import Case
from exchange.compliance.services import screen_release
from exchange.parties.models import Organization
from exchange.registry.states import ProofKind
from tests.registry.making import proof

from .deriving import blocked, product  # noqa: F401  fixtures of the room
from .filing import second_operator, second_regulator  # noqa: F401  fixtures of the room
from .making import IMPORTANT, PSEUDONYMOUS, SENSITIVE, product_of, submitted

SYSTEM = Actor.system("compliance")


@pytest.fixture
def review(provider_org: Organization, provider: Actor, at: datetime) -> Case:
    """A case on pseudonymous data, for operator or regulator."""
    release = submitted(product_of(provider_org, provider, at), provider, at, PSEUDONYMOUS)
    found: Case = screen_release(release=release, by=SYSTEM, at=at).case
    return found


@pytest.fixture
def important(
    provider_org: Organization, provider: Actor, buyer_org: Organization, at: datetime
) -> Case:
    """A case on important data, for the regulator."""
    del buyer_org  # whom the conditions name
    release = submitted(product_of(provider_org, provider, at), provider, at, IMPORTANT)
    found: Case = screen_release(release=release, by=SYSTEM, at=at).case
    return found


@pytest.fixture
def sensitive(
    provider_org: Organization, provider: Actor, buyer_org: Organization, at: datetime
) -> Case:
    """A case on sensitive personal information with separate consent."""
    del buyer_org  # whom the consents name
    proofs = [
        proof(kind, provider_org, at)
        for kind in (ProofKind.COLLECTION_RECORD, ProofKind.CONSENT_RECORD)
    ]
    sold = product_of(provider_org, provider, at, personal_basis="CONSENT", proofs=proofs)
    release = submitted(sold, provider, at, SENSITIVE)
    found: Case = screen_release(release=release, by=SYSTEM, at=at).case
    return found
