"""What the permission table calls about: one of each kind, on the way through a trade."""

from datetime import datetime
from decimal import Decimal

from audit.log.actors import Actor
from audit.log.models import Entry
from audit.log.publishing import publish
from audit.log.reactions import dispatch
from exchange.audits.services import lodge_appeal, plan_audit
from exchange.oversight.evidence.services import request_bundle
from exchange.parties.models import Organization
from exchange.settlement.services import propose_share
from exchange.trading.services import open_inquiry, post_demand
from pricing.queries import current_appraisal
from pricing.sharing import Basis, RevenueShare
from tests.audits.making import published
from tests.catalog.making import draft_product, draft_release
from tests.disclosure.making import PLATFORM
from tests.registry.making import drafted_rights
from tests.trading.making import Floor, make_listing, offer_price, one_off


def make_things(
    floor: Floor,
    *,
    provider_org: Organization,
    buyer_org: Organization,
    provider: Actor,
    buyer: Actor,
    at: datetime,
) -> dict[str, str]:
    """Return references by name: `placed` and `paid` orders with all that belongs to them."""
    placed, paid = floor.place(), floor.paid()
    draft = draft_product(provider_org, provider, at)
    release = draft_release(draft, at)
    rights = drafted_rights(provider_org, provider, at)
    inquiry = open_inquiry(product=paid.product, question="?", by=buyer, at=at)
    demand = post_demand(
        demand={
            "title": "航班",
            "description": "延误明细",
            "purpose": "为旅客延误险按航线测算费率",
        },
        by=buyer,
        at=at,
    )
    evidence = request_bundle(
        kind="ORDER", subject=paid.reference, purpose="own file", by=buyer, at=at
    )
    alone = RevenueShare(
        cuts=(), weights={provider_org.reference: Decimal(1)}, basis=Basis.DECLARED
    )
    agreement = propose_share(product=paid.product, share=alone, releases={}, by=provider, at=at)
    bargain = make_listing(provider_org, provider, at, terms=one_off("100.00", negotiable=True))
    negotiation = offer_price(bargain, by=buyer, at=at)
    disclosure = published(provider, at, owner=provider_org.reference)
    said = {"wish": "EXPLANATION", "grounds": "?"}
    appealed = lodge_appeal(disclosure=disclosure, said=said, by=buyer, at=at).appeal
    dispatch(at=at)
    publish(at=at)
    entry = Entry.objects.get(name="trading.order.paid", subject=paid.reference)
    return {
        "provider": provider_org.reference,
        "buyer": buyer_org.reference,
        "nothing": "X-2026-00000000",
        "order": "order",
        "problem": "conflict",
        "listed": paid.product.reference,
        "draft": draft.reference,
        "release": release.reference,
        "rights": rights.reference,
        "inquiry": inquiry.reference,
        "bargain": bargain.reference,
        "negotiation": negotiation.reference,
        "demand": demand.reference,
        "placed": placed.reference,
        "paid": paid.reference,
        "contract": placed.contract.reference,
        "grant": paid.grant.reference if paid.grant else "",
        "agreement": agreement.reference,
        "appraisal": current_appraisal(paid.product.reference).reference,
        "entry": str(entry.id),
        "evidence": evidence.reference,
        "disclosure": disclosure.reference,
        "own_algorithm": published(PLATFORM, at, algorithm="own").reference,
        "audit": plan_audit(disclosure=disclosure, by=provider, at=at).reference,
        "appealed": appealed.reference,
    }
