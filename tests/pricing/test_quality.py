"""Quality of data against docs/quality.md: the tests read the tables that people read."""

import json
import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.rulebook.queries import file_packs
from audit.rulebook.schemas import faults_of
from exchange.vault.formats.kinds import Kind
from exchange.vault.quality import read_rules
from exchange.vault.reading import check_table, profile_file, read_file
from pricing.quality import DIMENSIONS, Accesses, Item, Measurement, Updates, measure, standard_of

from .golden import table_of

DOCUMENT: Final = Path("docs/quality.md")
(PACK,) = file_packs("quality")
STANDARD = standard_of(PACK.label, PACK.data)
MEASURED_ON = date(2026, 3, 21)
NO_ACCESSES = Accesses(since=MEASURED_ON, until=MEASURED_ON, ended=0, succeeded=0)
PROMISED = Updates(days=0, releases=(), on=MEASURED_ON)
Counted = dict[str, tuple[int, int, str]]


def written_rules() -> dict[str, object]:
    (text,) = re.findall(r"```json\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    return json.loads(text)  # type: ignore[no-any-return]


@pytest.fixture
def counted(tmp_path: Path) -> Counted:
    """Total, failing and their rows of every item, counted by the child in the printed table."""
    rows = table_of(DOCUMENT, "The table")
    source = tmp_path / "stations.csv"
    lines = [",".join(rows[0]), *(",".join(row.values()) for row in rows)]
    source.write_text("\n".join(lines), encoding="utf-8")
    reading = read_file(source, filename=source.name, workdir=tmp_path)
    profile = profile_file(reading.parquet, workdir=tmp_path)
    assert {column["name"]: column["type"] for column in reading.columns} == {
        "id": Kind.TEXT,
        "city": Kind.TEXT,
        "opened": Kind.DATE,
        "closed": Kind.DATE,
        "east": Kind.INTEGER,
        "west": Kind.INTEGER,
        "total": Kind.INTEGER,
    }
    found = check_table(reading.parquet, written_rules(), workdir=tmp_path)
    empty = sum(column["nulls"] + column.get("empty", 0) for column in profile["columns"])
    cells = reading.rows * len(reading.columns)
    return {"FILLED": (cells, empty, "")} | {
        row["id"]: (
            found["rows"],
            row["failing"],
            ", ".join(str(example["row"]) for example in row["examples"]),
        )
        for row in found["rules"]
    }


def test_what_fails_is_what_is_printed(counted: Counted) -> None:
    dimensions = {rule.id: rule.dimension for rule in read_rules(written_rules())}
    printed = table_of(DOCUMENT, "What fails")

    assert [row["item"] for row in printed if row["item"] != "FILLED"] == list(dimensions)
    for row in printed:
        assert counted[row["item"]] == (int(row["total"]), int(row["failing"]), row["rows"])
        assert row["dimension"] == dimensions.get(row["item"], "completeness")
        share = Item(
            id="", dimension="", total=int(row["total"]), failing=int(row["failing"])
        ).share
        assert f"{share:f}".startswith(row["share"].rstrip("…"))


def measured(counted: Counted) -> Measurement:
    weights = {row["item"]: row for row in table_of(DOCUMENT, "What fails")}
    items = [
        Item(
            id=name,
            dimension=weights[name]["dimension"],
            total=total,
            failing=failing,
            weight=int(weights[name]["weight"]),
        )
        for name, (total, failing, _rows) in counted.items()
    ]
    days = tuple(date.fromisoformat(row["from"]) for row in table_of(DOCUMENT, "Updates"))
    return measure(
        items,
        updates=Updates(days=STANDARD.promised_days["MONTHLY"], releases=days, on=MEASURED_ON),
        accesses=Accesses(since=days[0], until=MEASURED_ON, ended=20, succeeded=19),
        standard=STANDARD,
    )


def test_the_six_dimensions_to_the_digit(counted: Counted) -> None:
    found = measured(counted)

    assert [(row.name, f"{row.weight:f}", f"{row.share:f}") for row in found.dimensions] == [
        (row["dimension"], row["weight"], row["share"])
        for row in table_of(DOCUMENT, "The six dimensions")
    ]
    (printed,) = table_of(DOCUMENT, "Score and grade")
    assert (f"{found.score:f}", found.grade) == (printed["score"], printed["grade"])


def test_days_kept_between_releases() -> None:
    for row in table_of(DOCUMENT, "Updates"):
        since, until = date.fromisoformat(row["from"]), date.fromisoformat(row["until"])
        item = Updates(days=31, releases=(since,), on=until).item(STANDARD.window_days)

        assert (item.total, item.total - item.failing) == (int(row["days"]), int(row["kept"]))


@pytest.mark.parametrize(
    ("releases", "total", "failing"),
    [
        ((date(2026, 3, 21),), 1, 0),  # new today
        ((date(2024, 1, 1),), 365, 365),  # nothing within the window, nothing kept
        ((date(2025, 3, 20), date(2026, 3, 11)), 365, 325),  # 30 days of the first, all of the last
        ((date(2026, 3, 11), date(2026, 3, 11), date(2026, 4, 1)), 10, 0),  # twice, and to come
    ],
)
def test_only_the_window_counts(releases: tuple[date, ...], total: int, failing: int) -> None:
    item = Updates(days=31, releases=releases, on=MEASURED_ON).item(365)

    assert (item.total, item.failing) == (total, failing)


def test_what_was_not_measured_is_left_out() -> None:
    item = Item(id="a", dimension="accuracy", total=4, failing=1)

    found = measure([item], updates=PROMISED, accesses=NO_ACCESSES, standard=STANDARD)
    nothing = measure([], updates=PROMISED, accesses=NO_ACCESSES, standard=STANDARD)

    assert found.shares == {"accuracy": Decimal("0.7500")}
    assert (found.score, found.grade) == (Decimal("0.7500"), "C")
    assert (nothing.shares, nothing.score, nothing.grade) == ({}, None, "")


@given(
    st.lists(
        st.tuples(
            st.sampled_from(DIMENSIONS),
            st.integers(1, 10**9),
            st.integers(0, 10**9),
            st.integers(1, 100),
        ),
        min_size=1,
        max_size=40,
    )
)
def test_a_score_lies_among_its_items(drawn: list[tuple[str, int, int, int]]) -> None:
    items = [
        Item(id=str(n), dimension=name, total=total, failing=min(bad, total), weight=weight)
        for n, (name, total, bad, weight) in enumerate(drawn)
    ]

    found = measure(items, updates=PROMISED, accesses=NO_ACCESSES, standard=STANDARD)

    shares = [item.share for item in items if item.share is not None]
    assert found.score is not None
    assert min(shares) - Decimal("0.0001") <= found.score <= max(shares) + Decimal("0.0001")


def test_weights_that_do_not_add_up_are_no_version() -> None:
    (fault,) = faults_of("quality", PACK.text.replace('"0.15"', '"0.16"', 1), PACK)

    assert "add up to 1" in fault.what
