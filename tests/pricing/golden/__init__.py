"""Golden tables: worked out by hand, printed in the documents, held to by the tests."""

import re
from pathlib import Path

FOLDER = Path(__file__).parent


def read_table(name: str) -> list[dict[str, str]]:
    """Return the rows of the table in `name.md` by column."""
    return _read((FOLDER / f"{name}.md").read_text(encoding="utf-8"))


def table_of(document: Path, title: str) -> list[dict[str, str]]:
    """Return the table under the one heading of a document that begins with `title`."""
    parts = re.split(r"^#+ ", document.read_text(encoding="utf-8"), flags=re.MULTILINE)
    (section,) = (part for part in parts if part.startswith(title))
    return _read(section)


def _read(text: str) -> list[dict[str, str]]:
    lines = text.splitlines()
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in lines
        if line.startswith("|")
    ]
    head, body = rows[0], rows[2:]
    return [dict(zip(head, row, strict=True)) for row in body]
