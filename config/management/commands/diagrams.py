"""`manage.py diagrams`: the states of every kind of thing, drawn from the lifecycles themselves."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from audit.log.lifecycle import Lifecycle

TARGET = Path("docs") / "states.md"
HEAD = """# States

Drawn by `python3 manage.py diagrams` from the lifecycles in the code; the checks compare the two.
A status changes only along these arrows, each time with an entry in the log.
"""


class Command(BaseCommand):
    """Write `docs/states.md`, or check that it is what the code says."""

    help = "Draw the state diagrams into docs/states.md; --check compares."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true")

    def handle(self, *, check: bool, **_options: Any) -> None:
        target = settings.ROOT / TARGET
        text = draw()
        if not check:
            target.write_text(text, encoding="utf-8")
            self.stdout.write(f"{TARGET} written.")
        elif not target.exists() or target.read_text(encoding="utf-8") != text:
            raise CommandError(f"{TARGET} is not what the code says: run manage.py diagrams.")


def draw() -> str:
    """Return the whole document: one Mermaid state diagram for each lifecycle."""
    parts = [HEAD]
    for kind, lifecycle in sorted(Lifecycle.registry.items()):
        parts.append(f"\n## {kind}\n\n{_table(lifecycle)}\n```mermaid\nstateDiagram-v2\n")
        parts.append(f"    [*] --> {lifecycle.initial}\n")
        for name, step in lifecycle.steps.items():
            parts += [
                f"    {source} --> {step.target}: {name}\n" for source in sorted(step.sources)
            ]
        parts += [f"    {state} --> [*]\n" for state in sorted(lifecycle.final)]
        parts.append("```\n")
    return "".join(parts)


def _table(lifecycle: Lifecycle) -> str:
    rows = ["| state | English | 中文 |\n| --- | --- | --- |\n"]
    for state in lifecycle.states:
        words = []
        for language in ("en", "zh-hans"):
            with translation.override(language):
                words.append(str(state.label))
        rows.append(f"| `{state.value}` | {' | '.join(words)} |\n")
    return "".join(rows)
