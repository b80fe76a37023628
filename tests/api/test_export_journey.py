"""Evidence for an export over HTTP, from the refusal at the order to the order that is allowed."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from exchange.catalog.models import Release
from tests.compliance.making import CLEAN

from .calling import expect, problem
from .casting import PURPOSE, Cast, offered
from .steps import SCENARIO, put_on_market

AWAY = {**SCENARIO, "export": True, "access_places": ["MAINLAND", "ABROAD"]}
KINDS = ("SEPARATE_CONSENT", "IMPACT_ASSESSMENT")


def on_market(cast: Cast) -> tuple[str, str]:
    """Return a listed product about persons whose provider permits export, and its release."""
    product, release = offered(cast, CLEAN, export="YES")
    Release.objects.filter(reference=release).update(personal="PERSONAL")
    put_on_market(cast.seller, cast.floor, product)
    return product, release


def filed(cast: Cast, kind: str, product: str, release: str, **changes: Any) -> str:
    """File a piece of evidence with its document, and return its reference."""
    paper = SimpleUploadedFile(f"{kind}.pdf", kind.encode(), "application/pdf")
    stored = expect(cast.seller.send_file("objects", paper, purpose="EVIDENCE"), 201)
    columns = cast.seller.get(f"releases/{release}")["columns"]
    said = {
        "kind": kind,
        "authority": "本公司个人信息保护负责人",
        "valid_from": "2026-11-01",
        "uses": [SCENARIO["use"]],
        "recipients": [cast.taker_org],
        "products": [product],
        "fields": [column["name"] for column in columns],
        "places": ["ABROAD"],
        "ordinary": 1000,
        "document": stored["reference"],
        **changes,
    }
    made = cast.seller.post("filings", said, status=201)
    assert made["status"] == "FILED"
    return str(made["reference"])


def unmet(refusal: dict[str, Any]) -> set[str]:
    """Return the rules that a refusal names as not met."""
    return {rule["id"] for rule in refusal["export"]["rules"] if not rule["met"]}


def test_an_export_from_the_refused_order_to_the_allowed_one(cast: Cast) -> None:
    product, release = on_market(cast)
    order = {"product": product, "scenario": AWAY}

    refused = problem(cast.taker.call("POST", "orders", order, key="o1"), 403, "export-refused")
    assert unmet(refused) == {"R-EXPORT-CONSENT", "R-EXPORT-IMPACT"}
    assert cast.taker.get("orders")["results"] == []

    references = [filed(cast, kind, product, release) for kind in KINDS]
    still = cast.taker.call("POST", "orders", order, key="o2")
    assert unmet(problem(still, 403, "export-refused")) == unmet(refused)

    for reference, kind in zip(references, KINDS, strict=True):
        path = f"filings/{reference}"
        assert cast.taker.call("GET", f"{path}/document").status_code == 404
        problem(cast.watch.call("GET", f"{path}/document"), 428, "purpose-needed")
        assert cast.floor.call("GET", f"{path}/document", **PURPOSE).getvalue() == kind.encode()
        assert cast.seller.call("POST", f"{path}/verify", {}).status_code == 403
        assert cast.floor.post(f"{path}/verify")["status"] == "VERIFIED"

    placed = cast.taker.post("orders", order, status=201)
    assert placed["status"] == "PLACED"
    cast.settle()
    path = f"log/timeline/order/{placed['reference']}?limit=200"
    names = [row["name"] for row in cast.watch.get(path, **PURPOSE)["rows"]]
    assert "compliance.export.declared" in names

    cast.seller.post(f"filings/{references[0]}/revoke", {"reason": "The form was wrong."})
    again = cast.taker.call("POST", "orders", order, key="o3")
    assert unmet(problem(again, 403, "export-refused")) == {"R-EXPORT-CONSENT"}


def test_evidence_for_another_recipient_or_purpose_opens_nothing(cast: Cast) -> None:
    product, release = on_market(cast)
    for kind in KINDS:
        changes = {"recipients": ["ORG-OTHER"]} if kind == KINDS[0] else {}
        reference = filed(cast, kind, product, release, **changes)
        cast.floor.post(f"filings/{reference}/verify")

    answer = cast.taker.call("POST", "orders", {"product": product, "scenario": AWAY}, key="o")

    assert unmet(problem(answer, 403, "export-refused")) == {"R-EXPORT-CONSENT"}
