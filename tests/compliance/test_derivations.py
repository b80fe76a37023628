"""Derived releases: ordered, made, entered with their provenance, and screened like any upload."""

import io
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pyarrow.parquet as pq
import pytest

from audit.log.actors import Actor
from audit.log.errors import Conflict, Invalid, NotAllowed, NotFound, WrongState
from audit.log.models import Entry
from exchange.catalog.models import Product, Release
from exchange.catalog.services import upload_release
from exchange.compliance.measurement import values
from exchange.compliance.models import Derivation, PseudonymKey
from exchange.compliance.queries import derivation_of, get_derivation_for
from exchange.compliance.services import (
    carry_out_derivation,
    preview_derivation,
    request_derivation,
    resume_derivations,
    screen_release,
)
from exchange.compliance.services import derivations as module
from exchange.parties.models import Organization
from exchange.vault.models import StoredObject
from exchange.vault.services import open_object
from exchange.vault.storage import paths_before
from tests.catalog.making import draft_product

from .making import CORE, IMPORTANT, PERSONAL, csv_of, product_of, submitted

Log = Callable[[], list[tuple[str, str]]]
SYSTEM = Actor.system("compliance")
R = Random(8)
ROWS = 240
PATIENTS: dict[str, list[Any]] = {
    "姓名": [values.name(R) for _ in range(ROWS)],
    "身份证号": [values.resident_id(R) for _ in range(ROWS // 2)] * 2,
    "性别": [R.choice("男女") for _ in range(ROWS)],
    "出生日期": [values.birthday(R, 1950, 2000).isoformat() for _ in range(ROWS)],
    "诊断": [R.choice(["高血压", "糖尿病"]) for _ in range(ROWS)],
    "费用": [R.randint(10, 900) for _ in range(ROWS)],
}
DROP: dict[str, Any] = {
    "steps": [{"do": "drop", "column": name} for name in ("姓名", "身份证号", "出生日期")]
}
KEYED = {
    "steps": [
        {"do": "drop", "column": "姓名"},
        {"do": "pseudonym", "column": "身份证号", "name": "个人编号"},
        {"do": "drop", "column": "诊断"},
        {"do": "age_band", "column": "出生日期", "on": "2026-11-23"},
    ]
}


def names(log: Log) -> list[str]:
    return [name for name, _ in log()]


@pytest.fixture
def product(provider_org: Organization, provider: Actor, at: datetime) -> Product:
    """A described product with its rights stated."""
    return product_of(provider_org, provider, at)


@pytest.fixture
def blocked(product: Product, provider: Actor, at: datetime) -> Release:
    """A release of patients that the filter stopped."""
    release = submitted(product, provider, at, PATIENTS)
    screen_release(release=release, by=SYSTEM, at=at)
    release.refresh_from_db()
    assert release.status == "BLOCKED"
    return release


def carried_out(derivation: Derivation, at: datetime) -> Derivation:
    made = carry_out_derivation(derivation=derivation, clock=lambda: at)
    made.refresh_from_db()
    return made


def rows_of(release: Release) -> list[dict[str, Any]]:
    with open_object(release.table) as reader:
        return list(pq.read_table(io.BytesIO(reader.read())).to_pylist())


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


def test_the_same_recipe_once_more_fails_and_leaves_nothing(
    blocked: Release, provider: Actor, at: datetime, log: Log
) -> None:
    carried_out(request_derivation(release=blocked, recipe=DROP, by=provider, at=at), at)
    objects, before = StoredObject.objects.count(), len(log())
    files = set(paths_before(at + timedelta(days=400000)))

    again = carried_out(request_derivation(release=blocked, recipe=DROP, by=provider, at=at), at)

    assert again.status == "FAILED"
    assert "exactly this content" in again.failure
    assert names(log)[before:] == [
        "compliance.derivation.requested",
        "compliance.derivation.started",
        "compliance.derivation.failed",
    ]
    assert StoredObject.objects.count() == objects
    assert set(paths_before(at + timedelta(days=400000))) == files


def test_nothing_left_of_the_rows_fails(blocked: Release, provider: Actor, at: datetime) -> None:
    recipe = {
        "steps": [{"do": "keep_rows", "column": "费用", "when": "AT_LEAST", "values": ["9999"]}]
    }

    done = carried_out(request_derivation(release=blocked, recipe=recipe, by=provider, at=at), at)

    assert (done.status, done.result) == ("FAILED", None)
    assert blocked.product.releases.count() == 1


def test_what_breaks_in_the_middle_leaves_nothing(
    blocked: Release, provider: Actor, at: datetime, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    derivation = request_derivation(release=blocked, recipe=DROP, by=provider, at=at)
    objects = StoredObject.objects.count()

    def killed(*_args: Any, **_rest: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "advance", _after(module.advance, killed, "finished"))
    with pytest.raises(KeyboardInterrupt):
        carry_out_derivation(derivation=derivation, clock=lambda: at)

    derivation.refresh_from_db()
    assert derivation.status == "RUNNING"
    assert StoredObject.objects.count() == objects
    assert blocked.product.releases.count() == 1
    assert "catalog.release.uploaded" not in names(log)[names(log).index(
        "compliance.derivation.requested"
    ) :]  # fmt: skip


def _after(real: Any, broken: Any, which: str) -> Any:
    def advance(*args: Any, event: Any, **rest: Any) -> Any:
        if which in event.name:
            broken()
        return real(*args, event=event, **rest)

    return advance


def test_a_silent_worker_is_replaced_and_given_up_after_some_attempts(
    blocked: Release, provider: Actor, at: datetime, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    derivation = request_derivation(release=blocked, recipe=DROP, by=provider, at=at)
    monkeypatch.setattr(module, "_make", _interrupted)

    for attempt in range(1, module.MOST_ATTEMPTS + 1):
        with pytest.raises(KeyboardInterrupt):
            carry_out_derivation(derivation=derivation, clock=lambda: at)
        Derivation.objects.update(heartbeat_at=at - timedelta(hours=1))
        assert resume_derivations(at=at) == 1
        derivation.refresh_from_db()
        expected = "QUEUED" if attempt < module.MOST_ATTEMPTS else "FAILED"
        assert (derivation.status, derivation.attempts) == (expected, attempt)
    assert names(log).count("compliance.derivation.interrupted") == module.MOST_ATTEMPTS - 1
    assert resume_derivations(at=at) == 0


def _interrupted(*_args: Any) -> None:
    raise KeyboardInterrupt


def test_a_late_worker_finds_the_work_taken(
    blocked: Release, provider: Actor, at: datetime
) -> None:
    derivation = request_derivation(release=blocked, recipe=DROP, by=provider, at=at)
    late = Derivation.objects.get(pk=derivation.pk)
    carried_out(derivation, at)

    with pytest.raises(WrongState):
        carry_out_derivation(derivation=late, clock=lambda: at)

    assert blocked.product.releases.count() == 2


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
