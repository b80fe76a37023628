"""The matrix of GB/T 43697-2024, the levels of Annex H, and whole labeled tables."""

import json
from pathlib import Path

import pytest

from exchange.compliance.criteria import grade_of, grade_of_theme
from exchange.compliance.levels import level_of
from exchange.compliance.measurement.grading import measure_grading
from exchange.compliance.measurement.scanner import measure_scanner
from exchange.compliance.measurement.tables import TABLES, make_tables
from exchange.compliance.scanner import ScanReport
from exchange.compliance.scanning import scan_path
from exchange.compliance.themes import Contents, Theme
from exchange.compliance.volume import Counts

from .scanning import ON, PACK, judge

MATRIX = [  # object, EXTREME, SERIOUS, MODERATE: Table 1
    ("NATIONAL_SECURITY", "CORE", "CORE", "IMPORTANT"),
    ("ECONOMY", "CORE", "IMPORTANT", "GENERAL"),
    ("SOCIAL_ORDER", "CORE", "IMPORTANT", "GENERAL"),
    ("PUBLIC_INTEREST", "CORE", "IMPORTANT", "GENERAL"),
    ("ORGANIZATION_RIGHTS", "GENERAL", "GENERAL", "GENERAL"),
    ("PERSON_RIGHTS", "GENERAL", "GENERAL", "GENERAL"),
]
CELLS = [
    (affected, degree, grade)
    for affected, *grades in MATRIX
    for degree, grade in zip(("EXTREME", "SERIOUS", "MODERATE"), grades, strict=True)
]
LABELS = {
    "general": {"NONE"},
    "personal": {"PERSONAL", "PSEUDONYMOUS"},
    "sensitive_personal": {"SENSITIVE"},
}
OUTCOMES = {"block": "BLOCK", "review": "REVIEW", "flag": "REVIEW", "allow": "CLEAR"}


def theme(affected: str, degree: str, factor: str = "") -> Theme:
    """Return a theme of some impact."""
    return Theme("T", (affected, degree), factor, sensitive=False, entities=())


@pytest.mark.parametrize(("affected", "degree", "expected"), CELLS)
def test_matrix_of_table_1(affected: str, degree: str, expected: str) -> None:
    assert grade_of_theme(theme(affected, degree), PACK.data) == expected


def test_the_highest_of_all_parts_counts() -> None:
    contents = Contents(ScanReport(rows=1, size=1), PACK.data)
    contents.themes = (
        theme("PERSON_RIGHTS", "EXTREME"),
        theme("NATIONAL_SECURITY", "MODERATE"),
    )

    assert grade_of(contents, PACK.data, None, Counts(), [])[0] == "IMPORTANT"


def test_a_factor_of_annex_g_is_at_least_important() -> None:
    assert grade_of_theme(theme("ECONOMY", "MODERATE", "G-j"), PACK.data) == "IMPORTANT"


@pytest.mark.parametrize(
    ("personal", "themes", "found", "expected"),
    [
        ("NONE", [], "GENERAL", 1),
        ("PSEUDONYMOUS", [], "GENERAL", 2),
        ("PERSONAL", [], "GENERAL", 2),
        ("SENSITIVE", [], "GENERAL", 4),
        ("NONE", [theme("ORGANIZATION_RIGHTS", "SERIOUS")], "GENERAL", 3),
        ("NONE", [], "IMPORTANT", 4),
    ],
)
def test_levels_of_annex_h(personal: str, themes: list[Theme], found: str, expected: int) -> None:
    assert level_of(themes, found, personal, PACK.data, None, []) == expected


@pytest.mark.parametrize("name", TABLES)
def test_labeled_table(name: str) -> None:
    labeled = next(each for each in make_tables(seed=12) if each.name == name)

    verdict = judge(labeled.table)

    assert (verdict.outcome, verdict.grade, verdict.personal) == (
        labeled.outcome,
        labeled.grade,
        labeled.personal,
    ), verdict.steps


def test_measurements_are_recomputed_and_good() -> None:
    figures = {metric.name: metric for metric in [*measure_scanner(), *measure_grading()]}

    assert figures["recall.cn_resident_id"].n == 600
    for name, metric in figures.items():
        assert float(metric.value) >= 0.99, name
        assert float(metric.ci_low) <= float(metric.value) <= float(metric.ci_high)
    again = {metric.name: metric.dataset_sha256 for metric in measure_grading()}
    assert again["outcome"] == figures["outcome"].dataset_sha256


def shared(folder: str) -> list[str]:
    """Return the names of the shared sample files of a folder."""
    from django.conf import settings  # noqa: PLC0415  read when the tests are collected

    place = Path(settings.SHARED_DATA) / folder
    return sorted(file.name for file in place.glob("[rs][0-9]*") if ".labels." not in file.name)


@pytest.mark.parametrize("name", shared("restricted") or ["none"])
def test_restricted_file_gets_its_label(shared_data: Path, name: str) -> None:
    file = shared_data / "restricted" / name
    labels = json.loads(file.with_suffix("").with_suffix(".labels.json").read_text("utf-8"))

    scan = scan_path(file, on=ON)

    assert scan.verdict is not None, scan.error
    assert scan.outcome == "BLOCK"
    expected = labels["file_expected_grade"]
    if expected in LABELS:
        assert scan.verdict.grade == "GENERAL"
        assert scan.verdict.personal in LABELS[expected]
    else:
        assert scan.verdict.grade == expected.upper()
    assert scan.report is not None
    silent = [
        column.name
        for column in scan.report.columns
        if labels["columns"][column.name]["entity"] != "none" and not column.entities
    ]
    assert silent == []


@pytest.mark.parametrize("name", shared("datasets") or ["none"])
def test_real_dataset_gets_the_outcome_of_the_manifest(shared_data: Path, name: str) -> None:
    manifest = json.loads((shared_data / "MANIFEST.json").read_text("utf-8"))
    entry = next(each for each in manifest if each["file"] == f"datasets/{name}")

    scan = scan_path(shared_data / "datasets" / name, on=ON)

    assert scan.verdict is not None, scan.error
    expected = next(
        OUTCOMES[word] for word in OUTCOMES if entry["expected_outcome"].startswith(word)
    )
    assert scan.outcome == expected
    assert scan.verdict.personal in LABELS[entry["expected_grade"]]
