"""Every error is a problem document in the caller's language, and gives nothing away."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError
from django.test import Client

from audit.log.actors import Actor
from audit.log.errors import DomainError
from exchange.api import session
from exchange.api.problem_types import PROBLEM_TYPES
from exchange.parties.models import Organization

from .calling import Program, problem, program_of

Log = Callable[[], list[tuple[str, str]]]
DOCUMENT = Path(settings.ROOT) / "docs" / "problems.md"


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/nothing",
        "/api/v1/",
        "/api/v2/me",
        "/api/",
        "/api/v1/me/",
        "/api/v1//me",
        "/api/v1/ME",
        "/api/v1/me.json",
        "/api/v1/products/../me",
        "/api/v1/products/%2e%2e/me",
        "/api/v1/products/%00",
        "/api/v1/products/a b",
        "/api/v1/products/" + "P" * 65,
        "/api/v1/products/P%2f..%2f",
        "/api/v1/products/产品",
        "/audit/2026/tile/0/../../secret",
        "/audit/2026/tile/entries/x001/000.p/999",
        "/audit/2026/tile/64/000",
        "/audit/2026/tile/00/000",
        "/audit/2026/tile/0/x000/001",
        "/audit/2026/tile/0/001/002",
        "/audit/2026/tile/0/0001",
        "/audit/2026/tile/0/000.p/0",
        "/audit/2026/tile/0/000.p/01",
        "/audit/2026/tile/0/000.p/256",
        "/audit/2026/tile/0/０００",
        "/audit/2026/tile/0/000/",
        "/audit/2026/checkpoint/",
        "/audit/02026/checkpoint",
        "/audit/../checkpoint",
        "/audit/2026.lock",
        "/api/v1/log/entries/not-a-uuid",
        "/api/v1/bytes/%2e%2e%2f",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_unknown_addresses(path: str, method: str, log: Log) -> None:
    before = log()

    answer = Program().call(method, path)

    assert answer.status_code in {401, 404, 405}
    document = problem(answer, answer.status_code, answer.json()["code"])
    assert document["request_id"] == answer["X-Request-ID"]
    assert answer["Cache-Control"] == "no-store"
    assert log() == before


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "products", "GET, POST, HEAD"),
        ("PUT", "me", "GET, HEAD"),
        ("POST", "log/head", "GET, HEAD"),
        ("TRACE", "products", "GET, POST, HEAD"),
        ("BREW", "products", "GET, POST, HEAD"),
        ("DISPATCH", "products", "GET, POST, HEAD"),
        ("GET", "deposits", "POST"),
        ("GET", "orders/O-2026-00000000/pay", "POST"),
    ],
)
def test_unknown_methods(db: None, method: str, path: str, allowed: str) -> None:
    answer = Program().call(method, path)

    problem(answer, 405, "method-not-allowed")
    assert "{" not in answer.json()["title"]
    assert set(answer["Allow"].split(", ")) - {"OPTIONS"} == set(allowed.split(", "))


@pytest.mark.parametrize(
    "header", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "_method"]
)
def test_the_method_is_the_method(db: None, header: str) -> None:
    answer = Program().call("GET", "products", **{header.replace("-", "_"): "POST"})

    assert answer.status_code == 200
    assert problem(Program().call("POST", "me", **{header: "GET"}), 405, "method-not-allowed")


def test_what_an_address_takes(db: None) -> None:
    answer = Program().call("OPTIONS", "products")

    assert (answer.status_code, answer["Allow"]) == (200, "GET, POST, HEAD, OPTIONS")
    problem(Program().call("OPTIONS", "orders"), 401, "not-authenticated")


@pytest.mark.parametrize("query", ["version=%0d%0aX:1", "lang=../..", "format=x", "urlconf=os"])
def test_the_description_takes_nothing(db: None, query: str) -> None:
    problem(Program().call("GET", f"schema?{query}"), 422, "invalid")


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("*/*", "application/vnd.oai.openapi"),
        ("application/json", "application/json"),
        ("application/vnd.oai.openapi+json", "application/vnd.oai.openapi+json"),
    ],
)
def test_the_description_in_either_form(db: None, accept: str, kind: str) -> None:
    answer = Program().call("GET", "schema", Accept=accept)

    assert (answer.status_code, answer["Content-Type"]) == (200, kind)
    assert answer["Cache-Control"] == "public, max-age=300"
    assert b"products_search" in answer.content


def test_asking_for_heads(db: None) -> None:
    answer = Program().call("HEAD", "products")

    assert (answer.status_code, answer.content) == (200, b"")


def test_other_forms_of_answers(db: None) -> None:
    html = Program().call("GET", "products", Accept="text/html")

    problem(html, 406, "not-acceptable")
    assert Program().call("GET", "products", Accept="*/*")["Content-Type"] == "application/json"


def test_a_foreign_host(db: None) -> None:
    for header in ("Host", "X-Forwarded-Host"):
        answer = Program().call("GET", "products", **{header.replace("-", "_"): "evil.example"})
        assert "evil.example" not in answer.content.decode()
    problem(Program().call("GET", "products", Host="evil.example"), 400, "bad-request")


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh-Hans", "没有这个参数"),
        ("zh-CN,zh;q=0.9", "没有这个参数"),
        ("en", "is not known here"),
        ("fr", "is not known here"),
    ],
)
def test_the_callers_language(db: None, language: str, words: str) -> None:
    answer = Program().call("GET", "products?colour=red", Accept_Language=language)

    (error,) = problem(answer, 422, "invalid")["errors"]
    assert error["field"] == "colour"
    assert words in error["message"]


def test_chinese_throughout(buyer_org: Organization, buyer: Actor, at: Any, settings: Any) -> None:
    program, _token = program_of(buyer_org, buyer, at, "read", "trade")
    asked = [
        ("GET", "me", None, {"Authorization": "Bearer qh_wrong"}),
        ("GET", "orders/O-2026-00000000", None, {}),
        ("POST", "orders", None, {}),
        ("POST", "orders", {"colour": 1}, {"Idempotency_Key": "k"}),
        ("POST", "orders", b"{", {"Idempotency_Key": "k"}),
        ("POST", "products", {}, {}),
        ("DELETE", "products", None, {}),
        ("GET", "nothing", None, {}),
        ("GET", "products?cursor=x", None, {}),
        ("POST", "demands", b"x", {"Content_Type": "text/plain"}),
    ]

    for method, path, body, headers in asked:
        caller = Program() if "Authorization" in headers else program
        answer = caller.call(method, path, body, Accept_Language="zh-Hans", **headers)
        assert answer.status_code >= 400
        said = answer.json()
        assert re.search("[\u4e00-\u9fff]", said["title"]), said
        told = [said.get("detail", said["title"]), *[e["message"] for e in said.get("errors", [])]]
        assert all(re.search("[\u4e00-\u9fff]", words) for words in told), said


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Callable[[Exception], None]:
    """Let `me` fail with an error of one's choice."""

    def install(error: Exception) -> None:
        def get(*_: Any) -> None:
            raise error

        monkeypatch.setattr(session.Me, "get", get)

    return install


def test_failures_of_ours_tell_nothing(
    buyer_org: Organization, buyer: Actor, at: Any, broken: Callable[[Exception], None]
) -> None:
    program, _token = program_of(buyer_org, buyer, at, "read")
    program.client.raise_request_exception = False
    broken(RuntimeError("SELECT secret FROM keys at /var/lib/quanheng"))

    answer = program.call("GET", "me", X_Request_ID="from-the-caller-1")

    said = problem(answer, 500, "internal-error")
    assert said["request_id"] == "from-the-caller-1" == answer["X-Request-ID"]
    assert not re.search("SELECT|secret|/var|Error|Traceback", answer.content.decode())


def test_a_busy_database_is_asked_again(
    buyer_org: Organization, buyer: Actor, at: Any, broken: Callable[[Exception], None]
) -> None:
    program, _token = program_of(buyer_org, buyer, at, "read")
    cause = Exception("database is locked")
    cause.sqlite_errorcode = 5  # type: ignore[attr-defined]
    error = OperationalError("database is locked")
    error.__cause__ = cause
    broken(error)

    answer = program.call("GET", "me")

    problem(answer, 503, "busy")
    assert answer["Retry-After"] == "1"


def test_other_database_errors_are_failures(
    buyer_org: Organization, buyer: Actor, at: Any, broken: Callable[[Exception], None]
) -> None:
    program, _token = program_of(buyer_org, buyer, at, "read")
    program.client.raise_request_exception = False
    broken(OperationalError("no such column: secret"))

    problem(program.call("GET", "me"), 500, "internal-error")


def test_request_ids_are_echoed_or_made(db: None) -> None:
    given = Program().call("GET", "products", X_Request_ID="trace-0001")
    odd = Program().call("GET", "products", X_Request_ID="a b\tc")

    assert given["X-Request-ID"] == "trace-0001"
    assert re.fullmatch("[0-9a-f]{32}", odd["X-Request-ID"])


def subclasses(kind: type) -> Iterator[type]:
    for found in kind.__subclasses__():
        yield found
        yield from subclasses(found)


def test_every_problem_is_described() -> None:
    codes = {
        found.code for found in subclasses(DomainError) if not found.__module__.startswith("tests")
    }

    assert codes - set(PROBLEM_TYPES) == set()


def test_problem_types_resolve(db: None) -> None:
    listed = Program().get("problems")

    assert [row["code"] for row in listed] == list(PROBLEM_TYPES)
    for code in PROBLEM_TYPES:
        read = Client().get(f"/api/v1/problems/{code}", headers={"Accept-Language": "zh-Hans"})
        assert read.status_code == 200
        assert re.search("[\u4e00-\u9fff]", read.json()["remedy"]), code


def test_problems_are_documented() -> None:
    text = DOCUMENT.read_text()

    for code, about in PROBLEM_TYPES.items():
        assert f"### {code}\n" in text, code
        assert str(about.cause) in text, code
        assert str(about.remedy) in text, code
