"""Golden tables: worked out by hand, printed in the documents, held to by the tests."""

from pathlib import Path

FOLDER = Path(__file__).parent


def read_table(name: str) -> list[dict[str, str]]:
    """Return the rows of the table in `name.md` by column."""
    lines = (FOLDER / f"{name}.md").read_text(encoding="utf-8").splitlines()
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in lines
        if line.startswith("|")
    ]
    head, body = rows[0], rows[2:]
    return [dict(zip(head, row, strict=True)) for row in body]
