"""`manage.py scan_text`: spans, scores, and files that are not what they should be."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

ROWS: list[dict[str, Any]] = [
    {
        "id": "a",
        "text": "姓名：马超，电话13800138000",
        "spans": [
            {"start": 3, "end": 5, "type": "person", "text": "马超"},
            {"start": 8, "end": 19, "type": "phone"},
        ],
    },
    {"id": 7, "text": "天气不错", "spans": [], "type": "phone", "should_match": False},
    {"id": "c", "text": "电话13900139000", "spans": [], "type": "phone", "should_match": True},
]


def write(path: Path, *lines: Any) -> Path:
    """Write rows, or lines as they are."""
    path.write_bytes(
        b"\n".join(
            line if isinstance(line, bytes) else json.dumps(line, ensure_ascii=False).encode()
            for line in lines
        )
    )
    return path


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run the command and return its output."""
    call_command("scan_text", *arguments)
    return capsys.readouterr().out


def test_json_gives_spans_in_the_words_of_the_file_and_scores(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(tmp_path / "rows.jsonl", b"", *ROWS)

    *rows, summary = map(json.loads, run(capsys, str(file), "--json").splitlines())

    assert [row["id"] for row in rows] == ["a", "7", "c"]
    assert [row["line"] for row in rows] == [2, 3, 4]
    assert rows[0]["spans"] == [
        {"start": 3, "end": 5, "type": "person"},
        {"start": 8, "end": 19, "type": "phone"},
    ]
    assert rows[1]["spans"] == []
    assert summary["scores"]["overall"] == {
        "precision": 0.6667, "recall": 1.0, "f1": 0.8, "right": 2, "superfluous": 1, "missed": 0,
    }  # fmt: skip
    assert summary["scores_as_declared"]["overall"]["f1"] == 1.0
    assert summary["scores_as_declared"]["rows_without_place"] == 1
    assert summary["scores"]["types"]["phone"]["right"] == 1
    assert (summary["should_match"]["right"], summary["should_match"]["missed"]) == (1, 0)
    assert summary["characters"] == sum(len(row["text"]) for row in ROWS)


def test_without_labels_the_exchange_speaks_its_own_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(tmp_path / "rows.jsonl", {"text": "姓名：马超，电话13800138000"})

    row, summary = map(json.loads, run(capsys, str(file), "--json").splitlines())
    chosen = run(capsys, str(file), "--types", "mobile")

    assert [span["type"] for span in row["spans"]] == ["person_name", "cn_mobile"]
    assert row["id"] == "1"
    assert "scores" not in summary
    assert chosen.splitlines()[0] == "1\t8\t19\tmobile\t138****8000"


def test_text_masks_values_and_shows_both_readings(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(tmp_path / "rows.jsonl", *ROWS)

    english = run(capsys, str(file), "--language", "en")
    chinese = run(capsys, str(file), "--language", "zh-hans")

    assert "13800138000" not in english
    assert "马超" not in english
    assert "all types" in english
    assert "As the rows declare" in english
    assert "全部类型" in chinese


BAD = [
    (b"{", "not JSON"),
    (b"[1]", "not a JSON object"),
    (b'{"text": 1}', "`text` is not a text"),
    (b'{"id": true, "text": ""}', "`id`"),
    (b'{"text": "", "type": 3}', "`type`"),
    (b'{"text": "", "should_match": "yes"}', "`should_match`"),
    (b'{"text": "", "spans": {}}', "`spans` is not a list"),
    (b'{"text": "ab", "spans": [3]}', "a span is not"),
    (b'{"text": "ab", "spans": [{"start": 0, "end": 1}]}', "no `type`"),
    (b'{"text": "ab", "spans": [{"start": "0", "end": 1, "type": "x"}]}', "whole numbers"),
    (b'{"text": "ab", "spans": [{"start": 1, "end": 3, "type": "x"}]}', "not inside 2"),
    (b'{"text": "ab", "spans": [{"start": 1, "end": 1, "type": "x"}]}', "not inside 2"),
    (
        b'{"text": "ab", "spans": [{"start": 0, "end": 1, "type": "x", "text": "b"}]}',
        "not what stands there",
    ),
    (b'{"text": "\xff"}', "not UTF-8 at byte 11"),
    (b'{"text": "' + b"a" * (9 << 20) + b'"}', "longer than"),
    (b"[" * 200_000, "nested too deeply"),
]


@pytest.mark.parametrize(("line", "reason"), BAD, ids=[reason for _, reason in BAD])
def test_a_bad_line_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], line: bytes, reason: str
) -> None:
    file = write(tmp_path / "rows.jsonl", ROWS[0], line, ROWS[1])

    with pytest.raises(CommandError) as caught:
        run(capsys, str(file), "--json")

    assert caught.value.returncode == 2
    assert f"{file}:2: " in str(caught.value)
    assert reason in str(caught.value)
    assert capsys.readouterr().out == ""


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    for path in (tmp_path / "none.jsonl", tmp_path):
        with pytest.raises(CommandError) as caught:
            call_command("scan_text", str(path))

        assert caught.value.returncode == 2
        assert str(path) in str(caught.value)


def test_an_empty_file_has_no_rows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write(tmp_path / "rows.jsonl", b"\xef\xbb\xbf", b"  ")

    assert json.loads(run(capsys, str(file), "--json"))["rows"] == 0
