"""The provider sets its price; one plan is in force; the others are kept."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from audit.log.actors import Actor, ActorKind
from audit.log.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound
from audit.rulebook.queries import get_pack
from pricing import services
from pricing.models import Plan
from pricing.plans import PlanTerms
from pricing.queries import current_plan, current_plans, get_plan, list_plans, quote
from pricing.regimes import why_not_regime
from pricing.services import set_plan
from pricing.states import PlanKind, PlanState, Regime

from .making import METERED, ONE_OFF

Log = Callable[[], list[tuple[str, str]]]
ASSET = "P-2026-00000001"
OWNER = "ORG-PROVIDER"


def _set(terms: PlanTerms, by: Actor, at: datetime, **changes: Any) -> Plan:
    return set_plan(asset=ASSET, terms=terms, owner=OWNER, by=by, at=at, **changes)


def test_a_price_is_set(provider: Actor, at: datetime, log: Log) -> None:
    plan = _set(ONE_OFF, provider, at)

    assert plan == current_plan(ASSET) == get_plan(plan.reference)
    assert plan.price.text == "8000.00"
    assert (plan.owner, plan.status, plan.pack) == (OWNER, "IN_FORCE", "pricing@2026-01-01")
    assert plan.guarantee_days == 14
    assert log() == [("pricing.plan.set", plan.reference)]


def test_a_metered_plan_is_read_back_from_its_row(provider: Actor, at: datetime) -> None:
    terms = replace(METERED, minimum=Decimal("9.90"), guarantee_days=30, negotiable=True)

    plan = Plan.objects.get(pk=_set(terms, provider, at).pk)

    assert plan.terms == terms
    assert plan.terms.sha256 == plan.terms_sha256
    assert quote(plan, 1500, at=at).total.text == "125.00"
    assert quote(plan, 1500, at=at).plan == plan.reference
    assert quote(plan, 1500, at=at).valid_until == at + timedelta(days=30)


def test_a_new_price_supersedes_the_old_one_which_is_kept(
    provider: Actor, at: datetime, log: Log
) -> None:
    first = _set(ONE_OFF, provider, at)
    later = at + timedelta(days=1)

    second = _set(replace(ONE_OFF, price=Decimal(9000)), provider, later)

    first.refresh_from_db()
    assert (first.status, first.superseded_at) == ("SUPERSEDED", later)
    assert first.price.text == "8000.00"
    assert current_plan(ASSET) == second
    assert list(list_plans(ASSET)) == [second, first]
    assert log() == [
        ("pricing.plan.set", first.reference),
        ("pricing.plan.superseded", first.reference),
        ("pricing.plan.set", second.reference),
    ]


def test_the_same_price_again_changes_nothing(provider: Actor, at: datetime, log: Log) -> None:
    first = _set(ONE_OFF, provider, at)

    again = _set(replace(ONE_OFF, price=Decimal(8000)), provider, at + timedelta(days=1))

    assert again == first
    assert log() == [("pricing.plan.set", first.reference)]


@pytest.mark.parametrize(
    "who", ["provider_viewer", "buyer", "stranger", "regulator", "operator", "anonymous"]
)
def test_only_the_provider_sets_the_price(
    who: str, request: pytest.FixtureRequest, provider: Actor, at: datetime, log: Log
) -> None:
    actor = request.getfixturevalue(who)

    with pytest.raises(NotAllowed):
        _set(ONE_OFF, actor, at)

    assert not Plan.objects.exists()
    assert log() == []


def test_not_even_the_platform_sets_a_price(at: datetime, log: Log) -> None:
    with pytest.raises(NotAllowed):
        _set(ONE_OFF, Actor.system("pricing"), at)

    assert log() == []


def test_a_suspended_provider_sets_no_price(provider: Actor, at: datetime, log: Log) -> None:
    with pytest.raises(NotAllowed, match="not admitted"):
        _set(ONE_OFF, replace(provider, roles=frozenset()), at)

    assert log() == []


def test_another_provider_cannot_take_a_product_over(
    provider: Actor, at: datetime, log: Log
) -> None:
    first = _set(ONE_OFF, provider, at)
    rival = replace(provider, id="user:rival", organization="ORG-RIVAL")

    with pytest.raises(NotAllowed, match="another organization"):
        set_plan(asset=ASSET, terms=METERED, owner="ORG-RIVAL", by=rival, at=at)

    assert current_plan(ASSET) == first
    assert log() == [("pricing.plan.set", first.reference)]


def test_terms_that_are_no_plan_are_refused(provider: Actor, at: datetime, log: Log) -> None:
    with pytest.raises(Invalid) as refusal:
        _set(replace(ONE_OFF, price=Decimal(0)), provider, at)

    assert list(refusal.value.fields) == ["price"]
    assert not Plan.objects.exists()
    assert log() == []


def test_a_price_set_meanwhile_is_found_out(
    provider: Actor, at: datetime, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = _set(ONE_OFF, provider, at)
    _before_writing(monkeypatch, lambda: _set(METERED, provider, at))

    with pytest.raises(Conflict):
        _set(replace(ONE_OFF, price=Decimal(1)), provider, at)

    assert Plan.objects.filter(asset=ASSET, status=PlanState.IN_FORCE).count() == 1
    assert current_plan(ASSET) == first
    assert log() == [("pricing.plan.set", first.reference)]


def test_two_first_prices_at_once_leave_one(
    provider: Actor, at: datetime, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    _before_writing(monkeypatch, lambda: _set(METERED, provider, at))

    with pytest.raises(Conflict, match="at the same time"):
        _set(ONE_OFF, provider, at)

    assert Plan.objects.filter(status=PlanState.IN_FORCE).count() <= 1
    assert log() == []


def _before_writing(monkeypatch: pytest.MonkeyPatch, rival: Callable[[], object]) -> None:
    """Let a rival act after the plan in force was read and before the new one is written."""

    def interfere(kind: str, *, on: Any) -> Any:
        monkeypatch.setattr(services, "get_pack", get_pack)
        rival()
        return get_pack(kind, on=on)

    monkeypatch.setattr(services, "get_pack", interfere)


def test_the_database_keeps_one_plan_in_force(provider: Actor, at: datetime) -> None:
    plan = _set(ONE_OFF, provider, at)
    plan.pk, plan.reference = None, "PL-2026-AAAAAAAA"

    with pytest.raises(IntegrityError), transaction.atomic():
        plan.save(force_insert=True)


@pytest.mark.parametrize(
    "change",
    [
        {"kind": PlanKind.FREE, "price_amount": 1},
        {"regime": Regime.PUBLIC_FREE, "kind": PlanKind.ONE_OFF},
        {"regime": Regime.PUBLIC_CAPPED, "cap_amount": 1, "price_amount": 2},
        {"price_amount": -1},
    ],
)
def test_the_database_refuses_a_plan_against_the_rules(
    change: dict[str, Any], provider: Actor, at: datetime
) -> None:
    plan = _set(ONE_OFF, provider, at)
    plan.pk, plan.reference, plan.asset = None, "PL-2026-AAAAAAAA", "P-OTHER"
    for name, value in change.items():
        setattr(plan, name, value)

    with pytest.raises(IntegrityError), transaction.atomic():
        plan.save(force_insert=True)


def test_the_terms_of_a_plan_cannot_be_changed_in_place(provider: Actor, at: datetime) -> None:
    plan = _set(ONE_OFF, provider, at)

    with pytest.raises(IntegrityError), transaction.atomic():
        Plan.objects.filter(pk=plan.pk).update(price_amount=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Plan.objects.filter(pk=plan.pk).delete()


def test_many_plans_are_read_at_once(
    provider: Actor, at: datetime, django_assert_num_queries: Any
) -> None:
    plan = _set(ONE_OFF, provider, at)

    with django_assert_num_queries(1):
        assert current_plans([ASSET, "P-OTHER"]) == {ASSET: plan}


@pytest.mark.django_db
def test_an_unknown_plan_is_not_found() -> None:
    with pytest.raises(NotFound):
        get_plan("PL-2026-NOTTHERE")


@pytest.mark.parametrize(
    ("regime", "origin", "kind", "permitted"),
    [
        ("MARKET", "ENTERPRISE", "ONE_OFF", True),
        ("MARKET", "PERSONAL", "FREE", True),
        ("MARKET", "PUBLIC", "ONE_OFF", False),
        ("PUBLIC_FREE", "PUBLIC", "FREE", True),
        ("PUBLIC_FREE", "PUBLIC", "ONE_OFF", False),
        ("PUBLIC_CAPPED", "PUBLIC", "ONE_OFF", True),
        ("PUBLIC_CAPPED", "PUBLIC", "FREE", False),
        ("PUBLIC_CAPPED", "ENTERPRISE", "ONE_OFF", False),
        ("PUBLIC_FREE", "ENTERPRISE", "FREE", False),
    ],
)
def test_the_regime_follows_the_origin(
    regime: str, origin: str, kind: str, *, permitted: bool
) -> None:
    assert (why_not_regime(regime, origin, kind) is None) is permitted


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_many_prices_at_once_leave_one_in_force(at: datetime) -> None:
    rivals = 8
    gate = Barrier(rivals)
    by = Actor(
        kind=ActorKind.USER,
        id="user:p",
        organization=OWNER,
        roles=frozenset({"PROVIDER"}),
        member_role="ADMIN",
    )

    def run(number: int) -> Plan | DomainError:
        try:
            gate.wait()
            return _set(replace(ONE_OFF, price=Decimal(number + 1)), by, at)
        except DomainError as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(rivals) as pool:
        results = list(pool.map(run, range(rivals)))

    won = [result for result in results if isinstance(result, Plan)]
    assert won
    assert all(isinstance(result, Conflict) for result in results if result not in won)
    assert Plan.objects.filter(asset=ASSET, status=PlanState.IN_FORCE).count() == 1
    assert Plan.objects.count() == len(won)
