"""Which Python runs a command: `.venv`, or an environment that somebody made on purpose."""

import os
import sys
from pathlib import Path

import pytest

from config import bootstrap


@pytest.fixture
def foreign(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """Pretend to be a Python other than `.venv`, and note what would be prepared and run."""
    done: list[str] = []
    monkeypatch.delenv("QUANHENG_NO_BOOTSTRAP", raising=False)
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.setattr(bootstrap, "_stamp", lambda: "")
    monkeypatch.setattr(bootstrap, "prepare", lambda _: done.append("prepared"))
    monkeypatch.setattr(os, "execv", lambda *_: done.append("run in .venv"))
    return done


def test_a_django_of_the_whole_machine_is_not_used(
    foreign: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "base_prefix", str(tmp_path))
    bootstrap.ensure_environment(["manage.py", "test"])
    assert foreign == ["prepared", "run in .venv"]


def test_a_virtual_environment_with_django_is_used_as_it_is(foreign: list[str]) -> None:
    assert sys.prefix != sys.base_prefix
    bootstrap.ensure_environment(["manage.py", "test"])
    assert foreign == []


def test_a_virtual_environment_without_django_is_not(
    foreign: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootstrap.importlib.util, "find_spec", lambda _: None)
    bootstrap.ensure_environment(["manage.py", "test"])
    assert foreign == ["prepared", "run in .venv"]


def test_it_can_be_forbidden(
    foreign: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "base_prefix", str(tmp_path))
    monkeypatch.setenv("QUANHENG_NO_BOOTSTRAP", "1")
    bootstrap.ensure_environment(["manage.py", "test"])
    assert foreign == []
