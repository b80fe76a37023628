"""Accreditation: who applies with what, who decides, and how it ends."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from audit.log.actors import Actor
from audit.log.errors import Conflict, Invalid, NotAllowed, NotFound, WrongState
from exchange.appraisers.models import Accreditation
from exchange.appraisers.queries import (
    accreditations_visible_to,
    get_accreditation_for,
    get_registered,
    in_force,
    register,
)
from exchange.appraisers.services import (
    accredit_appraiser,
    expire_due_accreditations,
    reinstate_accreditation,
    reject_accreditation,
    suspend_accreditation,
    withdraw_accreditation,
)
from tests.registry.making import Log

from .making import FATHER, apply, viewer_of


def test_an_assessor_applies_and_is_accredited(
    assessor: Actor, operator: Actor, at: datetime, log: Log
) -> None:
    made = apply(assessor, at, owners=[{"uscc": FATHER.lower(), "share": "0.51"}])
    assert (made.status, made.owners[0]["uscc"]) == ("APPLIED", FATHER)
    assert not register().exists()

    accredit_appraiser(accreditation=made, reason="Record checked.", by=operator, at=at)

    assert [row.reference for row in in_force(at)] == [made.reference]
    assert made.last_day == date(2027, 6, 30)
    assert log()[-2:] == [
        ("appraisers.accreditation.applied", made.reference),
        ("appraisers.accreditation.accredited", made.reference),
    ]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"qualification_number": ""}, "qualification_number"),
        ({"industries": []}, "industries"),
        ({"industries": ["Ω"]}, "industries"),
        ({"valid_until": date(2026, 11, 23)}, "valid_until"),
        ({"insured_until": date(2020, 1, 1)}, "insured_until"),
        ({"signers": ["nobody@example.org"]}, "signers"),
        ({"owners": [{"uscc": "123", "share": "0.5"}]}, "owners.0.uscc"),
        ({"owners": [{"uscc": FATHER, "share": "1.5"}]}, "owners.0.share"),
        ({"owners": [{"uscc": FATHER, "share": "0.0"}]}, "owners.0.share"),
        ({"owners": [{"uscc": FATHER, "share": "0.3"}] * 2}, "owners"),
        (
            {"links": [{"person": "x", "kind": "FAMILY", "uscc": FATHER}]},
            "links.0.person",
        ),
        ({"unknown": 1}, "unknown"),
    ],
)
def test_a_wrong_application_is_refused_at_its_field(
    assessor: Actor, at: datetime, log: Log, changes: dict[str, Any], field: str
) -> None:
    start = len(log())

    with pytest.raises(Invalid) as refused:
        apply(assessor, at, **changes)

    assert list(refused.value.fields) == [field]
    assert (Accreditation.objects.count(), log()[start:]) == (0, [])


def test_who_applies_and_who_decides(
    assessor: Actor, provider: Actor, operator: Actor, regulator: Actor, at: datetime, log: Log
) -> None:
    for actor in (provider, operator, viewer_of(assessor)):
        with pytest.raises(NotAllowed):
            apply(actor, at)
    made = apply(assessor, at)
    start = len(log())
    for actor in (assessor, provider):
        with pytest.raises(NotAllowed, match="Only the operator or a regulator"):
            accredit_appraiser(accreditation=made, reason="Yes.", by=actor, at=at)
    with pytest.raises(Invalid):
        accredit_appraiser(accreditation=made, reason=" ", by=operator, at=at)
    assert log()[start:] == []

    assert accredit_appraiser(
        accreditation=made, reason="Checked.", by=regulator, at=at
    ).is_in_force(at.date())


def test_one_accreditation_stands_at_a_time(assessor: Actor, operator: Actor, at: datetime) -> None:
    first = apply(assessor, at)
    with pytest.raises(Conflict):
        apply(assessor, at)

    reject_accreditation(accreditation=first, reason="No insurance.", by=operator, at=at)

    assert apply(assessor, at).status == "APPLIED"


def test_suspended_reinstated_withdrawn(
    accreditation: Accreditation, operator: Actor, regulator: Actor, at: datetime, log: Log
) -> None:
    start = len(log())
    suspend_accreditation(accreditation=accreditation, reason="Complaint.", by=regulator, at=at)
    assert in_force(at) == []
    reinstate_accreditation(accreditation=accreditation, reason="Cleared.", by=operator, at=at)
    assert len(in_force(at)) == 1
    withdraw_accreditation(accreditation=accreditation, reason="False record.", by=operator, at=at)

    assert [name.rpartition(".")[2] for name, _subject in log()[start:]] == [
        "suspended",
        "reinstated",
        "withdrawn",
    ]
    assert (in_force(at), get_registered(accreditation.reference).status) == ([], "WITHDRAWN")
    with pytest.raises(WrongState):
        reinstate_accreditation(accreditation=accreditation, reason="?", by=operator, at=at)


def test_it_ends_with_the_earlier_of_qualification_and_insurance(
    accreditation: Accreditation, at: datetime
) -> None:
    last = datetime(2027, 6, 30, 15, 59, tzinfo=at.tzinfo)
    assert len(in_force(last)) == 1
    assert expire_due_accreditations(at=last) == 0

    over = last + timedelta(minutes=1)

    assert in_force(over) == []
    assert (expire_due_accreditations(at=over), expire_due_accreditations(at=over)) == (1, 0)
    accreditation.refresh_from_db()
    assert accreditation.status == "EXPIRED"


def test_declarations_are_for_itself_and_the_watch(
    accreditation: Accreditation,
    assessor: Actor,
    provider: Actor,
    anonymous: Actor,
    regulator: Actor,
) -> None:
    for actor in (assessor, regulator):
        assert get_accreditation_for(actor, accreditation.reference) == accreditation
    for actor in (provider, anonymous):
        assert not accreditations_visible_to(actor).exists()
        with pytest.raises(NotFound):
            get_accreditation_for(actor, accreditation.reference)
    assert get_registered(accreditation.reference) == accreditation


def test_what_was_declared_stays(accreditation: Accreditation) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Accreditation.objects.update(owners=[{"uscc": FATHER}])
    with pytest.raises(IntegrityError), transaction.atomic():
        Accreditation.objects.all().delete()


def test_an_application_that_ran_out_is_not_granted(
    assessor: Actor, operator: Actor, at: datetime
) -> None:
    made = apply(assessor, at)

    with pytest.raises(NotAllowed, match="run out"):
        accredit_appraiser(
            accreditation=made, reason="Late.", by=operator, at=at.replace(year=2030)
        )
