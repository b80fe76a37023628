"""Rivals in the register: each number is drawn once, and one version comes into force."""

from datetime import datetime

import pytest

from audit.disclosure.models import Disclosure
from audit.disclosure.services import publish_disclosure, take_review
from audit.log.actors import Actor
from audit.log.errors import DomainError
from audit.log.models import Entry
from tests.racing import at_once

from .making import REVIEWER, filed, taken

RIVALS = 5
pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
]


def test_many_publications_at_once_draw_numbers_without_gap(provider: Actor, at: datetime) -> None:
    rows = [taken(provider, at, algorithm=f"rival-{number}") for number in range(RIVALS)]

    at_once(lambda number: publish_disclosure(disclosure=rows[number], by=REVIEWER, at=at), RIVALS)

    numbers = sorted(Disclosure.objects.values_list("filing_number", flat=True))
    assert numbers == [f"ALG-2026-{number:06d}" for number in range(1, RIVALS + 1)]


def test_one_version_is_published_once(provider: Actor, at: datetime) -> None:
    row = taken(provider, at)

    results = at_once(
        lambda _number: publish_disclosure(
            disclosure=Disclosure.objects.get(pk=row.pk), by=REVIEWER, at=at
        ),
        RIVALS,
    )

    assert sum(isinstance(result, Disclosure) for result in results) == 1
    assert sum(isinstance(result, DomainError) for result in results) == RIVALS - 1
    assert Entry.objects.filter(name="disclosure.published").count() == 1


def test_one_reviewer_takes_it_up(provider: Actor, at: datetime) -> None:
    row = filed(provider, at)

    at_once(
        lambda _number: take_review(
            disclosure=Disclosure.objects.get(pk=row.pk), by=REVIEWER, at=at
        ),
        RIVALS,
    )

    assert Entry.objects.filter(name="disclosure.review_taken").count() == 1
