"""Cards: what they need, the forms they take, the schema they are published under."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import translation

from audit.disclosure.card_schema import ADDRESS, NEEDED, card_schema
from audit.disclosure.evaluation import read_card
from audit.disclosure.evaluation.cards import CardRefused
from audit.disclosure.fields import FIELDS
from audit.disclosure.wording import CARD, describe_card_fault

CARD_OF = {
    "technique": "logistic regression",
    "prediction_target": "default within a year",
    "stakeholders": ["borrowers", "lender"],
    "claimed": {"roc_auc": 0.8421},
    "target_column": "default",
    "task": "classification",
}


def faults(document: Any) -> dict[str, str]:
    with pytest.raises(CardRefused) as refused:
        read_card(document)
    return {fault.name: fault.what for fault in refused.value.faults}


def test_a_short_card_is_enough() -> None:
    card = read_card(CARD_OF)

    assert (card.name, card.main_metric, str(card.claimed["roc_auc"])) == (
        "default",
        "roc_auc",
        "0.8421",
    )
    assert card.words("stakeholders") == "borrowers\nlender"


@pytest.mark.parametrize("name", NEEDED)
def test_what_lacks_is_named(name: str) -> None:
    document = {key: value for key, value in CARD_OF.items() if key != name}

    found = faults(document)

    assert set(found) == {name}
    assert found[name] in {"card-lacks", "card-lacks-accuracy"}


def test_everything_that_is_wrong_is_told_at_once() -> None:
    found = faults(
        {
            "technique": " ",
            "stakeholders": 7,
            "claimed": {"accuracy": "high"},
            "features": ["a", "a"],
            "onnx_input": ["X"],
            "threshold": "half",
            "task": "fortune telling",
            "classes": {"a": 1},
        }
    )

    assert found == {
        "technique": "card-lacks",
        "prediction_target": "card-lacks",
        "stakeholders": "card-lacks",
        "claimed": "card-lacks-accuracy",
        "target_column": "card-lacks",
        "features": "card-twice",
        "onnx_input": "card-not-text",
        "threshold": "card-not-number",
        "task": "card-task",
        "classes": "card-not-list",
    }


@pytest.mark.parametrize("document", [None, [], "card", 5])
def test_a_card_is_an_object(document: Any) -> None:
    assert faults(document) == {"": "card-not-object"}


@pytest.mark.parametrize("value", [float("nan"), float("inf"), True, None, "1e999", [0.5]])
def test_a_figure_is_a_finite_number(value: Any) -> None:
    assert faults(CARD_OF | {"claimed": {"roc_auc": value}}) == {"claimed": "card-lacks-accuracy"}


def test_the_main_metric_has_to_be_claimed() -> None:
    assert faults(CARD_OF | {"main_metric": "f1"}) == {"main_metric": "main-not-claimed"}


def test_accuracy_may_be_a_list_and_texts_may_be_in_two_languages() -> None:
    card = read_card(
        CARD_OF
        | {
            "claimed": None,
            "accuracy": [{"metric": "f1", "value": 0.5}, {"metric": "note", "value": "own test"}],
            "technique": {"en": "Neural network", "zh": "神经网络"},
        }
        | {"claimed": [{"metric": "f1", "value": 0.5}]}
    )

    assert {name: str(value) for name, value in card.claimed.items()} == {"f1": "0.5"}
    assert card.words("technique") == "neural network\n神经网络"


def test_nothing_said_and_nothing_used_are_different_things() -> None:
    silent, denying = read_card(CARD_OF), read_card(CARD_OF | {"sensitive_attributes": "无。"})

    assert (silent.says("sensitive_attributes"), silent.denies("sensitive_attributes")) == (
        False,
        False,
    )
    assert denying.denies("sensitive_attributes")


def test_faults_are_told_in_both_languages() -> None:
    for language in ("en", "zh-hans"):
        with translation.override(language), pytest.raises(CardRefused) as refused:
            read_card({"task": "fortune telling"})
        with translation.override(language):
            texts = [describe_card_fault(fault) for fault in refused.value.faults]
        assert all("%(" not in text for text in texts)
        chinese = [any("\u4e00" <= letter <= "\u9fff" for letter in text) for text in texts]
        assert all(chinese) if language == "zh-hans" else not any(chinese)
    assert set(CARD) >= {"card-lacks", "card-task"}


def test_the_published_schema_is_that_of_the_register() -> None:
    published = json.loads((Path(settings.ROOT) / ADDRESS).read_text(encoding="utf-8"))

    assert published == json.loads(json.dumps(card_schema()))
    assert {field.code for field in FIELDS} <= set(published["properties"])
    assert set(published["required"]) >= {
        "technique",
        "prediction_target",
        "claimed",
        "stakeholders",
    }


def test_the_schema_takes_what_the_reader_takes() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    check = jsonschema.Draft202012Validator(card_schema())

    assert list(check.iter_errors(CARD_OF)) == []
    for name in NEEDED:
        lacking = {key: value for key, value in CARD_OF.items() if key != name}
        assert len(list(check.iter_errors(lacking))) == 1


def test_the_shared_cards_follow_the_schema(shared_data: Path) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    check = jsonschema.Draft202012Validator(card_schema())
    cards = sorted((shared_data / "algorithms").glob("*/card.json"))

    assert len(cards) == 7
    for path in cards:
        document = json.loads(path.read_text(encoding="utf-8"))
        assert [error.message for error in check.iter_errors(document)] == []
        assert read_card(document).name == document["name"]
