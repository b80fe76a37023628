"""The committed description says what the interface does: generated anew, and held to answers."""

import json
import re
from typing import Any
from urllib.parse import quote, urlencode

import pytest
import yaml
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as bounds
from hypothesis import strategies as st
from rest_framework.test import APIClient

from .describing import DOCUMENT, check_answer, operation_at
from .test_permissions import BODIES, CALLERS, TABLE, things

__all__ = ["things"]


def test_the_committed_description_is_the_present_one() -> None:
    schema = SchemaGenerator().get_schema(request=None, public=True)

    assert yaml.safe_load(OpenApiYamlRenderer().render(schema, None, {})) == DOCUMENT


@pytest.mark.tools
def test_the_description_is_openapi() -> None:
    validator = pytest.importorskip("openapi_spec_validator", reason="a tool of developers")

    validator.validate(DOCUMENT)


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, methods in DOCUMENT["paths"].items()
        for method, operation in methods.items()
    ]


def test_operations_are_named_once() -> None:
    names = [operation["operationId"] for _path, _method, operation in operations()]

    assert len(names) == len(set(names))
    assert all(re.fullmatch("[a-z_]+", name) for name in names)
    for _path, _method, operation in operations():
        assert "default" in operation["responses"]
        assert operation.get("description") or operation.get("summary"), operation["operationId"]


def test_answers_are_as_described(callers: dict[str, APIClient], things: dict[str, str]) -> None:
    seen = set()
    for method, path, statuses in TABLE:
        target = path if path.startswith("/") else "/api/v1/" + path.format(**things)
        operation = operation_at(target, method)
        if operation is None:
            assert path in {"schema", "docs"}
            continue
        names = dict(zip(statuses, CALLERS, strict=True))  # one caller for each status
        for status, name in names.items():
            if method != "GET" and status < 400:
                continue  # what acts is held to it in the journey
            response = callers[name].generic(
                method,
                target,
                b"" if method == "GET" else b"{}",
                content_type="application/json",
                headers={"Idempotency-Key": "k"},
            )
            check_answer(response, operation)
        seen.add(operation["operationId"])
    assert len(seen) > 100
    assert set(BODIES) <= {path for _method, path, _statuses in TABLE}


TEXT = st.text(max_size=30) | st.sampled_from(
    ["", "\x00", "%00", "..", "null", "-1", "1e9", "延误"]
)
VALUE: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)


def fields_of(operation: dict[str, Any]) -> list[str]:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    reference = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
    return list(DOCUMENT["components"]["schemas"].get(reference, {}).get("properties", {}))


@bounds(
    max_examples=250,
    deadline=None,
    phases=[Phase.generate],
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
@given(data=st.data())
def test_no_input_breaks_anything(
    data: st.DataObject, callers: dict[str, APIClient], things: dict[str, str]
) -> None:
    """Property test, bounded to 250 requests: whatever is sent, the answer is one described."""
    path, method, operation = data.draw(st.sampled_from(operations()))
    known = st.sampled_from(sorted(things.values()))
    target = re.sub(r"\{\w+\}", lambda _: data.draw(known | TEXT).replace("/", ""), path)
    names = [p["name"] for p in operation.get("parameters", []) if p["in"] == "query"]
    query = data.draw(st.dictionaries(st.sampled_from([*names, "x"]), TEXT, max_size=2))
    body = data.draw(
        st.dictionaries(st.sampled_from([*fields_of(operation), "x"]), VALUE | known, max_size=6)
        | VALUE
    )
    client = callers[data.draw(st.sampled_from(CALLERS))]
    address = quote(target, safe="/") + ("?" + urlencode(query) if query else "")
    raw = json.dumps(body).encode()

    response = client.generic(
        method.upper(),
        address,
        raw,
        content_type="application/json",
        headers={"Idempotency-Key": f"k{hash(raw)}"},
    )

    assert response.status_code < 500
    if operation_at(target, method) is operation and response.status_code != 404:
        check_answer(response, operation)
