"""Appraisers: independent of the provider, unrelated to it, and not three times in a row."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import translation

from audit.log.actors import Actor
from audit.log.errors import NotAllowed
from pricing.models import Appraisal
from pricing.services import appraise

from .making import ASSESSOR, COSTS, PLATFORM, facts

pytestmark = pytest.mark.django_db
Log = Callable[[], list[tuple[str, str]]]
OTHER = replace(ASSESSOR, id="user:other", organization="ORG-OTHER")


def _appraise(by: Actor, at: datetime, asset: str = "P-2026-00000001", **more: Any) -> Appraisal:
    return appraise(
        facts=facts(asset=asset),
        costs=COSTS,
        comparables=[],
        declares_independence=True,
        by=by,
        at=at,
        **more,
    )


def test_an_assessor_signs_for_one_provider_twice_in_a_row_and_no_more(
    at: datetime, log: Log
) -> None:
    hour = timedelta(hours=1)
    _appraise(ASSESSOR, at)
    _appraise(ASSESSOR, at + hour, "P-2026-00000002")
    _appraise(PLATFORM, at + 2 * hour)
    before = log()

    for language, words in (("en", "another one is needed"), ("zh-hans", "须更换")):
        with translation.override(language), pytest.raises(NotAllowed, match=words):
            _appraise(ASSESSOR, at + 3 * hour)

    assert log() == before
    _appraise(OTHER, at + 4 * hour)
    assert _appraise(ASSESSOR, at + 5 * hour).appraiser == ASSESSOR.organization


def test_another_provider_is_another_row(at: datetime) -> None:
    for number in range(3):
        made = appraise(
            facts=facts(asset=f"P-2026-0000000{number}", owner=f"ORG-{number}"),
            costs=COSTS,
            comparables=[],
            declares_independence=True,
            by=ASSESSOR,
            at=at,
        )
        assert made.status == "SIGNED"


def test_a_relative_of_the_provider_does_not_appraise(at: datetime, log: Log) -> None:
    for language, words in (("en", "related to the provider"), ("zh-hans", "关联")):
        with translation.override(language), pytest.raises(NotAllowed, match=words):
            _appraise(ASSESSOR, at, related={ASSESSOR.organization})

    assert (Appraisal.objects.count(), log()) == (0, [])
    assert _appraise(PLATFORM, at, related={ASSESSOR.organization}).appraiser == PLATFORM.id
