"""Rules of quality declared, releases measured by them, and what that moves."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from audit.log.actors import Actor
from audit.log.errors import Conflict, Invalid, NotAllowed
from audit.log.models import Entry
from audit.log.reactions import dispatch
from audit.rulebook.queries import day_of
from exchange.catalog import quality
from exchange.catalog.models import Product, QualityReport, Release
from exchange.catalog.services import (
    clear_release,
    declare_quality_rules,
    measure_quality,
    request_quality,
    resume_quality,
    start_screening,
    try_quality_rules,
)
from exchange.catalog.valuation import asset_facts, find_comparables
from exchange.parties.models import Organization
from exchange.vault.services import destroy_object
from pricing.methods.quality import score_quality
from pricing.methods.working import working_precision
from pricing.quality import Accesses
from tests.catalog.making import PACK, SeenBy
from tests.compliance.making import product_of, submitted
from tests.decisions.making import taken
from tests.pricing.making import policy

Log = Callable[[], list[tuple[str, str]]]
TABLE: dict[str, list[Any]] = {
    "station": ["S1", "S2", "S2", "x4"],
    "east": [1, 2, 3, 4],
    "west": [1, 1, 1, 1],
    "total": [2, 3, 4, 6],
}
RULES: dict[str, Any] = {
    "rules": [
        {"id": "form", "kind": "pattern", "columns": ["station"], "pattern": r"S\d"},
        {"id": "once", "kind": "unique", "columns": ["station"]},
        {"id": "sum", "kind": "sum", "columns": ["east", "west", "total"]},
    ]
}


def cleared(product: Product, provider: Actor, at: datetime, table: Any = None) -> Release:
    """Return a release with real rows that the filter let through."""
    release = submitted(product, provider, at, table or TABLE)
    filter_ = Actor.system("compliance")
    start_screening(release=release, by=filter_, at=at)
    seen = SeenBy(sha256=release.sha256)
    clear_release(release=release, screening=seen, pack=PACK, sample={}, by=filter_, at=at)
    product.refresh_from_db()
    return release


@pytest.fixture
def product(provider_org: Organization, provider: Actor, at: datetime) -> Product:
    """A product with a cleared release, updated monthly."""
    made = product_of(provider_org, provider, at)
    Product.objects.filter(pk=made.pk).update(update_frequency="MONTHLY")
    made.refresh_from_db()
    cleared(made, provider, at)
    return made


def no_accesses(at: datetime) -> Accesses:
    since, until = quality.window_of(at)
    return Accesses(since=since, until=until, ended=0, succeeded=0)


def measured(report: QualityReport, at: datetime, **changes: int) -> QualityReport:
    fresh = QualityReport.objects.select_related("release__product__provider").get(pk=report.pk)
    accesses = replace(no_accesses(at), **changes)
    return measure_quality(report=fresh, accesses=accesses, clock=lambda: at)


def test_declared_rules_are_measured_on_the_release_on_sale(
    product: Product, provider: Actor, at: datetime, log: Log
) -> None:
    before = len(log())

    rules = declare_quality_rules(product=product, document=RULES, by=provider, at=at)
    report = measured(product.current.quality_reports.get(), at, ended=10, succeeded=9)

    assert log()[before:] == [
        ("catalog.quality.declared", product.reference),
        ("catalog.quality.requested", report.reference),
        ("catalog.quality.started", report.reference),
        ("catalog.quality.measured", report.reference),
        taken(report.reference),
    ]
    document = json.loads(report.document)
    shares = {row["name"]: row["share"] for row in document["dimensions"]}
    assert shares == {
        "conformity": "0.7500",
        "completeness": "1.0000",
        "accuracy": "0.7500",
        "consistency": "0.7500",
        "timeliness": "1.0000",
        "accessibility": "0.9000",
    }
    assert (report.score_rate, report.grade) == (Decimal("0.8525"), "B")
    assert report.examples["once"] == [{"row": 3, "shapes": []}]
    assert report.examples["form"] == [{"row": 4, "shapes": ["a9"]}]
    assert (document["content_sha256"], document["rules_sha256"]) == (
        product.current.sha256,
        rules.sha256,
    )
    entry = json.loads(bytes(Entry.objects.get(name="catalog.quality.measured").data))
    digest = hashlib.sha256(report.document.encode()).hexdigest()
    assert entry["body"]["report_sha256"] == digest == report.document_sha256


def test_the_same_rules_again_are_the_version_that_holds(
    product: Product, provider: Actor, at: datetime, log: Log
) -> None:
    first = declare_quality_rules(product=product, document=RULES, by=provider, at=at)
    before = log()

    again = declare_quality_rules(product=product, document=RULES, by=provider, at=at)

    assert (again, log()) == (first, before)


def test_a_new_release_is_measured_anew_by_the_same_rules(
    product: Product, provider: Actor, at: datetime
) -> None:
    rules = declare_quality_rules(product=product, document=RULES, by=provider, at=at)
    measured(product.current.quality_reports.get(), at)
    dispatch(at=at)
    later = at + timedelta(days=36)

    release = cleared(product, provider, later, {"station": ["S1", "S2"], "east": ["1", "b"]})
    dispatch(at=later)

    report = release.quality_reports.get()
    assert (report.rules, report.requested_by) == (rules, "system:catalog")
    document = json.loads(measured(report, later).document)
    items = {item["id"]: item for row in document["dimensions"] for item in row["items"]}
    assert (items["form"]["failing"], items["once"]["failing"]) == (0, 0)
    assert (items["sum"]["failing"], items["sum"]["fault"]["what"]) == (2, "unknown-column")
    assert (items["SCHEMA"]["total"], items["SCHEMA"]["failing"]) == (4, 3)
    assert (items["UPDATES"]["total"], items["UPDATES"]["failing"]) == (36, 5)


def test_without_rules_only_what_the_exchange_sees_is_measured(
    product: Product, provider: Actor, at: datetime
) -> None:
    dispatch(at=at)
    assert not QualityReport.objects.exists()

    report = measured(request_quality(release=product.current, by=provider, at=at), at)

    found = quality.quality_of(report).shares
    assert set(found) == {"completeness", "timeliness"}
    assert json.loads(report.document)["rules_sha256"] == ""


def test_a_report_is_what_an_appraisal_takes(
    product: Product, provider: Actor, at: datetime
) -> None:
    day = day_of(at)
    bare = asset_facts(product)
    declare_quality_rules(product=product, document=RULES, by=provider, at=at)
    report = measured(product.current.quality_reports.get(), at, ended=10, succeeded=9)

    facts = asset_facts(product)

    assert bare.measured is None
    assert facts.measured is not None
    assert (facts.measured.report, facts.measured.sha256) == (
        report.reference,
        report.document_sha256,
    )
    with working_precision():
        score = score_quality(facts, policy().quality, day)
        older = score_quality(facts, policy().quality, day + timedelta(days=240))
        without = score_quality(facts, policy().quality, day + timedelta(days=240), with_age=False)
    assert score.value == without.value == Decimal("0.8525")
    assert older.dimensions["timeliness"] == Decimal("0.5")
    assert older.value == Decimal("0.8025")
    assert find_comparables(product, on=day) == []


def test_only_products_measured_alike_are_compared_by_quality(
    product: Product,
    provider: Actor,
    buyer_org: Organization,
    at: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from pricing.plans import PlanTerms  # noqa: PLC0415  for this comparison only
    from pricing.services import set_plan  # noqa: PLC0415
    from pricing.states import PlanKind  # noqa: PLC0415

    other = Product.objects.get(pk=product.pk)
    own = product.current
    Product.objects.filter(pk=product.pk).update(status="DRAFT")
    terms = PlanTerms(kind=PlanKind.ONE_OFF, price=Decimal(100))
    set_plan(asset=other.reference, terms=terms, owner="ORG-PROVIDER", by=provider, at=at)
    monkeypatch.setattr(
        "exchange.catalog.valuation._similar",
        lambda _product: Product.objects.filter(pk=other.pk),
    )
    day = day_of(at)

    (before,) = find_comparables(product, on=day)
    measured(request_quality(release=own, by=provider, at=at), at)
    (after,) = find_comparables(product, on=day)

    assert before.quality is None
    assert after.quality == Decimal(1)


def test_a_trial_counts_and_keeps_nothing(
    product: Product, provider: Actor, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = log()

    trial = try_quality_rules(product=product, document=RULES, by=provider)

    assert trial.found is not None
    assert [row["failing"] for row in trial.found["rules"]] == [1, 1, 1]
    monkeypatch.setattr("exchange.catalog.services.measuring.TRIED_AT_ONCE", 1)
    assert try_quality_rules(product=product, document=RULES, by=provider).found is None
    assert log() == before


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (
            {"kind": "not_null", "columns": ["Station"]},
            "Rule r1: The table has no column Station. Did you mean station?",
        ),
        (
            {"kind": "range", "columns": ["station"], "min": "1"},
            "Rule r1: Column station holds text, which a rule of kind range cannot be asked of.",
        ),
        (
            {"kind": "pattern", "columns": ["station"], "pattern": "("},
            "Rule r1: '(' is no pattern that can be used.",
        ),
    ],
)
def test_what_does_not_fit_is_refused_with_what_to_do(
    product: Product, provider: Actor, at: datetime, log: Log, rule: Any, words: str
) -> None:
    before = log()

    for act in (
        lambda: declare_quality_rules(
            product=product, document={"rules": [rule]}, by=provider, at=at
        ),
        lambda: try_quality_rules(product=product, document={"rules": [rule]}, by=provider),
    ):
        with pytest.raises(Invalid) as refusal:
            act()
        assert refusal.value.fields["rules"][0].startswith(words)
    assert log() == before


@pytest.mark.parametrize("who", ["provider_viewer", "buyer", "stranger", "operator", "anonymous"])
def test_only_the_provider_declares_and_measures(
    request: pytest.FixtureRequest, product: Product, at: datetime, who: str, log: Log
) -> None:
    actor = Actor.anonymous() if who == "anonymous" else request.getfixturevalue(who)
    before = log()

    with pytest.raises(NotAllowed):
        declare_quality_rules(product=product, document=RULES, by=actor, at=at)
    with pytest.raises(NotAllowed):
        try_quality_rules(product=product, document=RULES, by=actor)
    with pytest.raises(NotAllowed):
        request_quality(release=product.current, by=actor, at=at)
    assert log() == before


def test_a_release_is_measured_once_at_a_time(
    product: Product, provider: Actor, at: datetime
) -> None:
    request_quality(release=product.current, by=provider, at=at)

    with pytest.raises(Conflict, match="being measured already"):
        request_quality(release=product.current, by=provider, at=at)


def test_a_worker_that_fell_silent_is_followed_by_another(
    product: Product, provider: Actor, at: datetime, log: Log
) -> None:
    report = request_quality(release=product.current, by=provider, at=at)
    assert resume_quality(at=at) == []
    assert resume_quality(at=at + timedelta(minutes=11)) == [report.reference]
    killed = {"status": "RUNNING", "heartbeat_at": at}
    QualityReport.objects.filter(pk=report.pk).update(**killed, attempts=1)

    assert resume_quality(at=at + timedelta(minutes=11)) == [report.reference]

    QualityReport.objects.filter(pk=report.pk).update(**killed, attempts=3)
    assert resume_quality(at=at + timedelta(minutes=11)) == []
    report.refresh_from_db()
    assert (report.status, report.failure) == ("FAILED", "It was interrupted several times.")
    assert log()[-2:] == [
        ("catalog.quality.interrupted", report.reference),
        ("catalog.quality.failed", report.reference),
    ]


def test_content_that_is_gone_ends_the_measuring(
    product: Product, provider: Actor, at: datetime, log: Log
) -> None:
    declare_quality_rules(product=product, document=RULES, by=provider, at=at)
    report = product.current.quality_reports.get()
    platform = Actor.system("retention")
    destroy_object(stored=product.current.table, reason="term over", by=platform, at=at)

    measured(report, at)

    report.refresh_from_db()
    assert (report.status, report.document) == ("FAILED", "")
    assert log()[-1] == ("catalog.quality.failed", report.reference)
