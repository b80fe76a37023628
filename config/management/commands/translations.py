"""`manage.py translations`: keep the Simplified Chinese of every app complete and of one mind."""

import os
import shutil
import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.apps import own_apps

LOCALE = "zh_Hans"
DOMAIN = Path("locale") / LOCALE / "LC_MESSAGES"


class Command(BaseCommand):
    """Extract and compile the messages of each app, or check them; refuse gaps and contradictions.

    Django merges the catalogues of all apps into one, in which the text of one app stands for all:
    a message that means two things needs two contexts (`pgettext`).
    """

    help = "Extract messages into each app's zh_Hans catalog and compile them; --check verifies."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing, fail on gaps")
        parser.add_argument("--only", help="label of one app")

    def handle(self, *, check: bool, only: str | None, **_options: Any) -> None:
        folders = [Path(app.path) for app in own_apps() if only in (None, app.label)]
        gaps = [gap for folder in folders for gap in self.treat(folder, check=check)]
        clashes = contradictions([Path(app.path) for app in own_apps()])
        for fault in gaps + clashes:
            self.stdout.write(fault)
        if gaps:
            raise CommandError(f"{len(gaps)} messages are not translated or not compiled.")
        if clashes:
            raise CommandError(
                f"{len(clashes)} messages are translated differently by several apps."
            )
        self.stdout.write(f"Translations are complete in {len(folders)} apps.")

    def treat(self, folder: Path, *, check: bool) -> list[str]:
        """Bring one app's catalog up to date (in a copy when checking); return what is missing."""
        if not check:
            _extract(folder)
            return [] if _compile(folder) else _gaps(folder)
        with tempfile.TemporaryDirectory() as scratch:
            copy = Path(scratch) / folder.name
            shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("__pycache__", "static"))
            _extract(copy)
            gaps = _gaps(copy)
            _compile(copy)
            stale = [
                f"{folder.name}: {name.name} is not compiled from its catalog"
                for name in [DOMAIN / "django.mo"]
                if (copy / name).exists() and not _same_catalog(copy / name, folder / name)
            ]
        return gaps + stale


def contradictions(folders: Sequence[Path]) -> list[str]:
    """Name each message that these apps translate differently, with every text and its apps."""
    import polib  # noqa: PLC0415  a development tool

    found: dict[tuple[str, str], dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for folder in folders:
        if not (folder / DOMAIN / "django.po").exists():
            continue
        for entry in polib.pofile(str(folder / DOMAIN / "django.po")):
            if not entry.obsolete and entry.translated():
                text = entry.msgstr or entry.msgstr_plural[0]
                found[entry.msgctxt or "", entry.msgid][text].append(folder.name)
    return [
        (f"{message!r} ({context})" if context else repr(message))
        + ": "
        + "; ".join(f"{text} in {', '.join(apps)}" for text, apps in texts.items())
        for (context, message), texts in sorted(found.items())
        if len(texts) > 1
    ]


def _run(folder: Path, *words: str) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(settings.ROOT),
        "HOME": str(folder),
    }
    command = [sys.executable, "-W", "ignore", "-m", "django", *words]
    result = subprocess.run(  # noqa: S603  fixed words
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if result.returncode:
        raise CommandError(result.stderr or result.stdout)


def _extract(folder: Path) -> None:
    (folder / "locale").mkdir(exist_ok=True)
    _run(folder, "makemessages", "-l", LOCALE, "--no-location", "--no-obsolete")


def _compile(folder: Path) -> bool:
    if (folder / DOMAIN / "django.po").exists():
        _run(folder, "compilemessages", "-l", LOCALE)
    return not _gaps(folder)


def _gaps(folder: Path) -> list[str]:
    import polib  # noqa: PLC0415  a development tool

    catalog = folder / DOMAIN / "django.po"
    if not catalog.exists():
        return []
    entries = polib.pofile(str(catalog))
    return [
        f"{folder.name}: {entry.msgid!r}"
        for entry in entries
        if not entry.obsolete and (not entry.translated() or entry.fuzzy)
    ]


def _same_catalog(ours: Path, theirs: Path) -> bool:
    import polib  # noqa: PLC0415  a development tool

    if not theirs.exists():
        return False

    def read(file: Path) -> set[tuple[str, str, str]]:
        return {
            (entry.msgctxt or "", entry.msgid, entry.msgstr or str(entry.msgstr_plural))
            for entry in polib.mofile(str(file))
        }

    return read(ours) == read(theirs)
