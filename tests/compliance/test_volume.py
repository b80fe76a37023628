"""Persons counted over all releases: splitting a file or finding more buyers does not help."""

import json
from datetime import timedelta
from random import Random
from typing import Any

import numpy as np
import pytest

from audit.log.actors import Actor
from audit.log.models import Entry
from audit.rulebook.queries import get_pack
from exchange.compliance.gate import why_not_trade
from exchange.compliance.measurement import values
from exchange.compliance.models import KeySketch, Regrade, ReleaseVolume, Sale, SketchKey
from exchange.compliance.scanner.sketch import LIMIT, Distinct, mix
from exchange.compliance.services import (
    count_sale,
    counts_of,
    rewrap_sketch_key,
    screen_release,
)
from exchange.compliance.sketches import seal_sketch, unite
from exchange.compliance.statements import Manual
from exchange.compliance.volume import Counts, alerts
from exchange.parties.models import Organization
from exchange.vault.keys import get_key_ring

from .making import product_of, submitted
from .scanning import ON, PACK, judge, read

R = Random(3)
KEY = b"k" * 32
BIRTHS = [values.birthday(R, 1950, 2000).isoformat() for _ in range(60)]


def sketch(*numbers: range) -> Distinct:
    found = Distinct()
    for each in numbers:
        found.add(mix(np.array(each, np.uint64)))
    return found


def entries_named(name: str) -> list[dict[str, Any]]:
    """Return what the entries of one name say."""
    entries = Entry.objects.filter(name=name).order_by("position")
    return [json.loads(bytes(entry.data))["body"] for entry in entries]


def members(first: int, last: int) -> dict[str, list[Any]]:
    """Return behavior under pseudonymous keys."""
    return {
        "会员编号": [f"HY{row:07}" for row in range(first, last)],
        "消费金额": [row % 90 for row in range(first, last)],
        "积分": [row % 70 for row in range(first, last)],
    }


@pytest.mark.parametrize("size", [10, 3_000, 100_000])
def test_sketches_unite_to_different_persons(size: int) -> None:
    first, second = sketch(range(size)), sketch(range(size // 2, 2 * size))

    united = unite([seal_sketch(first, KEY), seal_sketch(second, KEY)])
    same = unite([seal_sketch(first, KEY)] * 3)

    exact = 2 * size < LIMIT
    assert united.estimate() == pytest.approx(2 * size, rel=0 if exact else 0.06)
    assert same.estimate() == pytest.approx(size, rel=0 if size < LIMIT else 0.06)


def test_a_sealed_sketch_holds_no_hash_that_could_be_tried() -> None:
    kept = sketch(range(2_000))

    sealed = seal_sketch(kept, KEY)
    other = seal_sketch(kept, b"o" * 32)

    entries = set(np.frombuffer(sealed, "<u8", offset=4).tolist())
    assert not entries & set(kept.kept.tolist())
    assert not entries & set(np.frombuffer(other, "<u8", offset=4).tolist())
    assert unite([sealed, other]).estimate() == pytest.approx(4_000, abs=5)


@pytest.mark.parametrize(
    ("line", "fires", "misses"),
    [
        ("V-CRIMINAL", Counts(60, 60, {"SEVERE": 50}), Counts(49, 49, {"SEVERE": 49})),
        ("V-CRIMINAL", Counts(500, 0, {"MIDDLE": 500}), Counts(499, 0, {"MIDDLE": 499})),
        ("V-CRIMINAL", Counts(5_000, 0, {"OTHER": 5_000}), Counts(4_999, 0, {"OTHER": 4_999})),
        (
            "V-CRIMINAL",
            Counts(2_775, 0, {"SEVERE": 25, "MIDDLE": 250}),
            Counts(2_774, 0, {"SEVERE": 25, "OTHER": 2_499}),
        ),
        ("V-CRIMINAL-10", Counts(500, 0, {"SEVERE": 500}), Counts(499, 0, {"SEVERE": 499})),
        ("V-SENSITIVE-10K", Counts(10_000, 10_000), Counts(10_000, 9_999)),
        ("V-PERSONS-100K", Counts(100_000), Counts(99_999)),
        ("V-PERSONS-1M", Counts(1_000_000), Counts(999_999)),
        ("V-PERSONS-10M", Counts(10_000_000), Counts(9_999_999)),
    ],
)
def test_lines_of_volume(line: str, fires: Counts, misses: Counts) -> None:
    bought = Manual(source_kind="AGREEMENT")

    reached = alerts(Counts(), fires, PACK.data, manual=bought, on=ON)
    missed = alerts(Counts(), misses, PACK.data, manual=bought, on=ON)

    found = next(alert for alert in reached if alert.rule == line)
    assert found.scope == "PROVIDER"
    assert found.basis["zh"]
    assert line not in {alert.rule for alert in missed}


def test_every_line_of_the_pack_is_proved_here() -> None:
    (mark,) = test_lines_of_volume.pytestmark  # type: ignore[attr-defined]  # pytest's

    assert {line["id"] for line in PACK.data["volume"]["lines"]} == {
        case[0] for case in mark.args[1]
    }


def test_what_was_collected_in_a_service_counts_double() -> None:
    table = {
        "姓名": [values.name(R) for _ in range(60)][:30],
        "征信评分": [600 + n for n in range(30)],
    }

    service = judge(table, Manual(source_kind="COLLECTED"))
    bought = judge(table, Manual(source_kind="AGREEMENT"))

    assert service.counts.items == {"SEVERE": service.persons}
    assert 25 <= service.persons < 50
    assert "V-CRIMINAL" in {alert.rule for alert in service.alerts}
    assert "R-VOLUME" in service.rule_ids()
    assert bought.alerts == ()


def test_pseudonyms_reach_no_criminal_line() -> None:
    verdict = judge(members(0, 6_000))

    assert verdict.counts.items == {}
    assert verdict.alerts == ()
    assert verdict.counts.persons == pytest.approx(6_000, rel=0.05)


def lowered(monkeypatch: pytest.MonkeyPatch, line: int) -> None:
    """Bring the line of persons within reach of small tables."""
    for entry in get_pack("compliance", on=ON).data["volume"]["lines"]:
        if entry["id"] == "V-PERSONS-100K":
            monkeypatch.setitem(entry, "from", line)


def test_splitting_a_file_does_not_help(
    provider_org: Organization, provider: Actor, at: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    lowered(monkeypatch, 100)
    product = product_of(provider_org, provider, at, personal_basis="DEIDENTIFIED")
    first = submitted(product, provider, at, members(0, 60))
    one = screen_release(release=first, by=Actor.system("compliance"), at=at)
    other = product_of(provider_org, provider, at, personal_basis="DEIDENTIFIED")
    second = submitted(other, provider, at, members(60, 120))

    two = screen_release(release=second, by=Actor.system("compliance"), at=at)

    assert one.outcome == "CLEAR"
    assert (two.outcome, two.rules) == ("REVIEW", ["R-VOLUME"])
    (alert,) = two.report["alerts"]
    assert (alert["rule"], alert["scope"], alert["count"]) == ("V-PERSONS-100K", "PROVIDER", 120)
    assert counts_of(provider_org).persons == 120
    (entry,) = entries_named("compliance.volume.reached")
    assert entry["lines"] == "V-PERSONS-100K"
    assert (entry["persons"], entry["together"]) == (60, 120)
    regrade = Regrade.objects.get()
    assert (regrade.release, regrade.trigger) == (first, "SCALE")


def test_the_same_persons_again_are_counted_once(
    provider_org: Organization, provider: Actor, at: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    lowered(monkeypatch, 100)
    product = product_of(provider_org, provider, at, personal_basis="DEIDENTIFIED")
    for first in (0, 10):
        release = submitted(product, provider, at, members(first, 80))
        done = screen_release(release=release, by=Actor.system("compliance"), at=at)

    assert done.outcome == "CLEAR"
    assert counts_of(provider_org).persons == 80
    assert ReleaseVolume.objects.count() == 2
    assert not entries_named("compliance.volume.reached")


def test_what_was_blocked_and_never_sold_does_not_count(
    provider_org: Organization, provider: Actor, at: Any
) -> None:
    product = product_of(provider_org, provider, at)
    release = submitted(product, provider, at, {"姓名": [values.name(R) for _ in range(60)]})

    done = screen_release(release=release, by=Actor.system("compliance"), at=at)

    assert done.outcome == "BLOCK"
    assert ReleaseVolume.objects.get().persons > 0
    assert counts_of(provider_org) == Counts(0, 0, {})


def test_items_sold_to_more_buyers_count_again(
    provider_org: Organization, provider: Actor, at: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = get_pack("compliance", on=ON).data["volume"]["criminal"]
    monkeypatch.setitem(limits["OTHER"], "from", 150)
    product = product_of(provider_org, provider, at)
    release = submitted(product, provider, at, {"姓名": [values.name(R) for _ in range(60)]})
    screen_release(release=release, by=Actor.system("compliance"), at=at)
    persons = ReleaseVolume.objects.get().persons

    for buyer in ("ORG-1", "ORG-2", "ORG-2"):
        count_sale(release=release, buyer=buyer, by=provider, at=at)
    assert counts_of(provider_org).items == {"OTHER": 2 * persons}
    assert not Regrade.objects.exists()

    count_sale(release=release, buyer="ORG-3", by=provider, at=at)

    assert Sale.objects.count() == 3
    assert Regrade.objects.get().trigger == "SCALE"


def test_the_key_of_the_sketches_survives_a_new_key_of_the_ring(
    provider_org: Organization, provider: Actor, at: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    product = product_of(provider_org, provider, at, personal_basis="DEIDENTIFIED")
    release = submitted(product, provider, at, members(0, 60))
    screen_release(release=release, by=Actor.system("compliance"), at=at)
    before = SketchKey.objects.get()
    get_key_ring().rotate()

    assert rewrap_sketch_key() == 1
    assert rewrap_sketch_key() == 0
    again = submitted(product, provider, at, members(0, 60) | {"积分": list(range(60, 120))})
    screen_release(release=again, by=Actor.system("compliance"), at=at)

    assert SketchKey.objects.get().wrapped_key != before.wrapped_key
    first, second = KeySketch.objects.order_by("pk")
    assert bytes(first.sealed) == bytes(second.sealed)
    assert read(members(0, 60)).sketches.keys() == {first.kind}
    again.refresh_from_db()
    assert why_not_trade(again, at + timedelta(minutes=1)) is None
