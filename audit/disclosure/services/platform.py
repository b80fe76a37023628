"""The platform's own algorithms: what their files say is what the register says."""

import tomllib
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final

from django.db import transaction

from audit.disclosure.models import Disclosure
from audit.disclosure.publication import read_publications
from audit.disclosure.queries import (
    PLATFORM,
    is_held_by_regulator,
    lock_disclosure,
    open_disclosure,
    standing_disclosure,
)
from audit.disclosure.statements import Statement
from audit.disclosure.states import DISCLOSURE, EDITABLE, DisclosureState
from audit.log.actors import Actor

from .drafting import draft_disclosure, edit_disclosure
from .filing import file_disclosure
from .publishing import publish

PLATFORM_FILES: Final = Path(__file__).parents[1] / "platform"


def read_platform_statements() -> list[Statement]:
    """Read what the platform says of its own algorithms, with the accuracy it published of them."""
    published = read_publications()
    found = []
    for file in sorted(PLATFORM_FILES.glob("*.toml")):
        said = Statement.from_document(tomllib.loads(file.read_text(encoding="utf-8")))
        accuracy = published.get(said.algorithm)
        found.append(replace(said, declared=accuracy.figures) if accuracy else said)
    return found


@transaction.atomic
def file_platform_disclosures(*, by: Actor, at: datetime) -> list[Disclosure]:
    """File every disclosure of the platform whose text is new or changed; return those filed.

    What waits for a regulator, because it suspended the algorithm, is not replaced under its eyes.
    """
    filed = []
    for statement in read_platform_statements():
        _publish_what_was_filed(statement.algorithm, by, at)
        current = standing_disclosure(statement.algorithm, owner=PLATFORM)
        if current is not None and current.statement_sha256 == statement.sha256:
            continue
        waiting = open_disclosure(statement.algorithm, owner=PLATFORM)
        if waiting is not None and waiting.status not in EDITABLE:
            continue
        if waiting is not None and waiting.statement_sha256 == statement.sha256 and waiting.notes:
            continue
        if waiting is None:
            row = draft_disclosure(statement=statement, owner=PLATFORM, by=by, at=at)
        else:
            row = edit_disclosure(disclosure=waiting, statement=statement, by=by, at=at)
        filed.append(file_disclosure(disclosure=row, by=by, at=at))
    return filed


def _publish_what_was_filed(algorithm: str, by: Actor, at: datetime) -> None:
    """Publish what was filed when filing was publication, so that nothing of it is lost."""
    row = open_disclosure(algorithm, owner=PLATFORM)
    if row is None or row.status != DisclosureState.FILED or is_held_by_regulator(row):
        return
    found = lock_disclosure(row)
    publish(found, DISCLOSURE.publish_own, note="", reviewer="", by=by, at=at)
