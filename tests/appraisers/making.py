"""An accredited appraiser, and what it is asked."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from audit.log.actors import Actor
from exchange.appraisers.models import Accreditation, Engagement
from exchange.appraisers.services import (
    accept_engagement,
    accredit_appraiser,
    apply_for_accreditation,
    request_engagement,
)
from exchange.catalog.models import Product
from exchange.parties.models import Organization
from exchange.parties.queries import actor_for_user
from pricing.facts import CostRecord
from tests.conftest import make_member

FATHER = "91110108MA01C0000R"
CODES = {"assessor": "91310104MA1FR0000C", "second": "91310106MA1FY00000"}
SAID: dict[str, Any] = {
    "qualification_number": "沪财资备案〔2026〕12号",
    "industries": ["G", "I"],
    "insurer": "中国人保上海分公司",
    "insured_until": date(2027, 6, 30),
    "valid_until": date(2028, 12, 31),
    "owners": [],
    "holdings": [],
    "links": [],
}
ASKED: dict[str, Any] = {
    "request": "The current release, for trade; the cost ledger is at hand.",
    "fee": "12000.00",
    "owners": [],
}
COSTS = CostRecord.of(collection="200000", cleaning="60000", compute="30000")


def make_assessor(name: str, at: datetime) -> tuple[Organization, Actor]:
    """Return an admitted assessor and its administrator."""
    organization = Organization.objects.create(
        reference=f"ORG-{name.upper()}",
        uscc=CODES[name],
        name=f"{name} 资产评估有限公司",
        name_en=f"{name.title()} Appraisal Ltd.",
        roles=["ASSESSOR"],
        status="ADMITTED",
        status_since=at,
        applied_at=at,
        admitted_at=at,
    )
    return organization, actor_for_user(make_member(organization, "ADMIN", at, name))


def apply(by: Actor, at: datetime, **changes: Any) -> Accreditation:
    """Apply with the administrator as the signing person."""
    signers = {"signers": [by.id.removeprefix("user:")]}
    return apply_for_accreditation(said=SAID | signers | changes, by=by, at=at)


def accredited(by: Actor, operator: Actor, at: datetime, **changes: Any) -> Accreditation:
    """Return an accreditation in force."""
    return accredit_appraiser(
        accreditation=apply(by, at, **changes), reason="Checked.", by=operator, at=at
    )


def engaged(
    product: Product, accreditation: Accreditation, provider: Actor, at: datetime, **changes: Any
) -> Engagement:
    """Return an engagement that waits for its appraiser."""
    return request_engagement(
        product=product, accreditation=accreditation, said=ASKED | changes, by=provider, at=at
    )


def accepted(engagement: Engagement, by: Actor, at: datetime) -> Engagement:
    """Return an engagement that was taken on."""
    return accept_engagement(
        engagement=engagement,
        declares_independence=True,
        declares_fixed_fee=True,
        by=by,
        at=at,
    )


def viewer_of(actor: Actor) -> Actor:
    """Return the same organization's actor who may only look."""
    return replace(actor, member_role="VIEWER")
