"""Answers in the place of data: groups and figures, examined before they leave."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from audit.log.actors import Actor
from audit.log.errors import Conflict, Invalid
from exchange.catalog.models import Product, Release
from exchange.compliance.models import Case, Screening
from exchange.compliance.services import screen_release
from exchange.delivery.models import Access, Grant
from exchange.delivery.rules import AccessDenied
from exchange.delivery.services import ask_question, take_download
from exchange.delivery.states import Channel
from exchange.oversight.retention.due import list_due
from exchange.parties.models import Organization
from exchange.vault.models import StoredObject
from tests.compliance.making import product_of, submitted

from .making import make_grant

Log = Callable[[], list[tuple[str, str]]]
VISITS = 20
HOSPITALS = ("一院", "二院")
COLUMNS: dict[str, list[Any]] = {
    "就诊卡号": [f"KH{row % VISITS:06}" for row in range(4 * VISITS)],
    "医院": [HOSPITALS[row % 2] for row in range(4 * VISITS)],
    "专科": ["罕见病" if row < 15 else "内科" for row in range(4 * VISITS)],
    "费用": [100 + row % 3 for row in range(4 * VISITS)],
}
COUNT = {"take": "COUNT"}


@pytest.fixture
def asked(
    provider_org: Organization,
    provider: Actor,
    buyer_org: Organization,
    at: datetime,
) -> Grant:
    """Two answers about visits of twenty persons, four of each."""
    return opened(product_of(provider_org, provider, at), COLUMNS, provider, buyer_org, at)


def opened(
    product: Product,
    columns: dict[str, list[Any]],
    provider: Actor,
    buyer_org: Organization,
    at: datetime,
) -> Grant:
    release = submitted(product, provider, at, columns)
    screen_release(release=release, by=Actor.system("compliance"), at=at)
    screening = Screening.objects.get(release=release)
    Case.objects.filter(screening=screening).update(
        status="APPROVED",
        reason="Assessed.",
        decided_by="user:x",
        decided_at=at,
        valid_until="2027-06-30",
    )
    Release.objects.filter(pk=release.pk).update(
        status="CLEARED",
        screening=screening.reference,
        grade="GENERAL",
        cleared_pack=screening.pack,
        cleared_sha256=release.sha256,
        cleared_at=at,
    )
    Product.objects.filter(pk=product.pk).update(
        status="LISTED", current=release, listed_at=at, manual={"delivery_modes": ["SANDBOX"]}
    )
    product.refresh_from_db()
    return make_grant(product, buyer_org, at, channel=Channel.QUERY)


def ask(grant: Grant, actor: Actor, at: datetime, key: str = "", **said: Any) -> dict[str, Any]:
    question = {"by": ["医院"], "measures": [COUNT]} | said
    download = ask_question(grant=grant, question=question, by=actor, at=at, request_key=key)
    told: dict[str, Any] = json.loads(b"".join(download.chunks()))
    return told


def test_an_answer_takes_budget_and_hands_over_figures(
    asked: Grant, buyer: Actor, at: datetime, log: Log
) -> None:
    before = len(log())
    mean = {"take": "MEAN", "column": "费用", "name": "平均"}

    told = ask(asked, buyer, at, measures=[COUNT, mean])

    assert told["columns"] == ["医院", "count", "平均"]
    assert [row[:2] for row in told["groups"]] == [["一院", 40], ["二院", 40]]
    assert told["rows_read"] == 80
    access = Access.objects.get()
    assert (access.form, access.status) == ("ANSWER", "COMPLETED")
    assert told["question"] == access.question
    asked.refresh_from_db()
    assert asked.used_downloads == 1
    assert [name for name, _ in log()][before:] == [
        "vault.object.stored",
        "delivery.access.taken",
        "delivery.access.completed",
    ]


def test_groups_are_counted_by_persons_where_there_are_persons(
    asked: Grant, buyer: Actor, at: datetime
) -> None:
    told = ask(asked, buyer, at, by=["专科"], smallest=16)

    assert told["groups"] == [["内科", 65]]
    assert told["rows_in_small_groups"] == 15
    assert told["question"]["steps"][-1]["person"] == "就诊卡号"


def test_a_key_asks_once(asked: Grant, buyer: Actor, at: datetime) -> None:
    first = ask(asked, buyer, at, key="one")
    second = ask_question(
        grant=asked,
        question={"by": ["医院"], "measures": [COUNT]},
        by=buyer,
        at=at,
        request_key="one",
    )

    assert second.access.pk == Access.objects.get().pk
    assert first["columns"] == ["医院", "count"]
    with pytest.raises(Conflict, match="another request"):
        ask(asked, buyer, at, key="one", by=["专科"])
    asked.refresh_from_db()
    assert asked.used_downloads == 1


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"measures": [{"take": "MAX", "column": "费用"}]}, "COUNT, SUM, MEAN"),
        ({"measures": [{"take": "MEDIAN", "column": "费用"}]}, "COUNT, SUM, MEAN"),
        ({"smallest": 9}, "fewer than 10"),
        ({"by": ["就诊卡号"]}, "Every group is too small"),
        ({"by": ["姓名"]}, "no column 姓名"),
        ({"by": []}, "question.by"),
        ({"where": "费用 > 100"}, "not known here"),
        (
            {"coarser": [{"do": "keep_rows", "column": "专科", "when": "FILLED", "values": []}]},
            "made coarser only",
        ),
        ({"coarser": [{"do": "pseudonym", "column": "就诊卡号"}]}, "made coarser only"),
        ({"coarser": "everything"}, "A list"),
    ],
)
def test_what_is_not_answered_costs_nothing(
    said: dict[str, Any], words: str, asked: Grant, buyer: Actor, at: datetime, log: Log
) -> None:
    before = log()

    with pytest.raises(Invalid) as caught:
        ask(asked, buyer, at, **said)

    assert words in str(caught.value.fields)
    assert log() == before
    asked.refresh_from_db()
    assert asked.used_downloads == 0


def test_an_answer_that_is_restricted_itself_does_not_leave(
    provider_org: Organization,
    provider: Actor,
    buyer: Actor,
    buyer_org: Organization,
    at: datetime,
    log: Log,
) -> None:
    """Twelve surveys of each control point: its position is a group, and no figure."""
    columns = {
        "点号": [f"GX{row % 9:04}" for row in range(108)],
        "大地纬度": [f"30.{row % 9}12345678" for row in range(108)],
        "大地经度": [f"120.{row % 9}87654321" for row in range(108)],
        "等级": ["二等"] * 108,
        "基准": ["CGCS2000"] * 108,
    }
    product = product_of(provider_org, provider, at)
    grant = opened(product, columns, provider, buyer_org, at)
    before = len(log())

    with pytest.raises(AccessDenied, match="would be restricted") as caught:
        ask(grant, buyer, at, by=["点号", "大地纬度", "大地经度", "等级", "基准"])

    assert caught.value.refusal == "NOT_AN_AGGREGATE"
    assert [name for name, _ in log()][before:] == ["delivery.access.refused"]
    assert not StoredObject.objects.filter(purpose="RESULT").exists()


def test_each_grant_opens_its_own_way_only(
    asked: Grant, grant: Grant, buyer: Actor, at: datetime
) -> None:
    with pytest.raises(AccessDenied, match="stays within the exchange") as rows:
        take_download(grant=asked, by=buyer, at=at)
    with pytest.raises(AccessDenied, match="delivers the file") as figures:
        ask(grant, buyer, at)

    assert rows.value.refusal == figures.value.refusal == "OTHER_CHANNEL"


def test_the_budget_is_the_number_of_answers(asked: Grant, buyer: Actor, at: datetime) -> None:
    ask(asked, buyer, at)
    ask(asked, buyer, at, by=["专科"])

    with pytest.raises(AccessDenied) as caught:
        ask(asked, buyer, at)

    assert caught.value.refusal == "EXHAUSTED"


@pytest.mark.parametrize("who", ["stranger", "provider", "regulator", "operator"])
def test_nobody_else_asks(
    who: str, asked: Grant, at: datetime, log: Log, request: pytest.FixtureRequest
) -> None:
    with pytest.raises(AccessDenied) as caught:
        ask(asked, request.getfixturevalue(who), at)

    assert caught.value.refusal == "NOT_GRANTEE"
    assert log()[-1][0] == "delivery.access.refused"


def test_an_answer_is_destroyed_a_month_after_its_time(
    asked: Grant, buyer: Actor, at: datetime
) -> None:
    ask(asked, buyer, at)
    kept = StoredObject.objects.get(purpose="RESULT")

    early = [due.reference for due in list_due(at=at + timedelta(days=30))]
    late = {due.reference: due for due in list_due(at=at + timedelta(days=33))}

    assert kept.reference not in early
    assert late[kept.reference].retention_class == "ANSWERS"
