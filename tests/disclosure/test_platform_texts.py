"""What the platform says of its own algorithms: complete, in both languages."""

import pytest

from audit.disclosure.fields import BY_CODE, FACTS, FIELDS, FOUR, GROUPS, REQUIRED
from audit.disclosure.publication import read_publications
from audit.disclosure.rules import faults_of_statement
from audit.disclosure.services import read_platform_statements
from audit.disclosure.statements import Statement

STATEMENTS = {item.algorithm: item for item in read_platform_statements()}
PUBLISHED = read_publications()


@pytest.mark.parametrize("item", STATEMENTS.values(), ids=STATEMENTS.keys())
def test_a_platform_statement_is_complete_and_bilingual(item: Statement) -> None:
    assert faults_of_statement(item) == {}
    for code, texts in {**item.texts, **item.metrics}.items():
        assert set(texts) == {"en", "zh"}, code
        assert all(texts.values()), code
        assert any("一" <= sign <= "鿿" for sign in texts["zh"]), code
    assert {"limitations", "human_oversight", "appeal", "explanation"} <= set(item.texts)


@pytest.mark.parametrize("item", STATEMENTS.values(), ids=STATEMENTS.keys())
def test_the_platform_declares_what_a_measurement_published(item: Statement) -> None:
    assert item.declared == PUBLISHED[item.algorithm].figures
    assert item.declared
    assert all(figure.is_published and figure.is_figure for figure in item.declared)
    assert all(figure.better for figure in item.declared)


def test_the_algorithms_that_decide_about_others_are_disclosed() -> None:
    assert set(STATEMENTS) == {
        "appraisal",
        "grading",
        "price_adjustment",
        "price_quote",
        "quality",
        "scanner",
        "search_ranking",
        "surveillance",
        "value_measurement",
    }


def test_the_fields_are_the_union_of_the_registers() -> None:
    paper = [field.code for field in (*FIELDS, *FACTS) if "P" in field.sources]

    assert sorted(paper) == sorted(FOUR)
    assert set(REQUIRED) | {"declared"} == {"name", *paper}
    assert len(BY_CODE) == len(FIELDS) == 38
    assert {field.group for field in FIELDS} == set(GROUPS)
