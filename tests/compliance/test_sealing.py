"""Core data: sealed, the regulator told, and no way past the block for anybody."""

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from audit.log.actors import Actor
from audit.log.errors import DomainError, Invalid, NotAllowed, WrongState
from audit.log.publishing import publish
from audit.log.reactions import dispatch
from audit.retention.models import LegalHold
from audit.retention.services import Held, lift_hold
from audit.rulebook import queries as rulebook
from audit.rulebook.queries import Pack
from exchange.catalog.models import Release
from exchange.catalog.services import (
    clear_release,
    reconsider_release,
    renew_release,
    requeue_release,
    submit_release,
)
from exchange.compliance import services
from exchange.compliance.gate import why_not_trade
from exchange.compliance.models import Appeal, Case, Screening
from exchange.compliance.services.verdicts import verdict_of
from exchange.oversight.retention.due import list_due
from exchange.parties.models import Organization
from exchange.vault.models import StoredObject
from exchange.vault.services import (
    Impounded,
    destroy_object,
    free_object,
    impound_object,
    inspect_object,
    open_object,
    rotate_keys,
    store_object,
)

from .filing import CONDITIONS
from .making import CORE, product_of, submitted

Log = Callable[[], list[tuple[str, str]]]
SYSTEM = Actor.system("compliance")
EVERYBODY = ("provider", "provider_viewer", "buyer", "stranger", "operator", "regulator")


@pytest.fixture
def core(provider_org: Organization, provider: Actor, at: datetime) -> Screening:
    """The screening of a release with core data, which is blocked."""
    release = submitted(product_of(provider_org, provider, at), provider, at, CORE)
    return services.screen_release(release=release, by=SYSTEM, at=at)


def release_of(screening: Screening) -> Release:
    """Return the release as it stands now."""
    rows = Release.objects.select_related("product__provider", "original", "table")
    return rows.get(pk=screening.release_id)


def with_override(monkeypatch: pytest.MonkeyPatch, **changes: Any) -> None:
    """Let the rule pack say of core data what no rule may say."""
    known = rulebook.list_packs

    def twisted(kind: str) -> tuple[Pack, ...]:
        if kind != "compliance":
            return known(kind)
        return tuple(
            replace(
                pack,
                data=pack.data
                | {
                    "rules": [
                        rule | changes if rule["id"] == "R-CORE" else rule | {"action": "NOTICE"}
                        for rule in pack.data["rules"]
                    ]
                },
            )
            for pack in known(kind)
        )

    monkeypatch.setattr(rulebook, "list_packs", twisted)


def test_core_data_is_sealed_held_and_told(
    provider_org: Organization,
    provider: Actor,
    regulator: Actor,
    operator: Actor,
    at: datetime,
    log: Log,
) -> None:
    release = submitted(product_of(provider_org, provider, at), provider, at, CORE)
    before = len(log())

    screening = services.screen_release(release=release, by=SYSTEM, at=at)

    assert [name for name, _ in log()][before:] == [
        "compliance.screening.queued",
        "compliance.screening.started",
        "catalog.release.screening",
        "compliance.screening.finished",
        "decision.taken",
        "decision.taken",
        "catalog.release.blocked",
        "vault.object.impounded",
        "vault.object.impounded",
        "retention.hold.placed",
        "compliance.core.sealed",
    ]
    found = release_of(screening)
    assert (found.status, found.grade) == ("BLOCKED", "CORE")
    assert {found.original.status, found.table.status} == {"IMPOUNDED"}
    assert not Case.objects.exists()
    hold = LegalHold.objects.get()
    assert (hold.kind, hold.subject, hold.authority) == (
        "release",
        found.reference,
        "system:compliance",
    )
    publish(at=at)
    dispatch(at=at)
    assert [message.to for message in mail.outbox] == [["regulator@example.org"]]
    assert found.reference in mail.outbox[0].body
    assert "弹药" not in mail.outbox[0].body


@pytest.mark.parametrize("who", EVERYBODY)
def test_nobody_reads_the_sealed_file_but_a_regulator_under_a_purpose(
    who: str, core: Screening, at: datetime, log: Log, request: pytest.FixtureRequest
) -> None:
    actor: Actor = request.getfixturevalue(who)
    stored = release_of(core).original
    before = len(log())

    with pytest.raises(Impounded):
        open_object(stored)
    if who != "regulator":
        with pytest.raises(NotAllowed):
            inspect_object(stored=stored, purpose="curiosity", by=actor, at=at)
        assert len(log()) == before
        return
    for nothing in ("", " ", "x" * 201):
        with pytest.raises(Invalid):
            inspect_object(stored=stored, purpose=nothing, by=actor, at=at)
    assert len(log()) == before
    with inspect_object(stored=stored, purpose="case 17", by=actor, at=at) as reader:
        assert "弹药库".encode() in reader.read()
    assert log()[before:] == [("vault.object.inspected", stored.reference)]


@pytest.mark.parametrize("who", EVERYBODY)
def test_no_verb_of_anybody_lets_core_data_pass(
    who: str, core: Screening, at: datetime, request: pytest.FixtureRequest
) -> None:
    """Every verb that changes what a release may do, by everybody, and by the exchange itself."""
    actor: Actor = request.getfixturevalue(who)
    release, verdict = release_of(core), verdict_of(core)
    passing = {"screening": verdict, "pack": core.pack, "sample": {}}

    for by in (actor, SYSTEM):
        for attempt in (
            lambda by=by: clear_release(release=release, by=by, at=at, **passing),
            lambda by=by: renew_release(release=release, by=by, at=at, **passing),
            lambda by=by: submit_release(release=release, by=by, at=at),
            lambda: free_object(stored=release.original, reason="x", by=actor, at=at),
        ):
            with pytest.raises((DomainError, IntegrityError)), transaction.atomic():
                attempt()
            assert release_of(core).status == "BLOCKED"
    for verb in (reconsider_release, requeue_release):
        with transaction.atomic():
            try:
                verb(release=release_of(core), reason="x", by=actor, at=at)
            except DomainError:
                continue
            blocked = release_of(core)
            with pytest.raises((DomainError, IntegrityError)), transaction.atomic():
                clear_release(release=blocked, by=actor, at=at, **passing)
            transaction.set_rollback(True)
    assert why_not_trade(release_of(core), at) is not None


@pytest.mark.parametrize("who", EVERYBODY)
def test_not_even_a_case_made_by_hand_approves_core_data(
    who: str, core: Screening, at: datetime, log: Log, request: pytest.FixtureRequest
) -> None:
    actor: Actor = request.getfixturevalue(who)
    case = Case.objects.create(
        reference="CASE-2026-BYHAND00",
        screening=core,
        grade="CORE",
        kind="IMPORTANT",
        authority="OPERATOR",
        pack="cases@2026-11-01",
        status="SUBMITTED",
        opened_at=at,
    )
    before = log()

    with pytest.raises(NotAllowed):
        services.propose_decision(
            case=case, approve=True, reason="please", conditions=CONDITIONS, by=actor, at=at
        )

    assert log() == before
    assert release_of(core).status == "BLOCKED"


@pytest.mark.parametrize(
    "changes",
    [
        {"override": "REGULATOR"},
        {"override": "OPERATOR", "action": "REVIEW"},
        {"override": "OPERATOR", "action": "NOTICE"},
        {"override": "OPERATOR", "action": "ALLOW"},
    ],
)
def test_a_pack_that_allows_core_data_changes_nothing(
    changes: dict[str, str],
    provider_org: Organization,
    provider: Actor,
    at: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with_override(monkeypatch, **changes)
    release = submitted(product_of(provider_org, provider, at), provider, at, CORE)

    screening = services.screen_release(release=release, by=SYSTEM, at=at)

    found = release_of(screening)
    assert (screening.grade, screening.outcome) == ("CORE", "BLOCK")
    assert (found.status, found.original.status) == ("BLOCKED", "IMPOUNDED")
    assert not Case.objects.exists()


def test_the_database_itself_refuses(core: Screening, at: datetime) -> None:
    case = Case.objects.create(
        reference="CASE-2026-BYHAND00",
        screening=core,
        grade="CORE",
        kind="IMPORTANT",
        authority="OPERATOR",
        opened_at=at,
    )
    decided = {"reason": "x", "decided_by": "x", "decided_at": at, "valid_until": at.date()}
    appeal = Appeal.objects.create(
        reference="AP-2026-BYHAND00",
        screening=core,
        case=case,
        grade="CORE",
        wish="RESCREEN",
        grounds="x",
        lodged_by="x",
        lodged_at=at,
        due_on=at.date(),
    )
    answered = {"answer": "x", "answered_by": "x"}
    cleared = {"cleared_sha256": core.sha256, "cleared_pack": core.pack, "cleared_at": at}
    for rows, said in (
        (Case.objects.filter(pk=case.pk), {"status": "APPROVED", **decided}),
        (Case.objects.filter(pk=case.pk), {"grade": "GENERAL"}),
        (Screening.objects.filter(pk=core.pk), {"outcome": "CLEAR"}),
        (Release.objects.filter(pk=core.release_id), {"status": "CLEARED", **cleared}),
        (Appeal.objects.filter(pk=appeal.pk), {"status": "REOPENED", **answered}),
        (Appeal.objects.filter(pk=appeal.pk), {"grade": "GENERAL"}),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**said)
    with pytest.raises(IntegrityError), transaction.atomic():
        Appeal.objects.filter(pk=appeal.pk).update(wish="DECISION")


def test_sealed_bytes_are_kept_as_evidence(
    core: Screening, provider: Actor, operator: Actor, regulator: Actor, at: datetime, log: Log
) -> None:
    release = release_of(core)
    before = log()

    for by in (provider, SYSTEM):
        with pytest.raises((Held, WrongState)):
            destroy_object(stored=release.original, reason="x", by=by, at=at)
    assert log() == before
    assert list(list_due(at=at + timedelta(days=3650))) == []
    hold = LegalHold.objects.get()
    with pytest.raises(NotAllowed):
        lift_hold(hold=hold, reason="x", by=operator, at=at)
    lift_hold(hold=hold, reason="Handed over.", by=regulator, at=at)
    with pytest.raises(WrongState):
        destroy_object(stored=release.original, reason="x", by=SYSTEM, at=at)


def test_keys_of_sealed_files_turn_over_as_well(
    core: Screening, regulator: Actor, at: datetime
) -> None:
    StoredObject.objects.filter(key_id="test").delete()  # rows without bytes behind them
    rotate_keys(by=SYSTEM, at=at)

    stored = release_of(core).original
    with inspect_object(stored=stored, purpose="case 17", by=regulator, at=at) as reader:
        assert reader.size == stored.size


@pytest.mark.parametrize("who", EVERYBODY)
def test_nobody_seals_and_frees_by_hand(
    who: str, provider: Actor, at: datetime, log: Log, request: pytest.FixtureRequest
) -> None:
    actor: Actor = request.getfixturevalue(who)
    stored = store_object(
        source=io.BytesIO(b"x"),
        filename="x.csv",
        purpose="EVIDENCE",
        owner=provider.organization,
        by=provider,
        at=at,
    )
    before = log()

    with pytest.raises(NotAllowed):
        impound_object(stored=stored, reason="x", by=actor, at=at)

    assert log() == before
    assert StoredObject.objects.get(pk=stored.pk).status == "STORED"
