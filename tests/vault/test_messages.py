"""Every way in which a file can be refused has its sentence, in both languages."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from exchange.vault import formats
from exchange.vault.formats.faults import FaultCode
from exchange.vault.reading import Unreadable, describe_note
from exchange.vault.reading.messages import FAULTS, NOTES, STAGES, describe_fault, describe_stage

SOURCES = [
    *Path(formats.__file__).parent.glob("*.py"),
    *Path(formats.__file__).parents[1].glob("reading/*.py"),
    *Path(formats.__file__).parents[1].glob("services/*.py"),
]
HELPERS = {"malformed", "truncated", "too_large", "unsupported", "Fault", "Unreadable"}


def calls(names: set[str]) -> list[ast.Call]:
    return [
        node
        for source in SOURCES
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and (getattr(node.func, "id", None) or getattr(node.func, "attr", None)) in names
    ]


def raised() -> dict[str, set[str]]:
    """Return every sentence that is raised, with the parameters it gets."""
    found: dict[str, set[str]] = {}
    for call in calls(HELPERS):
        words = [arg.value for arg in call.args if isinstance(arg, ast.Constant)]
        for word in words[:1]:
            found.setdefault(str(word), set()).update(k.arg for k in call.keywords if k.arg)
    return found


def placeholders(sentence: object) -> set[str]:
    return set(re.findall(r"%\((\w+)\)s", str(sentence)))


def test_whatever_is_raised_has_a_sentence() -> None:
    missing = raised().keys() - FAULTS.keys()

    assert missing == set()
    for what, params in raised().items():
        if params:
            assert placeholders(FAULTS[what]) <= params, what


def test_whatever_is_noted_has_a_sentence() -> None:
    noted = {
        call.args[0].value: {keyword.arg for keyword in call.keywords}
        for call in calls({"note"})
        if call.args and isinstance(call.args[0], ast.Constant)
    }

    assert noted.keys() == NOTES.keys()
    for code, params in noted.items():
        assert placeholders(NOTES[str(code)]) <= params


@pytest.mark.parametrize("table", [FAULTS, NOTES, STAGES], ids=["faults", "notes", "stages"])
def test_every_sentence_is_translated_with_its_places(table: dict[str, Any]) -> None:
    for sentence in table.values():
        with translation.override("en"):
            english = str(sentence)
        with translation.override("zh-hans"):
            chinese = str(sentence)
        assert re.search("[\u4e00-\u9fff]", chinese), english
        assert placeholders(chinese) == placeholders(english)


def test_sentences_are_filled_in_the_language_of_the_moment() -> None:
    note = {"code": "sheet", "params": {"sheet": "甲", "rows": 3}}
    with translation.override("zh-hans"):
        assert describe_note(note) == "工作表“甲”读出的行数：3。"
        assert describe_stage("reading") == "正在读取数据行"
    with translation.override("en"):
        assert describe_note(note) == "Rows from sheet 甲: 3."
        assert describe_fault("never-heard-of", {}).startswith(
            "The reader stopped (never-heard-of)"
        )
        assert "%(" not in describe_fault("uneven", {"line": 1, "fields": 2, "expected": 3})


def test_content_in_a_message_is_not_a_template() -> None:
    refused = Unreadable(FaultCode.MALFORMED, "same-member", {"name": "%(line)s %s %d"})

    assert "%(line)s %s %d" in str(refused)
