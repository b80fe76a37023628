"""Derived releases: ordered, made, entered with their provenance, and screened like any upload."""

import json
from datetime import datetime

import pytest

from audit.log.actors import Actor
from audit.log.errors import NotAllowed
from audit.log.models import Entry
from exchange.catalog.models import Product, Release
from exchange.compliance.models import Derivation, PseudonymKey
from exchange.compliance.queries import derivation_of
from exchange.compliance.services import (
    request_derivation,
    screen_release,
)
from exchange.parties.models import Organization
from exchange.vault.services import open_object
from tests.catalog.making import draft_product

from .deriving import DROP, KEYED, SYSTEM, Log, carried_out, names, rows_of
from .making import CORE, IMPORTANT, submitted


def test_a_blocked_release_becomes_one_that_passes(
    blocked: Release, provider: Actor, at: datetime, log: Log
) -> None:
    before = len(log())

    derivation = request_derivation(release=blocked, recipe=DROP, by=provider, at=at)
    done = carried_out(derivation, at)

    assert names(log)[before:] == [
        "compliance.derivation.requested",
        "compliance.derivation.started",
        "vault.object.stored",
        "vault.object.stored",
        "catalog.release.uploaded",
        "catalog.release.submitted",
        "compliance.derivation.finished",
    ]
    result = done.result
    assert result is not None
    assert (done.status, done.kind, done.rows_in, done.rows_out) == ("DONE", "MASKED", 240, 240)
    assert (done.source_sha256, done.result_sha256) == (blocked.sha256, result.sha256)
    assert (result.product, result.status, result.number) == (blocked.product, "SUBMITTED", 2)
    assert result.column_names == ["性别", "诊断", "费用"]
    assert blocked.reference in result.changelog
    assert derivation_of(result) == done
    assert derivation_of(blocked) is None

    screening = screen_release(release=result, by=SYSTEM, at=at)

    result.refresh_from_db()
    assert (screening.outcome, screening.personal, result.status) == ("CLEAR", "NONE", "CLEARED")


def test_the_entry_names_source_result_recipe_and_what_became_of_the_rows(
    blocked: Release, provider: Actor, at: datetime
) -> None:
    done = carried_out(request_derivation(release=blocked, recipe=DROP, by=provider, at=at), at)

    entry = Entry.objects.get(name="compliance.derivation.finished")
    document = json.loads(bytes(entry.data))
    assert document["body"] == {
        "derivation": done.reference,
        "releases": f"{blocked.reference},{done.result.reference}",
        "products": f"{blocked.product.reference},{blocked.product.reference}",
        "organization": provider.organization,
        "kind": "MASKED",
        "recipe_sha256": done.recipe_sha256,
        "source_sha256": blocked.sha256,
        "result_sha256": done.result_sha256,
        "rows_in": 240,
        "rows_out": 240,
        "tool": done.tool,
    }
    assert (document["actor"], document["behalf"]) == ("system:remedies", provider.id)


def test_pseudonyms_are_the_same_in_all_releases_of_a_product(
    blocked: Release, provider: Actor, at: datetime
) -> None:
    recipes = [KEYED, {"steps": KEYED["steps"][:2]}]
    made = [
        carried_out(request_derivation(release=blocked, recipe=recipe, by=provider, at=at), at)
        for recipe in recipes
    ]

    keys = [[row["个人编号"] for row in rows_of(each.result)] for each in made]
    assert keys[0] == keys[1]
    assert len(set(keys[0])) == 120
    assert PseudonymKey.objects.count() == 1
    stored = PseudonymKey.objects.get().stored
    assert (stored.purpose, stored.owner, stored.size) == ("KEY", provider.organization, 64)
    with open_object(stored) as reader:
        key = reader.read(0, 32)
    assert key not in repr(made[0].__dict__).encode()

    screening = screen_release(release=made[0].result, by=SYSTEM, at=at)

    assert (screening.personal, screening.level) == ("PSEUDONYMOUS", 2)


def test_a_key_of_one_recipe_is_forgotten(blocked: Release, provider: Actor, at: datetime) -> None:
    recipe = KEYED | {"key": "RECIPE"}
    made = [
        carried_out(request_derivation(release=blocked, recipe=recipe, by=provider, at=at), at)
        for _ in range(2)
    ]

    first, second = ([row["个人编号"] for row in rows_of(each.result)] for each in made)
    assert set(first).isdisjoint(second)
    assert not PseudonymKey.objects.exists()


@pytest.mark.parametrize(
    ("preset", "outcome", "kind"),
    [("STRICT", "CLEAR", "MASKED"), ("STATISTICS", "CLEAR", "STATISTIC")],
)
def test_a_preset_is_enough(
    blocked: Release, provider: Actor, at: datetime, preset: str, outcome: str, kind: str
) -> None:
    derivation = request_derivation(release=blocked, preset=preset, by=provider, at=at)
    done = carried_out(derivation, at)

    assert (done.status, done.preset, done.kind) == ("DONE", preset, kind)
    assert done.figures["k_after"] >= 5
    assert screen_release(release=done.result, by=SYSTEM, at=at).outcome == outcome


def test_another_product_of_ones_own_may_take_the_result(
    blocked: Release, provider: Actor, provider_org: Organization, at: datetime
) -> None:
    other = draft_product(provider_org, provider, at)

    derivation = request_derivation(release=blocked, recipe=DROP, product=other, by=provider, at=at)
    done = carried_out(derivation, at)

    assert done.result.product == other
    assert (done.result.number, other.releases.count(), blocked.product.releases.count()) == (
        1,
        1,
        1,
    )


def test_nothing_is_derived_of_what_is_sealed(
    product: Product, provider: Actor, at: datetime, log: Log
) -> None:
    release = submitted(product, provider, at, CORE)
    screen_release(release=release, by=SYSTEM, at=at)
    release.refresh_from_db()
    before = names(log)

    with pytest.raises(NotAllowed, match="sealed"):
        request_derivation(
            release=release,
            recipe={"steps": [{"do": "drop", "column": "纬度"}]},
            by=provider,
            at=at,
        )

    assert names(log) == before
    assert not Derivation.objects.exists()


def test_a_secret_stays_one_without_its_mark(
    product: Product, provider: Actor, at: datetime
) -> None:
    columns = {"密级": ["机密"] * 60, "内容": [f"第{row}条" for row in range(60)]}
    release = submitted(product, provider, at, columns)
    assert "R-SECRET" in screen_release(release=release, by=SYSTEM, at=at).rules
    release.refresh_from_db()

    with pytest.raises(NotAllowed, match="sealed"):
        request_derivation(
            release=release,
            recipe={"steps": [{"do": "drop", "column": "密级"}]},
            by=provider,
            at=at,
        )


def test_important_data_may_be_derived_and_is_graded_anew(
    product: Product, provider: Actor, at: datetime
) -> None:
    release = submitted(product, provider, at, IMPORTANT)
    assert screen_release(release=release, by=SYSTEM, at=at).grade == "IMPORTANT"
    release.refresh_from_db()
    coarse = {
        "steps": [
            {"do": "grid", "column": "大地纬度", "longitude": "大地经度", "meters": 5000},
            {"do": "drop", "column": "点号"},
            {"do": "drop", "column": "等级"},
        ]
    }
    little = {"steps": [{"do": "drop", "column": "点号"}]}

    made = [
        carried_out(request_derivation(release=release, recipe=recipe, by=provider, at=at), at)
        for recipe in (coarse, little)
    ]

    grades = [screen_release(release=each.result, by=SYSTEM, at=at).grade for each in made]
    assert grades == ["GENERAL", "IMPORTANT"]
