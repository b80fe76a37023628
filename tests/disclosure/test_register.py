"""The register: filed, superseded, withdrawn; signed; the same for everybody."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from audit.disclosure.models import Disclosure
from audit.disclosure.queries import (
    current_disclosure,
    filed_reference,
    get_disclosure_for,
    history_of,
    register,
    visible_to,
)
from audit.disclosure.services import (
    draft_disclosure,
    edit_disclosure,
    file_disclosure,
    file_platform_disclosures,
    supersede_disclosure,
    withdraw_disclosure,
)
from audit.disclosure.statements import DeclaredAccuracy
from audit.disclosure.verification import faults_of_disclosure
from audit.log.actors import Actor
from audit.log.errors import Conflict, Invalid, NotAllowed, NotFound, WrongState
from audit.log.signing import get_signer

from .making import OWNER, PLATFORM, STATEMENT, statement, texts

Log = Callable[[], list[tuple[str, str]]]
pytestmark = pytest.mark.django_db


def _draft(by: Actor, at: datetime, **changes: Any) -> Disclosure:
    return draft_disclosure(statement=statement(**changes), owner=OWNER, by=by, at=at)


def _filed(by: Actor, at: datetime, **changes: Any) -> Disclosure:
    return file_disclosure(disclosure=_draft(by, at, **changes), by=by, at=at)


def test_a_disclosure_is_drafted_and_filed(provider: Actor, at: datetime, log: Log) -> None:
    draft = _draft(provider, at)
    filed = file_disclosure(disclosure=draft, by=provider, at=at)

    assert filed == current_disclosure("credit-score", owner=OWNER)
    assert (filed.status, filed.version, filed.filed_at) == ("FILED", 1, at)
    assert list(register()) == [filed]
    assert faults_of_disclosure(Disclosure.objects.get(pk=filed.pk)) == []
    assert log() == [
        ("disclosure.drafted", filed.reference),
        ("disclosure.filed", filed.reference),
    ]


def test_the_four_fields_are_read_in_the_readers_language(provider: Actor, at: datetime) -> None:
    only_english = texts(stakeholders={"en": "Borrowers"})
    filed = _filed(provider, at, texts=only_english)

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
    filed = _filed(provider, at)

    document = json.loads(filed.document)
    assert document["texts"]["technique"]["zh"] == "逻辑回归"
    assert document["declared"][0] == {
        "metric": "auc",
        "value": "0.91",
        "dataset": "",
        "note": "own holdout",
    }
    assert document["version"] == 1
    assert document["statement_sha256"] == STATEMENT.sha256


def test_a_draft_is_changed_until_it_is_filed(provider: Actor, at: datetime, log: Log) -> None:
    draft = _draft(provider, at)
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


def test_a_new_version_supersedes_and_keeps_the_old_one(
    provider: Actor, at: datetime, log: Log
) -> None:
    first = _filed(provider, at)
    later = at + timedelta(days=1)
    changed = statement(texts=texts(technique={"en": "Trees"}))

    second = supersede_disclosure(disclosure=first, statement=changed, by=provider, at=later)

    first.refresh_from_db()
    assert (first.status, first.ended_at, first.end_reason) == (
        "SUPERSEDED",
        later,
        second.reference,
    )
    assert first.technique == "Logistic regression"
    assert faults_of_disclosure(first) == []
    assert (second.version, second.status) == (2, "FILED")
    assert list(history_of("credit-score", owner=OWNER)) == [second, first]
    assert log()[2:] == [
        ("disclosure.drafted", second.reference),
        ("disclosure.superseded", first.reference),
        ("disclosure.filed", second.reference),
    ]


def test_only_a_filed_version_is_superseded(provider: Actor, at: datetime) -> None:
    draft = _draft(provider, at)

    with pytest.raises(WrongState):
        supersede_disclosure(disclosure=draft, statement=STATEMENT, by=provider, at=at)


def test_a_disclosure_is_withdrawn_with_a_reason(provider: Actor, at: datetime, log: Log) -> None:
    filed = _filed(provider, at)
    with pytest.raises(Invalid):
        withdraw_disclosure(disclosure=filed, reason=" ", by=provider, at=at)

    withdraw_disclosure(disclosure=filed, reason="no longer used", by=provider, at=at)

    assert (filed.status, filed.end_reason) == ("WITHDRAWN", "no longer used")
    assert not register().exists()
    assert list(history_of("credit-score", owner=OWNER)) == [filed]
    assert log()[-1] == ("disclosure.withdrawn", filed.reference)
    with pytest.raises(WrongState):
        withdraw_disclosure(disclosure=filed, reason="again", by=provider, at=at)


def test_there_is_one_draft_of_an_algorithm(provider: Actor, at: datetime, log: Log) -> None:
    draft = _draft(provider, at)

    with pytest.raises(Conflict):
        _draft(provider, at)

    assert log() == [("disclosure.drafted", draft.reference)]


@pytest.mark.parametrize(
    "who", ["provider_viewer", "buyer", "stranger", "regulator", "operator", "anonymous"]
)
def test_nobody_discloses_anothers_algorithm(
    who: str, request: pytest.FixtureRequest, provider: Actor, at: datetime, log: Log
) -> None:
    filed = _filed(provider, at)
    actor = request.getfixturevalue(who)
    other = statement(algorithm="other")

    with pytest.raises(NotAllowed):
        draft_disclosure(statement=other, owner=OWNER, by=actor, at=at)
    with pytest.raises(NotAllowed):
        supersede_disclosure(disclosure=filed, statement=STATEMENT, by=actor, at=at)
    with pytest.raises(NotAllowed):
        withdraw_disclosure(disclosure=filed, reason="dislike", by=actor, at=at)

    filed.refresh_from_db()
    assert filed.status == "FILED"
    assert Disclosure.objects.count() == 1
    assert len(log()) == 2


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
    assert filed_reference("credit-score") == ""


def test_a_suspended_owner_discloses_nothing(provider: Actor, at: datetime, log: Log) -> None:
    with pytest.raises(NotAllowed, match="not admitted"):
        _draft(replace(provider, roles=frozenset()), at)

    assert log() == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"algorithm": "Credit Score"}, "algorithm"),
        ({"algorithm": ""}, "algorithm"),
        ({"algorithm_type": "MAGIC"}, "algorithm_type"),
        ({"texts": texts(technique={"en": "", "zh": ""})}, "technique"),
        ({"texts": texts(prediction_target={})}, "prediction_target"),
        ({"texts": texts(color={"en": "blue"})}, "color"),
        ({"texts": texts(risks={"fr": "aucun"})}, "risks"),
        ({"texts": texts(risks={"en": "x" * 20_001})}, "risks"),
        ({"declared": (DeclaredAccuracy(metric="auc", value="high"),)}, "declared.0"),
        ({"declared": (DeclaredAccuracy(metric="auc", value="NaN"),)}, "declared.0"),
        ({"declared": (DeclaredAccuracy(metric="", value="1"),)}, "declared.0"),
    ],
)
def test_a_statement_that_says_too_little_is_refused_at_the_field(
    changes: dict[str, Any], field: str, provider: Actor, at: datetime, log: Log
) -> None:
    with pytest.raises(Invalid) as refusal:
        _draft(provider, at, **changes)

    assert list(refusal.value.fields) == [field]
    assert not Disclosure.objects.exists()
    assert log() == []


def test_the_key_stays(provider: Actor, at: datetime) -> None:
    draft = _draft(provider, at)
    renamed = statement(algorithm="other")

    with pytest.raises(Invalid):
        edit_disclosure(disclosure=draft, statement=renamed, by=provider, at=at)
    filed = file_disclosure(disclosure=draft, by=provider, at=at)
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
    draft = _draft(provider, at)
    filed = _filed(provider, at, algorithm="other")
    actor = request.getfixturevalue(who)

    assert set(visible_to(actor)) == ({draft, filed} if sees else {filed})
    assert get_disclosure_for(actor, filed.reference) == filed
    if not sees:
        with pytest.raises(NotFound):
            get_disclosure_for(actor, draft.reference)


def test_two_versions_filed_at_once_leave_one(
    provider: Actor, at: datetime, monkeypatch: pytest.MonkeyPatch, log: Log
) -> None:
    draft = _draft(provider, at)
    stale = Disclosure.objects.get(pk=draft.pk)
    file_disclosure(disclosure=draft, by=provider, at=at)

    with pytest.raises(Conflict):
        file_disclosure(disclosure=stale, by=provider, at=at)

    assert Disclosure.objects.filter(status="FILED").count() == 1
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
    filed = _filed(provider, at)
    for name, value in change.items():
        setattr(filed, name, value)

    assert any(words in fault for fault in faults_of_disclosure(filed))


def test_another_key_is_not_trusted(provider: Actor, at: datetime) -> None:
    other = get_signer("log").verifier_key

    assert len(faults_of_disclosure(_filed(provider, at), verifier_key=other)) == 1


def test_the_database_keeps_versions_apart(provider: Actor, at: datetime) -> None:
    filed = _filed(provider, at)
    for change in ({"algorithm": "other"}, {"version": 7}, {"owner": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Disclosure.objects.filter(pk=filed.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        Disclosure.objects.filter(pk=filed.pk).delete()


def test_the_platforms_own_are_filed_once(at: datetime, log: Log) -> None:
    first = file_platform_disclosures(by=PLATFORM, at=at)
    again = file_platform_disclosures(by=PLATFORM, at=at)

    keys = [item.algorithm for item in first]
    assert keys == ["appraisal", "grading", "price_quote", "scanner", "search_ranking"]
    assert again == []
    assert [item.owner for item in register()] == [""] * 5
    assert [name for name, _ in log()] == ["disclosure.drafted", "disclosure.filed"] * 5


def test_a_changed_text_of_the_platform_is_a_new_version(
    at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = {item.algorithm: item for item in file_platform_disclosures(by=PLATFORM, at=at)}
    changed = replace(
        STATEMENT,
        algorithm="scanner",
        texts=texts(changes={"en": "Second version.", "zh": "第二版。"}),
    )
    monkeypatch.setattr("audit.disclosure.services.read_platform_statements", lambda: [changed])

    filed = file_platform_disclosures(by=PLATFORM, at=at)

    assert [(item.algorithm, item.version) for item in filed] == [("scanner", 2)]
    first["scanner"].refresh_from_db()
    assert first["scanner"].status == "SUPERSEDED"


def test_nobody_else_files_for_the_platform(provider: Actor, at: datetime, log: Log) -> None:
    with pytest.raises(NotAllowed):
        file_platform_disclosures(by=provider, at=at)

    assert log() == []
