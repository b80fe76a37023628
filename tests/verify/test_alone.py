"""The verifier can be taken away: copied, installed, run where nothing else of the exchange is."""

import ast
import importlib
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.verify.making import VKEY, write_log

FOLDER = Path(__file__).resolve().parents[2] / "verify"
MODULES = sorted(FOLDER.glob("*.py"))
ALLOWED = set(sys.stdlib_module_names) | {"cryptography", "verify"}


@pytest.fixture(scope="module")
def project() -> dict[str, dict[str, object]]:
    return tomllib.loads((FOLDER / "pyproject.toml").read_text())


def test_its_metadata_asks_for_cryptography_alone(project: dict[str, dict[str, object]]) -> None:
    about = project["project"]

    assert about["name"] == "quanheng-verify"
    assert [str(each).partition(">")[0] for each in about["dependencies"]] == ["cryptography"]
    assert project["tool"]["setuptools"] == {"packages": ["verify"], "package-dir": {"verify": "."}}


def test_its_command_is_there(project: dict[str, dict[str, object]]) -> None:
    module, _colon, name = project["project"]["scripts"]["quanheng-verify"].partition(":")

    assert callable(getattr(importlib.import_module(module), name))


@pytest.mark.parametrize("module", MODULES, ids=[path.stem for path in MODULES])
def test_it_imports_nothing_else(module: Path) -> None:
    imported: set[str] = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            imported.add(str(node.module))

    assert {name.partition(".")[0] for name in imported} <= ALLOWED


def test_a_copy_runs_isolated(tmp_path: Path) -> None:
    """With `-I` Python looks neither at the environment nor at the current folder."""
    shutil.copytree(
        FOLDER, tmp_path / "away/verify", ignore=shutil.ignore_patterns("__pycache__", "build")
    )
    write_log(tmp_path / "log", [b"%d" % number for number in range(300)])
    script = (
        "import sys; sys.path.insert(0, sys.argv.pop(1)); from verify.commands import main; "
        "status = main(); import verify; print(verify.__file__); "
        "print(sorted({'django', 'audit', 'exchange', 'config'} & set(sys.modules))); "
        "sys.exit(status)"
    )

    run = subprocess.run(  # noqa: S603  own script
        [sys.executable, "-I", "-c", script, str(tmp_path / "away"), "log", "log", "--key", VKEY],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stderr
    proved, place, others = run.stdout.splitlines()
    assert proved.startswith("PROVED: all 300 entries")
    assert place == str(tmp_path / "away/verify/__init__.py")
    assert others == "[]"
