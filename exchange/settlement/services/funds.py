"""Money that comes from the bank and goes back to it, as the operator finds it on statements."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from audit.log.actors import Actor
from audit.log.errors import Invalid, NotAllowed, NotFound
from audit.log.lifecycle import begin
from exchange.parties.queries import get_organization
from exchange.settlement import rules
from exchange.settlement.events import DepositPosted, WithdrawalPosted
from exchange.settlement.models import Transfer
from exchange.settlement.states import AccountKind, TransferKind, TransferState
from pricing.money import Money

from .ledger import Draft, claim, move, party_account, payable, platform_account, post

BANK_REFERENCE_LIMIT = 64


@transaction.atomic
def deposit(
    *,
    organization: str,
    amount: Money,
    bank_reference: str,
    transfer_id: UUID,
    by: Actor,
    at: datetime,
) -> Transfer:
    """Book money of `organization` that arrived at the bank, once per bank reference.

    The same `transfer_id` with the same content returns the first booking; with another, Conflict.
    """
    if refusal := rules.why_not_book_bank_money(by):
        raise NotAllowed(refusal)
    transfer = _bank_transfer(
        TransferKind.DEPOSIT, organization, amount, bank_reference, transfer_id
    )
    transfer.created_at = at
    if existing := claim(transfer):
        return existing
    world = platform_account(AccountKind.WORLD, transfer.currency, transfer.pk)
    own = party_account(organization, AccountKind.AVAILABLE, transfer.currency)
    draft = Draft(transfer=transfer, moves=move(world, own, transfer.amount_minor))
    post([draft], at=at)
    event = DepositPosted(
        transfer=transfer.reference,
        organization=organization,
        amount=amount.text,
        currency=transfer.currency,
        content_sha256=transfer.content_sha256,
    )
    begin(transfer, event=event, by=by, at=at, postings=draft.postings)
    return transfer


@transaction.atomic
def withdraw(
    *,
    organization: str,
    amount: Money,
    bank_reference: str,
    transfer_id: UUID,
    by: Actor,
    at: datetime,
) -> Transfer:
    """Book money of `organization` that the bank paid out to it; only what is available.

    The same `transfer_id` with the same content returns the first booking; with another, Conflict.
    """
    if refusal := rules.why_not_book_bank_money(by):
        raise NotAllowed(refusal)
    transfer = _bank_transfer(
        TransferKind.WITHDRAWAL, organization, amount, bank_reference, transfer_id
    )
    transfer.created_at = at
    if existing := claim(transfer):
        return existing
    world = platform_account(AccountKind.WORLD, transfer.currency, transfer.pk)
    own = party_account(organization, AccountKind.AVAILABLE, transfer.currency)
    draft = Draft(transfer=transfer, moves=move(own, world, transfer.amount_minor))
    post([draft], at=at)
    event = WithdrawalPosted(
        transfer=transfer.reference,
        organization=organization,
        amount=amount.text,
        currency=transfer.currency,
        content_sha256=transfer.content_sha256,
    )
    begin(transfer, event=event, by=by, at=at, postings=draft.postings)
    return transfer


def _bank_transfer(
    kind: TransferKind, organization: str, amount: Money, bank_reference: str, transfer_id: UUID
) -> Transfer:
    minor = payable("amount", amount)
    try:
        get_organization(organization)
    except NotFound:
        text = _("No organization has this reference.")
        raise Invalid({"organization": [text]}) from None
    bank_reference = bank_reference.strip()
    if not bank_reference or len(bank_reference) > BANK_REFERENCE_LIMIT:
        text = _("Give the bank's reference of the payment, at most 64 characters.")
        raise Invalid({"bank_reference": [text]})
    return Transfer(
        id=transfer_id,
        kind=kind,
        status=TransferState.POSTED,
        currency=amount.currency,
        amount_minor=minor,
        party=organization,
        bank_reference=bank_reference,
    )
