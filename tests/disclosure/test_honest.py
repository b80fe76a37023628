"""Honest models are not accused, whatever their technique and their law."""

import numpy as np
import pytest

from audit.disclosure.evaluation.results import Severity

from . import fitting
from .measuring import card, honestly

pytestmark = pytest.mark.runtime


@pytest.mark.parametrize("kind", fitting.TECHNIQUES)
@pytest.mark.parametrize("name", fitting.TABLES)
def test_an_honest_model_is_confirmed_and_not_accused(name: str, kind: str) -> None:
    table = fitting.TABLES[name](11)

    evaluation = honestly(card(name, kind, table), fitting.fit(kind, table), table)

    assert evaluation.verdict == "CONFIRMED"
    assert [each for each in evaluation.findings if each.severity == Severity.CONTRADICTS] == []
    assert not evaluation.contradicted


@pytest.mark.parametrize("kind", ["linear", "boosted"])
def test_a_rare_event_honestly_declared_by_f1_is_not_accused(kind: str) -> None:
    table = fitting.machines(12, rows=2500, rare=True)
    document = card("machines", kind, table) | {"claimed": {"f1_positive": 0}}

    evaluation = honestly(document, fitting.fit(kind, table), table)

    assert evaluation.judged_by == "f1_positive"
    assert [each for each in evaluation.findings if each.severity == Severity.CONTRADICTS] == []


def test_a_table_that_repeats_itself_is_told_and_not_accused() -> None:
    table = fitting.machines(13, rows=1200)
    columns = {name: np.round(np.asarray(values) / 10) for name, values in table.columns.items()}
    columns["failure"] = table.columns["failure"]
    coarse = fitting.Table(columns, "failure", "classification")

    evaluation = honestly(card("machines", "linear", coarse), fitting.fit("linear", coarse), coarse)

    assert not evaluation.contradicted


def test_guarded_attributes_owned_to_are_not_accused() -> None:
    table = fitting.loans(14)
    age = np.random.default_rng(14).integers(18, 80, 900)
    columns = {"age": age} | table.columns
    open_ = fitting.Table(columns, "default", "classification")
    document = card("loans", "boosted", open_) | {"sensitive_attributes": "age, for fairness tests"}

    evaluation = honestly(document, fitting.fit("boosted", open_), open_)

    assert not evaluation.contradicted
    assert evaluation.findings == ()
