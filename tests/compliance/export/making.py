"""Situations at the export gate, and the evidence that covers them."""

from dataclasses import replace
from datetime import date
from typing import Any

from audit.rulebook.queries import file_packs
from exchange.compliance.export import (
    Cargo,
    ExportRules,
    Filed,
    Heads,
    Party,
    Place,
    Route,
    Scope,
    Situation,
    read_rules,
)

DAY = date(2026, 11, 23)
FIELDS = ("mobile", "city")
NOBODY = Heads()
ALL = Heads(ordinary=10**9, sensitive=10**9)


def rules_in_effect() -> ExportRules:
    """Return the rules of the day."""
    (pack,) = file_packs("export")
    return read_rules(pack.label, pack.data)


def situation(
    ordinary: int = 0,
    sensitive: int = 0,
    *,
    grade: str = "GENERAL",
    personal: str | None = None,
    genetic: bool = False,
    so_far: Heads = NOBODY,
    critical: bool = False,
    to: Place = Place.ABROAD,
    access: frozenset[Place] | None = None,
    filed: tuple[Filed, ...] = (),
    **changes: Any,
) -> Situation:
    """Return an order of so many persons' data to somebody outside."""
    heads = Heads(ordinary=ordinary, sensitive=sensitive)
    if personal is None:
        personal = "SENSITIVE" if sensitive else "PERSONAL" if ordinary else "NONE"
    asked = Situation(
        cargo=Cargo(
            grade=grade,
            personal=personal,
            heads=heads,
            genetic=genetic,
            product="P-1",
            fields=FIELDS,
            use="insurance",
        ),
        route=Route(
            exporter=Party(reference="ORG-1", place=Place.MAINLAND, critical=critical),
            recipient=Party(reference="ORG-2", place=to),
            seat=to,
            access=frozenset({to}) if access is None else access,
        ),
        so_far=so_far,
        with_cargo=so_far + heads,
        filed=filed,
        on=DAY,
    )
    return replace(asked, **changes)


def evidence(kind: str, reference: str = "", **changes: Any) -> Filed:
    """Return verified evidence that covers every situation above."""
    filed = Filed(
        reference=reference or f"X-{kind}",
        kind=kind,
        scope=Scope(
            uses=frozenset({"insurance"}),
            recipients=frozenset({"ORG-2"}),
            products=frozenset({"P-1"}),
            fields=frozenset(FIELDS),
            places=frozenset(Place),
            heads=ALL,
        ),
        verified=True,
        valid_from=date(2026, 1, 1),
        valid_until=date(2029, 1, 1),
    )
    return replace(filed, **changes)


def duties() -> tuple[Filed, ...]:
    """Return what every export of personal information needs besides a mechanism."""
    return (evidence("SEPARATE_CONSENT"), evidence("IMPACT_ASSESSMENT"))
