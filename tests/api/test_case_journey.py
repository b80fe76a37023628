"""Important data from the block to the delivered order over HTTP; core data ends at the block."""

import json
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.compliance.filing import VALUES
from tests.compliance.making import CORE

from .calling import Program, expect, problem
from .casting import PURPOSE, Cast, offered
from .steps import SCENARIO, put_on_market

R = Random(7)
POINTS = 120
SURVEY: Mapping[str, Sequence[Any]] = {
    "点号": [f"GX{row:04}" for row in range(POINTS)],
    "大地纬度": [f"{R.uniform(30, 31):.9f}" for _ in range(POINTS)],
    "大地经度": [f"{R.uniform(120, 121):.9f}" for _ in range(POINTS)],
    "等级": [("二等", "三等")[row % 2] for row in range(POINTS)],
    "基准": ["CGCS2000"] * POINTS,
    "复测次数": [row % 4 + 1 for row in range(POINTS)],
}
QUESTION = {
    "by": ["等级"],
    "measures": [{"take": "COUNT"}, {"take": "MEAN", "column": "复测次数", "name": "平均复测"}],
}


def file_case(cast: Cast, reference: str) -> None:
    """Fill the file of a case head by head, as the case itself asks, and hand it in."""
    path = f"cases/{reference}"
    case = cast.seller.get(path)
    early = problem(cast.seller.call("POST", f"{path}/submit", {}, key="e"), 422, "invalid")
    assert "RISK" in {error["field"] for error in early["errors"]}
    for head in case["file"]:
        values = {name: VALUES[name] for name in head["fields"]}
        if "recipients" in values:
            values["recipients"] = [cast.taker_org]
        documents = []
        for number in range(head["documents_needed"]):
            paper = SimpleUploadedFile(f"{head['head']}-{number}.pdf", b"%PDF-1.7 report")
            sent = cast.seller.send_file("objects", paper, purpose="EVIDENCE")
            documents.append(expect(sent, 201)["reference"])
        body = {"values": values, "documents": documents}
        expect(cast.seller.call("PUT", f"{path}/file/{head['head']}", body), 200)
    assert cast.seller.post(f"{path}/submit")["status"] == "SUBMITTED"


def approve(cast: Cast, reference: str) -> None:
    """Let the operator propose and the regulator confirm; neither alone, and not by download."""
    path = f"cases/{reference}"
    conditions = {
        "purpose": "Planning of flood protection on the river",
        "recipients": [cast.taker_org],
        "channels": ["FILE_DOWNLOAD"],
        "retention_days": 90,
        "reporting_days": 30,
    }
    said = {"approve": True, "reason": "Assessed.", "conditions": conditions}
    outside = cast.floor.call("POST", f"{path}/propose", said, key="p1")
    assert "stays in its domain" in str(problem(outside, 422, "invalid")["errors"])
    nobody = said | {"conditions": conditions | {"channels": ["PRIVACY_COMPUTE"]}}
    dead_end = cast.floor.call("POST", f"{path}/propose", nobody, key="p2")
    assert "Nobody could be delivered to" in str(problem(dead_end, 422, "invalid")["errors"])
    inside = said | {"conditions": conditions | {"channels": ["SANDBOX"]}}
    made = cast.floor.post(f"{path}/propose", inside)
    proposal = next(each for each in made["proposals"] if each["status"] == "MADE")["reference"]
    answer = {"proposal": proposal, "reason": "Seen."}
    alone = problem(cast.floor.call("POST", f"{path}/confirm", answer, key="c"), 403, "not-allowed")
    assert "Another person" in alone["detail"]
    confirmed = cast.watch.post(f"{path}/confirm", answer)
    assert confirmed["status"] == "APPROVED"
    assert confirmed["conditions"]["channels"] == ["SANDBOX"]


def test_important_data_from_the_block_to_the_delivered_answer(cast: Cast) -> None:
    product, release = offered(cast, SURVEY, delivery_modes=["SANDBOX"], delivery_level="S3")
    stopped = cast.seller.get(f"releases/{release}")
    assert (stopped["status"], stopped["grade"]) == ("IN_REVIEW", "IMPORTANT")
    (case,) = cast.seller.get("cases")["results"]
    assert (case["kind"], case["authority"]) == ("IMPORTANT", "REGULATOR")

    file_case(cast, case["reference"])
    approve(cast, case["reference"])
    cast.settle()
    assert cast.seller.get(f"releases/{release}")["status"] == "CLEARED"
    put_on_market(cast.seller, cast.floor, product)

    order = ordered(cast, product, case["reference"])
    answered(cast, order)
    cast.settle()
    delivered = cast.taker.get(f"orders/{order['reference']}")
    assert delivered["status"] == "DELIVERED"
    assert cast.taker.post(f"orders/{order['reference']}/accept")["status"] == "ACCEPTED"
    cast.settle()
    assert cast.taker.get(f"orders/{order['reference']}")["status"] == "SETTLED"

    path = f"log/timeline/product/{product}?limit=200"
    names = [row["name"] for row in cast.watch.get(path, **PURPOSE)["rows"]]
    told = [name for name in names if name.startswith(("compliance.case", "compliance.proposal"))]
    assert [told[0], *told[-3:]] == [
        "compliance.case.opened",
        "compliance.proposal.made",
        "compliance.proposal.confirmed",
        "compliance.case.approved",
    ]
    assert "delivery.access.completed" in names


def ordered(cast: Cast, product: str, case: str) -> dict[str, Any]:
    """Buy under the conditions, which stand in the contract; outside of them it is refused."""
    home = {**SCENARIO, "access_places": ["MAINLAND"]}
    body = {"product": product, "scenario": {**home, "term_days": 91}}
    long = problem(cast.taker.call("POST", "orders", body, key="o1"), 403, "not-allowed")
    assert "(kept for at most (days))" in long["detail"]
    order = cast.taker.post("orders", {"product": product, "scenario": home}, status=201)
    for side in (cast.seller, cast.taker):
        contract = side.post(f"contracts/{order['contract']}/sign")
    document = json.loads(contract["document"])
    assert document["decision"]["case"] == case
    assert document["delivery"]["channel"] == "QUERY"
    clauses = {clause["id"]: clause for clause in document["clauses"]}
    assert "sandbox" in clauses["CASE_CHANNELS"]["text_en"]
    assert "不得超过 90 日" in clauses["CASE_RETENTION"]["text_zh"]
    deposit = {
        "organization": order["buyer"],
        "amount": {"amount": "500000.00", "currency": "CNY"},
        "bank_reference": "ICBC-2026-9",
        "transfer_id": "0b9c3ff0-4a4f-4d3c-9d3d-6c4de1a0a001",
    }
    cast.floor.post("deposits", deposit, status=201)
    return dict(cast.taker.post(f"orders/{order['reference']}/pay"))


def answered(cast: Cast, order: Mapping[str, Any]) -> None:
    """Fetch an answer; the rows themselves are not to be had."""
    path = f"grants/{order['grant']}"
    rows = problem(cast.taker.call("POST", f"{path}/download", {}, key="d"), 403, "access-refused")
    assert rows["refusal"] == "OTHER_CHANNEL"
    single = {"by": ["点号"], "measures": [{"take": "COUNT"}]}
    refused = cast.taker.call("POST", f"{path}/ask", single, key="q1")
    assert "too small" in str(problem(refused, 422, "invalid")["errors"])

    taken = cast.taker.post(f"{path}/ask", QUESTION, status=201, key="q2")
    again = cast.taker.post(f"{path}/ask", QUESTION, status=201, key="q2")
    assert again["reference"] == taken["reference"]
    answer = Program().call("GET", taken["url"].removeprefix("http://testserver"))
    told = json.loads(answer.getvalue())
    assert told["columns"] == ["等级", "count", "平均复测"]
    assert told["groups"] == [["三等", 60, 3.0], ["二等", 60, 2.0]]
    assert told["rows_in_small_groups"] == 0
    spent = cast.taker.call("POST", f"{path}/ask", QUESTION, key="q3")
    assert problem(spent, 403, "access-refused")["refusal"] == "EXHAUSTED"


def test_core_data_is_sealed_and_nothing_opens_it(cast: Cast) -> None:
    product, release = offered(cast, CORE)

    blocked = cast.seller.get(f"releases/{release}")
    assert (blocked["status"], blocked["grade"]) == ("BLOCKED", "CORE")
    assert cast.seller.get("cases")["results"] == []
    (sealed,) = cast.watch.get("sealed", **PURPOSE)["results"]
    assert (sealed["release"], sealed["grade"]) == (release, "CORE")
    for verb, body in (
        ("submit", {}),
        ("derivations", {"preset": "STATISTICS"}),
    ):
        answer = cast.seller.call("POST", f"releases/{release}/{verb}", body, key=verb)
        assert answer.status_code in {403, 409}, verb
    wish = {"screening": blocked["screening"], "wish": "DECISION", "grounds": "Not core at all."}
    appeal = cast.seller.call("POST", "appeals", wish, key="a")
    assert problem(appeal, 403, "not-allowed")["detail"]
    for who in (cast.seller, cast.floor):
        assert who.call("GET", f"sealed/{release}/file", **PURPOSE).status_code in {403, 404}
    silent = cast.watch.call("GET", f"sealed/{release}/file")
    assert silent.json()["code"] == "purpose-needed"
    opened = cast.watch.call("GET", f"sealed/{release}/file", **PURPOSE)
    assert "弹药库" in opened.getvalue().decode()
    (hold,) = cast.watch.get("holds", **PURPOSE)["results"]
    assert (hold["kind"], hold["subject"], hold["status"]) == ("release", release, "IN_FORCE")
    path = f"log/timeline/product/{product}?limit=200"
    names = [row["name"] for row in cast.watch.get(path, **PURPOSE)["rows"]]
    assert "compliance.core.sealed" in names
    assert not [name for name in names if name.startswith("compliance.case.")]
