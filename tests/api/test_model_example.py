"""The example of docs/rest.md that calls a model is sent as it stands there."""

import json
import re
import shlex
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from .calling import problem
from .casting import Cast
from .steps import SCENARIO
from .test_model_journey import list_by_the_call, offer

pytestmark = pytest.mark.runtime
GUIDE = Path(__file__).parents[2] / "docs/rest.md"
SECTION = re.compile(r"^## Calling a model\n.*?^```sh\n(.*?)^```", re.DOTALL | re.MULTILINE)
CHOICE = re.compile(
    r"\$QH/(\w+).*?\.results\[\] \| select\(\.(\w+) == \"(\w+)\"\) \| \.(\w+)", re.DOTALL
)


def commands() -> tuple[str, str]:
    """Return the two commands of the section: which grant, and the call."""
    found = SECTION.search(GUIDE.read_text())
    assert found is not None
    first, mark, second = found[1].partition("curl -s -X POST")
    assert mark
    return first, mark + second


def granted(cast: Cast) -> str:
    """Return the grant that the first command chooses."""
    found = CHOICE.search(commands()[0])
    assert found is not None
    path, field, value, wanted = found.groups()
    (one,) = [row for row in cast.taker.get(path)["results"] if row[field] == value]
    return str(one[wanted])


def said() -> tuple[str, dict[str, str], Any, set[str]]:
    """Return address, headers and body of the second command, and what it shows of the answer."""
    words = shlex.split(commands()[1].replace("\\\n", " "))
    address = next(word for word in words if word.startswith("$QH/"))
    headers = dict(
        words[place + 1].split(": ", 1) for place, word in enumerate(words) if word == "-H"
    )
    body = json.loads(words[words.index("-d") + 1])
    shown = re.findall(r"\w+", words[words.index("jq") + 1])
    return address.removeprefix("$QH/"), headers, body, set(shown)


def test_the_example_calls_a_model_and_shows_what_it_says(cast: Cast, at: datetime) -> None:
    product = offer(cast, at)
    list_by_the_call(cast, product)
    body = {"product": product, "scenario": SCENARIO, "quantity": 1}
    order = cast.taker.post("orders", body, status=201)
    for side in (cast.seller, cast.taker):
        side.post(f"contracts/{order['contract']}/sign")
    money = {"amount": "1000.00", "currency": "CNY"}
    deposit = {"organization": order["buyer"], "amount": money, "bank_reference": "ICBC-2026-8"}
    cast.floor.post("deposits", deposit | {"transfer_id": str(uuid4())}, status=201)
    cast.taker.post(f"orders/{order['reference']}/pay")

    address, headers, rows, shown = said()
    path = address.replace("$CALLS", granted(cast))
    first = cast.taker.post(path, rows, status=201, key=headers["Idempotency-Key"])
    again = cast.taker.post(path, rows, status=201, key=headers["Idempotency-Key"])
    spent = problem(cast.taker.call("POST", path, rows, key="another"), 403, "access-refused")

    assert headers["Content-Type"] == "application/json"
    assert (len(first["outputs"]["label"]), first["left"]) == (1, 0)
    assert again["reference"] == first["reference"]
    assert spent["refusal"] == "EXHAUSTED"
    assert shown <= set(first) | set(spent)
