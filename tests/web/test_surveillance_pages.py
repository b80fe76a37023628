"""The desk of alerts: found, looked at, decided; and what a member reads of its own."""

from datetime import datetime

import pytest
from django.test import Client

from audit.log.actors import Actor
from exchange.catalog.models import Product
from exchange.oversight.surveillance.models import Alert
from exchange.oversight.surveillance.services import escalate_alert, take_up_alert
from exchange.web.charts import Flow, Happening, happenings, ring
from exchange.web.views import surveillance
from tests.surveillance.making import make_alert
from tests.trading.making import Floor
from tests.web.clients import CALLERS, client_of, text_of

PURPOSE = {"purpose": "Early warning"}
WATCH = (302, 403, 403, 403, 403, 200, 200)
MEMBER = (302, 200, 200, 200, 200, 200, 200)
TABLE = [
    ("GET", "/surveillance/", WATCH),
    ("GET", "/surveillance/{alert}/", WATCH),
    ("POST", "/surveillance/{alert}/", (302, 403, 403, 403, 403, 403, 403)),
    ("GET", "/organization/alerts/", MEMBER),
    ("GET", "/organization/alerts/{alert}/", (302, 404, 404, 404, 404, 404, 404)),
]


@pytest.fixture
def alert(floor: Floor, at: datetime) -> Alert:
    """An alert about the provider and the buyer of a paid order."""
    order = floor.paid()
    return make_alert(
        organizations=[floor.provider.organization, floor.buyer.organization],
        products=(floor.product.reference,),
        orders=(order.reference,),
        at=at,
    )


def test_every_route_has_a_row() -> None:
    routes = {f"/{pattern.pattern}" for pattern in surveillance.urlpatterns}

    assert {path.replace("{alert}", "<str:reference>") for _m, path, _s in TABLE} == routes


@pytest.mark.parametrize(("method", "path", "statuses"), TABLE, ids=str)
def test_who_may(
    method: str,
    path: str,
    statuses: tuple[int, ...],
    alert: Alert,
    browsers: dict[str, Client],
) -> None:
    target = path.format(alert=alert.reference)

    seen = tuple(browsers[name].generic(method, target).status_code for name in CALLERS)

    assert seen == statuses
    assert Alert.objects.get().status == "OPEN"


def test_an_alert_is_read_and_laid_before_the_regulator(
    alert: Alert, browsers: dict[str, Client], floor: Floor
) -> None:
    desk, page = browsers["operator"], f"/surveillance/{alert.reference}/"
    listed = text_of(desk.get("/surveillance/?status=OPEN"))
    assert "Orders and counter-orders of equal value" in listed
    assert alert.reference not in text_of(desk.get("/surveillance/?status=CLOSED"))
    shown = text_of(desk.get(page))
    assert "Who paid whom" in shown
    assert "pairs of order and counter-order 2" in shown
    assert "1.00 times the threshold" in shown

    assert desk.post(page, {"act": "take_up"}).status_code == 302
    assert desk.post(page, {"act": "escalate", "reason": ""}).status_code == 422
    assert desk.post(page, {"act": "escalate", "reason": "Nothing fetched."}).status_code == 302
    assert "Only a regulator closes" in text_of(desk.get(page))

    told = text_of(browsers["provider"].get(f"/organization/alerts/{alert.reference}/"))
    assert "An alert is no finding" in told
    assert floor.buyer.organization not in told
    assert "Nothing fetched." not in told
    assert browsers["stranger"].get(f"/organization/alerts/{alert.reference}/").status_code == 404


def test_the_regulator_suspends_and_closes(
    alert: Alert, browsers: dict[str, Client], floor: Floor, operator: Actor, at: datetime
) -> None:
    take_up_alert(alert=alert, by=operator, at=at)
    escalate_alert(alert=alert, reason="Look.", by=operator, at=at)
    desk, page = browsers["regulator"], f"/surveillance/{alert.reference}/"
    desk.post(page, PURPOSE)

    order = {"product": floor.product.reference, "reason": "Invented.", "basis": "第五十一条"}
    assert desk.post(page, {"act": "suspend", **order}).status_code == 302
    close = {"act": "close", "outcome": "CONFIRMED", "reason": "Both admit it."}
    assert desk.post(page, close).status_code == 302

    assert Product.objects.get(pk=floor.product.pk).status == "SUSPENDED"
    shown = text_of(desk.get(page))
    assert "Both admit it." in shown
    assert "Orders given upon it" in shown
    assert "100.0" in text_of(desk.get("/surveillance/"))


def test_a_desk_without_alerts_says_what_comes_next(browsers: dict[str, Client]) -> None:
    words = text_of(browsers["operator"].get("/surveillance/"))

    assert "No rule has fired yet." in words
    assert "looked over every few minutes" in words


def test_alerts_are_read_in_chinese(alert: Alert, operator: Actor) -> None:
    browser = client_of(operator)
    words = text_of(
        browser.get(f"/surveillance/{alert.reference}/", headers={"Accept-Language": "zh-hans"})
    )

    assert "互为对手方的等额对敲交易" in words
    assert "对敲组数" in words


def test_pictures_say_in_words_what_they_show(at: datetime) -> None:
    flows = [Flow(payer="A", payee="B", label="2 × ¥10"), Flow(payer="B", payee="A", label="¥9")]
    drawn = ring(["A", "B"], flows, title="Who", desc="A to B")
    dots = happenings([Happening(at=at, value=3, label="three")], line=2, title="When", desc="d")

    assert drawn.count("<circle") == 2
    assert "2 × ¥10" in drawn
    assert "three" in dots
    assert happenings([], title="When", desc="nothing").startswith("<svg")


def test_over_rest(
    alert: Alert, operator: Actor, browsers: dict[str, Client], at: datetime
) -> None:
    desk, address = browsers["operator"], f"/api/v1/alerts/{alert.reference}"
    assert desk.get("/api/v1/alerts?rule=R-CIRCLE").json()["results"] == []
    assert desk.get("/api/v1/alerts?status=WRONG").status_code == 422
    (row,) = desk.get(f"/api/v1/alerts?subject={alert.orders[0]}").json()["results"]
    assert row["figures"] == {"pairs": 2}
    assert row["allowed_actions"] == ["take_up"]
    assert browsers["provider"].get(address).status_code == 404

    take_up_alert(alert=alert, by=operator, at=at)
    escalate_alert(alert=alert, reason="Look.", by=operator, at=at)
    own = browsers["provider"].get(address).json()
    assert own["organizations"] == ["ORG-PROVIDER"]
    assert own["reason"] == ""
    counts = desk.get("/api/v1/statistics/alerts").json()
    assert next(each for each in counts if each["rule"] == alert.rule)["escalated"] == 1
