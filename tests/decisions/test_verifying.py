"""The decision log is walked whole: what leads nowhere is named."""

import json
from datetime import datetime

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from audit.decisions.models import Decision
from audit.decisions.verification import verify_decisions
from audit.disclosure.models import Disclosure
from audit.log.actors import Actor
from exchange.parties.models import Organization
from pricing.queries import current_appraisal
from tests.catalog.making import ready_product
from tests.triggers import lifted

from .making import decide


@pytest.fixture
def appraised(provider_org: Organization, provider: Actor, at: datetime) -> str:
    """The reference of an appraisal that was signed like every other."""
    product = ready_product(provider_org, provider, at)
    found = current_appraisal(product.reference)
    assert found is not None
    return found.reference


def codes() -> list[str]:
    return sorted(fault.code for fault in verify_decisions()[1])


def test_what_the_market_does_is_whole(appraised: str, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("verify_decisions")

    said = capsys.readouterr().out
    assert "0 faults" in said
    assert Decision.objects.filter(subject=appraised, algorithm="appraisal").count() == 1


def test_a_decision_that_was_removed_is_found(
    appraised: str, provider_org: Organization, provider: Actor, at: datetime
) -> None:
    ready_product(provider_org, provider, at, name="另一产品")
    with lifted(connection):
        Decision.objects.filter(subject=appraised).delete()

    found = [(fault.code, fault.reference) for fault in verify_decisions()[1]]
    assert ("no-decision", appraised) in found
    assert "decision-gone" in dict(found)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"inputs_sha256": "0" * 64}, "differs"),
        ({"output": {"low": "1.00"}}, "differs"),
        ({"explanation": {"methods": []}}, "differs"),
        ({"subject": "A-2026-ZZZZZZZZ"}, "no-subject"),
        ({"explanation": {}}, "not-explained"),
        ({"algorithm": "scanner"}, "other-algorithm"),
        ({"taken_at": datetime.fromisoformat("2020-01-01T00:00:00+00:00")}, "not-in-force"),
    ],
)
def test_whatever_was_changed_is_named(
    appraised: str, change: dict[str, object], code: str
) -> None:
    with lifted(connection):
        Decision.objects.filter(subject=appraised).update(**change)

    assert code in codes()


def test_an_ended_disclosure_was_in_force_before(appraised: str, at: datetime) -> None:
    Disclosure.objects.filter(algorithm="appraisal").update(ended_at=at)

    assert codes() == []


def test_the_command_names_what_fails_and_exits_non_zero(
    at: datetime, db: None, capsys: pytest.CaptureFixture[str]
) -> None:
    made = decide(at)

    with pytest.raises(CommandError) as caught:
        call_command("verify_decisions", "--json")

    assert caught.value.returncode == 1
    document = json.loads(capsys.readouterr().out)
    assert {(f["code"], f["reference"]) for f in document["faults"]} == {
        ("no-subject", made.reference),
        ("not-explained", made.reference),
    }
