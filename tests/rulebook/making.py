"""Versions of the rules, written by one person of the regulator and approved by another."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from audit.log.actors import Actor
from audit.rulebook import queries, services
from audit.rulebook.models import RuleDraft, RulePack
from audit.rulebook.queries import seal_of
from audit.rulebook.toml import set_value

DAY = date(2026, 12, 10)
Edit = tuple[tuple[str, ...], str, Any]
STRICTER: Edit = (
    ("rules", "R-VOLUME"),
    "when",
    {"personal": ["PERSONAL", "SENSITIVE"], "persons_from": 5000},
)
NO_DECLARATION: Edit = (("rules", "R-PSEUDO"), "relief", None)
"""De-identified data is reviewed whatever its provider declares."""


def written(
    by: Actor, at: datetime, *, day: date = DAY, edits: Iterable[Edit] = (STRICTER,), base: str = ""
) -> RuleDraft:
    """Return a complete draft."""
    draft = services.start_draft(
        kind="compliance", reason="A stricter line", base=base, by=by, at=at
    )
    text = draft.text
    for table, key, value in edits:
        text = set_value(text, table, key, value)
    return services.edit_draft(
        draft=draft, text=text, effective_on=day, expected_version=1, by=by, at=at
    )


def approved(draft: RuleDraft, by: Actor, second: Actor, at: datetime) -> RuleDraft:
    """Return the draft with its second person's approval."""
    services.propose_draft(draft=draft, by=by, at=at)
    seal = seal_of(draft.kind, draft.effective_on, draft.text)
    return services.approve_draft(draft=draft, seal=seal, by=second, at=at)


def published(
    by: Actor, second: Actor, at: datetime, *, day: date = DAY, edits: Iterable[Edit] = (STRICTER,)
) -> RulePack:
    """Return a published version that every process knows."""
    draft = approved(written(by, at, day=day, edits=edits), by, second, at)
    pack = services.publish_draft(draft=draft, by=by, at=at)
    queries.forget_packs()
    return pack
