"""Who may state what: the table of 国数综政策〔2026〕35号 第二十一条, row by row."""

from datetime import datetime

import pytest
from django.utils.translation import override

from audit.log.actors import Actor
from audit.log.errors import Invalid
from exchange.parties.models import Organization
from exchange.registry.queries import RIGHT_NAMES
from exchange.registry.rules import ALLOWANCES, PROOFS_OF_SOURCE, why_not_claim
from exchange.registry.services import state_rights
from exchange.registry.states import ProofKind, Right, Situation, SourceKind
from tests.registry.making import Log, drafted_rights, proof

HOLD, USE, OPERATE = Right.HOLD, Right.USE, Right.OPERATE
TABLE = {
    Situation.PRODUCED: {HOLD, USE, OPERATE},
    Situation.AUTHORIZED: {HOLD, USE, OPERATE},
    Situation.LICENSED: {HOLD, USE, OPERATE},
    Situation.OWN_PERSON: {HOLD, USE, OPERATE},
    Situation.GATHERED_RAW: {HOLD, USE},
    Situation.GATHERED_PRODUCT: {HOLD, USE, OPERATE},
    Situation.FUSED: {HOLD, USE},
    Situation.DERIVED: {HOLD, USE, OPERATE},
    Situation.ENTRUSTED: set(),
}


@pytest.mark.parametrize("situation", Situation)
def test_each_situation_carries_its_rights(situation: Situation) -> None:
    carried = {right for right in Right if why_not_claim(right, situation, ()) is None}

    assert carried == TABLE[situation]


def test_consent_of_the_parties_opens_fused_data() -> None:
    assert why_not_claim(OPERATE, Situation.FUSED, {"PARTIES_CONSENT"}) is None


def test_every_situation_and_source_has_its_row() -> None:
    assert set(ALLOWANCES) == set(Situation)
    assert set(PROOFS_OF_SOURCE) == set(SourceKind)
    assert set(RIGHT_NAMES) == set(Right)


@pytest.mark.parametrize(
    ("changes", "proofs", "fields"),
    [
        (
            {"situation": "GATHERED_RAW", "source_kind": "CRAWLED_PUBLIC"},
            [ProofKind.ACCESS_TERMS],
            ["rights"],
        ),
        ({"situation": "ENTRUSTED", "rights": ["HOLD"]}, [ProofKind.COLLECTION_RECORD], ["rights"]),
        ({"source_kind": "DERIVED"}, [ProofKind.DERIVATION_RECORD], ["source_kind"]),
        ({"source_note": ""}, [ProofKind.COLLECTION_RECORD], ["source_note"]),
        ({}, [], ["proofs"]),
        ({}, [ProofKind.ACCESS_TERMS], ["proofs"]),
        ({"origin": "PERSONAL"}, [ProofKind.COLLECTION_RECORD], ["personal_basis"]),
        (
            {"origin": "PERSONAL", "personal_basis": "CONSENT"},
            [ProofKind.COLLECTION_RECORD],
            ["proofs"],
        ),
        ({"origin": "PUBLIC"}, [ProofKind.COLLECTION_RECORD], ["proofs"]),
        ({"situation": "AUTHORIZED"}, [ProofKind.COLLECTION_RECORD], ["proofs"]),
        (
            {"certificate_code": "SJ3112026070001", "valid_until": "2031-01-02"},
            [ProofKind.COLLECTION_RECORD],
            ["valid_until"],
        ),
        ({"certificate_code": "SJ3112026070001"}, [ProofKind.COLLECTION_RECORD], ["valid_until"]),
    ],
)
def test_a_statement_with_a_gap_is_refused(
    provider_org: Organization,
    provider: Actor,
    at: datetime,
    log: Log,
    changes: dict[str, object],
    proofs: list[ProofKind],
    fields: list[str],
) -> None:
    given = [proof(kind, provider_org, at) for kind in proofs]
    statement = drafted_rights(provider_org, provider, at, proofs=given, **changes)
    before = log()

    with pytest.raises(Invalid) as refused:
        state_rights(statement=statement, by=provider, at=at)

    assert list(refused.value.fields) == fields
    assert log() == before


@pytest.mark.parametrize(
    ("changes", "proofs"),
    [
        (
            {
                "situation": "GATHERED_RAW",
                "source_kind": "CRAWLED_PUBLIC",
                "rights": ["HOLD", "USE"],
            },
            [ProofKind.ACCESS_TERMS],
        ),
        ({"situation": "LICENSED", "source_kind": "AGREEMENT"}, [ProofKind.LICENSE]),
        (
            {"situation": "FUSED", "source_kind": "AGREEMENT"},
            [ProofKind.CONTRACT, ProofKind.PARTIES_CONSENT],
        ),
        (
            {"origin": "PUBLIC", "situation": "LICENSED", "source_kind": "AGREEMENT"},
            [ProofKind.PUBLIC_AUTHORIZATION],
        ),
        (
            {"certificate_code": "SJ3112026070001", "valid_until": "2031-01-01"},
            [ProofKind.CERTIFICATE],
        ),
    ],
)
def test_a_complete_statement_is_accepted(
    provider_org: Organization,
    provider: Actor,
    at: datetime,
    changes: dict[str, object],
    proofs: list[ProofKind],
) -> None:
    given = [proof(kind, provider_org, at) for kind in proofs]
    statement = drafted_rights(provider_org, provider, at, proofs=given, **changes)

    assert state_rights(statement=statement, by=provider, at=at).status == "STATED"


def test_labels_show_both_generations_of_names() -> None:
    with override("zh-hans"):
        for right, names in RIGHT_NAMES.items():
            assert names.name_2026 in str(right.label)
            assert names.name_2022 in str(right.label)
