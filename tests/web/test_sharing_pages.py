"""Revenue sharing on pages: read, agree, decline, take back; what was measured stands beside it."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from audit.log.actors import Actor
from exchange.parties.models import Organization
from exchange.parties.queries import actor_for_user
from exchange.settlement.models import ShareAgreement
from exchange.settlement.services import propose_share
from pricing.sharing import Basis, Cut, CutKind, RevenueShare
from tests.conftest import make_member
from tests.settlement.making import make_provider
from tests.trading.making import make_listing
from tests.web.clients import client_of, text_of

Log = Callable[[], list[tuple[str, str]]]
SHARE = RevenueShare(
    cuts=(Cut(party="ORG-BROKER", kind=CutKind.RATE, value=Decimal("0.1")),),
    weights={"ORG-PROVIDER": Decimal("0.65"), "ORG-SOURCE": Decimal("0.35")},
    basis=Basis.DECLARED,
)


@pytest.fixture
def source(db: None, at: datetime) -> Any:
    make_provider("BROKER", at)
    return client_of(actor_for_user(make_member(make_provider("SOURCE", at), "ADMIN", at)))


@pytest.fixture
def proposed(source: Any, provider_org: Organization, provider: Actor, at: datetime) -> Any:
    product = make_listing(provider_org, provider, at)
    return propose_share(product=product, share=SHARE, releases={}, by=provider, at=at)


def test_a_party_reads_the_terms_and_agrees(source: Any, proposed: Any, log: Log) -> None:
    page = f"/provider/sharing/{proposed.reference}/"

    assert proposed.reference in text_of(source.get("/provider/sharing/"))
    words = text_of(source.get(page))
    assert "weight 35" in words
    assert "10 % of the net ahead of the sources" in words.replace("\u00a0", " ")
    assert source.post(f"{page}agree/").status_code == 302

    assert [name for name, _subject in log()] == ["settlement.share.agreed"]
    assert "has agreed already" in text_of(source.get(page))


def test_a_party_declines_with_a_reason(source: Any, proposed: Any) -> None:
    page = f"/provider/sharing/{proposed.reference}/"

    assert source.post(f"{page}decline/", {"reason": ""}).status_code == 422
    assert source.post(f"{page}decline/", {"reason": "The weights are wrong."}).status_code == 302

    assert ShareAgreement.objects.get().status == "DECLINED"
    assert "The weights are wrong." in text_of(source.get(page))


def test_the_provider_takes_its_proposal_back(proposed: Any, provider: Actor) -> None:
    client = client_of(provider)

    client.post(f"/provider/sharing/{proposed.reference}/withdraw/")

    assert ShareAgreement.objects.get().status == "WITHDRAWN"


def test_others_find_nothing(proposed: Any, buyer: Actor, stranger: Actor, at: datetime) -> None:
    page = f"/provider/sharing/{proposed.reference}/"
    other = client_of(actor_for_user(make_member(make_provider("OTHER", at), "ADMIN", at)))

    assert other.get(page).status_code == 404
    assert other.post(f"{page}agree/").status_code == 404
    assert client_of(buyer).get(page).status_code == 403
