"""Files of cases, complete, and the persons who decide."""

import io
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import pytest

from audit.log.actors import Actor
from audit.rulebook.queries import day_of
from exchange.catalog.models import Release
from exchange.compliance.heads import case_pack, heads_of
from exchange.compliance.models import Case, Proposal
from exchange.compliance.services import (
    confirm_decision,
    propose_decision,
    submit_case,
    write_part,
)
from exchange.parties.models import Organization
from exchange.parties.queries import actor_for_user
from exchange.vault.services import store_object
from tests.conftest import make_member

Log = Callable[[], list[tuple[str, str]]]
PROSE = "The purpose is stated, lawful, legitimate and necessary, as shown in the report."
VALUES: Mapping[str, Any] = {
    "assessment": PROSE,
    "lawfulness": PROSE,
    "effects": PROSE,
    "measures": PROSE,
    "special_rules": PROSE,
    "consent_form": "本人单独同意将本人信息提供给 Buyer Ltd. 用于所述目的。" * 2,
    "note": "Keys were drawn at random.",
    "recipients": ["Buyer Ltd."],
    "persons": 100_000,
    "obtained_from": "2026-01-01",
    "obtained_until": "2026-06-30",
    "author": "国信评估有限公司",
    "assessed_on": "2026-10-01",
    "conclusion": "ACCEPTABLE",
    "authority": "自然资源部",
    "number": "自然资函〔2026〕17号",
    "given_on": "2026-11-02",
    "opinion": "AGREES",
    "valid_until": "2027-06-30",
}
CONDITIONS: Mapping[str, Any] = {
    "purpose": "Planning of flood protection on the river",
    "recipients": ["ORG-BUYER"],
    "channels": ["SANDBOX"],
    "retention_days": 90,
    "reporting_days": 30,
}


def document(by: Actor, at: datetime, name: str = "report.pdf", data: bytes = b"report") -> str:
    """Return the reference of a document that `by` keeps in the vault."""
    return store_object(
        source=io.BytesIO(data),
        filename=name,
        purpose="EVIDENCE",
        owner=by.organization,
        by=by,
        at=at,
    ).reference


def fill(case: Case, provider: Actor, at: datetime, **changes: Any) -> Case:
    """Return a case whose file is complete, with `changes` in what it says."""
    case = Case.objects.select_related("screening__release__product__rights").get(pk=case.pk)
    for head in heads_of(case, case_pack(day_of(at))):
        said = {**VALUES, **changes}
        values = {field.name: said[field.name] for field in head.fields}
        documents = [document(provider, at) for _ in range(head.documents)]
        write_part(case=case, head=head.id, values=values, documents=documents, by=provider, at=at)
    return case


def filed(case: Case, provider: Actor, at: datetime, **changes: Any) -> Case:
    """Return a case whose complete file was handed in."""
    return submit_case(case=fill(case, provider, at, **changes), by=provider, at=at)


def proposed(case: Case, by: Actor, at: datetime, **said: Any) -> Proposal:
    """Return what was proposed for a case: approval, if nothing else is said."""
    terms = {"approve": True, "reason": "Assessed.", "conditions": {}, **said}
    propose_decision(case=case, by=by, at=at, **terms)
    return Proposal.objects.filter(case=case).latest("proposed_at", "pk")


def decided(case: Case, first: Actor, second: Actor, at: datetime, **said: Any) -> Case:
    """Return a case that two persons decided."""
    proposal = proposed(case, first, at, **said)
    return confirm_decision(
        case=case, proposal=proposal.reference, reason="Seen and agreed.", by=second, at=at
    )


@pytest.fixture
def second_operator(operator_org: Organization, at: datetime) -> Actor:
    """Another person of the operator."""
    return actor_for_user(make_member(operator_org, "TRADER", at, "second-operator"))


@pytest.fixture
def second_regulator(regulator_org: Organization, at: datetime) -> Actor:
    """Another person of the regulator."""
    return actor_for_user(make_member(regulator_org, "TRADER", at, "second-regulator"))


def release_of(case: Case) -> Release:
    """Return the release as it stands now."""
    return Release.objects.get(pk=case.screening.release_id)


def names(log: Log, before: int) -> list[str]:
    """Return the entries since."""
    return [name for name, _ in log()][before:]
