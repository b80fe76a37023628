"""The documents of a trade: the contract that both sides sign, and the trade certificate."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import translation

from audit.disclosure.models import Disclosure
from audit.log.signing import get_signer
from audit.rulebook.queries import day_of
from exchange.catalog.chapters.use import USE
from exchange.catalog.manual import manual_sha256
from exchange.catalog.models import Product, Release
from exchange.compliance.conditions import clauses_of
from exchange.compliance.exports import place_of
from exchange.compliance.gate import case_behind
from exchange.compliance.states import Grade, Whereabouts
from exchange.delivery.states import Channel
from exchange.parties.models import Organization
from exchange.parties.queries import organization_names
from pricing.models import Appraisal

from .clauses import render_clauses, version_on
from .models import Contract, Order
from .signatures import party_key, time_text

CONTRACT_TYPE = "quanheng.contract.v1"
CERTIFICATE_TYPE = "quanheng.trade-certificate.v1"


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What stands beside price and content: delivery, appraisal, disclosures, packs of rules."""

    channel: Channel
    appraisal: Appraisal
    disclosures: Sequence[Disclosure]
    packs: Mapping[str, str]


def build_contract(
    *, reference: str, order: Order, evidence: Evidence, at: datetime
) -> dict[str, Any]:
    """Return the contract's document; nothing is signed that is not in it."""
    version = version_on(day_of(at))
    return {
        "type": CONTRACT_TYPE,
        "reference": reference,
        "order": order.reference,
        "made_at": time_text(at),
        "exchange": {
            "name": settings.EXCHANGE_NAME,
            "key": get_signer("contract").verifier_key,
            "log": settings.AUDIT_LOG_ORIGIN,
        },
        "provider": _party(order.provider),
        "buyer": _party(order.buyer),
        "product": _product(order.product),
        "release": _release(order.release),
        "policy": _policy(order.product),
        "scenario": order.scenario,
        "price": {
            "plan": order.plan,
            "quote": order.quote,
            "quantity": order.quantity,
            "amount": order.price.text,
            "currency": order.currency,
            "guaranteed_until": time_text(order.price_guaranteed_until),
        },
        "appraisal": _appraisal(evidence.appraisal),
        "disclosures": [
            {
                "reference": disclosure.reference,
                "algorithm": disclosure.algorithm,
                "version": disclosure.version,
                "sha256": disclosure.document_sha256,
            }
            for disclosure in evidence.disclosures
        ],
        "delivery": {
            "channel": str(evidence.channel),
            "downloads": order.budget_downloads,
            "acceptance_days": settings.ACCEPTANCE_DAYS,
        },
        "packs": dict(evidence.packs),
        **_decision(order.release),
        "terms": version,
        "clauses": render_clauses(version, _clause_terms(order, evidence.channel))
        + _imposed(order.release),
    }


def _decision(release: Release) -> dict[str, Any]:
    """Return by which decision of a compliance case the release is traded, if by one."""
    case = case_behind(release)
    if case is None:
        return {}
    return {
        "decision": {
            "case": case.reference,
            "conditions": case.conditions,
            "valid_until": case.valid_until.isoformat() if case.valid_until else "",
        }
    }


def _imposed(release: Release) -> list[dict[str, str]]:
    """Return the clauses that the decision of a compliance case imposes."""
    case = case_behind(release)
    if case is None:
        return []
    return clauses_of(case, organization_names(case.conditions.get("recipients", ())))


def build_certificate(
    *, reference: str, order: Order, contract: Contract, at: datetime
) -> dict[str, Any]:
    """Return the trade certificate's document (交易凭证): that this trade was done, and which."""
    hold = order.hold
    return {
        "type": CERTIFICATE_TYPE,
        "reference": reference,
        "issued_at": time_text(at),
        "issuer": {
            "name": settings.EXCHANGE_NAME,
            "key": get_signer("certificate").verifier_key,
            "log": settings.AUDIT_LOG_ORIGIN,
        },
        "order": order.reference,
        "contract": {"reference": contract.reference, "sha256": contract.sha256},
        "provider": _named(order.provider),
        "buyer": _named(order.buyer),
        "product": {"reference": order.product.reference, "name": order.product.name},
        "release": {"reference": order.release.reference, "sha256": order.release_sha256},
        "price": {"amount": order.price.text, "currency": order.currency},
        "transfer": str(hold.pk) if hold else "",
        "grant": order.grant.reference if order.grant else "",
        "paid_at": _moment(order.paid_at),
        "delivered_at": _moment(order.delivered_at),
        "accepted_at": _moment(order.accepted_at),
        "settled_at": time_text(at),
    }


def channel_of(contract: Contract) -> Channel:
    """Return the way of delivery that the parties signed."""
    return Channel(json.loads(contract.document)["delivery"]["channel"])


def term_end(order: Order, start: datetime) -> datetime:
    """Return when the term ends that begins at `start`."""
    return start + timedelta(days=int(order.scenario["term_days"]))


def _moment(at: datetime | None) -> str:
    return time_text(at) if at else ""


def _named(organization: Organization) -> dict[str, str]:
    return {
        "reference": organization.reference,
        "name": organization.name,
        "uscc": organization.uscc,
    }


def _party(organization: Organization) -> dict[str, str]:
    return _named(organization) | {"key": party_key(organization.reference)}


def _product(product: Product) -> dict[str, Any]:
    return {
        "reference": product.reference,
        "name": product.name,
        "name_en": product.name_en,
        "type": product.product_type,
        "version": product.version,
        "manual_sha256": manual_sha256(product),
        "rights": product.rights.reference if product.rights else "",
    }


def _policy(product: Product) -> dict[str, Any]:
    """Return the manual's conditions of use, all of them, as they bind the buyer."""
    return {field.name: product.manual.get(field.name, field.empty) for field in USE}


def _release(release: Release) -> dict[str, Any]:
    return {
        "reference": release.reference,
        "number": release.number,
        "sha256": release.sha256,
        "rows": release.rows,
        "columns": release.column_names,
        "bytes": release.size,
        "grade": release.grade,
        "level": release.level,
        "personal": release.personal,
        "cleared_under": release.cleared_pack,
    }


def _appraisal(appraisal: Appraisal) -> dict[str, str]:
    return {
        "reference": appraisal.reference,
        "sha256": appraisal.document_sha256,
        "low": appraisal.low.text,
        "mid": appraisal.mid.text,
        "high": appraisal.high.text,
        "currency": appraisal.currency,
    }


def _clause_terms(order: Order, channel: Channel) -> dict[str, Any]:
    """Return every word that the standard terms leave open."""
    return {
        **order.scenario,
        **_places(order),
        "product": order.product.reference,
        "release": order.release.reference,
        "release_number": order.release.number,
        "release_sha256": order.release_sha256,
        "amount": order.price.text,
        "currency": order.currency,
        "guaranteed_until": time_text(order.price_guaranteed_until),
        "downloads": order.budget_downloads,
        "acceptance_days": settings.ACCEPTANCE_DAYS,
        "channel": _worded(channel, "en"),
        "channel_zh": _worded(channel, "zh-hans"),
        "grade": _worded(Grade(order.release.grade), "en"),
        "grade_zh": _worded(Grade(order.release.grade), "zh-hans"),
    }


def _places(order: Order) -> dict[str, Any]:
    """Return where the recipient is and from where it reads, as far as that was declared."""
    access = [Whereabouts(place) for place in order.scenario.get("access_places", ())]
    seat = Whereabouts(order.scenario.get("recipient_place") or place_of(order.buyer))
    return {
        "access_places": bool(access),
        "access_places_en": "; ".join(_worded(place, "en") for place in access),
        "access_places_zh": "、".join(_worded(place, "zh-hans") for place in access),
        "recipient_place_en": _worded(seat, "en"),
        "recipient_place_zh": _worded(seat, "zh-hans"),
    }


def _worded(choice: Channel | Grade | Whereabouts, language: str) -> str:
    with translation.override(language):
        return str(choice.label)
