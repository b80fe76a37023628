"""Evidence bundles in the three consoles: asked for, awaited with or without script, taken."""

from collections.abc import Callable
from datetime import datetime

import pytest

from audit.log.actors import Actor
from audit.log.publishing import publish
from audit.log.reactions import dispatch
from exchange.oversight.evidence.services import request_bundle
from exchange.oversight.models import EvidenceBundle
from exchange.oversight.tasks import begin_bundles
from tests.trading.conftest import floor
from tests.trading.making import Floor
from tests.web.clients import CALLERS, client_of, text_of

__all__ = ["floor"]

Log = Callable[[], list[tuple[str, str]]]
CONSOLES = [("regulator", "regulator"), ("operator", "operator"), ("organization", "buyer")]


def test_every_console_is_open_to_its_own(
    floor: Floor, request: pytest.FixtureRequest, log: Log
) -> None:
    before = log()
    expected = {
        "regulator": (302, 403, 403, 403, 403, 200, 403),
        "operator": (302, 403, 403, 403, 403, 403, 200),
        "organization": (302, 200, 200, 200, 200, 200, 200),
    }
    for console, statuses in expected.items():
        got = [
            client_of(request.getfixturevalue(name)).get(f"/{console}/evidence/").status_code
            for name in CALLERS
        ]
        assert tuple(got) == statuses, console
    assert log()[len(before) :] == [] or all(
        not name.startswith("oversight.evidence") for name, _subject in log()
    )


@pytest.mark.parametrize(("console", "name"), CONSOLES)
def test_a_bundle_is_asked_for_awaited_and_taken(
    console: str, name: str, floor: Floor, request: pytest.FixtureRequest, at: datetime
) -> None:
    order = floor.settled()
    client = client_of(request.getfixturevalue(name))
    said = {"kind": "ORDER", "reference": order.reference, "purpose": "Inspection 2026-12"}

    refused = client.post(f"/{console}/evidence/", {**said, "purpose": ""})
    asked = client.post(f"/{console}/evidence/", said)

    assert (refused.status_code, asked.status_code) == (422, 302)
    bundle = EvidenceBundle.objects.get()
    page = f"/{console}/evidence/{bundle.reference}/"
    assert asked["Location"] == page
    waiting = client.get(page)
    assert '<meta http-equiv="refresh" content="2">' in waiting.content.decode()
    assert f'hx-get="{page}progress/"' in waiting.content.decode()
    assert client.get(f"{page}file").status_code == 202
    assert "<progress" in client.get(f"{page}progress/").content.decode()

    dispatch(at=at)
    publish(at=at)
    begin_bundles()

    ready = client.get(page)
    assert "refresh" not in ready.content.decode()
    assert f"python3 -m verify bundle {bundle.reference}.zip" in text_of(ready)
    over = client.get(f"{page}progress/", headers={"HX-Request": "true"})
    assert over["HX-Refresh"] == "true"
    assert client.get(f"{page}progress/")["Location"] == page
    file = client.get(f"{page}file")
    data = b"".join(file.streaming_content)
    assert (file.status_code, data[:2], len(data)) == (200, b"PK", int(file["Content-Length"]))
    assert client.post(f"{page}remove/").status_code == 302
    assert client.get(f"{page}file").status_code == 410


def test_a_bundle_of_others_is_not_found(
    floor: Floor, buyer: Actor, provider: Actor, operator: Actor, at: datetime
) -> None:
    order = floor.place()
    bundle = request_bundle(
        kind="ORDER", subject=order.reference, purpose="own file", by=buyer, at=at
    )

    for actor, console in ((provider, "organization"), (operator, "operator")):
        page = f"/{console}/evidence/{bundle.reference}/"
        for rest in ("", "progress/", "file"):
            assert client_of(actor).get(f"{page}{rest}").status_code == 404
        assert client_of(actor).post(f"{page}remove/").status_code == 404


def test_the_way_leads_from_a_thing_to_its_evidence(
    floor: Floor, buyer: Actor, regulator: Actor
) -> None:
    order = floor.place()
    query = f"evidence/?kind=ORDER&amp;reference={order.reference}"

    assert (
        f"/organization/{query}"
        in client_of(buyer).get(f"/orders/{order.reference}/").content.decode()
    )
    form = client_of(buyer).get(f"/organization/evidence/?kind=ORDER&reference={order.reference}")
    assert f'value="{order.reference}"' in form.content.decode()
