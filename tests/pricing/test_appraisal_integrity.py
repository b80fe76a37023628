"""What was signed stays as it was: tampering is found out, and the working is done again."""

import dataclasses
import json
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from audit.log.signing import get_signer
from pricing.facts import MeasuredQuality
from pricing.models import Appraisal
from pricing.verification import faults_of_appraisal

from .making import FACTS, appraise_usual

pytestmark = pytest.mark.django_db


def test_the_stored_row_verifies_as_well_as_the_fresh_one(at: datetime) -> None:
    stored = Appraisal.objects.get(pk=appraise_usual(at).pk)

    assert faults_of_appraisal(stored) == []


def test_the_working_hangs_on_no_order_that_the_document_does_not_keep(at: datetime) -> None:
    weights = {"timeliness": Decimal("0.5"), "conformity": Decimal("0.2"), "access": Decimal("0.3")}
    measured = MeasuredQuality(
        report="QR", sha256="0" * 64, pack="quality", shares={"conformity": Decimal("0.9")},
        weights=weights,
    )  # fmt: skip
    appraisal = appraise_usual(at, facts=dataclasses.replace(FACTS, measured=measured))

    assert "access,timeliness" in appraisal.document
    assert faults_of_appraisal(Appraisal.objects.get(pk=appraisal.pk)) == []


def test_what_was_signed_cannot_be_changed_in_place(at: datetime) -> None:
    appraisal = appraise_usual(at)

    for change in ({"mid_amount": 1}, {"document": "{}"}, {"result": {}}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Appraisal.objects.filter(pk=appraisal.pk).update(**change)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"mid_amount": Decimal(1)}, "mid differs"),
        ({"valid_until": FACTS.updated_on}, "valid_until differs"),
        ({"signature": "AAAA"}, "signature"),
        ({"signature": "not base64!"}, "signature"),
        ({"document_sha256": "0" * 64}, "digest"),
        ({"document": "{"}, "cannot be read"),
        ({"document": "[]"}, "lacks inputs"),
        ({"document": '{"inputs": {}, "inputs_sha256": "", "pack": []}'}, "lacks pack, result"),
    ],
)
def test_tampering_is_found_out(change: dict[str, Any], words: str, at: datetime) -> None:
    appraisal = appraise_usual(at)
    for name, value in change.items():
        setattr(appraisal, name, value)

    faults = faults_of_appraisal(appraisal)

    assert any(words in fault for fault in faults)


def test_a_result_that_does_not_follow_from_its_inputs_is_found_out(at: datetime) -> None:
    appraisal = appraise_usual(at)
    content = json.loads(appraisal.document)
    content["inputs"]["costs"]["collection"] = "1 CNY"
    appraisal.document = json.dumps(content)

    faults = faults_of_appraisal(appraisal)

    assert "Worked out again from its inputs, the result is another." in faults
    assert "The inputs do not have their recorded digest." in faults


@pytest.mark.parametrize("inputs", [{}, {"costs": 1}, {"costs": {"collection": "1"}}])
def test_inputs_that_are_none_are_found_out(inputs: dict[str, Any], at: datetime) -> None:
    appraisal = appraise_usual(at)
    content = json.loads(appraisal.document)
    appraisal.document = json.dumps(content | {"inputs": inputs})

    faults = faults_of_appraisal(appraisal)

    assert "Worked out again from its inputs, the result is another." in faults


def test_another_key_is_not_trusted(at: datetime) -> None:
    other = get_signer("log").verifier_key

    assert faults_of_appraisal(appraise_usual(at), verifier_key=other) == [
        "The signature is not that of the appraiser over this document."
    ]


def test_the_same_inputs_give_the_same_band(at: datetime) -> None:
    first, second = appraise_usual(at), appraise_usual(at + timedelta(hours=1))

    assert first.inputs_sha256 == second.inputs_sha256
    assert first.result == second.result


def test_the_database_keeps_one_signed_appraisal_in_order(at: datetime) -> None:
    appraisal = appraise_usual(at)
    appraisal.pk, appraisal.reference = None, "A-2026-AAAAAAAA"
    with pytest.raises(IntegrityError), transaction.atomic():
        appraisal.save(force_insert=True)
    appraisal.asset, appraisal.low_amount = "P-OTHER", appraisal.high_amount + 1
    with pytest.raises(IntegrityError), transaction.atomic():
        appraisal.save(force_insert=True)
