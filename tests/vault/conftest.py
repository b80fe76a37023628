"""Disks that are full, and vaults of one's own."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import storages

MEGABYTE = 1024**2


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of four megabytes, where this machine lets one be mounted."""
    folder = tmp_path / "small-disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode:  # noqa: S603
        pytest.skip("mounting a small disk is not allowed here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)  # noqa: S603, S607


@pytest.fixture
def vault(settings: Any, tmp_path: Path) -> Path:
    """A vault of the test's own: empty storage, keys and work folder below the path given."""
    use_vault(settings, tmp_path)
    return tmp_path


def use_vault(settings: Any, folder: Path, objects: Path | None = None) -> None:
    """Let keys, work folders and objects lie below `folder`."""
    settings.VAR = folder
    settings.KEYS_DIR = folder / "keys"
    settings.STORAGES = settings.STORAGES | {
        "objects": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": objects or folder / "objects"},
        }
    }
    assert storages["objects"].location == str(objects or folder / "objects")


def files_below(folder: Path) -> list[Path]:
    """Return every file below `folder` but the keys."""
    return [
        Path(above) / name
        for above, _folders, names in os.walk(folder)
        for name in names
        if not name.startswith(("kek-", "log"))
    ]
