"""How texts are cut, and that queries find what was cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.catalog.ranking import score
from exchange.catalog.words import Query, needle, normalized, runs_of, tokens_of


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        ("2013年纽约航班", ["2013", "年纽约航班"]),
        ("New York, 航班!", ["new", "york", "航班"]),
        ("ＡＢＣ　１２", ["abc", "12"]),
        ("信用，数据", ["信用", "数据"]),
        ("GB/T 43697-2024", ["gb", "t", "43697", "2024"]),
        ("snake_case", ["snake", "case"]),
        ("カタカナ", ["カタカナ"]),
        ("𠮷野", ["𠮷野"]),
        ("！？…", []),
        ("", []),
    ],
)
def test_texts_are_cut_into_words_and_stretches(text: str, runs: list[str]) -> None:
    assert runs_of(text) == runs


def test_every_character_of_chinese_begins_a_piece() -> None:
    assert tokens_of(["信用数据 data"]) == "信用 用数 数据 据 data"
    assert normalized(["信用，数据", "Data"]) == " 信用 数据 data"


@pytest.mark.parametrize(
    ("text", "fts5", "tsquery"),
    [
        ("信用", '"信用"', "'信用'"),
        ("信用数据", '"信用" AND "用数" AND "数据"', "'信用' & '用数' & '数据'"),
        ("车", '"车"*', "'车':*"),
        ("Dep 航班", '"航班" AND "dep"*', "'航班' & 'dep':*"),
    ],
)
def test_queries_in_both_languages_of_databases(text: str, fts5: str, tsquery: str) -> None:
    query = Query.of(text)

    assert query.as_fts5() == fts5
    assert query.as_tsquery() == tsquery


@given(st.text(max_size=40))
def test_no_text_can_leave_its_quotes(text: str) -> None:
    query = Query.of(text)

    for mark in "'\"\\:&|!()*":
        assert all(mark not in phrase for phrase in query.phrases)


@given(st.text(alphabet="信用数据航班 ab1,", max_size=20), st.data())
def test_whatever_stands_in_a_text_is_found_by_its_pieces(text: str, data: st.DataObject) -> None:
    runs = runs_of(text)
    if not runs:
        return
    run = data.draw(st.sampled_from(runs))
    begin = data.draw(st.integers(0, len(run) - 1))
    end = data.draw(st.integers(begin + 1, len(run)))
    part = run[begin:end] if run[0] in "信用数据航班" else run[:end]
    pieces = tokens_of([text]).split(" ")
    query = Query.of(part)

    assert set(query.exact) <= set(pieces)
    for beginning in query.beginnings:
        assert any(piece.startswith(beginning) for piece in pieces)
    for phrase in query.phrases:
        assert needle(phrase) in normalized([text])


def test_the_score_is_the_disclosed_sum() -> None:
    fields = {
        "name": normalized(["信用评分"]),
        "keywords": normalized(["信用", "risk"]),
        "abstract": normalized(["企业信用风险"]),
        "body": "",
    }

    assert score(fields, Query.of("信用")) == 8 + 5 + 3 + 6
    assert score(fields, Query.of("信用评分")) == 8 + 12 + 6
    assert score(fields, Query.of("risk 信用")) == 5 + (8 + 5 + 3)
    assert score(fields, Query.of("航班")) == 0
