"""What the desks of operator and regulator are tested with: one thing of every kind."""

import io
from datetime import datetime

from audit.log.actors import Actor
from audit.log.models import Entry
from audit.log.publishing import publish
from audit.log.reactions import dispatch
from exchange.catalog.services import request_listing
from exchange.compliance.models import Case
from exchange.compliance.services import screen_release
from exchange.oversight.services import order_suspension
from exchange.parties.models import Organization
from exchange.parties.queries import actor_for_user
from exchange.parties.services import apply_for_admission, attach_license, register_user
from exchange.trading.services import reject_delivery
from exchange.vault.services import store_object
from tests.catalog.making import listed_product, ready_product
from tests.compliance.making import PSEUDONYMOUS, product_of, submitted
from tests.trading.making import Floor

SYSTEM = Actor.system("test")
APPLICANT = "91310115MA1K4ABC05"


def make_applicant(at: datetime, *, roles: tuple[str, ...] = ("BUYER", "PROVIDER")) -> Organization:
    """Return an organization that applied with its license."""
    user = register_user(
        email="new@example.org", name="钱新", password="correct horse", by=SYSTEM, at=at
    )
    actor = actor_for_user(user)
    organization = apply_for_admission(
        applicant=user,
        uscc=APPLICANT,
        name="新入场数据有限公司",
        roles=roles,
        clean_record_declared=True,
        by=actor,
        at=at,
    )
    stored = store_object(
        source=io.BytesIO(b"license"),
        filename="执照.pdf",
        purpose="LICENSE",
        owner=organization.reference,
        by=actor_for_user(user),
        at=at,
    )
    attach_license(
        organization=organization,
        license_object=stored.reference,
        by=actor_for_user(user),
        at=at,
    )
    return organization


def make_request(provider_org: Organization, provider: Actor, at: datetime) -> str:
    """Return the reference of a product that waits for the operator."""
    product = ready_product(provider_org, provider, at)
    return request_listing(product=product, by=provider, at=at).reference


def make_case(provider_org: Organization, provider: Actor, at: datetime) -> Case:
    """Return an open case on de-identified persons."""
    release = submitted(product_of(provider_org, provider, at), provider, at, PSEUDONYMOUS)
    found: Case = screen_release(release=release, by=SYSTEM, at=at).case
    return found


def make_dispute(floor: Floor, at: datetime) -> str:
    """Return the reference of an order whose delivery was rejected."""
    order = reject_delivery(
        order=floor.delivered(), ground="QUALITY", reason="Column 3.", by=floor.buyer, at=at
    )
    return order.reference


def make_desks(
    floor: Floor,
    *,
    provider_org: Organization,
    operator: Actor,
    regulator: Actor,
    at: datetime,
) -> dict[str, str]:
    """Return references by name."""
    case = make_case(provider_org, floor.provider, at)
    suspended = listed_product(provider_org, floor.provider, operator, at, name="另一个产品")
    supervision = order_suspension(
        product=suspended,
        reason="Source in doubt.",
        basis="《数据安全法》第四十四条",
        by=regulator,
        at=at,
    )
    made = {
        "applicant": make_applicant(at).reference,
        "requested": make_request(provider_org, floor.provider, at),
        "case": case.reference,
        "screening": case.screening.reference,
        "dispute": make_dispute(floor, at),
        "listed": floor.product.reference,
        "supervision": supervision.reference,
        "buyer": floor.buyer.organization,
    }
    dispatch(at=at)
    publish(at=at)
    entry = Entry.objects.get(name="trading.order.disputed")
    return made | {"entry": str(entry.id)}
