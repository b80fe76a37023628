"""Disclosures as files: out and in without loss, and hostile ones named fault by fault."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from audit.disclosure.disclosure_schema import ADDRESS, disclosure_schema
from audit.disclosure.field import example_document
from audit.disclosure.fields import FACTS, FIELDS, FOUR
from audit.disclosure.portable import MOST_BYTES, export_of, read_file
from audit.disclosure.showing import shown_to
from audit.disclosure.statements import Statement
from audit.log.actors import Actor
from audit.log.errors import Invalid

from .making import STATEMENT, published, texts

GOOD: dict[str, Any] = {
    "algorithm": "credit-score",
    "algorithm_type": "RANKING",
    "texts": {"name": {"en": "Credit"}},
    "declared": [{"metric": "auc", "value": "0.9", "n": 12}],
}


def _bytes(**changes: Any) -> bytes:
    return json.dumps(GOOD | changes).encode()


def test_an_export_read_again_is_the_same_statement(provider: Actor, at: datetime) -> None:
    secret = texts(security={"en": "two persons", "zh": "双人"})
    found = published(provider, at, texts=secret, service_began_on="2026-11-20")

    file = json.dumps(export_of(found, shown_to(provider, found)), ensure_ascii=False)

    again = read_file(file.encode())
    assert again.sha256 == found.statement_sha256
    assert json.loads(file)["register"]["withheld"] == []


def test_the_example_is_a_disclosure_that_can_be_filed() -> None:
    example = read_file(json.dumps(example_document(), ensure_ascii=False).encode())

    assert set(example.texts) == {field.code for field in FIELDS}
    assert all(set(said) == {"en", "zh"} for said in example.texts.values())
    for field in FIELDS:
        assert str(field.help), field.code
        assert field.example, field.code
        assert max(map(len, field.example.values())) <= field.most
    assert {field.code for field in (*FIELDS, *FACTS) if "P" in field.sources} == set(FOUR)


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (b"", "file"),
        (b"\xff\xfe{}", "file"),
        (b"[]", "file"),
        (b"null", "file"),
        (b"[" * 100_000, "file"),
        (b'{"a": ' * 50_000 + b"1" + b"}" * 50_000, "file"),
        (b'{"algorithm": "a", "algorithm": "b"}', "file"),
        (b'{"texts": {"name": {"en": "a", "en": "b"}}}', "file"),
        (b'{"algorithm": NaN}', "file"),
        (b'{"algorithm": ' + b"9" * 5000 + b"}", "file"),
        (b"x" * (MOST_BYTES + 1), "file"),
        (_bytes(texts=[]), "texts"),
        (_bytes(texts={"name": "Credit"}), "texts.name"),
        (_bytes(texts={"name": {"fr": "x"}}), "texts.name"),
        (_bytes(texts={"name": {"en": 5}}), "texts.name"),
        (_bytes(texts={"name": {"en": "a\x00b"}}), "texts.name"),
        (_bytes(texts={"name": {"en": "\ud800"}}), "texts.name"),
        (_bytes(texts={"color": {"en": "blue"}}), "texts.color"),
        (_bytes(declared={}), "declared"),
        (_bytes(declared=[1]), "declared.0"),
        (_bytes(declared=[{"metric": "auc", "value": 0.9}]), "declared.0.value"),
        (_bytes(declared=[{"metric": "auc", "value": "1", "n": True}]), "declared.0.n"),
        (
            _bytes(declared=[{"metric": "auc", "value": "1", "dataset_sha256": "a" * 64}]),
            "declared.0.dataset_sha256",
        ),
        (_bytes(products="P-1"), "products"),
        (_bytes(owner="ORG-OTHER"), "owner"),
        (_bytes(status="PUBLISHED"), "status"),
        (_bytes(format="other"), "format"),
        (_bytes(algorithm=""), "algorithm"),
        (_bytes(algorithm_type={}), "algorithm_type"),
        (_bytes(algorithm_type="MAGIC"), "algorithm_type"),
        (_bytes(service_began_on=5), "service_began_on"),
    ],
)
def test_a_file_with_a_fault_is_refused_at_its_place(data: bytes, place: str) -> None:
    with pytest.raises(Invalid) as refusal:
        read_file(data)

    assert list(refusal.value.fields) == [place]


def test_every_fault_is_named_at_once() -> None:
    wrong = _bytes(products=5, owner="x", declared=[{}, 7], texts={"color": {}, "name": 3})

    with pytest.raises(Invalid) as refusal:
        read_file(wrong)

    assert set(refusal.value.fields) == {
        "owner",
        "products",
        "texts.color",
        "texts.name",
        "declared.0.metric",
        "declared.0.value",
        "declared.1",
    }


def test_a_card_becomes_a_draft() -> None:
    card = {
        "name": "Churn",
        "technique": ["Trees", "300 of them"],
        "prediction_target": "一个月内流失",
        "stakeholders": {"en": "Customers", "zh": "客户"},
        "task": "classification",
        "target_column": "y",
        "claimed": {"roc_auc": 0.81},
        "sha256_model": "a" * 64,
    }

    said = read_file(json.dumps(card).encode(), algorithm="churn")

    assert said.texts["technique"] == {"en": "Trees\n300 of them"}
    assert said.texts["prediction_target"] == {"zh": "一个月内流失"}
    assert [(row.metric, row.value) for row in said.declared] == [("roc_auc", "0.81")]
    assert (said.algorithm, said.model_sha256) == ("churn", "a" * 64)


def test_the_published_schema_is_that_of_the_register() -> None:
    published_file = Path(settings.ROOT) / ADDRESS

    assert json.loads(published_file.read_text(encoding="utf-8")) == json.loads(
        json.dumps(disclosure_schema())
    )


def test_a_statement_without_blank_lines_is_the_same() -> None:
    spaced = Statement.from_document(
        STATEMENT.as_document() | {"texts": dict(STATEMENT.texts) | {"risks": {"en": "  "}}}
    )

    assert spaced.sha256 == STATEMENT.sha256
