"""Contributions measured for a buyer's task, from real files to signed weights."""

import base64
import hashlib
import io
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from audit.log.actors import Actor
from audit.log.errors import Conflict, Invalid, NotAllowed, NotFound, WrongState
from audit.log.signing import verify_signature
from exchange.catalog.models import Product, Release
from exchange.parties.models import Organization
from exchange.parties.queries import actor_for_user
from exchange.settlement import tasks
from exchange.settlement.models import ValueMeasurement
from exchange.settlement.queries import get_measurement_for
from exchange.settlement.services import (
    TaskStated,
    agree_share,
    measured_weights,
    propose_share,
    recover_measurements,
    request_measurement,
    run_measurement,
)
from exchange.trading.services import measure_contributions_for
from exchange.vault.services import ingest_file
from pricing.sharing import Basis, RevenueShare
from pricing.valuation.tasks import Kind, Metric, Task
from tests.conftest import make_member
from tests.decisions.making import taken
from tests.trading.making import Floor, make_listing

from .making import SYSTEM, fund, make_provider

Log = Callable[[], list[tuple[str, str]]]
TASK = Task(target="late", features=("wind", "traffic"), kind=Kind.CLASSES, k=3)


def lines(seed: int, rows: int, *, wrong: bool = False) -> str:
    """Return CSV in which a departure is late when wind and traffic are high, or the reverse."""
    chance = np.random.default_rng(seed)
    text = ["wind,traffic,late"]
    for wind, traffic in chance.normal(size=(rows, 2)).round(4).tolist():
        late = (wind + traffic > 0) != wrong
        text.append(f"{wind},{traffic},{'yes' if late else 'no'}")
    return "\n".join(text) + "\n"


def supply(product: Product, content: str, at: datetime) -> Release:
    """Return a cleared release whose table is really read from a file."""
    taken = ingest_file(
        source=io.BytesIO(content.encode()),
        filename="delays.csv",
        owner=product.provider.reference,
        by=Actor.system("vault"),
        at=at,
    )
    release = product.current
    assert release
    made = Release(
        reference=f"V-2026-{product.provider.reference[-6:]}",
        product=product,
        number=9,
        status="CLEARED",
        status_since=at,
        original=taken.original,
        table=taken.table,
        sha256=taken.sha256,
        filename="delays.csv",
        format="CSV",
        rows=content.count("\n") - 1,
        size=len(content),
        uploaded_at=at,
        grade="GENERAL",
        level=1,
        personal="NONE",
        cleared_at=at,
        cleared_pack="compliance@2026-11-01",
        cleared_sha256=taken.sha256,
    )
    made.save(force_insert=True)
    return made


@pytest.fixture
def product(provider_org: Organization, provider: Actor, at: datetime) -> Product:
    return make_listing(provider_org, provider, at)


@pytest.fixture
def agreement(product: Product, provider: Actor, buyer_org: Organization, at: datetime) -> Any:
    source = actor_for_user(make_member(make_provider("SOURCE", at), "ADMIN", at))
    other = make_listing(Organization.objects.get(reference="ORG-SOURCE"), source, at)
    releases = {
        "ORG-PROVIDER": [supply(product, lines(1, 60), at).reference],
        "ORG-SOURCE": [supply(other, lines(2, 30), at).reference],
    }
    half = {"ORG-PROVIDER": Decimal("0.5"), "ORG-SOURCE": Decimal("0.5")}
    share = RevenueShare(cuts=(), weights=half, basis=Basis.DECLARED)
    made = propose_share(product=product, share=share, releases=releases, by=provider, at=at)
    agree_share(agreement=made, by=source, at=at)
    made.refresh_from_db()
    return made


def stated(**changes: Any) -> TaskStated:
    words = {"purpose": "Price delay insurance.", "task": TASK, "holdout": lines(3, 40)}
    return TaskStated(**(words | changes))


def test_a_measurement_is_signed_and_its_inputs_are_named(
    agreement: Any, provider: Actor, at: datetime, log: Log
) -> None:
    made = request_measurement(agreement=agreement, stated=stated(), by=provider, at=at)
    held = made.holdout_sha256

    run_measurement(measurement=made, by=SYSTEM, clock=lambda: at)

    made.refresh_from_db()
    assert (made.status, made.progress, made.holdout) == ("MEASURED", 100, "")
    assert held == hashlib.sha256(lines(3, 40).encode()).hexdigest()
    assert verify_signature(made.signer, made.document.encode(), base64.b64decode(made.signature))
    document = json.loads(made.document)
    assert document["task"]["features"] == ["wind", "traffic"]
    assert document["result"] == made.result
    assert [row["rows"] for row in made.result["parties"]] == [60, 30]
    assert float(made.result["total"]) > 0.7
    assert log() == [
        ("settlement.measurement.requested", made.reference),
        ("settlement.measurement.started", made.reference),
        ("settlement.measurement.finished", made.reference),
        taken(made.reference),
    ]


def test_weights_follow_and_harm_is_paid_nothing(
    agreement: Any, provider: Actor, at: datetime
) -> None:
    made = request_measurement(agreement=agreement, stated=stated(), by=provider, at=at)
    with pytest.raises(Conflict):
        measured_weights(made)
    run_measurement(measurement=made, by=SYSTEM, clock=lambda: at)

    weights = measured_weights(made)

    assert sum(weights.values()) == 1
    assert weights["ORG-PROVIDER"] > weights["ORG-SOURCE"] > 0


def test_a_buyer_measures_what_it_paid_for(
    agreement: Any, product: Product, provider: Actor, buyer: Actor, stranger: Actor, at: datetime
) -> None:
    fund("ORG-BUYER", "1000.00", at)
    floor = Floor(product=product, provider=provider, buyer=buyer, at=at)
    unpaid = floor.place()
    with pytest.raises(NotAllowed):
        measure_contributions_for(order=unpaid, stated=stated(), by=buyer, at=at)
    order = floor.paid()

    made = measure_contributions_for(order=order, stated=stated(), by=buyer, at=at)

    assert made.requester == "ORG-BUYER"
    assert get_measurement_for(buyer, made.reference) == made
    assert get_measurement_for(provider, made.reference) == made
    with pytest.raises(NotFound):
        get_measurement_for(stranger, made.reference)
    with pytest.raises(NotAllowed):
        measure_contributions_for(order=order, stated=stated(), by=stranger, at=at)


def test_a_stranger_to_the_sale_asks_for_nothing(
    agreement: Any, buyer: Actor, provider_viewer: Actor, at: datetime, log: Log
) -> None:
    for actor in (buyer, provider_viewer):
        with pytest.raises(NotAllowed):
            request_measurement(agreement=agreement, stated=stated(), by=actor, at=at)

    assert (log(), ValueMeasurement.objects.count()) == ([], 0)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"purpose": " "}, "purpose"),
        ({"purpose": "x" * 2001}, "purpose"),
        ({"holdout": ""}, "holdout"),
        ({"holdout": "wind,traffic,late\n1,2\n"}, "holdout"),
        ({"holdout": 'wind,traffic,late\n1,"2,3\n'}, "holdout"),
        ({"holdout": "wind,wind,late\n1,2,3\n"}, "holdout"),
        ({"holdout": "wind,traffic\n1,2\n"}, "holdout"),
        ({"holdout": "wind,traffic,late\n1,much,yes\n"}, "holdout"),
        ({"holdout": "wind,traffic,late\n1,NaN,yes\n"}, "holdout"),
        ({"holdout": "x" * (2**20 + 1)}, "holdout"),
    ],
)
def test_a_task_that_means_nothing_is_refused_at_once(
    agreement: Any, provider: Actor, at: datetime, changes: Any, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        request_measurement(agreement=agreement, stated=stated(**changes), by=provider, at=at)

    assert list(refused.value.fields) == [field]


def test_what_only_the_sources_show_is_refused_with_its_reason(
    agreement: Any, provider: Actor, at: datetime, log: Log
) -> None:
    task = Task(target="late", features=("wind", "humidity"), kind=Kind.CLASSES)
    holdout = lines(3, 40).replace("traffic", "humidity")
    words = stated(task=task, holdout=holdout)
    made = request_measurement(agreement=agreement, stated=words, by=provider, at=at)

    run_measurement(measurement=made, by=SYSTEM, clock=lambda: at)

    made.refresh_from_db()
    assert (made.status, made.holdout) == ("REFUSED", "")
    assert made.refusal["code"] == "column_missing"
    assert made.refusal["params"]["column"] == "humidity"
    assert log()[-1] == ("settlement.measurement.refused", made.reference)


def test_other_metrics_go_through_as_well(agreement: Any, provider: Actor, at: datetime) -> None:
    task = Task(
        target="late", features=("wind", "traffic"), kind=Kind.CLASSES, metric=Metric.ACCURACY
    )
    made = request_measurement(agreement=agreement, stated=stated(task=task), by=provider, at=at)

    run_measurement(measurement=made, by=SYSTEM, clock=lambda: at)

    values = [Decimal(row["value"]) for row in made.result["parties"]]
    assert float(sum(values)) == pytest.approx(float(made.result["total"]), abs=1e-9)


def test_two_workers_do_not_measure_the_same(agreement: Any, provider: Actor, at: datetime) -> None:
    made = request_measurement(agreement=agreement, stated=stated(), by=provider, at=at)
    rival = ValueMeasurement.objects.get(pk=made.pk)
    run_measurement(measurement=made, by=SYSTEM, clock=lambda: at)

    with pytest.raises(WrongState):
        run_measurement(measurement=rival, by=SYSTEM, clock=lambda: at)


def test_what_a_dead_worker_left_is_taken_up(
    agreement: Any, provider: Actor, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = request_measurement(agreement=agreement, stated=stated(), by=provider, at=at)

    def die(*_words: object, **_more: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr("exchange.settlement.services.measuring.measure_contributions", die)
        with pytest.raises(KeyboardInterrupt):
            run_measurement(measurement=made, by=SYSTEM, clock=lambda: at)

    assert recover_measurements(by=SYSTEM, at=at + timedelta(minutes=29)) == []
    assert recover_measurements(by=SYSTEM, at=at + timedelta(hours=1)) == [made]
    tasks.measure(reference=made.reference)
    made.refresh_from_db()
    assert made.status == "MEASURED"
