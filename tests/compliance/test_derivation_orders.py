"""Ordering a derived release: who may, of what, by which recipe, and what a preview says."""

import io
from datetime import datetime
from typing import Any

import pytest

from audit.log.actors import Actor
from audit.log.errors import Conflict, Invalid, NotAllowed, NotFound
from exchange.catalog.models import Product, Release
from exchange.catalog.services import upload_release
from exchange.compliance.models import Derivation, PseudonymKey
from exchange.compliance.queries import get_derivation_for
from exchange.compliance.services import derivations as module
from exchange.compliance.services import (
    preview_derivation,
    request_derivation,
)
from exchange.vault.models import StoredObject

from .deriving import DROP, KEYED, PATIENTS, Log, names
from .making import PERSONAL, csv_of


def test_who_may_not_derive_changes_nothing(
    blocked: Release,
    provider_viewer: Actor,
    buyer: Actor,
    stranger: Actor,
    regulator: Actor,
    operator: Actor,
    at: datetime,
    log: Log,
) -> None:
    before = names(log)

    for actor in (provider_viewer, buyer, stranger, regulator, operator, Actor.anonymous()):
        with pytest.raises(NotAllowed):
            request_derivation(release=blocked, recipe=DROP, by=actor, at=at)
        with pytest.raises(NotAllowed):
            preview_derivation(release=blocked, recipe=DROP, by=actor, at=at)

    assert names(log) == before
    assert not Derivation.objects.exists()


def test_what_the_filter_has_not_read_waits(
    product: Product, provider: Actor, at: datetime
) -> None:
    draft = upload_release(
        product=product, source=io.BytesIO(csv_of(PERSONAL)), filename="t.csv", by=provider, at=at
    )

    with pytest.raises(NotAllowed, match="not read"):
        request_derivation(release=draft, recipe=DROP, by=provider, at=at)


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({}, "recipe"),
        ({"recipe": DROP, "preset": "STRICT"}, "recipe"),
        ({"preset": "LOOSE"}, "preset"),
        ({"recipe": {"steps": [{"do": "drop", "column": "没有"}]}}, "recipe.steps.0.column"),
        ({"recipe": {"steps": [{"do": "burn"}]}}, "recipe.steps.0.do"),
    ],
)
def test_a_recipe_that_does_not_fit_is_refused_at_its_place(
    blocked: Release, provider: Actor, at: datetime, log: Log, asked: dict[str, Any], field: str
) -> None:
    before = names(log)

    with pytest.raises(Invalid) as refused:
        request_derivation(release=blocked, **asked, by=provider, at=at)

    assert list(refused.value.fields) == [field]
    assert names(log) == before


def test_only_so_many_are_made_at_a_time(blocked: Release, provider: Actor, at: datetime) -> None:
    for _ in range(module.MOST_UNFINISHED):
        request_derivation(release=blocked, recipe=DROP, by=provider, at=at)

    with pytest.raises(Conflict):
        request_derivation(release=blocked, recipe=DROP, by=provider, at=at)


def test_a_preview_says_what_would_come_of_it_and_keeps_nothing(
    blocked: Release, provider: Actor, at: datetime, log: Log
) -> None:
    before, objects = names(log), StoredObject.objects.count()
    recipe = {
        "steps": [*KEYED["steps"], {"do": "suppress", "columns": ["性别", "出生日期"], "k": 5}]
    }

    told = preview_derivation(release=blocked, recipe=recipe, by=provider, at=at)

    assert told.is_whole
    assert told.derived.rows_in == 240
    assert told.derived.k_after >= 5
    assert told.verdict is not None
    assert (told.verdict.outcome, told.verdict.personal, told.verdict.rule_ids()) == (
        "REVIEW",
        "PSEUDONYMOUS",
        ["R-PSEUDO"],
    )
    assert told.before["columns"] == list(PATIENTS)
    assert told.after["columns"] == ["个人编号", "性别", "出生日期", "费用"]
    assert all("*" in row[0] for row in told.after["rows"])
    assert names(log) == before
    assert StoredObject.objects.count() == objects
    assert not PseudonymKey.objects.exists()


def test_others_do_not_know_of_a_derivation(
    blocked: Release, provider: Actor, buyer: Actor, stranger: Actor, regulator: Actor, at: datetime
) -> None:
    derivation = request_derivation(release=blocked, recipe=DROP, by=provider, at=at)

    assert get_derivation_for(provider, derivation.reference) == derivation
    assert get_derivation_for(regulator, derivation.reference) == derivation
    for actor in (buyer, stranger, Actor.anonymous()):
        with pytest.raises(NotFound):
            get_derivation_for(actor, derivation.reference)
