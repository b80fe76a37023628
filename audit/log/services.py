"""Recording: the entry is written in the transaction of the change it tells of."""

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import connection, transaction

from .actors import Actor
from .canonical import canonical
from .events import Event
from .models import Entry
from .personal import Sealed, keep_statements, seal_statements
from .writing import write_rows

ENTRY_LIMIT = 16_384  # bytes; trust.md B2
_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"


class NotInTransaction(RuntimeError):
    """`record()` was called where a crash could separate the entry from its change."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """What an entry says of the state of a thing: `before` is None for one that just came to be."""

    kind: str
    reference: str
    before: str | None
    after: str

    def as_document(self) -> dict[str, str | None]:
        """Return it as it stands under the entry's key `state`."""
        return {"t": self.kind, "id": self.reference, "from": self.before, "to": self.after}


@dataclass(frozen=True, kw_only=True)
class Posting:
    """What an entry says of one account: the amount it gains, or loses when negative."""

    account: str
    amount: str

    def as_document(self) -> dict[str, str]:
        """Return it as it stands under the entry's key `moves`."""
        return {"account": self.account, "amount": self.amount}


@dataclass(frozen=True, kw_only=True)
class Composed:
    """An entry with its final bytes and what is written beside it."""

    entry: Entry
    refs: tuple[tuple[str, str], ...]
    sealed: tuple[Sealed, ...]


def record(
    event: Event,
    *,
    by: Actor,
    at: datetime,
    change: Change | None = None,
    postings: Sequence[Posting] = (),
) -> Entry:
    """Write the entry of `event` and queue it for sequencing; no shared row is touched.

    `change` and `postings` say what became of a state and of balances, so that both can be rebuilt
    from the log alone. Raises NotInTransaction outside an atomic block, ValueError for an entry
    over 16 KiB or one whose subject is not the thing that changed.
    """
    if not connection.in_atomic_block:
        raise NotInTransaction(event.name)
    return write(compose(event, by=by, at=at, change=change, postings=postings))


def compose(
    event: Event,
    *,
    by: Actor,
    at: datetime,
    change: Change | None = None,
    postings: Sequence[Posting] = (),
) -> Composed:
    """Return the entry of `event` with its final bytes, not written yet."""
    kind, subject = event.subject
    if change and (change.kind, change.reference) != (kind, subject):
        msg = f"{event.name} is about {kind} {subject}, not {change.kind} {change.reference}"
        raise ValueError(msg)
    identity = _uuid7(at)
    group = _transaction_id()
    sealed = seal_statements(event, entry=identity, at=at) if event.statement_fields else []
    document: dict[str, object] = {
        "v": 1,
        "id": str(identity),
        "ts": at.astimezone(UTC).strftime(_FORMAT),
        "type": event.name,
        "ver": event.version,
        "actor": by.id,
        "org": by.organization,
        "behalf": by.on_behalf_of,
        "req": by.request_id,
        "tx": str(group),
        "obj": {"t": kind, "id": subject},
        "body": event.body(),
    }
    if sealed:
        document["pii"] = {each.name: each.commitment for each in sealed}
    if change:
        document["state"] = change.as_document()
    if postings:
        document["moves"] = [posting.as_document() for posting in postings]
    data = canonical(document)
    if len(data) > ENTRY_LIMIT:
        msg = f"{event.name} is {len(data)} bytes; an entry holds {ENTRY_LIMIT}: log a digest"
        raise ValueError(msg)
    entry = Entry(
        id=identity,
        name=event.name,
        version=event.version,
        occurred_at=at,
        actor=by.id,
        organization=by.organization,
        subject_kind=kind,
        subject=subject,
        request_id=by.request_id,
        transaction=group,
        data=data,
        leaf_hash=hashlib.sha256(b"\x00" + data).digest(),
    )
    return Composed(entry=entry, refs=tuple(event.refs), sealed=tuple(sealed))


def write(composed: Composed) -> Entry:
    """Insert a composed entry with its references and its place among the waiting."""
    entry = composed.entry
    write_rows(entry, composed.refs)
    keep_sealed(composed)
    return entry


def keep_sealed(composed: Composed) -> None:
    """Keep what was sealed for a written entry; without it the change must not stay either."""
    if not composed.sealed:
        return
    try:
        keep_statements(composed.entry, composed.sealed)
    except BaseException:
        transaction.set_rollback(True)
        raise


def _uuid7(at: datetime) -> uuid.UUID:
    """Return a UUID of version 7 (RFC 9562 section 5.7) for the instant `at`."""
    milliseconds = int(at.timestamp() * 1000)
    value = (milliseconds << 80) | int.from_bytes(uuid.uuid4().bytes[6:])
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    return uuid.UUID(int=(value & ~(0x3 << 62)) | (0x2 << 62))


def _transaction_id() -> uuid.UUID:
    """Return the id shared by all entries of the outermost transaction."""
    marks = connection.run_on_commit
    for registered in marks:
        if isinstance(registered[1], _TransactionMark):
            return registered[1].id
    mark = _TransactionMark()
    transaction.on_commit(mark)
    return mark.id


class _TransactionMark:
    """Carries the transaction's id among its commit callbacks; it forgets it on rollback."""

    def __init__(self) -> None:
        self.id = uuid.uuid4()

    def __call__(self) -> None:
        """Do nothing: the mark only has to live as long as the transaction."""
