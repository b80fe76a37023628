"""Two assessors, one of them accredited, and a product with its release cleared."""

from datetime import datetime

import pytest

from audit.log.actors import Actor
from exchange.appraisers.models import Accreditation
from exchange.catalog.models import Product
from exchange.parties.models import Organization
from exchange.parties.queries import actor_for_user
from tests.catalog.making import ready_product

from .making import accredited, make_assessor


@pytest.fixture
def assessor_org(db: None, at: datetime) -> Organization:
    return make_assessor("assessor", at)[0]


@pytest.fixture
def assessor(assessor_org: Organization) -> Actor:
    """Administrator and signing person of the assessor."""
    return actor_for_user(assessor_org.members.get().user)


@pytest.fixture
def accreditation(assessor: Actor, operator: Actor, at: datetime) -> Accreditation:
    return accredited(assessor, operator, at)


@pytest.fixture
def product(provider_org: Organization, provider: Actor, at: datetime) -> Product:
    """A product that only lacks its listing; the platform has appraised it."""
    return ready_product(provider_org, provider, at)
