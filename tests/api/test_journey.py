"""One trade from application to settlement over HTTP; programs act with tokens alone."""

import base64
import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from audit.log.actors import Actor
from audit.log.publishing import publish
from audit.log.reactions import dispatch
from exchange.parties.models import Organization

from .calling import ROOT, Program, expect, problem
from .conftest import ClientFor
from .steps import SCENARIO, admit, describe, issue, put_on_market

HEADER = "航班号,出发地,到达地,计划离港,离港延误分钟\n"
CITIES = ["上海", "北京", "广州", "成都"]
ROWS = [
    f"MU{5000 + n},{CITIES[n % 4]},西安,2013-0{n % 9 + 1}-1{n % 10},{n % 47}" for n in range(400)
]
CONTENT = (HEADER + "\n".join(ROWS) + "\n").encode("gb18030")
TIMELINE = [
    "registry.rights.drafted",
    "registry.rights.stated",
    "catalog.product.created",
    "catalog.product.rights_attached",
    "catalog.release.uploaded",
    "catalog.release.submitted",
    "compliance.screening.queued",
    "compliance.screening.started",
    "catalog.release.screening",
    "compliance.screening.finished",
    "decision.taken",
    "decision.taken",
    "catalog.release.cleared",
    "pricing.appraisal.signed",
    "decision.taken",
    "catalog.product.appraised",
    "pricing.plan.set",
    "catalog.product.edited",
    "catalog.product.committed",
    "catalog.listing.requested",
    "catalog.listing.listed",
    "trading.inquiry.opened",
    "trading.inquiry.answered",
    "trading.order.placed",
    "trading.contract.drafted",
    "trading.contract.signed",
    "trading.contract.signed",
    "trading.contract.concluded",
    "trading.order.contracted",
    "settlement.hold.placed",
    "trading.order.paid",
    "delivery.grant.opened",
    "trading.order.access_opened",
    "delivery.access.taken",
    "delivery.grant.exhausted",
    "delivery.access.part_sent",
    "delivery.access.completed",
    "delivery.access.refused",
    "trading.order.delivered",
    "trading.order.accepted",
    "trading.order.settlement_begun",
    "settlement.hold.settled",
    "trading.order.settled",
    "trading.certificate.issued",
]


def upload(seller: Program, product: str, settle_log: Callable[[], None]) -> str:
    """Upload a file in GB18030, have it screened, and return the release."""
    file = SimpleUploadedFile("航班延误.csv", CONTENT, "text/csv")
    sent = seller.send_file(f"products/{product}/releases", file, changelog="首次发布")
    release = expect(sent, 201)
    assert release["encoding"].lower() == "gb18030"
    assert (release["rows"], release["size"]) == (400, len(CONTENT))
    assert release["sha256"] == hashlib.sha256(CONTENT).hexdigest()
    assert [column["name"] for column in release["columns"]] == HEADER.strip().split(",")
    assert release["allowed_actions"] == ["submit", "withdraw"]

    submitted = seller.post(f"releases/{release['reference']}/submit")
    assert submitted["status"] == "SUBMITTED"
    settle_log()
    cleared = seller.get(f"releases/{release['reference']}")
    assert (cleared["status"], cleared["grade"], cleared["level"]) == ("CLEARED", "GENERAL", 1)
    screening = seller.get(f"screenings/{cleared['screening']}")
    assert (screening["outcome"], screening["progress"]) == ("CLEAR", 100)
    assert screening["sha256"] == release["sha256"]
    assert screening["signature"]
    return str(release["reference"])


def find(product: str) -> None:
    """Find the product as anybody, by two Chinese characters, and by facet."""
    anybody = Program()
    for words in ("延误", "航班", "delays"):
        found = anybody.get(f"products?q={words}")
        assert [row["reference"] for row in found["results"]] == [product], words
    assert anybody.get("products?q=信用")["results"] == []
    assert anybody.get("products?format=csv")["results"][0]["reference"] == product
    facets = anybody.get("products/facets?q=延误")
    assert facets["sector"] == [
        {"value": "TRANSPORT", "label": "transport and shipping", "count": 1}
    ]
    shown = anybody.get(f"products/{product}")
    assert shown["manual"]["contact_unit"] == "数据运营部"
    assert shown["appraisal"]["asset"] == product
    assert len(shown["sample"]["rows"] if isinstance(shown["sample"], dict) else shown["sample"])


def buy(seller: Program, taker: Program, operator: Program, product: str) -> dict[str, Any]:
    """Ask, order for a scenario, sign on both sides, and pay from what the bank brought."""
    asked = taker.post("inquiries", {"product": product, "question": "有缺失吗？"}, status=201)
    answer = {"answer": "没有。"}
    answered = seller.post(f"inquiries/{asked['reference']}/answer", answer)
    assert taker.get(f"inquiries/{asked['reference']}") == answered
    assert answered["status"] == "ANSWERED"

    terms = taker.get(f"products/{product}")["plan"]
    body = {"product": product, "scenario": SCENARIO}
    order = taker.post("orders", body, status=201)
    assert order["status"] == "PLACED"
    assert order["price"]["amount"] == terms["terms"]["price"]
    assert order["allowed_actions"] == ["sign", "cancel"]
    contract = seller.post(f"contracts/{order['contract']}/sign")
    assert contract["status"] == "SIGNED_BY_PROVIDER"
    contract = taker.post(f"contracts/{order['contract']}/sign")
    assert (contract["status"], contract["faults"]) == ("EFFECTIVE", [])
    assert hashlib.sha256(contract["document"].encode()).hexdigest() == contract["sha256"]
    assert json.loads(contract["document"])["scenario"]["purpose"] == SCENARIO["purpose"]

    poor = taker.call("POST", f"orders/{order['reference']}/pay", {}, key="poor")
    assert "does not suffice" in problem(poor, 403, "not-allowed")["detail"]
    deposit = {
        "organization": order["buyer"],
        "amount": {"amount": "500000.00", "currency": "CNY"},
        "bank_reference": "ICBC-2026-1",
        "transfer_id": str(uuid4()),
    }
    assert operator.post("deposits", deposit, status=201)["status"] == "POSTED"
    paid = taker.post(f"orders/{order['reference']}/pay")
    balance = taker.get(f"accounts/{order['buyer']}")
    assert balance["escrow"] == order["price"]
    return dict(paid)


def download(taker: Program, order: dict[str, Any]) -> None:
    """Take the one download of the budget, in two ranges; a second one is refused."""
    path = f"grants/{order['grant']}/download"
    taken = taker.post(path, key="take-1", status=201)
    assert (taken["filename"], taken["size"]) == ("航班延误.csv", len(CONTENT))
    link = taken["url"].removeprefix("http://testserver")
    anybody = Program()
    head = anybody.call("GET", link, Range="bytes=0-999")
    assert (head.status_code, head["Content-Range"]) == (206, f"bytes 0-999/{len(CONTENT)}")
    first = head.getvalue()
    rest = anybody.call("GET", link, Range="bytes=1000-", If_Range=head["ETag"])
    assert rest.status_code == 206
    assert first + rest.getvalue() == CONTENT
    assert head["ETag"] == f'"{hashlib.sha256(CONTENT).hexdigest()}"'

    second = problem(taker.call("POST", path, {}, key="take-2"), 403, "access-refused")
    assert second["refusal"] == "EXHAUSTED"
    grant = taker.get(f"grants/{order['grant']}")
    assert (grant["used_downloads"], grant["budget_downloads"]) == (1, 1)
    assert grant["status"] == "EXHAUSTED"


def settle(taker: Program, order: dict[str, Any], settle_log: Callable[[], None]) -> dict[str, Any]:
    """Accept what was delivered; settlement and certificate follow by themselves."""
    path = f"orders/{order['reference']}"
    settle_log()
    delivered = taker.get(path)
    assert delivered["status"] == "DELIVERED"
    assert delivered["allowed_actions"] == ["accept", "reject", "terminate"]
    assert taker.post(f"{path}/accept")["status"] == "ACCEPTED"
    settle_log()
    settled = taker.get(path)
    assert settled["status"] == "SETTLED"
    checked = Program().get(f"certificates/{settled['certificate']}")
    assert (checked["valid"], checked["faults"]) == (True, [])
    assert checked["product"] == order["product"]
    held = taker.get(f"certificates/{settled['certificate']}/document")
    assert hashlib.sha256(held["document"].encode()).hexdigest() == checked["sha256"]
    assert base64.b64decode(held["signature"])
    return dict(settled)


def take_receipt(taker: Program, order: str, at: datetime, folder: Path) -> None:
    """Take the receipt of the settlement, and have the stand-alone verifier check it."""
    trail = taker.get(f"log/timeline/order/{order}")["rows"]
    entry = next(row for row in trail if row["name"] == "trading.order.settled")
    path = f"log/entries/{entry['id']}"
    answer = taker.call("GET", f"{path}/receipt")
    assert answer.status_code == 200
    read = taker.get(path)
    assert (read["state"], read["index"]) == ("PUBLISHED", entry["index"])
    head = Program().get("log/head")
    assert head["size"] > entry["index"]
    note = Program().call("GET", "/audit/2026/checkpoint").content.decode()
    assert note == head["note"]

    file = folder / "settled.tlog-proof"
    file.write_bytes(answer.content)
    command = [sys.executable, "-m", "verify", "receipt", str(file), "--key", head["verifier_key"]]
    run = subprocess.run(  # noqa: S603  our own program
        command, cwd=settings.ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    assert "trading.order.settled" in run.stdout


def test_one_trade(
    operator_org: Organization,
    regulator_org: Organization,
    operator: Actor,
    regulator: Actor,
    client_for: ClientFor,
    settle_log: Callable[[], None],
    at: datetime,
    tmp_path: Path,
) -> None:
    desk = client_for(operator)
    _seller_org, seller = admit("seller", desk, at)
    taker_org, taker = admit("taker", desk, at)
    floor = issue(desk, operator_org.reference, ["read", "review", "audit"], at)
    watch = issue(client_for(regulator), regulator_org.reference, ["read", "review", "audit"], at)
    me = taker.get("me")
    assert me["kind"] == "TOKEN"
    assert (me["organization"], me["roles"], me["member_role"]) == (taker_org, ["BUYER"], "TRADER")

    product = describe(seller)
    upload(seller, product, settle_log)
    put_on_market(seller, floor, product)
    find(product)
    order = buy(seller, taker, floor, product)
    settle_log()
    assert taker.get(f"orders/{order['reference']}")["status"] == "DELIVERING"
    download(taker, order)
    settled = settle(taker, order, settle_log)
    take_receipt(taker, settled["reference"], at, tmp_path)

    path = f"log/timeline/product/{product}?limit=200"
    assert watch.call("GET", path).json()["code"] == "purpose-needed"
    timeline = watch.get(path, Inspection_Purpose=quote("抽查 12"))["rows"]
    names = [row["name"] for row in timeline]
    assert names == TIMELINE
    assert watch.get("statistics/blocked") == []


def test_a_receipt_waits_for_its_checkpoint(
    provider_org: Organization, provider: Actor, at: datetime, client_for: ClientFor
) -> None:
    client = client_for(provider)
    said = {"scopes": ["read"], "expires_at": (at + timedelta(days=1)).isoformat()}
    path = f"{ROOT}organizations/{provider_org.reference}/tokens"
    program = Program(secret=expect(client.post(path, said, "json"), 201)["secret"])
    dispatch(at=at)
    (entry,) = program.get("log/entries?event=parties.token.issued")["rows"]

    waiting = program.call("GET", f"log/entries/{entry['id']}/receipt")
    publish(at=at)
    ready = program.call("GET", f"log/entries/{entry['id']}/receipt")

    assert (waiting.status_code, waiting["Retry-After"]) == (202, "2")
    assert waiting.json()["code"] == "not-published"
    assert ready.status_code == 200
    assert ready.content.startswith(b"c2sp.org/tlog-proof@v1\n")


def test_a_suspension_stops_the_next_access(
    operator_org: Organization,
    regulator_org: Organization,
    operator: Actor,
    regulator: Actor,
    client_for: ClientFor,
    settle_log: Callable[[], None],
    at: datetime,
) -> None:
    desk = client_for(operator)
    _seller_org, seller = admit("seller", desk, at)
    _taker_org, taker = admit("taker", desk, at)
    floor = issue(desk, operator_org.reference, ["read", "review"], at)
    watch = issue(client_for(regulator), regulator_org.reference, ["read", "review"], at)
    product = describe(seller)
    upload(seller, product, settle_log)
    put_on_market(seller, floor, product)
    order = buy(seller, taker, floor, product)
    settle_log()
    taken = taker.post(f"grants/{order['grant']}/download", status=201)
    link = taken["url"].removeprefix("http://testserver")

    why = {"reason": "核查数据来源", "basis": "《数据安全法》第四十四条"}
    supervision = watch.post("supervisions", {"product": product, **why}, status=201)
    stopped = problem(Program().call("GET", link), 403, "access-refused")
    settle_log()
    gone = Program().call("GET", f"products/{product}")
    resumed = problem(
        taker.call("POST", f"accesses/{taken['reference']}/link", {}), 403, "access-refused"
    )
    lift = {"reason": "来源清楚"}
    lifted = watch.post(f"supervisions/{supervision['reference']}/lift", lift)
    settle_log()
    again = taker.post(f"accesses/{taken['reference']}/link", status=201)
    answer = Program().call("GET", again["url"].removeprefix("http://testserver"))

    assert stopped["refusal"] in {"SUSPENDED", "PRODUCT_SUSPENDED"}
    problem(gone, 410, "gone")
    assert resumed["refusal"] in {"SUSPENDED", "PRODUCT_SUSPENDED"}
    assert lifted["status"] == "LIFTED"
    assert answer.getvalue() == CONTENT
