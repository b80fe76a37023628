"""Reading the ledger: balances, statements, and the proof that nothing is missing."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce
from operator import or_
from typing import NamedTuple
from uuid import UUID

from django.db.models import Case, F, Q, QuerySet, Sum, When
from django.db.models.functions import Coalesce

from audit.log.actors import Actor
from audit.log.errors import NotFound
from audit.rulebook.queries import Pack, get_pack, list_packs
from pricing.money import DEFAULT_CURRENCY, Money

from .fees import Charges, FeeSchedule
from .models import (
    Account,
    Line,
    ShareAgreement,
    Transfer,
    ValueMeasurement,
    account_name,
    money_of,
)
from .states import PARTY_KINDS, AccountKind, AgreementState, Side, TransferKind, TransferState

SIGNED = Case(When(side=Side.CREDIT, then=F("amount_minor")), default=-F("amount_minor"))
WATCHERS = ("OPERATOR", "REGULATOR")


class AccountKey(NamedTuple):
    """What names an account; its order is the order in which accounts are locked."""

    owner: str
    kind: str
    currency: str
    stripe: int = 0

    @property
    def reference(self) -> str:
        """The account in one word, as it stands in the log."""
        return account_name(*self)


class Balances(NamedTuple):
    """What an organization has on the exchange in one currency."""

    available: Money
    escrow: Money


@dataclass(frozen=True, kw_only=True)
class StatementRow:
    """One line of a statement, with the balance it left on its account."""

    at: datetime
    transfer: UUID
    kind: str
    status: str
    purpose: str
    account: str
    debit: Money | None
    credit: Money | None
    balance: Money


@dataclass(frozen=True, kw_only=True)
class Statement:
    """What moved on an organization's accounts between two instants (half-open)."""

    organization: str
    currency: str
    opening: Balances
    rows: list[StatementRow]
    closing: Balances


@dataclass(frozen=True, kw_only=True)
class TrialBalance:
    """Totals of one currency; debits equal credits, and the kinds sum to zero."""

    currency: str
    debits: Money
    credits: Money
    by_kind: dict[str, Money]

    @property
    def difference(self) -> Money:
        """Nothing, unless the ledger is wrong."""
        return Money.total(self.by_kind.values(), self.currency)

    @property
    def is_balanced(self) -> bool:
        """Whether no money appeared or vanished."""
        return self.debits == self.credits and self.difference.is_zero


def lock_accounts(keys: Iterable[AccountKey]) -> dict[AccountKey, Account]:
    """Hold the rows of `keys`, one after the other in the one order all transfers keep to.

    Call it once per transaction and as late as possible. Absent accounts are absent.
    """
    wanted = sorted(set(keys))
    match = reduce(
        or_, (Q(owner=k.owner, kind=k.kind, currency=k.currency, stripe=k.stripe) for k in wanted)
    )
    rows = Account.objects.filter(match).select_for_update(of=("self",)).order_by("pk")
    return {AccountKey(a.owner, a.kind, a.currency, a.stripe): a for a in rows}


def balance_of(organization: str, currency: str = DEFAULT_CURRENCY) -> Balances:
    """Return what `organization` can spend and what waits in escrow."""
    rows = Account.objects.filter(
        owner=organization, kind__in=sorted(PARTY_KINDS), currency=currency
    ).values_list("kind", "balance_minor")
    return _balances(dict(rows), currency)


def _balances(minor: dict[str, int], currency: str) -> Balances:
    return Balances(
        available=money_of(minor.get(AccountKind.AVAILABLE, 0), currency),
        escrow=money_of(minor.get(AccountKind.ESCROW, 0), currency),
    )


def transfers_visible_to(actor: Actor) -> QuerySet[Transfer]:
    """Return the transfers the actor may see: its own organization's, or all for those who watch.

    A seller sees what paid it and what was charged for that, not the buyer's other movements.
    """
    rows = Transfer.objects.order_by("-created_at", "-pk")
    if actor.is_system or actor.has_role(*WATCHERS):
        return rows
    if not actor.organization:
        return rows.none()
    touched = Line.objects.filter(account__owner=actor.organization).values("transfer")
    return rows.filter(pk__in=touched)


def get_transfer_for(actor: Actor, transfer_id: UUID) -> Transfer:
    """Return one transfer if the actor may see it; raises NotFound otherwise."""
    found = transfers_visible_to(actor).filter(pk=transfer_id).first()
    if found is None:
        raise NotFound
    return found


def statement_for(
    actor: Actor,
    organization: str,
    *,
    currency: str = DEFAULT_CURRENCY,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Statement:
    """Return the statement of `organization` with running balances; NotFound for strangers."""
    watches = actor.is_system or actor.has_role(*WATCHERS)
    if not watches and (not organization or actor.organization != organization):
        raise NotFound
    lines = Line.objects.filter(
        account__owner=organization, account__currency=currency
    ).select_related("account", "transfer")
    before = lines.filter(transfer__created_at__lt=since) if since else lines.none()
    if since:
        lines = lines.filter(transfer__created_at__gte=since)
    if until:
        lines = lines.filter(transfer__created_at__lt=until)
    opening = {
        row["account__kind"]: row["minor"]
        for row in before.values("account__kind").annotate(minor=Sum(SIGNED)).order_by()
    }
    closing, rows = dict(opening), []
    for line in lines.order_by("pk"):
        closing[line.account.kind] = line.balance_after_minor
        rows.append(_statement_row(line))
    return Statement(
        organization=organization,
        currency=currency,
        opening=_balances(opening, currency),
        rows=rows,
        closing=_balances(closing, currency),
    )


def _statement_row(line: Line) -> StatementRow:
    amount = money_of(line.amount_minor, line.account.currency)
    return StatementRow(
        at=line.transfer.created_at,
        transfer=line.transfer.pk,
        kind=line.transfer.kind,
        status=line.transfer.status,
        purpose=line.transfer.purpose,
        account=line.account.kind,
        debit=amount if line.side == Side.DEBIT else None,
        credit=amount if line.side == Side.CREDIT else None,
        balance=money_of(line.balance_after_minor, line.account.currency),
    )


def trial_balance() -> list[TrialBalance]:
    """Return the totals of every currency; each is balanced, or the ledger is wrong."""
    kinds: dict[str, dict[str, int]] = defaultdict(dict)
    for row in Account.objects.values("currency", "kind").annotate(minor=Sum("balance_minor")):
        kinds[row["currency"]][row["kind"]] = row["minor"]
    sides: dict[tuple[str, str], int] = {
        (row["account__currency"], row["side"]): row["minor"]
        for row in Line.objects.values("account__currency", "side").annotate(
            minor=Sum("amount_minor")
        )
    }
    return [
        TrialBalance(
            currency=currency,
            debits=money_of(sides.get((currency, Side.DEBIT), 0), currency),
            credits=money_of(sides.get((currency, Side.CREDIT), 0), currency),
            by_kind={kind: money_of(minor, currency) for kind, minor in sorted(found.items())},
        )
        for currency, found in sorted(kinds.items())
    ]


def list_discrepancies() -> list[str]:
    """Return what contradicts itself in the ledger, in words; nothing when all is well.

    Recomputed from the lines: every transfer balances, every balance is the sum of its lines, and
    what lies in escrow is exactly what pending holds say.
    """
    found = [
        f"{total.currency} does not balance: difference {total.difference}"
        for total in trial_balance()
        if not total.is_balanced
    ]
    unbalanced = Line.objects.values("transfer").annotate(minor=Sum(SIGNED)).exclude(minor=0)
    found += [
        f"transfer {row['transfer']} does not balance by {row['minor']}" for row in unbalanced
    ]
    empty = Transfer.objects.filter(lines__isnull=True)
    found += [f"transfer {transfer.pk} moves nothing" for transfer in empty]
    accounts = Account.objects.annotate(
        summed=Coalesce(Sum(_signed_of("lines__")), 0),
    ).exclude(summed=F("balance_minor"))
    found += [
        f"{account.reference} says {account.balance_minor}, its lines {account.summed}"
        for account in accounts
    ]
    return found + _escrow_discrepancies()


def _signed_of(path: str) -> Case:
    return Case(
        When(**{f"{path}side": Side.CREDIT}, then=F(f"{path}amount_minor")),
        default=-F(f"{path}amount_minor"),
    )


def _escrow_discrepancies() -> list[str]:
    pending = Transfer.objects.filter(kind=TransferKind.HOLD, status=TransferState.PENDING)
    held = {
        (row["party"], row["currency"]): row["minor"]
        for row in pending.values("party", "currency").annotate(minor=Sum("amount_minor"))
    }
    escrow = {
        (account.owner, account.currency): account.balance_minor
        for account in Account.objects.filter(kind=AccountKind.ESCROW)
    }
    return [
        f"escrow of {owner} is {escrow.get((owner, currency), 0)} {currency},"
        f" its holds {held.get((owner, currency), 0)}"
        for owner, currency in sorted(held.keys() | escrow.keys())
        if held.get((owner, currency), 0) != escrow.get((owner, currency), 0)
    ]


def get_fee_schedule(*, on: date) -> FeeSchedule:
    """Return the fee schedule in force on `on`, as it is published."""
    return FeeSchedule.from_pack(get_pack("fees", on=on))


def get_fee_schedule_by_label(label: str) -> FeeSchedule:
    """Return the schedule a hold was placed under; it keeps it whatever is published later."""
    return FeeSchedule.from_pack(_pack_by_label(label))


def _pack_by_label(label: str) -> Pack:
    for pack in list_packs("fees"):
        if pack.label == label:
            return pack
    raise NotFound


def quote_charges(price: Money, product_type: str, *, on: date) -> Charges:
    """Return what a sale at `price` would cost each side by the schedule in force on `on`."""
    return get_fee_schedule(on=on).charge(price, product_type)


def agreements_visible_to(actor: Actor) -> QuerySet[ShareAgreement]:
    """Return the agreements on revenue sharing of the actor's organization, or all to watchers."""
    rows = ShareAgreement.objects.select_related("product__provider").prefetch_related("parties")
    if actor.is_system or actor.has_role(*WATCHERS):
        return rows
    if not actor.organization:
        return rows.none()
    party = Q(parties__organization=actor.organization)
    return rows.filter(party | Q(product__provider__reference=actor.organization)).distinct()


def get_agreement_for(actor: Actor, reference: str) -> ShareAgreement:
    """Return one agreement the actor may see; raises NotFound otherwise."""
    found = agreements_visible_to(actor).filter(reference=reference).first()
    if found is None:
        raise NotFound
    return found


def lock_agreement(agreement: ShareAgreement) -> ShareAgreement:
    """Hold the agreement's row until the transaction ends; its parties change under it only."""
    return ShareAgreement.objects.select_for_update(of=("self",)).get(pk=agreement.pk)


def agreement_at(product: str, at: datetime) -> ShareAgreement | None:
    """Return the agreement that was in force for a product at an instant, superseded or not."""
    return (
        ShareAgreement.objects.filter(
            Q(ended_at__isnull=True) | Q(ended_at__gt=at),
            product__reference=product,
            status__in=[AgreementState.IN_FORCE, AgreementState.SUPERSEDED],
            effective_at__lte=at,
        )
        .order_by("-effective_at", "-pk")
        .first()
    )


def measurements_visible_to(actor: Actor) -> QuerySet[ValueMeasurement]:
    """Return the measurements an actor asked for or whose agreement it is a party of."""
    rows = ValueMeasurement.objects.select_related("agreement__product__provider")
    if actor.is_system or actor.has_role(*WATCHERS):
        return rows
    if not actor.organization:
        return rows.none()
    own = agreements_visible_to(actor).order_by().values("pk")
    return rows.filter(Q(requester=actor.organization) | Q(agreement__in=own))


def get_measurement_for(actor: Actor, reference: str) -> ValueMeasurement:
    """Return one measurement the actor may see; raises NotFound otherwise."""
    found = measurements_visible_to(actor).filter(reference=reference).first()
    if found is None:
        raise NotFound
    return found
