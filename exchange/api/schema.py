"""What the API's description says beyond the views: credentials and problem documents."""

from typing import Any

from django.utils.module_loading import import_string
from drf_spectacular.extensions import (
    OpenApiAuthenticationExtension,
    OpenApiSerializerFieldExtension,
)
from drf_spectacular.openapi import AutoSchema

PROBLEM = "exchange.api.problems.ProblemOut"
PAGING: list[dict[str, Any]] = [
    {
        "in": "query",
        "name": "cursor",
        "schema": {"type": "string", "maxLength": 2000},
        "description": "of a `next` or `previous` link",
    },
    {
        "in": "query",
        "name": "page_size",
        "schema": {"type": "integer", "minimum": 1, "maximum": 100, "default": 20},
    },
]
PURPOSE: dict[str, Any] = {
    "in": "header",
    "name": "Inspection-Purpose",
    "schema": {"type": "string", "maxLength": 2000},
    "description": "what an authority looks for, UTF-8 percent-encoded; required of a regulator "
    "for records of others, and recorded with the look",
}
REFERENCE = {"type": "string", "pattern": "^[0-9A-Za-z@._-]{1,64}$"}


class Description(AutoSchema):
    """Adds to each operation what all have in common: the problem document, pages, references."""

    def get_operation(
        self, path: str, path_regex: str, path_prefix: str, method: str, registry: Any
    ) -> dict[str, Any] | None:
        """Return the operation's description."""
        operation: dict[str, Any] | None = super().get_operation(
            path, path_regex, path_prefix, method, registry
        )
        if operation is None:
            return None
        problem = self.resolve_serializer(import_string(PROBLEM), "response").ref
        operation["responses"]["default"] = {
            "description": "A problem document (RFC 9457)",
            "content": {"application/problem+json": {"schema": problem}},
        }
        if self._answers_pages(operation):
            operation["parameters"] = [*operation.get("parameters", []), *PAGING]
        if method == "GET" and getattr(self.view, "look", False):
            operation["parameters"] = [*operation.get("parameters", []), PURPOSE]
        for parameter in operation.get("parameters", []):
            if parameter["in"] == "path" and parameter["schema"] == {"type": "string"}:
                parameter["schema"] = REFERENCE
        return operation

    def _answers_pages(self, operation: dict[str, Any]) -> bool:
        content = operation["responses"].get("200", {}).get("content", {})
        schema = content.get("application/json", {}).get("schema", {})
        return str(schema.get("$ref", "")).endswith("Page")


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Bearer tokens of organizations."""

    target_class = "exchange.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:  # noqa: ARG002
        return {"type": "http", "scheme": "bearer", "bearerFormat": "qh_<prefix>_<secret>"}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The browser's session."""

    target_class = "exchange.api.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:  # noqa: ARG002
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}


class MoneyScheme(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """Amounts with their currency."""

    target_class = "exchange.api.amounts.MoneyField"

    def map_serializer_field(
        self,
        auto_schema: AutoSchema,  # noqa: ARG002  the framework's signature
        direction: Any,  # noqa: ARG002
    ) -> dict[str, Any]:
        return {
            "type": "object",
            "properties": {
                "amount": {"type": "string", "examples": ["12.30"]},
                "currency": {"type": "string", "examples": ["CNY"]},
            },
            "required": ["amount"],
        }
