"""The rule pack: what a version may say, and the table of the docs beside it."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from audit.rulebook.queries import file_packs
from audit.rulebook.schemas import faults_of
from audit.rulebook.toml import set_value
from exchange.oversight.surveillance.detection.thresholds import RULES

PACK = file_packs("surveillance")[-1]
DOCS = Path(settings.ROOT) / "docs" / "surveillance.md"


def test_the_shipped_rules_have_no_fault_and_speak_both_languages() -> None:
    assert faults_of("surveillance", PACK.text, PACK) == []
    assert [row["id"] for row in PACK.data["rules"]] == list(RULES)
    for row in PACK.data["rules"]:
        for name in ("en", "definition_en", "basis_en", "remedy_en"):
            assert row[name], row["id"]
        for name in ("zh", "definition_zh", "basis_zh", "remedy_zh"):
            assert re.search(r"[\u4e00-\u9fff]", row[name]), row["id"]


def changed(edit: Callable[[str], str]) -> list[str]:
    return [fault.place for fault in faults_of("surveillance", edit(PACK.text), PACK)]


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("severe_line = 50 ", "severe_line = 51 ", "thresholds.R-TINY-SALES.severe_line"),
        ("ordinary_line = 100000", "ordinary_line = 100001", "thresholds.R-SPLIT-EXPORTS"),
        ("least_pairs = 2", "least_pairs = 0", "thresholds.R-WASH-COUNTER.least_pairs"),
        ("least_pairs = 2\n", "", "thresholds.R-WASH-COUNTER"),
        ("rare_share = 0.004", "rare_share = 4", "thresholds.R-UNUSUAL-HOURS.rare_share"),
        ("follow_up_growth = 1.25", "follow_up_growth = 1.0", "general.follow_up_growth"),
        ("tie_share_percent = 25", "tie_share_percent = 0", "general.tie_share_percent"),
    ],
)
def test_what_no_version_says(old: str, new: str, place: str) -> None:
    assert old in PACK.text
    assert any(found.startswith(place) for found in changed(lambda text: text.replace(old, new)))


def test_a_version_may_watch_more_closely() -> None:
    text = PACK.text.replace("severe_line = 50 ", "severe_line = 25 ")

    assert faults_of("surveillance", text, PACK) == []


def documented() -> dict[str, dict[str, Any]]:
    """Return the thresholds that the docs name for each rule."""
    rows: dict[str, dict[str, Any]] = {}
    for line in DOCS.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if cells[0].strip("`") in RULES:
            named = re.findall(r"`(\w+)` ([\d.,]+)", cells[2])
            figures = {name: float(value.replace(",", "")) for name, value in named}
            rows.setdefault(cells[0].strip("`"), figures)
    return rows


def test_the_docs_tell_the_thresholds_in_force() -> None:
    assert documented() == {
        rule: {name: float(value) for name, value in PACK.data["thresholds"][rule].items()}
        for rule in RULES
    }


def test_a_value_can_be_set_by_the_console() -> None:
    text = set_value(PACK.text, ("thresholds", "R-WASH-COUNTER"), "window_days", 30)

    assert faults_of("surveillance", text, PACK) == []
