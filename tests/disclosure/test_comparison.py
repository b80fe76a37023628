"""Two versions of a disclosure: what went, what came, and which figures moved."""

import time

import pytest

from audit.disclosure.comparison import (
    MOST,
    Change,
    Piece,
    compare_figures,
    compare_texts,
    compare_words,
)


def test_words_are_marked_and_both_texts_can_be_put_together_again() -> None:
    before, after = "A forest of 100 trees.", "A forest of 300 deep trees."

    pieces = compare_words(before, after)

    assert Piece("100", Change.REMOVED) in pieces
    assert Piece("300 deep", Change.ADDED) in pieces
    assert "".join(p.text for p in pieces if p.change is not Change.ADDED) == before
    assert "".join(p.text for p in pieces if p.change is not Change.REMOVED) == after


def test_a_chinese_character_counts_as_a_word() -> None:
    assert compare_words("预测违约", "预测逾期") == (
        Piece("预测", Change.SAME),
        Piece("违约", Change.REMOVED),
        Piece("逾期", Change.ADDED),
    )


@pytest.mark.parametrize(
    ("before", "after", "kinds"),
    [
        ("", "", []),
        ("same", "same", [Change.SAME]),
        ("", "new", [Change.ADDED]),
        ("old", "", [Change.REMOVED]),
        ("<b>\n", "<i>\n", [Change.SAME, Change.REMOVED, Change.ADDED, Change.SAME]),
    ],
)
def test_the_edges_of_texts(before: str, after: str, kinds: list[Change]) -> None:
    assert [piece.change for piece in compare_words(before, after)] == kinds


def test_a_long_text_is_compared_by_sentences_in_time() -> None:
    before = "".join(f"第{number}条 数据。" for number in range(MOST))
    after = before.replace("第7条", "第8888条")
    began = time.process_time()

    pieces = compare_words(before, after)

    assert time.process_time() - began < 5
    assert Piece("第7条 数据。", Change.REMOVED) in pieces
    assert Piece("第8888条 数据。", Change.ADDED) in pieces


def test_fields_come_in_the_registers_order_with_what_became_of_them() -> None:
    before = {"name": {"en": "Score"}, "risks": {"en": "few"}, "opt_out": {"en": "ask"}}
    after = {"name": {"en": "Score", "zh": "评分"}, "risks": {"en": "few"}, "appeal": {"en": "x"}}

    found = {row.code: row.change for row in compare_texts(before, after | {"odd": {"en": "y"}})}

    assert found == {
        "name": Change.CHANGED,
        "risks": Change.SAME,
        "appeal": Change.ADDED,
        "opt_out": Change.REMOVED,
        "odd": Change.ADDED,
    }
    assert list(found) == ["name", "risks", "appeal", "opt_out", "odd"]


def test_figures_are_compared_by_metric_and_data() -> None:
    before = [{"metric": "auc", "value": "0.9"}, {"metric": "f1", "value": "0.5", "dataset": "a"}]
    after = [{"metric": "auc", "value": "0.8"}, {"metric": "f1", "value": "0.5", "dataset": "b"}]

    found = [
        (row.metric, row.dataset, row.before, row.after, row.change)
        for row in compare_figures(before, after)
    ]

    assert found == [
        ("auc", "", "0.9", "0.8", Change.CHANGED),
        ("f1", "b", "", "0.5", Change.ADDED),
        ("f1", "a", "0.5", "", Change.REMOVED),
    ]
