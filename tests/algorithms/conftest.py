"""A filed disclosure, its model, and a set that the regulator sealed."""

from datetime import datetime

import pytest

from audit.disclosure.models import Disclosure
from audit.log.actors import Actor
from exchange.algorithms.models import AlgorithmFile, EvaluationSet

from . import making


@pytest.fixture
def disclosure(provider: Actor, at: datetime) -> Disclosure:
    return making.filed(provider, at)


@pytest.fixture
def model(provider: Actor, at: datetime) -> AlgorithmFile:
    return making.handed_in(provider, at)


@pytest.fixture
def evaluation_set(regulator: Actor, at: datetime) -> EvaluationSet:
    return making.sealed(regulator, at)
