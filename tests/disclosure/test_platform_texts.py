"""What the platform says of its own algorithms: complete, in both languages."""

import pytest

from audit.disclosure.fields import BY_CODE, FIELDS, GROUPS, REQUIRED
from audit.disclosure.rules import faults_of_statement
from audit.disclosure.services import read_platform_statements
from audit.disclosure.statements import Statement

STATEMENTS = {item.algorithm: item for item in read_platform_statements()}


@pytest.mark.parametrize("item", STATEMENTS.values(), ids=STATEMENTS.keys())
def test_a_platform_statement_is_complete_and_bilingual(item: Statement) -> None:
    assert faults_of_statement(item) == {}
    for code, texts in {**item.texts, **item.metrics}.items():
        assert set(texts) == {"en", "zh"}, code
        assert all(texts.values()), code
        assert any("一" <= sign <= "鿿" for sign in texts["zh"]), code
    assert {"limitations", "human_oversight", "appeal", "explanation"} <= set(item.texts)


@pytest.mark.parametrize("item", STATEMENTS.values(), ids=STATEMENTS.keys())
def test_the_platform_declares_no_accuracy_of_its_own(item: Statement) -> None:
    assert item.declared == ()


def test_the_algorithms_that_decide_about_others_are_disclosed() -> None:
    assert {"scanner", "appraisal", "search_ranking", "grading", "price_quote"} == set(STATEMENTS)


def test_the_fields_are_the_union_of_the_registers() -> None:
    paper = [field.code for field in FIELDS if "P" in field.sources]

    assert paper == ["technique", "prediction_target", "stakeholders"]
    assert set(REQUIRED) == {"name", *paper}
    assert len(BY_CODE) == len(FIELDS) == 36
    assert {field.group for field in FIELDS} == set(GROUPS)
