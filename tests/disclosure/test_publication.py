"""Published accuracy: written by the command, held against a new measurement, never excused."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from audit.disclosure import measuring, publication
from audit.disclosure.measuring import (
    Better,
    Metric,
    RegisteredMeasurement,
    code_digest_of,
    measurement,
    outside_data,
    own_data_only,
)
from audit.disclosure.publication import (
    Standing,
    compare,
    published_from,
    read_publications,
    standing_of,
    write_publication,
)
from audit.disclosure.queries import accuracy_of, current_disclosure
from audit.disclosure.services import read_platform_statements
from exchange.compliance.measurement.values import MAKERS

from .making import metric

ON = date(2026, 11, 23)
Plant = Callable[..., None]


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder in place of what is published."""
    monkeypatch.setattr(publication, "FOLDER", tmp_path / "accuracy")
    return tmp_path / "accuracy"


@pytest.fixture
def plant(monkeypatch: pytest.MonkeyPatch) -> Plant:
    """Register measurements that give certain figures, in place of all others."""
    measuring.registered_measurements()
    monkeypatch.setattr(measuring, "_registered", {})

    def register(algorithm: str, *metrics: Metric) -> None:
        measuring._registered.clear()

        @measurement(algorithm)
        def run() -> list[Metric]:
            return list(metrics)

        assert run

    return register


def check(only: str) -> str:
    """Run the check and return what it printed; CommandError where it fails."""
    out = StringIO()
    call_command("measure_algorithms", "--check", "--only", only, stdout=out)
    return out.getvalue()


def write(only: str) -> str:
    """Publish and return what was printed."""
    out = StringIO()
    call_command("measure_algorithms", "--write", "--only", only, stdout=out)
    return out.getvalue()


def stand(before: Metric, **now: Any) -> Standing:
    """Publish a figure, measure it again, and return what becomes of it."""
    made = published_from("scanner", [before], code_sha256="c" * 64, on=ON)
    return standing_of(made.figures[0], replace(before, **now))


@pytest.mark.parametrize(
    ("better", "kept", "value", "standing"),
    [
        (Better.HIGHER, "interval", "0.81", Standing.HOLDS),
        (Better.HIGHER, "interval", "0.8099", Standing.FELL),
        (Better.HIGHER, "interval", "0.99", Standing.HOLDS),
        (Better.LOWER, "interval", "0.87", Standing.HOLDS),
        (Better.LOWER, "interval", "0.8701", Standing.FELL),
        (Better.LOWER, "interval", "0.1", Standing.HOLDS),
        (Better.NEITHER, "interval", "0.86", Standing.HOLDS),
        (Better.NEITHER, "interval", "0.88", Standing.FELL),
        (Better.HIGHER, "exact", "0.8399", Standing.FELL),
        (Better.HIGHER, "exact", "0.84", Standing.HOLDS),
        (Better.HIGHER, "value", "0.8399", Standing.FELL),
        (Better.LOWER, "exact", "0.8401", Standing.FELL),
        (Better.NEITHER, "exact value", "0.85", Standing.FELL),
    ],
)
def test_how_far_a_figure_may_fall(
    better: Better, kept: str, value: str, standing: Standing
) -> None:
    ends = {"ci_low": "", "ci_high": ""} if "value" in kept else {}
    before = metric(better=better, exact="exact" in kept, **ends)

    assert stand(before, value=value) is standing


def test_other_data_is_no_confirmation() -> None:
    assert stand(metric(), value="0.99", dataset_sha256="e" * 64) is Standing.OTHER_DATA


def test_figures_are_compared_by_name_and_data() -> None:
    before = [metric(), metric(dataset="other rows"), metric(name="gone")]
    made = published_from("scanner", before, code_sha256="c" * 64, on=ON)

    rows = compare(made, [metric(), metric(dataset="other rows", value="0.2"), metric(name="new")])

    assert [(row.metric, row.dataset, row.standing) for row in rows] == [
        ("auc", "holdout 2026", Standing.HOLDS),
        ("auc", "other rows", Standing.FELL),
        ("gone", "holdout 2026", Standing.NOT_MEASURED),
        ("new", "holdout 2026", Standing.NOT_PUBLISHED),
    ]


def test_a_publication_is_read_as_it_was_written(published: Path) -> None:
    odd = metric(dataset='rows of "权衡" \\ 2026', note="a\nb", better=Better.LOWER, exact=True)
    made = published_from("scanner", [metric(name="x"), odd], code_sha256="c" * 64, on=ON)

    file = write_publication(made)

    assert file == published / "scanner.toml"
    assert read_publications() == {"scanner": made}
    assert "measure_algorithms --write --only scanner" in file.read_text()


def test_data_beside_the_repository_is_not_for_publication(settings: Any) -> None:
    settings.SHARED_DATA = Path("/somewhere")
    assert outside_data() == Path("/somewhere")
    with own_data_only():
        assert outside_data() is None
    settings.SHARED_DATA = None
    assert outside_data() is None


def test_what_is_written_passes_the_check_and_is_declared(published: Path, plant: Plant) -> None:
    plant("scanner", metric(name="recall", value="0.97", ci_low="0.95", ci_high="0.98"))

    assert "recall" in write("scanner")
    said = check("scanner")

    assert "recall" in said
    assert "holds" in said
    assert "the code published" in said
    scanner = next(item for item in read_platform_statements() if item.algorithm == "scanner")
    assert [(item.metric, item.value) for item in scanner.declared] == [("recall", "0.97")]
    assert write("scanner").count("\n") == 1  # nothing changed, so nothing is told


def test_a_fallen_figure_is_named_with_what_was_promised(published: Path, plant: Plant) -> None:
    plant("scanner", metric(name="recall", value="0.97", ci_low="0.95", ci_high="0.98"))
    write("scanner")
    plant("scanner", metric(name="recall", value="0.94", ci_low="0.93", ci_high="0.95"))

    with pytest.raises(
        CommandError, match=r"recall on holdout 2026 is 0.94, published 0.97 .*0.95"
    ):
        check("scanner")


def test_stale_data_is_named(published: Path, plant: Plant) -> None:
    plant("scanner", metric(name="recall"))
    write("scanner")
    plant("scanner", metric(name="recall", dataset_sha256="e" * 64))

    with pytest.raises(CommandError, match=r"recall .* was published of other data: dddddddddddd"):
        check("scanner")


def test_figures_that_came_or_went_are_named(published: Path, plant: Plant) -> None:
    plant("scanner", metric(name="recall"))
    write("scanner")
    plant("scanner", metric(name="precision"))

    with pytest.raises(CommandError) as failed:
        check("scanner")

    assert "recall on holdout 2026 is published and not measured any more" in str(failed.value)
    assert "precision on holdout 2026 is measured and not published" in str(failed.value)


def test_an_algorithm_without_measurement_or_publication_is_named(
    published: Path, plant: Plant
) -> None:
    plant("unheard-of", metric())

    with pytest.raises(CommandError) as failed:
        check("")

    said = str(failed.value)
    assert "scanner: no accuracy is published" in said
    assert "scanner: no measurement is registered" in said
    assert "unheard-of: no disclosure is among" in said
    with pytest.raises(CommandError, match="No algorithm of the platform is called nothing"):
        check("nothing")


def test_a_measurement_that_breaks_is_a_fault(
    published: Path, plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant("scanner", metric())
    write("scanner")

    def broken() -> list[Metric]:
        message = "no samples"
        raise FileNotFoundError(message)

    found = RegisteredMeasurement(algorithm="scanner", run=broken, code=())
    monkeypatch.setattr(measuring, "_registered", {found.name: found})
    with pytest.raises(CommandError, match="scanner: it could not be measured"):
        check("scanner")
    with pytest.raises(CommandError, match="Not published: scanner"):
        write("scanner")
    assert len(read_publications()["scanner"].figures) == 1


def test_a_scanner_that_finds_nothing_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "exchange.compliance.measurement.scanner.find_cells",
        lambda _cases, _lexicon: {kind: set() for kind in MAKERS},
    )

    with pytest.raises(CommandError) as failed:
        check("scanner")

    for kind in ("cn_resident_id", "bank_card", "cn_mobile"):
        assert f"recall.{kind}" in str(failed.value)
    assert "is 0.0000, published 1.0000 (at least 0.9936)" in str(failed.value)


def test_code_that_changed_is_measured_and_told(published: Path, plant: Plant) -> None:
    plant("scanner", metric())
    write("scanner")
    made = read_publications()["scanner"]
    write_publication(replace(made, code_sha256="0" * 64))

    assert "code changed since" in check("scanner")


@pytest.mark.django_db
def test_the_register_shows_published_beside_measured_here(published: Path, plant: Plant) -> None:
    plant("scanner", metric(name="recall", value="0.97", ci_low="0.95", ci_high="0.98"))
    write("scanner")
    plant(
        "scanner",
        metric(name="recall", value="0.90", ci_low="0.88", ci_high="0.91"),
        metric(name="recall", value="0.70", ci_low="0.60", ci_high="0.80", dataset="a file beside"),
    )

    call_command("measure_algorithms", "--only", "scanner", stdout=StringIO())

    disclosure = current_disclosure("scanner")
    assert disclosure is not None
    rows = accuracy_of(disclosure)
    assert [(row.declared, row.standing) for row in rows] == [
        ("0.97", Standing.FELL),
        ("", Standing.NOT_PUBLISHED),
    ]
    assert code_digest_of(measuring.registered_measurements("scanner"))
