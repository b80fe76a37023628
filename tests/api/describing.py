"""Holding answers to the committed description of the interface."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

try:
    import jsonschema
except ImportError:  # a tool of developers; the bare suite checks everything but the shape
    jsonschema = None

COMMITTED = Path(settings.ROOT) / "docs" / "api" / "openapi.yaml"
DOCUMENT: dict[str, Any] = yaml.safe_load(COMMITTED.read_text())


@cache
def operation_at(path: str, method: str) -> dict[str, Any] | None:
    """Return the described operation an address belongs to; fixed parts go before parameters."""
    found = [
        (template.count("{"), operations_of[method.lower()])
        for template, operations_of in DOCUMENT["paths"].items()
        if method.lower() in operations_of
        and re.fullmatch(
            re.sub(r"\{path\}", ".+", re.sub(r"\{(?!path)\w+\}", "[^/]+", template)), path
        )
    ]
    return min(found, key=lambda pair: pair[0])[1] if found else None


def check_answer(response: Any, operation: dict[str, Any]) -> None:
    """Hold an answer to the description of its operation."""
    described = operation["responses"].get(str(response.status_code))
    if response.status_code >= 400:
        described = described or operation["responses"]["default"]
    assert described is not None, (operation["operationId"], response.status_code)
    kind = response.headers.get("Content-Type", "").partition(";")[0]
    content = described.get("content", {})
    assert not content or kind in content or "*/*" in content, (operation["operationId"], kind)
    if jsonschema and kind.endswith("json") and kind in content:
        schema = {**content[kind]["schema"], "components": DOCUMENT["components"]}
        jsonschema.Draft202012Validator(schema).validate(response.json())
