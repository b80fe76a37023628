"""Input that is wrong, foreign, oversized or lying: a clear refusal, and nothing half-done."""

import gzip
import io
import json
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile

from audit.log.actors import Actor
from exchange.api import parsers, vault
from exchange.catalog.models import Product
from exchange.parties.models import Organization
from tests.catalog.making import MANUAL, draft_product
from tests.trading.making import SCENARIO, Floor, make_listing

from .calling import Program, problem, program_of

Log = Callable[[], list[tuple[str, str]]]
QUIET = {"api.idempotencykey", "parties.apitoken", "sessions.session"}
GOOD = "航班号,延误\nMU5101,12\nCA1831,3\n"


@pytest.fixture
def seller(provider_org: Organization, provider: Actor, at: datetime) -> Program:
    """The provider's program."""
    return program_of(provider_org, provider, at, "read", "list")[0]


@pytest.fixture
def taker(buyer_org: Organization, buyer: Actor, at: datetime) -> Program:
    """The buyer's program."""
    return program_of(buyer_org, buyer, at, "read", "trade")[0]


@pytest.fixture
def draft(provider_org: Organization, provider: Actor, at: datetime) -> Product:
    """A product that is being described."""
    return draft_product(provider_org, provider, at)


@pytest.fixture
def unchanged(db: None, log: Log) -> Callable[[], None]:
    """Return a check that no row and no file was added since."""

    def counts() -> dict[str, int]:
        return {
            model._meta.label_lower: model._default_manager.count()
            for model in apps.get_models()
            if model._meta.label_lower not in QUIET
        }

    def files() -> set[Path]:
        folders = (Path(django_settings.VAR) / "objects", Path(django_settings.VAR) / "tmp")
        return {path for folder in folders for path in folder.rglob("*") if path.is_file()}

    rows, kept = counts(), files()

    def check() -> None:
        assert counts() == rows
        assert files() == kept
        assert log() == []

    return check


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "JSON"),
        (b"{", "JSON"),
        (b'{"a": 1,}', "JSON"),
        (b'{"a": NaN}', "JSON"),
        (b'{"a": Infinity}', "JSON"),
        (b"\xff\xfe{}", "JSON"),
        ('{"question": "延误"}'.encode("gb18030"), "JSON"),
        (b"[" * 100_000, "nested"),
        (b'{"a":' * 5_000 + b"1" + b"}" * 5_000, "nested"),
        (b'{"a": ' + b"[" * 40 + b"]" * 40 + b"}", "nested"),
        (b'{"question": "a\\u0000b"}', "character"),
        (b'{"question": "\\ud800"}', "character"),
        (b'{"\\udfff": 1}', "character"),
        (b'{"quantity": 1' + b"0" * 5000 + b"}", "JSON"),
    ],
)
def test_bodies_that_are_not_json(
    taker: Program, unchanged: Callable[[], None], raw: bytes, words: str
) -> None:
    answer = taker.call("POST", "inquiries", raw)

    if not raw:
        problem(answer, 422, "invalid")
    else:
        assert words in problem(answer, 400, "parse-error")["detail"]
    unchanged()


@pytest.mark.parametrize("raw", [b"[]", b'"text"', b"1", b"null", b"true", b"[{}]"])
@pytest.mark.parametrize(
    "path", ["inquiries", "orders", "demands", "deposits", "grants/G-2026-00000000/revoke"]
)
def test_bodies_that_are_not_objects(
    taker: Program, unchanged: Callable[[], None], raw: bytes, path: str
) -> None:
    answer = taker.call("POST", path, raw, key="k")

    assert answer.status_code in {403, 404, 422}
    problem(answer, answer.status_code, answer.json()["code"])
    unchanged()


def test_a_body_too_large(taker: Program, unchanged: Callable[[], None]) -> None:
    body = {"product": "P-1", "question": "x" * parsers.LARGEST_DOCUMENT}

    problem(taker.call("POST", "inquiries", body), 413, "too-large")
    unchanged()


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "application/xml",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "nonsense",
        "",
    ],
)
def test_other_media_types(taker: Program, unchanged: Callable[[], None], kind: str) -> None:
    answer = taker.call("POST", "inquiries", b"a=b", Content_Type=kind)

    problem(answer, 415, "unsupported-media-type")
    unchanged()


def test_compressed_bodies_are_not_unpacked(taker: Program, unchanged: Callable[[], None]) -> None:
    bomb = gzip.compress(b'{"product": "' + b"x" * 10_000_000 + b'"}')

    answer = taker.call("POST", "inquiries", bomb, Content_Encoding="gzip")

    problem(answer, 400, "parse-error")
    unchanged()


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "products", {**MANUAL, "status": "LISTED"}),
        ("POST", "products", {**MANUAL, "provider": "ORG-BUYER"}),
        ("POST", "products", {**MANUAL, "id": 1, "reference": "P-2026-MINE0000"}),
        ("POST", "products", {**MANUAL, "version": 7, "level": 1, "zone": "GREEN"}),
        ("PATCH", "products/{draft}", {"status": "LISTED"}),
        ("PATCH", "products/{draft}", {"provider_id": 1}),
        ("PATCH", "products/{draft}", {"current": 1, "listed_at": "2026-01-01T00:00:00Z"}),
        ("PUT", "products/{draft}/plan", {"kind": "FREE", "status": "IN_FORCE"}),
        ("POST", "products/{draft}/request-listing", {"zone": "GREEN"}),
        ("POST", "products/{draft}/commitment", {"version": 1, "committed_at": "2026-01-01"}),
        ("POST", "products/{draft}/appraisals", {"costs": {"collection": "1.00", "low": "1"}}),
        ("POST", "rights", {"terms": {"situation": "PRODUCED"}, "status": "STATED"}),
    ],
)
def test_fields_one_may_not_set(
    seller: Program, draft: Product, log: Log, method: str, path: str, body: dict[str, Any]
) -> None:
    place = path.format(draft=draft.reference)
    tag = f'"{draft.reference}.{draft.version}.x"'
    before = log()

    answer = seller.call(method, place, body, key="k", If_Match=tag)

    named = {
        error["field"].rpartition(".")[2] for error in problem(answer, 422, "invalid")["errors"]
    }
    assert named & set(json.dumps(body).replace('"', " ").replace(":", " ").split())
    draft.refresh_from_db()
    assert (draft.status, draft.version, Product.objects.count()) == ("DRAFT", 1, 1)
    assert log() == before


def test_orders_set_nothing_of_their_own(
    taker: Program, provider_org: Organization, provider: Actor, at: datetime, log: Log
) -> None:
    product = make_listing(provider_org, provider, at)
    body = {"product": product.reference, "scenario": SCENARIO}
    before = log()

    for extra in ({"price": {"amount": "0.01"}}, {"buyer": "ORG-X"}, {"status": "PAID"}):
        answer = taker.call("POST", "orders", body | extra, key="k")
        (error,) = problem(answer, 422, "invalid")["errors"]
        assert error["field"] == next(iter(extra))
    nested = {**SCENARIO, "approved": True}
    answer = taker.call("POST", "orders", body | {"scenario": nested}, key="k")
    assert "approved" in str(problem(answer, 422, "invalid")["errors"])
    assert log() == before


@pytest.mark.parametrize("quantity", [0, -1, 2**63, 10**30, 1.5, "many", None, True, [], {"a": 1}])
def test_odd_quantities(
    taker: Program,
    provider_org: Organization,
    provider: Actor,
    at: datetime,
    log: Log,
    quantity: object,
) -> None:
    product = make_listing(provider_org, provider, at)
    body = {"product": product.reference, "scenario": SCENARIO, "quantity": quantity}
    before = log()

    answer = taker.call("POST", "orders", body, key="k")

    assert problem(answer, 422, "invalid")["errors"][0]["field"] == "quantity"
    assert log() == before


@pytest.mark.parametrize(
    "amount",
    ["0.00", "-1.00", "1.001", "1e3", "NaN", "Infinity", "", "ten", "9" * 30, 1, 1.5, None, {}],
)
def test_odd_amounts(
    operator_org: Organization,
    operator: Actor,
    buyer_org: Organization,
    at: datetime,
    log: Log,
    amount: object,
) -> None:
    program, _token = program_of(operator_org, operator, at, "read", "review")
    before = log()
    body = {
        "organization": buyer_org.reference,
        "amount": {"amount": amount, "currency": "CNY"},
        "bank_reference": "B-1",
        "transfer_id": "6f9619ff-8b86-4d01-b42d-00cf4fc964ff",
    }

    answer = program.call("POST", "deposits", body, key="k")

    assert answer.status_code in {403, 422}
    assert log() == before


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("empty.csv", b"", None),
        ("rows.csv", b"\n\n\n", "EMPTY"),
        ("head.csv", "航班号,延误\n".encode(), "EMPTY"),
        ("mixed.csv", "航班号\nMU5101\n".encode() + b"\xff\xfe\xfd\n", "ENCODING"),
        ("cut.parquet", b"PAR1" + b"\x00" * 40, None),
        ("lying.xlsx", GOOD.encode(), None),
        ("lying.parquet", GOOD.encode(), None),
        ("lying.json", GOOD.encode(), None),
        ("lying.csv", zipped(a=b"b"), None),
        ("cut.xlsx", zipped(x=b"y")[:-20], None),
        ("bomb.xlsx", zipped(**{"xl/workbook.xml": b"0" * 50_000_000}), None),
        ("open.json", b'[{"a": 1}, {"a": 2', None),
        ("deep.json", b'[{"a": ' + b"[" * 5_000 + b"]" * 5_000 + b"}]", None),
        ("image.png", b"\x89PNG\r\n\x1a\n", None),
        ("none", b"a", None),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_files_that_cannot_be_read(
    seller: Program,
    draft: Product,
    unchanged: Callable[[], None],
    name: str,
    content: bytes,
    fault: str | None,
) -> None:
    file = SimpleUploadedFile(name, content, "text/csv")

    answer = seller.send_file(f"products/{draft.reference}/releases", file)

    said = problem(answer, 422, "unreadable" if content else "invalid")
    assert said["errors"][0]["field"] == "file"
    assert fault in {None, said.get("fault")}
    unchanged()


@pytest.mark.parametrize(
    "name",
    [
        "../../../../etc/passwd.csv",
        "..\\..\\windows.csv",
        "/etc/cron.d/x.csv",
        "a\r\nSet-Cookie: x=1.csv",
        '";x="y.csv',
        "=cmd|' /C calc'!A0.csv",
        "航" * 300 + ".csv",
        "a" * 5000 + ".csv",
        "\u202egpj.csv",
    ],
)
def test_names_that_try_something(seller: Program, draft: Product, name: str) -> None:
    boundary = "xyz"
    quoted = name.replace("\\", "\\\\").replace('"', '\\"').encode()
    raw = (
        f"--{boundary}\r\n".encode()
        + b'Content-Disposition: form-data; name="file"; filename="'
        + quoted
        + b'"\r\n\r\n'
        + GOOD.encode()
        + f"\r\n--{boundary}--\r\n".encode()
    )
    kind = f"multipart/form-data; boundary={boundary}"

    answer = seller.call("POST", f"products/{draft.reference}/releases", raw, Content_Type=kind)

    if answer.status_code == 201:
        kept = answer.json()["filename"]
        assert not set(kept) & set("/\\\r\n\x00\u202e")
        assert not kept.startswith(("..", "="))
        assert len(kept) <= 255
    else:
        assert answer.status_code in {400, 422}
    root = Path(django_settings.VAR)
    assert not list(root.rglob("*passwd*"))


def test_a_form_without_its_file(
    seller: Program, draft: Product, unchanged: Callable[[], None]
) -> None:
    path = f"products/{draft.reference}/releases"
    nothing = seller.client.post(
        f"/api/v1/{path}",
        {"changelog": "x"},
        format="multipart",
        headers={"Authorization": f"Bearer {seller.secret}"},
    )
    cut = seller.call(
        "POST", path, b"--xyz\r\nConte", Content_Type="multipart/form-data; boundary=xyz"
    )
    odd = seller.call("POST", path, b"", Content_Type="multipart/form-data")
    extra = seller.send_file(path, SimpleUploadedFile("a.csv", GOOD.encode()), status="CLEARED")

    assert problem(nothing, 422, "invalid")["errors"][0]["field"] == "file"
    assert cut.status_code in {400, 422}
    assert problem(odd, 422, "invalid")["errors"][0]["field"] == "file"
    assert problem(extra, 422, "invalid")["errors"][0]["field"] == "status"
    unchanged()


def test_too_many_fields_in_a_form(
    seller: Program, draft: Product, unchanged: Callable[[], None]
) -> None:
    part = b'--xyz\r\nContent-Disposition: form-data; name="f"\r\n\r\n1\r\n'
    raw = part * 1_500 + b"--xyz--\r\n"

    answer = seller.call(
        "POST",
        f"products/{draft.reference}/releases",
        raw,
        Content_Type="multipart/form-data; boundary=xyz",
    )

    problem(answer, 400, "parse-error")
    unchanged()


def test_files_beyond_the_limit(
    seller: Program, draft: Product, unchanged: Callable[[], None], settings: Any
) -> None:
    settings.UPLOAD_MAX_BYTES = 1024
    file = SimpleUploadedFile("large.csv", GOOD.encode() * 10_000, "text/csv")
    answer = seller.send_file(f"products/{draft.reference}/releases", file)
    document = SimpleUploadedFile("large.pdf", b"x" * (vault.LARGEST + parsers.ROOM_FOR_FORM))
    stored = seller.send_file("objects", document, purpose="PROOF")
    closer = SimpleUploadedFile("large.pdf", b"x" * (vault.LARGEST + 1))
    refused = seller.send_file("objects", closer, purpose="PROOF")

    problem(answer, 413, "too-large")
    problem(stored, 413, "too-large")
    assert problem(refused, 422, "invalid")["errors"][0]["field"] == "file"
    unchanged()


def test_a_body_that_does_not_say_its_length(
    seller: Program, draft: Product, unchanged: Callable[[], None]
) -> None:
    answer = seller.client.generic(
        "POST",
        f"/api/v1/products/{draft.reference}/releases",
        b"",
        content_type="multipart/form-data; boundary=xyz",
        headers={"Authorization": f"Bearer {seller.secret}", "Transfer-Encoding": "chunked"},
    )

    problem(answer, 411, "length-required")
    unchanged()


def test_a_full_disk(
    seller: Program,
    draft: Product,
    unchanged: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("django.core.files.uploadhandler.MemoryFileUploadHandler.new_file", full)
    file = SimpleUploadedFile("a.csv", GOOD.encode(), "text/csv")

    answer = seller.send_file(f"products/{draft.reference}/releases", file)

    problem(answer, 507, "storage-full")
    unchanged()


def test_a_change_needs_the_version_it_starts_from(
    seller: Program, draft: Product, log: Log
) -> None:
    path = f"products/{draft.reference}"
    tag = seller.call("GET", path)["ETag"]
    before = log()
    change = {"abstract_en": "Departures of 2013 from three airports, one row for each."}

    problem(seller.call("PATCH", path, change), 428, "version-needed")
    for odd in ("*", '"x"', "nonsense", f'"{draft.reference}.2.abc"', 'W/"a", "b"'):
        problem(seller.call("PATCH", path, change, If_Match=odd), 412, "version-changed")
    assert log() == before
    assert seller.call("PATCH", path, change, If_Match=tag).status_code == 200
    problem(seller.call("PATCH", path, {"region": "x"}, If_Match=tag), 412, "version-changed")
    draft.refresh_from_db()
    assert draft.version == 2


def test_what_was_read_is_not_sent_again(seller: Program, draft: Product) -> None:
    path = f"products/{draft.reference}"
    first = seller.call("GET", path)

    again = seller.call("GET", path, If_None_Match=first["ETag"])
    seller.call("PUT", f"{path}/plan", {"kind": "FREE"})
    priced = seller.call("GET", path, If_None_Match=first["ETag"])

    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]
    assert first["Cache-Control"] == "private, no-cache"
    assert priced.status_code == 200
    assert priced["ETag"] != first["ETag"]


def test_steps_that_do_not_exist_now(seller: Program, draft: Product, log: Log) -> None:
    before = log()

    answer = seller.call("POST", f"products/{draft.reference}/retract-listing")

    said = problem(answer, 409, "wrong-state")
    assert said["state"] == "DRAFT"
    assert "edit" in said["allowed_actions"] or said["allowed_actions"]
    assert log() == before


def test_things_of_others_do_not_exist(  # noqa: PLR0917  fixtures
    seller: Program,
    taker: Program,
    draft: Product,
    provider_org: Organization,
    provider: Actor,
    buyer: Actor,
    stranger_org: Organization,
    stranger: Actor,
    at: datetime,
    log: Log,
) -> None:
    product = make_listing(provider_org, provider, at)
    order = Floor(product=product, provider=provider, buyer=buyer, at=at).place()
    proof = SimpleUploadedFile("a.pdf", b"%PDF", "application/pdf")
    stored = seller.send_file("objects", proof, purpose="PROOF").json()["reference"]
    other, _token = program_of(stranger_org, stranger, at, "read", "trade")
    before = log()
    asked = [
        ("GET", f"orders/{order.reference}", None),
        ("POST", f"orders/{order.reference}/pay", {}),
        ("POST", f"orders/{order.reference}/cancel", {"reason": "x"}),
        ("GET", f"contracts/{order.contract.reference}", None),
        ("POST", f"contracts/{order.contract.reference}/sign", {}),
        ("GET", f"products/{draft.reference}", None),
        ("GET", f"products/{draft.reference}/releases", None),
        ("GET", f"products/{draft.reference}/appraisals", None),
        ("GET", f"accounts/{provider_org.reference}", None),
        ("GET", f"accounts/{provider_org.reference}/statement", None),
        ("GET", f"organizations/{provider_org.reference}", None),
        ("GET", f"objects/{stored}", None),
        ("GET", f"log/timeline/order/{order.reference}", None),
        ("GET", f"log/timeline/product/{draft.reference}", None),
        ("POST", "inquiries", {"product": draft.reference, "question": "?"}),
        ("POST", "orders", {"product": draft.reference, "scenario": SCENARIO}),
    ]

    for method, path, body in asked:
        real = problem(other.call(method, path, body, key=path), 404, "not-found")
        unreal_path = path
        for reference in (order.reference, order.contract.reference, draft.reference, stored):
            unreal_path = unreal_path.replace(reference, reference[:-4] + "0000")
        other_body = body
        if body and "product" in body:
            other_body = {**body, "product": draft.reference[:-4] + "0000"}
        answer = other.call(method, unreal_path, other_body, key=path + "x")
        unreal = problem(answer, 404, "not-found")
        same = {"title", "code", "status", "type"}
        assert {key: real[key] for key in same} == {key: unreal[key] for key in same}
        hidden = real.get("detail", "").replace(draft.reference, "…")
        assert hidden == unreal.get("detail", "").replace(draft.reference[:-4] + "0000", "…")
    assert log() == before


def test_files_of_others_prove_nothing(
    seller: Program, stranger_org: Organization, stranger: Actor, at: datetime, log: Log
) -> None:
    other, _token = program_of(stranger_org, stranger, at, "read", "trade")
    file = SimpleUploadedFile("a.pdf", b"%PDF", "application/pdf")
    stored = other.send_file("objects", file, purpose="PROOF").json()["reference"]
    before = log()
    terms = {
        "situation": "PRODUCED",
        "rights": ["HOLD"],
        "origin": "ENTERPRISE",
        "source_kind": "COLLECTED",
        "valid_from": "2026-01-01",
    }
    proofs = [{"kind": "COLLECTION_RECORD", "object": stored}]

    problem(seller.call("POST", "rights", {"terms": terms, "proofs": proofs}), 404, "not-found")
    assert log() == before
