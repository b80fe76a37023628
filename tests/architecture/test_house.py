"""The house keeps its shape: same rooms, same files, no back doors."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.utils import translation

from audit.log.events import REGISTRY
from audit.log.lifecycle import Lifecycle

ROOT = Path(settings.ROOT)
ROOMS = [
    "audit/decisions",
    "audit/disclosure",
    "audit/retention",
    "audit/rulebook",
    "exchange/algorithms",
    "exchange/appraisers",
    "exchange/audits",
    "exchange/catalog",
    "exchange/compliance",
    "exchange/delivery",
    "exchange/oversight",
    "exchange/oversight/surveillance",
    "exchange/parties",
    "exchange/registry",
    "exchange/settlement",
    "exchange/trading",
    "exchange/vault",
    "pricing",
    "pricing/adjustment",
]
ROLES = ["models", "states", "events", "services", "queries", "rules"]
LONGEST = 400
PACKAGES = ["audit", "config", "confined", "exchange", "pricing", "verify"]
RELEASED = Path(__file__).with_name("released_events.txt")


def sources() -> Iterator[tuple[Path, ast.Module]]:
    for package in PACKAGES:
        for file in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in file.parts:
                yield file.relative_to(ROOT), ast.parse(file.read_text(encoding="utf-8"))


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_has_the_same_files(room: str) -> None:
    missing = [
        role
        for role in ROLES
        if not (ROOT / room / f"{role}.py").exists() and not (ROOT / room / role).is_dir()
    ]

    assert missing == []
    assert (ROOT / room / "migrations" / "0001_initial.py").exists()
    assert any((ROOT / "tests" / Path(room).name).glob("test_*.py"))


def test_modules_stay_short() -> None:
    long = {
        str(file): lines
        for file, _tree in sources()
        if (lines := len((ROOT / file).read_text(encoding="utf-8").splitlines())) > LONGEST
    }

    assert long == {}


def test_every_status_has_a_lifecycle_of_the_same_states() -> None:
    for model in apps.get_models():
        if not model.__module__.startswith(("exchange", "pricing", "audit")):
            continue
        names = {field.name for field in model._meta.get_fields()}
        if "status" not in names:
            continue
        lifecycle = getattr(model, "lifecycle", None)
        assert isinstance(lifecycle, Lifecycle), model
        choices = {value for value, _label in model._meta.get_field("status").choices}
        assert choices == set(lifecycle.states.values), model
        reached = {step.target for step in lifecycle.steps.values()} | {lifecycle.initial}
        assert reached == choices, f"{model}: states nothing leads to"


def test_status_changes_only_by_advance() -> None:
    found = [
        f"{file}:{node.lineno}"
        for file, tree in sources()
        if file != Path("audit/log/lifecycle.py")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"update", "bulk_update", "update_or_create"}
        and any(keyword.arg == "status" for keyword in node.keywords)
    ]

    assert found == []


def test_nothing_is_saved_whole() -> None:
    found = [
        f"{file}:{node.lineno}"
        for file, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "save"
        and not node.args
        and not any(keyword.arg in {"update_fields", "force_insert"} for keyword in node.keywords)
    ]

    assert found == []


def test_no_signals_and_no_pickles() -> None:
    banned = {"django.dispatch", "django.db.models.signals", "pickle", "marshal"}
    found = [
        f"{file}:{node.lineno}"
        for file, tree in sources()
        for node in ast.walk(tree)
        if (isinstance(node, ast.ImportFrom) and node.module in banned)
        or (isinstance(node, ast.Import) and any(name.name in banned for name in node.names))
    ]

    assert found == []


def test_every_event_speaks_both_languages() -> None:
    ours = {name: kind for name, kind in REGISTRY.items() if not name.startswith("log.test.")}

    for name, kind in ours.items():
        with translation.override("en"):
            english = str(kind.label)
        with translation.override("zh-hans"):
            chinese = str(kind.label)
        assert english, name
        assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese), name


def test_released_events_keep_their_names() -> None:
    released = set(RELEASED.read_text(encoding="utf-8").split())
    present = {
        f"{name}/{kind.version}"
        for name, kind in REGISTRY.items()
        if not name.startswith("log.test.")
    }

    assert released - present == set(), "a released event was renamed or removed"
    assert present - released == set(), f"add the new events to {RELEASED.name}"


WEIGHTS = {
    f"pricing/methods/{name}.py" for name in ("likeness", "comparables", "learning", "weighing")
}


def test_no_money_in_floats() -> None:
    found = [
        f"{file}:{node.lineno}"
        for file, tree in sources()
        if file.parts[0] == "pricing" or file.parts[:2] == ("exchange", "settlement")
        if file.parts[:2] != ("pricing", "valuation")  # measures success, not money
        if file.parts[:2] != ("pricing", "measurement")  # errors and shares, no amounts
        if file.as_posix() not in WEIGHTS  # the price they find is taken from Decimals
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and node.id == "float"
    ]

    assert found == []
