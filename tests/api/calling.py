"""Programs that call: with a token of an organization, as an integration does."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from rest_framework.test import APIClient

from audit.log.actors import Actor
from exchange.parties.models import ApiToken, Organization
from exchange.parties.services import issue_token

from .describing import check_answer, operation_at

ROOT = "/api/v1/"


@dataclass(frozen=True, kw_only=True)
class Program:
    """A client that sends a bearer token, or none."""

    secret: str = ""
    client: APIClient = field(default_factory=APIClient)

    def call(
        self, method: str, path: str, body: Any = None, *, key: str = "", **headers: str
    ) -> Any:
        """Send `body` as JSON and return the response."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.secret:
            sent["Authorization"] = f"Bearer {self.secret}"
        if key:
            sent["Idempotency-Key"] = key
        raw = (
            body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        )
        target = path if path.startswith("/") else ROOT + path
        kind = sent.pop("Content-Type", "application/json")
        answer = self.client.generic(method, target, raw, content_type=kind, headers=sent)
        operation = operation_at(target.partition("?")[0], method)
        if operation and answer.status_code < 400:
            check_answer(answer, operation)
        return answer

    def get(self, path: str, **headers: str) -> Any:
        """Read, and expect to be answered; return the document."""
        return expect(self.call("GET", path, **headers), 200)

    def post(self, path: str, body: Any = None, *, status: int = 200, key: str = "") -> Any:
        """Act under a key of its own, and expect `status`; return the document."""
        return expect(self.call("POST", path, body or {}, key=key or str(uuid4())), status)

    def send_file(self, path: str, file: Any, **fields: str) -> Any:
        """Upload `file` with `fields` and return the response."""
        authorization = {"Authorization": f"Bearer {self.secret}"} if self.secret else {}
        body = {"file": file, **fields}
        return self.client.post(ROOT + path, body, format="multipart", headers=authorization)


def expect(response: Any, status: int) -> Any:
    """Return the document of `response`, which has to have this status."""
    assert response.status_code == status, response.content.decode()[:2000]
    return response.json() if response.content else None


def problem(response: Any, status: int, code: str) -> dict[str, Any]:
    """Return the problem document that `response` has to be."""
    assert response.status_code == status, response.content.decode()[:2000]
    assert response["Content-Type"].startswith("application/problem+json")
    document: dict[str, Any] = response.json()
    assert document["code"] == code, document
    assert document["status"] == status
    assert document["type"] == f"/api/v1/problems/{code}"
    return document


def program_of(
    organization: Organization,
    by: Actor,
    at: datetime,
    *scopes: str,
    life: timedelta = timedelta(days=30),
) -> tuple[Program, ApiToken]:
    """Return a program with a new token of `organization`, and the token."""
    token, secret = issue_token(
        organization=organization, scopes=scopes, expires_at=at + life, by=by, at=at
    )
    return Program(secret=secret), token
