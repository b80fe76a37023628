"""Records of algorithms: when their content is destroyed, and that a legal hold keeps it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from audit.decisions.models import Seal, StandingDecision
from audit.decisions.sealing import seal_decisions
from audit.disclosure.models import Disclosure
from audit.disclosure.services import withdraw_disclosure
from audit.log.actors import Actor
from audit.log.errors import Conflict
from audit.log.models import PersonalValue
from audit.retention.belonging import with_owners
from audit.retention.models import Destruction
from audit.retention.services import lift_hold, place_hold
from audit.retention.terms import months_after
from audit.rulebook.queries import day_of
from exchange.algorithms.models import AlgorithmFile, EvaluationSet
from exchange.algorithms.services import open_set, retire_set
from exchange.audits.appeal_queries import said_in
from exchange.audits.models import AlgorithmAppeal, AlgorithmAudit
from exchange.audits.services import answer_appeal, lodge_appeal
from exchange.oversight.retention import destroy_due, list_due
from exchange.parties.models import Organization
from tests.algorithms import making
from tests.algorithms.conftest import evaluation_set, model
from tests.audits import conftest as of_audits
from tests.audits.making import FOUND, published, reported
from tests.decisions.making import decide, stand
from tests.surveillance.making import make_alert

__all__ = ["evaluation_set", "model"]

SYSTEM = Actor.system("retention")
SAID: dict[str, Any] = {"wish": "HUMAN_REVIEW", "grounds": "The loan was never mine."}
disclosure, auditor = of_audits.disclosure, of_audits.auditor
accreditation, audit = of_audits.accreditation, of_audits.audit
Log = Callable[[], list[tuple[str, str]]]


@pytest.fixture
def seal(db: None, at: datetime) -> Seal:
    stand(at)
    made = seal_decisions(by=SYSTEM, at=at)
    assert made is not None
    return made


def due(at: datetime) -> set[tuple[str, str, str]]:
    return {(each.kind, each.reference, each.retention_class) for each in list_due(at=at)}


def test_rankings_go_when_the_pack_says_and_the_clock_destroys_them(
    seal: Seal, at: datetime, log: Log
) -> None:
    end = months_after(at, 6)
    assert due(end - timedelta(seconds=1)) == set()
    assert due(end) == {("seal", seal.reference, "RANKINGS")}

    swept = destroy_due(by=SYSTEM, at=end)

    assert [each.reference for each in swept.destroyed] == [seal.reference]
    assert not StandingDecision.objects.exists()
    kept = Destruction.objects.get()
    assert (kept.kind, kept.retention_class) == ("SEAL", "RANKINGS")
    assert "《网络安全法》第二十三条" in kept.document
    assert ("decision.seal.emptied", seal.reference) in log()
    assert due(end) == set()


def test_rankings_of_no_class_are_kept(seal: Seal, at: datetime) -> None:
    before = at.replace(month=11, day=30, year=2026)  # the version with their class binds a day on

    assert not [row for row in list_due(at=before) if row.kind == "seal"]
    assert StandingDecision.objects.count() == 1


def test_a_hold_on_the_algorithm_stops_the_clock_until_it_is_lifted(
    seal: Seal, regulator: Actor, at: datetime
) -> None:
    version = StandingDecision.objects.get().disclosure
    decide(at, algorithm=version.algorithm)  # so that the log knows the version
    hold = place_hold(
        kind="disclosure", subject=version.reference, reason="r", basis="b", by=regulator, at=at
    )
    end = months_after(at, 6)

    swept = destroy_due(by=SYSTEM, at=end)

    assert [(each.reference, each.holds) for each in swept.held] == [
        (seal.reference, (hold.reference,))
    ]
    assert StandingDecision.objects.count() == 1
    lift_hold(hold=hold, reason="closed", by=regulator, at=end)
    assert len(destroy_due(by=SYSTEM, at=end).destroyed) == 1


def test_sealed_rows_go_three_years_after_nothing_is_measured_on_them(
    evaluation_set: EvaluationSet, regulator: Actor, at: datetime
) -> None:
    assert due(months_after(at, 600)) == set()
    retire_set(evaluation_set=evaluation_set, reason="Known.", by=regulator, at=at)
    end = months_after(at, 36)
    stored = evaluation_set.stored
    assert due(end - timedelta(seconds=1)) == set()

    swept = destroy_due(by=SYSTEM, at=end)

    assert [(each.reference, each.retention_class) for each in swept.destroyed] == [
        (stored.reference, "SEALED_SETS")
    ]
    evaluation_set.refresh_from_db()
    assert (evaluation_set.stored.status, len(evaluation_set.commitment)) == ("DESTROYED", 64)
    with pytest.raises(Conflict):
        open_set(evaluation_set=evaluation_set, purpose="look", by=regulator, at=end)


def test_a_model_goes_a_year_after_it_was_last_measured_with(
    disclosure: Disclosure,
    evaluation_set: EvaluationSet,
    model: AlgorithmFile,
    provider: Actor,
    at: datetime,
) -> None:
    thing = ("object", model.stored.reference, "HANDED_IN")
    assert due(months_after(at, 12)) == {thing}
    run = making.requested(disclosure, evaluation_set, model, provider, at)
    assert due(months_after(at, 600)) == set()  # a run waits for it
    later = months_after(at, 3)
    making.services.cancel_run(run=run, reason="no", by=provider, at=later)

    assert due(months_after(later, 12) - timedelta(seconds=1)) == set()
    assert due(months_after(later, 12)) == {thing}


def test_who_appealed_goes_a_year_after_the_answer(
    disclosure: Disclosure, stranger: Actor, provider: Actor, regulator: Actor, at: datetime
) -> None:
    appeal = lodge_appeal(disclosure=disclosure, said=SAID, by=stranger, at=at).appeal
    assert due(months_after(at, 600)) == set()
    answer_appeal(appeal=appeal, outcome="REJECTED", answer="It was yours.", by=provider, at=at)
    hold = place_hold(
        kind="disclosure",
        subject=disclosure.reference,
        reason="r",
        basis="b",
        by=regulator,
        at=at,
    )
    end = months_after(at, 12)
    assert {each.holds for each in list_due(at=end)} == {(hold.reference,)}
    assert destroy_due(by=SYSTEM, at=end).destroyed == []
    lift_hold(hold=hold, reason="closed", by=regulator, at=end)

    destroy_due(by=SYSTEM, at=end)

    assert not PersonalValue.objects.filter(entry__name__startswith="audits.appeal.").exists()
    assert {each.text for each in said_in(AlgorithmAppeal.objects.get())} == {None}


def test_what_belongs_to_what(
    disclosure: Disclosure,
    evaluation_set: EvaluationSet,
    model: AlgorithmFile,
    audit: AlgorithmAudit,
    auditor: Actor,
    provider: Actor,
    stranger: Actor,
    at: datetime,
) -> None:
    run = making.requested(disclosure, evaluation_set, model, provider, at)
    finding = reported(audit, auditor, at, FOUND).findings.get()
    appeal = lodge_appeal(disclosure=disclosure, said=SAID, by=stranger, at=at).appeal
    decision = decide(at, subject=("order", "O-1"))
    alert = make_alert(
        organizations=[provider.organization], products=("P-1",), orders=("O-9",), at=at
    )
    version = ("disclosure", disclosure.reference)
    owner = ("organization", provider.organization)
    expected = {
        ("object", evaluation_set.stored.reference): {version, owner},
        ("object", model.stored.reference): {version, owner},
        ("evaluation_run", run.reference): {version, owner},
        ("algorithm_audit", audit.reference): {
            version, owner, ("organization", auditor.organization)
        },
        ("audit_finding", finding.reference): {version, owner},
        ("algorithm_appeal", appeal.reference): {
            version, owner, ("organization", stranger.organization), ("member", appeal.person)
        },
        ("decision", decision.reference): {
            ("order", "O-1"), owner, ("disclosure", decision.disclosure.reference)
        },
        ("alert", alert.reference): {
            owner, ("product", "P-1"), ("order", "O-9"), ("disclosure", alert.disclosure)
        },
    }  # fmt: skip

    for thing, owners in expected.items():
        assert owners <= with_owners([thing]), thing
    others = Organization.objects.exclude(reference=provider.organization)
    for name in others.values_list("reference", flat=True):
        assert ("organization", name) not in with_owners([("evaluation_run", run.reference)])


def test_every_version_of_an_algorithm_is_held_by_any(
    disclosure: Disclosure, provider: Actor, at: datetime
) -> None:
    withdraw_disclosure(
        disclosure=disclosure, reason="new one", last_day=day_of(at), by=provider, at=at
    )
    second = published(provider, at, owner=provider.organization)

    assert ("disclosure", second.reference) in with_owners([("disclosure", disclosure.reference)])
    assert ("disclosure", disclosure.reference) in with_owners([("disclosure", second.reference)])
