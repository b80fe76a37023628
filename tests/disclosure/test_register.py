"""The register: filed, superseded, withdrawn; signed; the same for everybody."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from audit.disclosure.models import Disclosure
from audit.disclosure.queries import (
    current_disclosure,
    get_disclosure_for,
    history_of,
    reference_in_force,
    register,
    visible_to,
)
from audit.disclosure.services import (
    draft_disclosure,
    edit_disclosure,
    file_disclosure,
    file_platform_disclosures,
    publish_disclosure,
    supersede_disclosure,
    take_review,
    withdraw_disclosure,
)
from audit.disclosure.statements import DeclaredAccuracy
from audit.disclosure.verification import faults_of_disclosure
from audit.log.actors import Actor
from audit.log.errors import Conflict, Invalid, NotAllowed, NotFound, WrongState
from audit.log.signing import get_signer
from audit.rulebook.queries import day_of

from .making import (
    OWNER,
    PLATFORM,
    STATEMENT,
    drafted,
    published,
    reviewed,
    statement,
    texts,
)

Log = Callable[[], list[tuple[str, str]]]
pytestmark = pytest.mark.django_db


def test_a_disclosure_is_drafted_filed_reviewed_and_published(
    provider: Actor, operator: Actor, at: datetime, log: Log
) -> None:
    found = drafted(provider, at)
    file_disclosure(disclosure=found, by=provider, at=at)
    assert (found.status, found.due_on) == ("FILED", date(2027, 1, 5))
    assert not register().exists()
    take_review(disclosure=found, by=operator, at=at)
    assert current_disclosure("credit-score", owner=OWNER) is None

    publish_disclosure(disclosure=found, note="read in full", by=operator, at=at)

    assert found == current_disclosure("credit-score", owner=OWNER)
    assert (found.status, found.version, found.published_at) == ("PUBLISHED", 1, at)
    assert (found.filing_number, found.reviewer) == ("ALG-2026-000001", operator.organization)
    assert (found.review_note, found.due_on) == ("read in full", None)
    assert list(register()) == [found]
    assert faults_of_disclosure(Disclosure.objects.get(pk=found.pk)) == []
    assert log() == [
        ("disclosure.drafted", found.reference),
        ("disclosure.filed", found.reference),
        ("disclosure.review_taken", found.reference),
        ("disclosure.published", found.reference),
    ]


def test_the_four_fields_are_read_in_the_readers_language(provider: Actor, at: datetime) -> None:
    only_english = texts(stakeholders={"en": "Borrowers"})
    filed = published(provider, at, texts=only_english)

    assert filed.technique == "Logistic regression"
    with translation.override("zh-hans"):
        assert filed.name == "信用评分"
        assert filed.technique == "逻辑回归"
        assert filed.prediction_target == "一年内违约"
        assert filed.stakeholders == "Borrowers"
        assert filed.metric_label("auc") == "曲线下面积"
    assert filed.metric_label("mean_error") == "mean error"
    assert filed.text("appeal") == ""


def test_the_signed_document_says_what_the_register_shows(provider: Actor, at: datetime) -> None:
    filed = published(provider, at)

    document = json.loads(filed.document)
    assert document["texts"]["technique"]["zh"] == "逻辑回归"
    assert document["declared"][0] == {
        "metric": "auc",
        "value": "0.91",
        "dataset": "",
        "note": "own holdout",
        "n": 0,
        "measured_on": "",
        "ci_low": "",
        "ci_high": "",
    }
    assert (document["version"], document["filing_number"]) == (1, "ALG-2026-000001")
    assert "statement_sha256" not in document  # texts could be guessed by it


def test_a_draft_is_changed_until_it_is_filed(provider: Actor, at: datetime, log: Log) -> None:
    draft = drafted(provider, at)
    changed = statement(texts=texts(technique={"en": "Trees", "zh": "决策树"}))

    edit_disclosure(disclosure=draft, statement=changed, by=provider, at=at)
    filed = file_disclosure(disclosure=draft, by=provider, at=at)

    assert filed.technique == "Trees"
    assert filed.statement_sha256 == changed.sha256
    with pytest.raises(WrongState):
        edit_disclosure(disclosure=filed, statement=STATEMENT, by=provider, at=at)
    assert [name for name, _ in log()] == [
        "disclosure.drafted",
        "disclosure.drafted",
        "disclosure.filed",
    ]


def test_a_new_version_supersedes_with_its_publication_and_keeps_the_number(
    provider: Actor, at: datetime, log: Log
) -> None:
    first = published(provider, at)
    later = at + timedelta(days=1)
    changed = statement(texts=texts(technique={"en": "Trees"}))

    second = supersede_disclosure(disclosure=first, statement=changed, by=provider, at=later)
    assert current_disclosure("credit-score", owner=OWNER) == first
    reviewed(second, later)

    first.refresh_from_db()
    assert (first.status, first.ended_at, first.end_reason) == (
        "SUPERSEDED",
        later,
        second.reference,
    )
    assert first.technique == "Logistic regression"
    assert faults_of_disclosure(first) == []
    assert (second.version, second.status) == (2, "PUBLISHED")
    assert second.filing_number == first.filing_number
    assert list(history_of("credit-score", owner=OWNER)) == [second, first]
    assert log()[4:] == [
        ("disclosure.drafted", second.reference),
        ("disclosure.filed", second.reference),
        ("disclosure.review_taken", second.reference),
        ("disclosure.superseded", first.reference),
        ("disclosure.published", second.reference),
    ]


def test_only_what_is_in_the_register_is_superseded(provider: Actor, at: datetime) -> None:
    draft = drafted(provider, at)

    with pytest.raises(WrongState):
        supersede_disclosure(disclosure=draft, statement=STATEMENT, by=provider, at=at)


def test_a_disclosure_is_withdrawn_with_a_reason(provider: Actor, at: datetime, log: Log) -> None:
    filed = published(provider, at)
    today = day_of(at)
    for wrong in ({"reason": " ", "last_day": today}, {"reason": "over"}):
        with pytest.raises(Invalid):
            withdraw_disclosure(disclosure=filed, by=provider, at=at, **wrong)
    with pytest.raises(Invalid, match="still runs"):
        withdraw_disclosure(
            disclosure=filed,
            reason="soon",
            last_day=today + timedelta(days=1),
            by=provider,
            at=at,
        )

    withdraw_disclosure(
        disclosure=filed, reason="no longer used", last_day=today, by=provider, at=at
    )

    assert (filed.status, filed.end_reason) == ("WITHDRAWN", "no longer used")
    assert filed.service_ended_on == today
    assert not register().exists()
    assert list(history_of("credit-score", owner=OWNER)) == [filed]
    assert log()[-1] == ("disclosure.withdrawn", filed.reference)
    with pytest.raises(WrongState):
        withdraw_disclosure(disclosure=filed, reason="again", by=provider, at=at)


def test_there_is_one_draft_of_an_algorithm(provider: Actor, at: datetime, log: Log) -> None:
    draft = drafted(provider, at)

    with pytest.raises(Conflict):
        drafted(provider, at)

    assert log() == [("disclosure.drafted", draft.reference)]


@pytest.mark.parametrize(
    "who", ["provider_viewer", "buyer", "stranger", "regulator", "operator", "anonymous"]
)
def test_nobody_discloses_anothers_algorithm(
    who: str, request: pytest.FixtureRequest, provider: Actor, at: datetime, log: Log
) -> None:
    filed = published(provider, at)
    actor = request.getfixturevalue(who)
    other = statement(algorithm="other")

    with pytest.raises(NotAllowed):
        draft_disclosure(statement=other, owner=OWNER, by=actor, at=at)
    with pytest.raises(NotAllowed):
        supersede_disclosure(disclosure=filed, statement=STATEMENT, by=actor, at=at)
    with pytest.raises(NotAllowed):
        withdraw_disclosure(disclosure=filed, reason="dislike", by=actor, at=at)

    filed.refresh_from_db()
    assert filed.status == "PUBLISHED"
    assert Disclosure.objects.count() == 1
    assert len(log()) == 4


@pytest.mark.parametrize("who", ["provider", "buyer", "regulator", "anonymous"])
def test_only_the_operator_discloses_for_the_platform(
    who: str, request: pytest.FixtureRequest, at: datetime, log: Log
) -> None:
    with pytest.raises(NotAllowed):
        draft_disclosure(statement=STATEMENT, owner="", by=request.getfixturevalue(who), at=at)

    assert log() == []


def test_the_operator_discloses_for_the_platform(operator: Actor, at: datetime) -> None:
    draft = draft_disclosure(statement=STATEMENT, owner="", by=operator, at=at)

    assert draft.is_platform
    assert reference_in_force("credit-score") == ""


def test_a_suspended_owner_discloses_nothing(provider: Actor, at: datetime, log: Log) -> None:
    with pytest.raises(NotAllowed, match="not admitted"):
        drafted(replace(provider, roles=frozenset()), at)

    assert log() == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"algorithm": "Credit Score"}, "algorithm"),
        ({"algorithm": ""}, "algorithm"),
        ({"algorithm_type": "MAGIC"}, "algorithm_type"),
        ({"declared": (DeclaredAccuracy(metric="auc", value="1", n=-1),)}, "declared.0"),
        ({"declared": (DeclaredAccuracy(metric="auc", value="1", ci_low="0"),)}, "declared.0"),
        (
            {"declared": (DeclaredAccuracy(metric="auc", value="1", measured_on="May"),)},
            "declared.0",
        ),
        ({"declared": (DeclaredAccuracy(metric="a", value="1"),) * 41}, "declared"),
        ({"products": ("P-2026-1",) * 201}, "products"),
        ({"metrics": {"auc": {"en": "x" * 200}}}, "metrics"),
        ({"service_began_on": "20261123"}, "service_began_on"),
        ({"changed_on": "0001-01-01"}, "changed_on"),
        ({"model_sha256": "abc"}, "model_sha256"),
        ({"texts": texts(color={"en": "blue"})}, "color"),
        ({"texts": texts(risks={"fr": "aucun"})}, "risks"),
        ({"texts": texts(risks={"en": "x" * 20_001})}, "risks"),
        ({"declared": (DeclaredAccuracy(metric="auc", value="high"),)}, "declared.0"),
        ({"declared": (DeclaredAccuracy(metric="auc", value="NaN"),)}, "declared.0"),
        ({"declared": (DeclaredAccuracy(metric="", value="1"),)}, "declared.0"),
    ],
)
def test_a_statement_that_cannot_be_kept_is_refused_at_the_field(
    changes: dict[str, Any], field: str, provider: Actor, at: datetime, log: Log
) -> None:
    with pytest.raises(Invalid) as refusal:
        drafted(provider, at, **changes)

    assert list(refusal.value.fields) == [field]
    assert not Disclosure.objects.exists()
    assert log() == []


def test_a_draft_may_lack_what_filing_asks_for_at_once(
    provider: Actor, at: datetime, log: Log
) -> None:
    empty = statement(
        texts=texts(technique={"en": ""}, prediction_target={}, stakeholders={}),
        declared=(),
        service_began_on="2027-01-04",
    )
    draft = draft_disclosure(statement=empty, owner=OWNER, by=provider, at=at)

    with pytest.raises(Invalid) as refusal:
        file_disclosure(disclosure=draft, by=provider, at=at)

    assert set(refusal.value.fields) == {
        "technique",
        "prediction_target",
        "stakeholders",
        "declared",
        "service_began_on",
    }
    assert log() == [("disclosure.drafted", draft.reference)]


def test_the_key_stays(provider: Actor, at: datetime) -> None:
    draft = drafted(provider, at)
    renamed = statement(algorithm="other")

    with pytest.raises(Invalid):
        edit_disclosure(disclosure=draft, statement=renamed, by=provider, at=at)
    file_disclosure(disclosure=draft, by=provider, at=at)
    filed = reviewed(draft, at)
    with pytest.raises(Invalid):
        supersede_disclosure(disclosure=filed, statement=renamed, by=provider, at=at)


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("anonymous", False),
        ("stranger", False),
        ("buyer", False),
        ("provider_viewer", True),
        ("regulator", True),
        ("operator", True),
    ],
)
def test_a_draft_is_seen_by_its_owner_and_supervisors(
    who: str, request: pytest.FixtureRequest, provider: Actor, at: datetime, *, sees: bool
) -> None:
    draft = drafted(provider, at)
    other = published(provider, at, algorithm="other")
    actor = request.getfixturevalue(who)

    assert set(visible_to(actor)) == ({draft, other} if sees else {other})
    assert get_disclosure_for(actor, other.reference) == other
    if not sees:
        with pytest.raises(NotFound):
            get_disclosure_for(actor, draft.reference)


def test_a_version_is_filed_once(provider: Actor, at: datetime, log: Log) -> None:
    draft = drafted(provider, at)
    stale = Disclosure.objects.get(pk=draft.pk)
    file_disclosure(disclosure=draft, by=provider, at=at)

    with pytest.raises(WrongState):
        file_disclosure(disclosure=stale, by=provider, at=at)

    assert [name for name, _ in log()] == ["disclosure.drafted", "disclosure.filed"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"statement": {}}, "texts differs"),
        ({"declared": []}, "declared differs"),
        ({"signature": "!"}, "signature"),
        ({"document_sha256": "0" * 64}, "digest"),
        ({"document": "{"}, "cannot be read"),
    ],
)
def test_tampering_is_found_out(
    change: dict[str, Any], words: str, provider: Actor, at: datetime
) -> None:
    filed = published(provider, at)
    for name, value in change.items():
        setattr(filed, name, value)

    assert any(words in fault for fault in faults_of_disclosure(filed))


def test_another_key_is_not_trusted(provider: Actor, at: datetime) -> None:
    other = get_signer("log").verifier_key

    assert len(faults_of_disclosure(published(provider, at), verifier_key=other)) == 1


def test_the_database_keeps_versions_apart(provider: Actor, at: datetime) -> None:
    filed = published(provider, at)
    for change in ({"algorithm": "other"}, {"version": 7}, {"owner": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Disclosure.objects.filter(pk=filed.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        Disclosure.objects.filter(pk=filed.pk).delete()


def test_the_platforms_own_are_filed_once(at: datetime, log: Log) -> None:
    first = file_platform_disclosures(by=PLATFORM, at=at)
    again = file_platform_disclosures(by=PLATFORM, at=at)

    keys = [item.algorithm for item in first]
    assert keys == [
        "appraisal",
        "grading",
        "price_adjustment",
        "price_quote",
        "quality",
        "scanner",
        "search_ranking",
        "surveillance",
        "value_measurement",
    ]
    assert again == []
    assert [item.owner for item in register()] == [""] * len(keys)
    assert all(item.is_own_responsibility for item in first)
    steps = ["disclosure.drafted", "disclosure.filed", "disclosure.published"]
    assert [name for name, _ in log()] == steps * len(keys)


def test_a_changed_text_of_the_platform_is_a_new_version(
    at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = {item.algorithm: item for item in file_platform_disclosures(by=PLATFORM, at=at)}
    changed = replace(
        STATEMENT,
        algorithm="scanner",
        texts=texts(changes={"en": "Second version.", "zh": "第二版。"}),
    )
    monkeypatch.setattr(
        "audit.disclosure.services.platform.read_platform_statements", lambda: [changed]
    )

    filed = file_platform_disclosures(by=PLATFORM, at=at)

    assert [(item.algorithm, item.version) for item in filed] == [("scanner", 2)]
    first["scanner"].refresh_from_db()
    assert first["scanner"].status == "SUPERSEDED"


def test_nobody_else_files_for_the_platform(provider: Actor, at: datetime, log: Log) -> None:
    with pytest.raises(NotAllowed):
        file_platform_disclosures(by=provider, at=at)

    assert log() == []
