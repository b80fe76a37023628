"""The steps of a trade over HTTP that several journeys take, as programs take them."""

import hashlib
from datetime import datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from audit.log.actors import Actor
from exchange.parties.services import register_user
from tests.catalog.making import MANUAL

from .calling import ROOT, Program, expect, problem

TERMS = {
    "situation": "PRODUCED",
    "rights": ["HOLD", "USE", "OPERATE"],
    "origin": "ENTERPRISE",
    "source_kind": "COLLECTED",
    "source_note": "Recorded at our own gates since 2013.",
    "personal_basis": "NONE",
    "valid_from": "2026-01-01",
}
SCENARIO = {
    "use": "航班延误保险定价",
    "purpose": "为旅客延误险按航线测算费率，结果只用于本公司承保定价。",
    "term_days": 90,
    "region": "中国内地",
}
SIDES = {
    "seller": ("91310000MA1FL3XY13", "海港数据科技有限公司", ["PROVIDER"], ["read", "list"]),
    "taker": ("12100000MB3F4XY3C1", "远山航空研究院", ["BUYER"], ["read", "trade"]),
}


def issue(client: APIClient, organization: str, scopes: list[str], at: datetime) -> Program:
    """Let an administrator's session issue a token, and return the program that holds it."""
    body = {"scopes": scopes, "expires_at": (at + timedelta(days=30)).isoformat(), "label": "erp"}
    made = expect(client.post(f"{ROOT}organizations/{organization}/tokens", body, "json"), 201)
    assert made["secret"].startswith(f"qh_{made['prefix']}_")
    assert made["scopes"] == sorted(scopes)
    listed = expect(client.get(f"{ROOT}organizations/{organization}/tokens"), 200)
    assert "secret" not in listed["results"][0]
    return Program(secret=made["secret"])


def admit(side: str, operator: APIClient, at: datetime) -> tuple[str, Program]:
    """Apply as a new person, bring the license, be admitted by the operator, issue a token."""
    uscc, name, roles, scopes = SIDES[side]
    person = register_user(
        email=f"{side}@example.org",
        name=side,
        language="zh-hans",
        password="a long enough password",
        verified=True,
        by=Actor.system("test"),
        at=at,
    )
    client = APIClient()
    client.force_login(person)
    said = {"uscc": uscc, "name": name, "roles": roles, "clean_record_declared": True}
    applied = expect(client.post(ROOT + "organizations", said, "json"), 201)
    assert applied["status"] == "APPLIED"
    assert applied["allowed_actions"] == ["admit", "reject"]
    organization = applied["reference"]

    license_file = SimpleUploadedFile("营业执照.pdf", b"%PDF-1.7 license", "application/pdf")
    sent = {"purpose": "LICENSE", "file": license_file}
    stored = expect(client.post(ROOT + "objects", sent, "multipart"), 201)
    assert stored["sha256"] == hashlib.sha256(b"%PDF-1.7 license").hexdigest()
    path = f"{ROOT}organizations/{organization}/license"
    expect(client.put(path, {"object": stored["reference"]}, "json"), 200)

    target = f"{ROOT}organizations/{organization}/admit"
    refused = problem(operator.post(target, {}, "json"), 403, "not-allowed")
    assert "Not yet verified" in refused["detail"]
    checks = [
        {"kind": kind, "evidence": "gsxt.gov.cn"}
        for kind in ("IDENTITY", "LICENSE", "CLEAN_RECORD")
    ]
    admitted = expect(operator.post(target, {"checks": checks}, "json"), 200)
    assert (admitted["status"], admitted["roles"]) == ("ADMITTED", roles)
    return organization, issue(client, organization, scopes, at)


def describe(seller: Program, **changes: Any) -> str:
    """State rights, describe the product with `changes`, and return its reference."""
    proof = SimpleUploadedFile("采集记录.pdf", b"%PDF-1.7 proof", "application/pdf")
    stored = expect(seller.send_file("objects", proof, purpose="PROOF"), 201)
    proofs = [{"kind": "COLLECTION_RECORD", "object": stored["reference"]}]
    rights = seller.post("rights", {"terms": TERMS, "proofs": proofs}, status=201)
    assert rights["status"] == "DRAFT"
    assert rights["rights_named"][0] == {
        "code": "HOLD",
        "name_2022": "数据资源持有权",
        "name_2026": "数据持有权",
    }
    stated = seller.post(f"rights/{rights['reference']}/state")
    assert stated["status"] == "STATED"

    said = MANUAL | {"name": "2013年国内航班延误明细"} | changes
    made = seller.post("products", said, status=201)
    assert (made["status"], made["version"]) == ("DRAFT", 1)
    attach = {"rights": rights["reference"]}
    product = made["reference"]
    expect(seller.call("PUT", f"products/{product}/rights", attach), 200)
    return str(product)


def put_on_market(seller: Program, operator: Program, product: str) -> None:
    """Have it appraised, price it in the middle of its band, commit, and have it listed."""
    costs = {"collection": "80000.00", "cleaning": "20000.00"}
    appraised = seller.post(f"products/{product}/appraisals", {"costs": costs}, status=201)
    assert appraised["faults"] == []
    assert appraised["low"]["amount"] < appraised["high"]["amount"]
    price = appraised["mid"]["amount"]
    plan = {"kind": "ONE_OFF", "price": price, "guarantee_days": 7}
    set_plan = expect(seller.call("PUT", f"products/{product}/plan", plan), 200)
    assert set_plan["terms"]["price"] == price

    seen = seller.call("GET", f"products/{product}")
    change = {"abstract_en": "Delays of domestic flights in 2013, one row for each departure."}
    tag = seen["ETag"]
    changed = expect(seller.call("PATCH", f"products/{product}", change, If_Match=tag), 200)
    version = changed["version"]
    assert version == seen.json()["version"] + 1
    committed = seller.post(f"products/{product}/commitment", {"version": version})
    assert committed["committed_at"] is not None
    requested = seller.post(f"products/{product}/request-listing", {"justification": ""})
    assert (requested["status"], requested["zone"]) == ("REQUESTED", "GREEN")
    assert Program().call("GET", f"products/{product}").status_code == 404
    listed = operator.post(f"products/{product}/list", {"note": "齐备"})
    assert listed["status"] == "LISTED"
