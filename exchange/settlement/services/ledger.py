"""Writing the ledger: the only place where transfers, lines and balances come from.

Order of locks: the transfer's own row first (a rival with the same id waits there), then all
accounts in one order. Balances move by compare-and-set under those locks, and the database's
constraints stand behind both.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from audit.log.canonical import canonical
from audit.log.errors import Conflict, Invalid, NotAllowed, NotFound
from audit.log.services import Posting
from exchange.parties.models import Organization
from exchange.parties.queries import get_organization
from exchange.settlement.models import LARGEST, Account, Line, Transfer, minor_of, money_of
from exchange.settlement.queries import AccountKey, lock_accounts
from exchange.settlement.states import STRIPES, AccountKind, Side, TransferKind, TransferState
from pricing.money import Money


class Move(NamedTuple):
    """One side of a transfer that is about to be written."""

    account: AccountKey
    side: Side
    minor: int


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A claimed transfer and the moves that carry it out."""

    transfer: Transfer
    moves: Sequence[Move]

    @property
    def postings(self) -> list[Posting]:
        """What the entry of the transfer says of its accounts."""
        return [
            Posting(
                account=m.account.reference,
                amount=money_of(
                    m.minor if m.side == Side.CREDIT else -m.minor, m.account.currency
                ).text,
            )
            for m in self.moves
        ]


def party_account(owner: str, kind: AccountKind, currency: str) -> AccountKey:
    """Name the account of an organization."""
    return AccountKey(owner, kind, currency)


def platform_account(kind: AccountKind, currency: str, transfer_id: UUID) -> AccountKey:
    """Name the stripe of one of the exchange's own accounts that `transfer_id` goes to."""
    return AccountKey("", kind, currency, transfer_id.int % STRIPES)


def move(source: AccountKey, target: AccountKey, minor: int) -> list[Move]:
    """Return the two sides of an amount that goes from `source` to `target`."""
    return [Move(source, Side.DEBIT, minor), Move(target, Side.CREDIT, minor)]


def payable(field: str, amount: Money) -> int:
    """Return `amount` in minor units; Invalid where nobody could pay exactly that."""
    try:
        minor = minor_of(amount)
    except ValueError:
        text = _("State the amount to the smallest unit of its currency, such as 12.34.")
        raise Invalid({field: [text]}) from None
    if minor <= 0:
        raise Invalid({field: [_("The amount must be greater than zero.")]})
    if minor > LARGEST:
        raise Invalid({field: [_("The amount is too large for this ledger.")]})
    return minor


def fingerprint(transfer: Transfer) -> str:
    """Return the digest of everything the sender decided, by which a retry is told apart."""
    return hashlib.sha256(
        canonical(
            {
                "id": str(transfer.pk),
                "kind": str(transfer.kind),
                "currency": transfer.currency,
                "amount": str(transfer.price_minor or transfer.amount_minor),
                "party": transfer.party,
                "payee": transfer.payee,
                "purpose": transfer.purpose,
                "product_type": transfer.product_type,
                "bank_reference": transfer.bank_reference,
                "hold": str(transfer.hold_id or ""),
                "expires_at": _instant(transfer.expires_at),
            }
        )
    ).hexdigest()


def _instant(at: datetime | None) -> str:
    return at.astimezone(UTC).isoformat() if at else ""


def claim(transfer: Transfer) -> Transfer | None:
    """Insert `transfer` under its id and return None, or return what the same sender made before.

    Raises Conflict when the id stands for something else, or its bank reference was booked.
    """
    transfer.content_sha256 = fingerprint(transfer)
    existing = Transfer.objects.filter(pk=transfer.pk).first()
    if existing is None:
        try:
            with transaction.atomic():
                transfer.save(force_insert=True)
        except IntegrityError:
            existing = Transfer.objects.filter(pk=transfer.pk).first()
            if existing is None:
                raise Conflict(_("This was booked already under another transfer id.")) from None
        else:
            return None
    if existing.content_sha256 != transfer.content_sha256:
        raise Conflict(
            _("The transfer id %(id)s was used for something else; make a new one.")
            % {"id": transfer.pk}
        )
    return existing


def part_of(hold: Transfer, *, id: UUID, kind: TransferKind, party: str, minor: int) -> Transfer:  # noqa: A002  the id of the part
    """Return the unsaved transfer that carries out a piece of what becomes of `hold`."""
    return Transfer(
        id=id,
        kind=kind,
        status=TransferState.POSTED,
        currency=hold.currency,
        amount_minor=minor,
        party=party,
        purpose=hold.purpose,
        hold=hold,
    )


def existing_organization(field: str, reference: str) -> Organization:
    """Return an organization by reference; Invalid where there is none."""
    try:
        return get_organization(reference)
    except NotFound:
        raise Invalid({field: [_("No organization has this reference.")]}) from None


def checked_payee(payee: str, payer: str) -> str:
    """Return `payee` if it is an organization other than the payer."""
    existing_organization("payee", payee)
    if payee == payer:
        raise Invalid({"payee": [_("Payer and payee must be two organizations.")]})
    return payee


def back_to_payer(hold: Transfer, minor: int) -> list[Move]:
    """Return the moves that give `minor` units of a hold back to who paid."""
    escrow = party_account(hold.party, AccountKind.ESCROW, hold.currency)
    available = party_account(hold.party, AccountKind.AVAILABLE, hold.currency)
    return move(escrow, available, minor)


def claim_new(part: Transfer) -> None:
    """Insert a part of a hold; its id follows from the hold, so a second one cannot exist."""
    if claim(part) is not None:
        raise Conflict(_("This was carried out already."))


def post(drafts: Sequence[Draft], *, at: datetime) -> None:
    """Write the lines of claimed transfers as one linked set: all of them, or none.

    Raises NotAllowed where a balance does not suffice, at whatever step of the set.
    """
    for draft in drafts:
        _check_balanced(draft)
    accounts = _hold_accounts({m.account for draft in drafts for m in draft.moves}, at=at)
    balances = {key: account.balance_minor for key, account in accounts.items()}
    lines = []
    for draft in drafts:
        for key, side, minor in draft.moves:
            balances[key] += minor if side == Side.CREDIT else -minor
            lines.append(
                Line(
                    transfer=draft.transfer,
                    account=accounts[key],
                    side=side,
                    amount_minor=minor,
                    balance_after_minor=balances[key],
                )
            )
        _check_covered(balances, draft)
    Line.objects.bulk_create(lines)
    for key, account in accounts.items():
        _set_balance(account, balances[key])


def _check_balanced(draft: Draft) -> None:
    """Refuse a programming error before it becomes a booking."""
    debits = sum(m.minor for m in draft.moves if m.side == Side.DEBIT)
    credits_ = sum(m.minor for m in draft.moves if m.side == Side.CREDIT)
    currencies = {m.account.currency for m in draft.moves}
    if debits != credits_ or currencies != {draft.transfer.currency}:
        msg = f"transfer {draft.transfer.pk} debits {debits} and credits {credits_} {currencies}"
        raise AssertionError(msg)


def _check_covered(balances: dict[AccountKey, int], draft: Draft) -> None:
    for key in (m.account for m in draft.moves):
        if abs(balances[key]) > LARGEST:
            raise Invalid({"amount": [_("The balance would be too large for this ledger.")]})
        if balances[key] < 0 and key.kind != AccountKind.WORLD:
            missing = money_of(-balances[key], key.currency)
            raise NotAllowed(
                _("The balance of %(account)s does not suffice: %(missing)s are missing.")
                % {"account": AccountKind(key.kind).label, "missing": missing}
            )


def _hold_accounts(keys: Iterable[AccountKey], *, at: datetime) -> dict[AccountKey, Account]:
    """Return the rows of `keys`, locked in order; open what is not there yet before locking."""
    wanted = sorted(set(keys))
    for key in wanted:
        Account.objects.get_or_create(
            owner=key.owner,
            kind=key.kind,
            currency=key.currency,
            stripe=key.stripe,
            defaults={"opened_at": at},
        )
    return lock_accounts(wanted)


def _set_balance(account: Account, minor: int) -> None:
    rows = Account.objects.filter(pk=account.pk, balance_minor=account.balance_minor)
    if not rows.update(balance_minor=minor):
        raise Conflict(_("The account changed meanwhile; try again."))
    account.balance_minor = minor
