"""Revenue sharing proposed on a page, a task stated by buyer and provider, and its progress."""

from datetime import datetime

import pytest

from audit.log.actors import Actor
from exchange.catalog.models import Product
from exchange.parties.models import Organization
from exchange.parties.queries import actor_for_user
from exchange.settlement.models import ShareAgreement, ValueMeasurement
from exchange.settlement.services import agree_share, run_measurement
from tests.conftest import make_member
from tests.settlement.making import make_provider
from tests.settlement.test_measuring import supply
from tests.trading.making import Floor, fund, make_listing
from tests.web.clients import client_of, text_of

pytestmark = pytest.mark.usefixtures("_now")
TASK = {
    "purpose": "Predict the delay of a departure.",
    "target": "delay",
    "features": "distance\nhour",
    "kind": "AMOUNTS",
    "metric": "NEIGHBORS",
    "method": "SHAPLEY",
    "k": "3",
    "holdout": "distance,hour,delay\n1,2,3\n2,3,4\n3,4,5\n",
}


@pytest.fixture
def product(provider_org: Organization, provider: Actor, at: datetime) -> Product:
    return make_listing(provider_org, provider, at)


@pytest.fixture
def source(db: None, at: datetime) -> Actor:
    return actor_for_user(make_member(make_provider("SOURCE", at), "ADMIN", at))


def proposal(product: Product) -> dict[str, str]:
    assert product.current is not None
    return {
        "basis": "DECLARED",
        "measurement": "",
        "cuts": "ORG-SOURCE | RATE | 0.1",
        "sources": f"ORG-PROVIDER | 1 | {product.current.reference}",
    }


def in_force(product: Product, provider: Actor, source: Actor, at: datetime) -> ShareAgreement:
    client_of(provider).post(f"/provider/products/{product.reference}/share/", proposal(product))
    agreement = ShareAgreement.objects.get()
    for actor in (provider, source):
        if agreement.parties.filter(organization=actor.organization, agreed_at=None).exists():
            agree_share(agreement=agreement, by=actor, at=at)
    agreement.refresh_from_db()
    return agreement


def test_the_provider_proposes_terms(product: Product, provider: Actor, source: Actor) -> None:
    page = f"/provider/products/{product.reference}/share/"
    client = client_of(provider)
    assert "Sources" in text_of(client.get(page))

    wrong = client.post(page, proposal(product) | {"sources": "ORG-PROVIDER | 0.4 | "})
    unknown = client.post(page, proposal(product) | {"cuts": "ORG-SOURCE | HALF | 1"})
    made = client.post(page, proposal(product))

    assert (wrong.status_code, unknown.status_code) == (422, 422)
    agreement = ShareAgreement.objects.get()
    assert made["Location"] == f"/provider/sharing/{agreement.reference}/"
    assert "10 % of the net" in text_of(client_of(source).get(made["Location"])).replace(
        "\u00a0", " "
    )


def test_only_the_provider_proposes(product: Product, buyer: Actor, source: Actor) -> None:
    page = f"/provider/products/{product.reference}/share/"

    assert client_of(buyer).get(page).status_code == 403
    assert client_of(source).get(page).status_code == 404
    assert not ShareAgreement.objects.exists()


def test_the_provider_states_a_task_and_sees_how_far_it_is(
    product: Product, provider: Actor, source: Actor, buyer: Actor, at: datetime
) -> None:
    agreement = in_force(product, provider, source, at)
    assert agreement.status == "IN_FORCE"
    client = client_of(provider)
    page = f"/provider/sharing/{agreement.reference}/measure/"
    assert "measure/" in client.get(f"/provider/sharing/{agreement.reference}/").content.decode()

    wrong = client.post(page, TASK | {"features": "delay"})
    made = client.post(page, TASK)

    assert wrong.status_code == 422
    measurement = ValueMeasurement.objects.get()
    here = made["Location"]
    assert here == f"/measurements/{measurement.reference}/"
    shown = client.get(here).content.decode()
    assert f'hx-get="{here}progress/"' in shown
    assert client.get(f"{here}progress/").status_code == 200
    ValueMeasurement.objects.filter(pk=measurement.pk).update(progress=40)
    assert "40 %" in text_of(client.get(f"{here}progress/"))
    assert client_of(buyer).get(here).status_code == 404


def test_a_measurement_that_is_over_brings_the_whole_page(
    product: Product, provider: Actor, source: Actor, at: datetime
) -> None:
    content = "distance,hour,delay\n" + "".join(f"{n},{n % 5},{n * 2}\n" for n in range(20))
    product.current = supply(product, content, at)
    agreement = in_force(product, provider, source, at)
    client = client_of(provider)
    here = client.post(f"/provider/sharing/{agreement.reference}/measure/", TASK)["Location"]
    run_measurement(
        measurement=ValueMeasurement.objects.get(),
        by=Actor.system("settlement"),
        clock=lambda: at,
    )

    over = client.get(f"{here}progress/")
    assert (over.status_code, over["Location"]) == (302, here)
    swapped = client.get(f"{here}progress/", headers={"HX-Request": "true"})
    assert swapped["HX-Refresh"] == "true"


def test_a_buyer_states_its_task_for_what_it_bought(
    product: Product, provider: Actor, source: Actor, buyer: Actor, stranger: Actor, at: datetime
) -> None:
    agreement = in_force(product, provider, source, at)
    fund(buyer.organization, "1000.00", at)
    floor = Floor(product=product, provider=provider, buyer=buyer, at=at)
    placed, paid = floor.place(), floor.paid()
    client = client_of(buyer)
    assert (
        f"/orders/{paid.reference}/measure/" in client.get("/buyer/measurements/").content.decode()
    )
    assert client.get(f"/orders/{placed.reference}/measure/").status_code == 403
    assert client_of(stranger).get(f"/orders/{paid.reference}/measure/").status_code == 404

    made = client.post(f"/orders/{paid.reference}/measure/", TASK)

    measurement = ValueMeasurement.objects.get()
    assert made["Location"] == f"/measurements/{measurement.reference}/"
    assert (measurement.requester, measurement.agreement) == (buyer.organization, agreement)
    assert measurement.reference in text_of(client.get("/buyer/measurements/"))
