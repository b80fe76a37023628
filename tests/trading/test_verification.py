"""Contracts and certificates: what is signed, and what is found out."""

import json
from collections.abc import Callable
from datetime import datetime

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils import translation

from audit.log.actors import Actor
from audit.log.errors import Conflict, NotFound
from exchange.trading.models import Contract, Order, Signature, TradeCertificate
from exchange.trading.rendering import render_contract
from exchange.trading.services import revoke_certificate, sign_contract
from exchange.trading.signatures import canonical_text, digest_of, sign_contract_text, sign_text
from exchange.trading.verification import (
    check_certificate_document,
    look_up_certificate,
    verify_certificate,
    verify_contract,
)

from .making import SCENARIO, Floor, tampering

Log = Callable[[], list[tuple[str, str]]]


def test_the_contract_says_everything_that_was_agreed(floor: Floor) -> None:
    order = floor.contracted()

    document = json.loads(order.contract.document)

    assert document["provider"]["uscc"] == "91110000600037341L"
    assert document["buyer"]["uscc"] == "91310000MA1FL0000N"
    assert document["release"]["sha256"] == order.release_sha256
    assert document["scenario"] == order.scenario
    assert document["price"]["amount"] == "100.00"
    assert document["appraisal"]["sha256"]
    assert document["delivery"] == {"channel": "DOWNLOAD", "downloads": 1, "acceptance_days": 7}
    assert document["packs"]["compliance"] == "compliance@2026-11-01"
    assert document["policy"]["scenarios_forbidden"] == ["credit scoring"]
    assert canonical_text(document) == order.contract.document
    ids = [clause["id"] for clause in document["clauses"]]
    assert {"SCENARIO", "RESALE_FORBIDDEN", "EXPORT_FORBIDDEN", "DELETION"} <= set(ids)
    assert {"RESALE_PERMITTED", "EXPORT_PERMITTED", "RETENTION"}.isdisjoint(ids)


def test_every_clause_is_whole_in_both_languages(floor: Floor) -> None:
    view = render_contract(floor.contracted().contract)

    for clause in view.clauses:
        for text in (clause.title.en, clause.title.zh, clause.text.en, clause.text.zh):
            assert text
            assert "{" not in text
    scenario = next(c for c in view.clauses if SCENARIO["purpose"] in c.text.en)
    assert SCENARIO["purpose"] in scenario.text.zh
    assert view.verification.is_valid
    assert [row.side.en for row in view.signatures] == ["provider", "buyer", "platform"]
    assert [row.side.zh for row in view.signatures] == ["供方", "需方", "平台"]


def test_words_of_a_party_are_never_read_as_a_template(floor: Floor) -> None:
    purpose = "Predict {amount} delays {0.__class__} of flights for %(price)s insurance by route."

    order = floor.place(scenario=SCENARIO | {"purpose": purpose})

    texts = [c["text_en"] for c in json.loads(order.contract.document)["clauses"]]
    assert any(purpose in text for text in texts)


@pytest.mark.parametrize(
    ("find", "put"),
    [('"amount":"100.00"', '"amount":"1.00"'), ("delay insurance", "credit insurance")],
)
def test_a_changed_document_is_found_out(floor: Floor, find: str, put: str) -> None:
    contract = floor.contracted().contract
    assert find in contract.document
    document = contract.document.replace(find, put)

    with tampering():
        Contract.objects.update(document=document)
    assert not verify_contract(Contract.objects.get()).is_valid

    with tampering():
        Contract.objects.update(sha256=digest_of(document))
    assert not verify_contract(Contract.objects.get()).is_valid


def test_a_contract_signed_anew_with_our_own_keys_differs_from_the_log(floor: Floor) -> None:
    """An operator with all keys can rewrite a row, but not the entry."""
    contract = floor.contracted().contract
    document = contract.document.replace('"amount":"100.00"', '"amount":"1.00"')
    sha256 = digest_of(document)
    with tampering():
        Contract.objects.update(document=document, sha256=sha256)
        for row in contract.signatures.all():
            signed = sign_contract_text(
                contract=contract.reference,
                sha256=sha256,
                side=row.side,
                organization=row.organization,
                signer=row.signer,
                at=row.signed_at,
            )
            Signature.objects.filter(pk=row.pk).update(
                statement=signed.text, signature=signed.signature
            )

    assert verify_contract(Contract.objects.get()).faults == (
        "The log has another digest of this contract.",
    )


@pytest.mark.parametrize(
    "change",
    [
        {"signature": "00" * 64},
        {"signature": "zz"},
        {"signer": "user:somebody-else"},
        {"organization": "ORG-STRANGER", "key": "example+00000000+AA=="},
        {"statement": "{}"},
        {"statement": "no json"},
    ],
)
def test_a_changed_signature_is_found_out(floor: Floor, change: dict[str, str]) -> None:
    contract = floor.contracted().contract
    with tampering():
        contract.signatures.filter(side="BUYER").update(**change)

    assert verify_contract(Contract.objects.get()).faults == (
        "The signature of the buyer does not hold.",
    )


def test_a_signature_of_another_contract_does_not_serve(floor: Floor) -> None:
    one, other = floor.contracted().contract, floor.contracted().contract
    foreign = other.signatures.get(side="BUYER")
    with tampering():
        one.signatures.filter(side="BUYER").update(
            statement=foreign.statement, signature=foreign.signature
        )

    assert not verify_contract(Contract.objects.get(pk=one.pk)).is_valid


def test_a_missing_signature_is_missed(floor: Floor) -> None:
    contract = floor.contracted().contract
    with tampering():
        contract.signatures.filter(side="PLATFORM").delete()

    with translation.override("zh-hans"):
        assert verify_contract(Contract.objects.get()).faults == ("缺少平台的签名。",)


def test_a_contract_on_its_way_is_valid_as_far_as_it_is(
    floor: Floor, buyer: Actor, at: datetime
) -> None:
    order = floor.place()
    assert verify_contract(order.contract).is_valid

    sign_contract(contract=order.contract, by=buyer, at=at)

    assert verify_contract(Contract.objects.get()).is_valid


def test_an_altered_draft_is_not_signed(floor: Floor, buyer: Actor, at: datetime, log: Log) -> None:
    order = floor.place()
    with tampering():
        Contract.objects.update(document=order.contract.document.replace("100.00", "1.00"))
    start = len(log())

    with pytest.raises(Conflict):
        sign_contract(contract=order.contract, by=buyer, at=at)

    assert (log()[start:], Signature.objects.count()) == ([], 0)


def test_anybody_may_check_a_certificate_and_learns_no_more_than_that(floor: Floor) -> None:
    certificate = floor.settled().certificate

    public = look_up_certificate(certificate.reference)

    assert public.is_valid
    assert public.sha256 == certificate.sha256
    assert public.product == floor.product.reference
    said = repr(public)
    assert "ORG-BUYER" not in said
    assert "100.00" not in said


def test_whoever_holds_the_document_may_check_it(floor: Floor) -> None:
    certificate = floor.settled().certificate
    spaced = json.dumps(json.loads(certificate.document), indent=2)

    assert check_certificate_document(certificate.document).is_valid
    assert check_certificate_document(spaced).reference == certificate.reference
    for forged in (
        certificate.document.replace("100.00", "900.00"),
        "",
        "[]",
        "7",
        "{}",
        '{"a": 1.5}',
        '{"a": "\\ud800"}',
    ):
        with pytest.raises(NotFound):
            check_certificate_document(forged)


def test_a_revoked_certificate_says_so(floor: Floor, operator: Actor, at: datetime) -> None:
    certificate = floor.settled().certificate
    revoke_certificate(certificate=certificate, reason="Forged.", by=operator, at=at)

    public = look_up_certificate(certificate.reference)

    assert (public.status, public.is_valid) == ("REVOKED", False)
    assert public.verification.is_valid


def test_a_tampered_certificate_is_found_out(floor: Floor) -> None:
    certificate = floor.settled().certificate
    document = certificate.document.replace("100.00", "900.00")
    with tampering():
        TradeCertificate.objects.update(document=document)
    assert not verify_certificate(TradeCertificate.objects.get()).is_valid

    signed = sign_text(document, purpose="certificate")
    with tampering():
        TradeCertificate.objects.update(sha256=digest_of(document), signature=signed.signature)
    assert verify_certificate(TradeCertificate.objects.get()).faults == (
        "The log has another digest of this certificate.",
    )


def test_an_unknown_certificate_is_not_found(db: None) -> None:
    with pytest.raises(NotFound):
        look_up_certificate("T-2026-00000000")


@pytest.mark.parametrize(
    ("model", "change"),
    [
        (Order, {"amount": "1.00"}),
        (Order, {"release_sha256": "0" * 64}),
        (Order, {"scenario": {}}),
        (Order, {"budget_downloads": 99}),
        (Contract, {"document": "{}"}),
        (Contract, {"sha256": "0" * 64}),
        (Signature, {"signer": "user:other"}),
        (TradeCertificate, {"document": "{}"}),
    ],
)
def test_the_database_keeps_what_was_ordered_and_signed(
    floor: Floor, model: type[Model], change: dict[str, object]
) -> None:
    floor.settled()

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        model.objects.update(**change)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        model.objects.all()._raw_delete("default")
