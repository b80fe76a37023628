"""Settlement: the escrow is divided, and the trade certificate issued."""

from datetime import datetime

from django.db import transaction

from audit.log.actors import Actor
from audit.log.errors import NotAllowed
from audit.log.lifecycle import advance, begin
from audit.log.references import new_reference
from exchange.registry.fields import read_values
from exchange.settlement.queries import agreement_at
from exchange.settlement.services import settle_hold
from exchange.trading import rules
from exchange.trading.documents import build_certificate
from exchange.trading.events import (
    CertificateIssued,
    CertificateRevoked,
    OrderSettled,
    SettlementBegun,
)
from exchange.trading.fields import REASON
from exchange.trading.models import Order, TradeCertificate
from exchange.trading.queries import lock_order
from exchange.trading.signatures import canonical_text, digest_of, sign_text
from exchange.trading.states import CERTIFICATE, ORDER

from .paying import require_step


@transaction.atomic
def begin_settlement(*, order: Order, by: Actor, at: datetime) -> Order:
    """Take an accepted order into settlement; from here on the platform owes the next step."""
    if refusal := rules.why_not_settle(by):
        raise NotAllowed(refusal)
    order = lock_order(order)
    begun = SettlementBegun(order=order.reference, product=order.product.reference)
    advance(order, ORDER.begin_settlement, event=begun, by=by, at=at)
    return order


@transaction.atomic
def settle_order(*, order: Order, by: Actor, at: datetime) -> TradeCertificate:
    """Divide the escrow between provider, fee and tax, and issue the trade certificate."""
    if refusal := rules.why_not_settle(by):
        raise NotAllowed(refusal)
    order = lock_order(order)
    require_step(order, ORDER.settle)
    advance(order, ORDER.settle, event=_settle(order, by, at), by=by, at=at, settled_at=at)
    return _issue_certificate(order, by=by, at=at)


@transaction.atomic
def revoke_certificate(
    *, certificate: TradeCertificate, reason: str, by: Actor, at: datetime
) -> TradeCertificate:
    """Withdraw a certificate that should not stand; whoever checks it is told so."""
    if refusal := rules.why_not_decide(by):
        raise NotAllowed(refusal)
    words = str(read_values((REASON,), {"reason": reason})["reason"])
    revoked = CertificateRevoked(
        certificate=certificate.reference,
        order=certificate.order.reference,
        reason_sha256=digest_of(words),
    )
    advance(
        certificate,
        CERTIFICATE.revoke,
        event=revoked,
        by=by,
        at=at,
        revoked_at=at,
        revoke_reason=words,
    )
    return certificate


def _settle(order: Order, by: Actor, at: datetime) -> OrderSettled:
    if order.hold is None:
        return _settled(order, transfer="", provider="0.00", fee="0.00", tax="0.00")
    result = settle_hold(
        hold=order.hold,
        payee=order.provider.reference,
        by=by,
        at=at,
        agreement=agreement_at(order.product.reference, order.hold.created_at),
    )
    return _settled(
        order,
        transfer=order.hold.reference,
        provider=result.provider.text,
        fee=result.fee.text,
        tax=result.tax.text,
    )


def _settled(order: Order, *, transfer: str, provider: str, fee: str, tax: str) -> OrderSettled:
    return OrderSettled(
        order=order.reference,
        product=order.product.reference,
        transfer=transfer,
        amount=order.price.text,
        provider_amount=provider,
        fee_amount=fee,
        tax_amount=tax,
        currency=order.currency,
    )


def _issue_certificate(order: Order, *, by: Actor, at: datetime) -> TradeCertificate:
    reference = new_reference("T", at)
    contract = order.contract
    document = build_certificate(reference=reference, order=order, contract=contract, at=at)
    signed = sign_text(canonical_text(document), purpose="certificate")
    certificate = TradeCertificate.objects.create(
        reference=reference,
        order=order,
        document=signed.text,
        sha256=digest_of(signed.text),
        key=signed.key,
        signature=signed.signature,
        issued_at=at,
    )
    issued = CertificateIssued(
        certificate=reference,
        order=order.reference,
        product=order.product.reference,
        contract=contract.reference,
        certificate_sha256=certificate.sha256,
    )
    begin(certificate, event=issued, by=by, at=at)
    return certificate
