"""`manage.py scan`: its lines, its table, its exit status."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from config.management.commands.scan import data_files, pad
from exchange.compliance import scanning

from .making import CLEAN, IMPORTANT, PERSONAL, PSEUDONYMOUS, csv_of

FIELDS = [
    "file", "outcome", "grade", "level", "personal", "rules", "columns", "rows", "seconds", "error",
]  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Files of every outcome."""
    (tmp_path / "clean.csv").write_bytes(csv_of(CLEAN))
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "persons.csv").write_bytes(csv_of(PERSONAL))
    (inner / "members.csv").write_bytes(csv_of(PSEUDONYMOUS))
    (inner / "points.csv").write_bytes(csv_of(IMPORTANT))
    (inner / "broken.parquet").write_bytes(b"PAR1 and nothing behind it")
    (inner / "persons.labels.json").write_text("{}")
    (inner / "notes.md").write_text("about")
    (inner / ".hidden.csv").write_text("a\n1\n")
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """Run the command and return exit status and output."""
    status = 0
    try:
        call_command("scan", *arguments)
    except SystemExit as end:
        status = int(str(end.code))
    return status, capsys.readouterr().out


def test_json_has_one_line_for_each_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, output = run(capsys, "--json", str(folder))

    lines = [json.loads(line) for line in output.splitlines()]
    assert status == 1
    assert all(list(line) == FIELDS for line in lines)
    found = {Path(line["file"]).name: line for line in lines}
    assert {name: line["outcome"] for name, line in found.items()} == {
        "clean.csv": "CLEAR",
        "persons.csv": "BLOCK",
        "members.csv": "REVIEW",
        "points.csv": "BLOCK",
        "broken.parquet": "REFUSED",
    }
    assert found["persons.csv"]["personal"] == "SENSITIVE"
    assert found["points.csv"]["grade"] == "IMPORTANT"
    assert found["members.csv"]["rules"] == ["R-PSEUDO"]
    assert found["broken.parquet"]["error"]
    assert found["clean.csv"]["error"] is None
    (entity,) = found["persons.csv"]["columns"][0]["entities"]
    assert (entity["type"], entity["count"], entity["share"]) == ("person_name", 60, 1.0)
    assert 0 < entity["confidence"] <= 1
    assert found["clean.csv"]["rows"] == 60


def test_the_whole_report_is_that_of_a_screening(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, output = run(capsys, "--report", str(folder / "clean.csv"))

    line = json.loads(output)
    assert (status, line["outcome"], line["error"]) == (0, "CLEAR", None)
    content = (folder / "clean.csv").read_bytes()
    assert line["report"]["content_sha256"] == hashlib.sha256(content).hexdigest()
    assert {"steps", "rules", "columns", "pack", "grade"} <= line["report"].keys()


def test_table_says_why_and_what_to_do_in_both_languages(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, english = run(capsys, str(folder), "--language", "en")
    _, chinese = run(capsys, str(folder), "--language", "zh-hans")

    assert "R-SPI" in english
    assert "Personal Information Protection Law arts. 28–31, 55" in english
    assert "resident identity number" in english
    assert "Remove the sensitive columns" in english
    assert "《个人信息保护法》第二十八条" in chinese
    assert "公民身份号码" in chinese
    assert "5 files: CLEAR 1, REVIEW 1, BLOCK 2, REFUSED 1" in english
    for value in PERSONAL["身份证号"]:
        assert str(value) not in english + chinese


def test_all_clear_ends_with_zero(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, str(folder / "clean.csv"))[0] == 0


@pytest.mark.parametrize("path", ["missing.csv", "empty"])
def test_nothing_to_read_is_a_usage_error(tmp_path: Path, path: str) -> None:
    (tmp_path / "empty").mkdir()

    with pytest.raises(CommandError) as caught:
        call_command("scan", str(tmp_path / path))

    assert caught.value.returncode == 2


def test_a_file_named_is_read_whatever_it_is_called(tmp_path: Path) -> None:
    file = tmp_path / "table.dat"
    file.write_bytes(csv_of(CLEAN))

    assert list(data_files([file])) == [file]
    with pytest.raises(CommandError):
        list(data_files([tmp_path]))


def test_a_failing_scanner_refuses_the_file(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(scanning, "scan_content", fail)

    status, output = run(capsys, "--json", str(folder / "clean.csv"))

    line = json.loads(output)
    assert status == 1
    assert (line["outcome"], line["grade"]) == ("REFUSED", None)
    assert "ZeroDivisionError" in line["error"]


@pytest.mark.parametrize(
    ("text", "width", "padded"), [("ab", 4, "ab  "), ("中文", 6, "中文  "), ("中文字", 5, "中文")]
)
def test_chinese_takes_two_places(text: str, width: int, padded: str) -> None:
    assert pad(text, width).rstrip() == padded.rstrip()
    assert pad(text, width).startswith(padded.rstrip())
