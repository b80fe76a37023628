"""Statements about persons: committed to in the entry, kept apart under a key of the person's.

Under `pii` the entry holds SHA-256(context ‖ salt ‖ RFC 8785 value). Value and salt lie in
`PersonalValue`, sealed with AES-256-GCM under the person's key; the seal is bound to entry, name
and person. The person's key is wrapped under a ring of its own (`pek-…`). Erasing it ends what
anybody can learn from the log about the person; the entries and their receipts stay as they are
(《个人信息保护法》第四十七条).
"""

import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from .canonical import canonical
from .errors import Gone
from .events import Event
from .keyring import PERSONS, KeyFiles, KeyRing, KeySetting, KeyUnavailable, Secret
from .models import Entry, PersonalValue, PersonKey

CONTEXT = b"quanheng/pii/v1\0"
PURPOSE = "person"
SALT_SIZE = 32
NONCE_SIZE = 12
BATCH = 500


class Unreadable(RuntimeError):
    """A statement does not open under its person's key: an alarm for the operator."""


@dataclass(frozen=True, kw_only=True)
class Sealed:
    """One statement on its way into an entry; `key` is None once the person was erased."""

    name: str
    commitment: str
    key: PersonKey | None
    sealed: bytes


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A statement with the salt that opens its commitment; shown to those entitled only."""

    entry: Entry
    name: str
    person: str
    value: Mapping[str, Any]
    salt: bytes

    def __repr__(self) -> str:
        return f"<Opened {self.name} of {self.person}>"

    def document(self) -> dict[str, Any]:
        """Return what `python -m verify` checks against the entry."""
        return {"name": self.name, "value": dict(self.value), "salt": self.salt.hex()}


def person_ring() -> KeyRing:
    """Return the ring that the keys of persons are wrapped under."""
    if settings.PERSONAL_KEYS:
        return KeyRing(KeySetting(settings.PERSONAL_KEYS, mark=PERSONS))
    folder = Path(settings.KEYS_DIR)
    return KeyRing(KeyFiles(folder, generate=settings.GENERATE_KEYS, mark=PERSONS))


def commitment_of(value: Mapping[str, Any], salt: bytes) -> str:
    """Return the commitment to `value` under `salt`, in hexadecimal digits."""
    return hashlib.sha256(CONTEXT + salt + canonical(value)).hexdigest()


def seal_statements(event: Event, *, entry: UUID, at: datetime) -> list[Sealed]:
    """Commit to each statement of `event` and seal it for the entry that is being written.

    Of a person who was erased the commitment alone is made; nothing is kept that could open it.
    """
    sealed = []
    for name, statement in event.statements().items():
        salt = os.urandom(SALT_SIZE)
        commitment = commitment_of(statement.value, salt)
        key, secret = _key_of(statement.person, at)
        if secret is None:
            sealed.append(Sealed(name=name, commitment=commitment, key=None, sealed=b""))
            continue
        nonce = os.urandom(NONCE_SIZE)
        body = AESGCM(secret.reveal()).encrypt(
            nonce, salt + canonical(statement.value), _bound(entry, name, statement.person)
        )
        sealed.append(Sealed(name=name, commitment=commitment, key=key, sealed=nonce + body))
    return sealed


def keep_statements(entry: Entry, sealed: Iterable[Sealed]) -> None:
    """Keep what was sealed for `entry`, in the entry's own transaction."""
    PersonalValue.objects.bulk_create(
        PersonalValue(entry=entry, name=each.name, key=each.key, sealed=each.sealed)
        for each in sealed
        if each.key is not None
    )


def open_statement(entry: Entry, name: str) -> Opened:
    """Open what `entry` commits to under `name`. Raises Gone once it was erased.

    Whether somebody may see it is not decided here: see `open_commitment`.
    """
    kept = PersonalValue.objects.select_related("key").filter(entry=entry, name=name).first()
    if kept is None or not kept.key.wrapped_key:
        raise Gone(_("What was said of the person here has been erased; the commitment stays."))
    person = kept.key.person
    try:
        secret = _unwrap(person_ring(), kept.key)
        body = bytes(kept.sealed)
        plain = AESGCM(secret.reveal()).decrypt(
            body[:NONCE_SIZE], body[NONCE_SIZE:], _bound(entry.id, name, person)
        )
    except (KeyUnavailable, InvalidTag) as error:
        raise Unreadable(str(kept)) from error
    salt, text = plain[:SALT_SIZE], plain[SALT_SIZE:]
    return Opened(entry=entry, name=name, person=person, value=json.loads(text), salt=salt)


def statements_of(person: str) -> QuerySet[PersonalValue]:
    """Return what the log still keeps of a person, the oldest first."""
    rows = PersonalValue.objects.filter(key_id=person).select_related("entry")
    return rows.order_by("entry_id", "name")


def block_person(person: str, *, at: datetime) -> None:
    """Keep what is left of a person from every use but storage (PIPL art. 47, last paragraph)."""
    PersonKey.objects.filter(person=person, blocked_at=None).update(blocked_at=at)


def is_blocked(person: str) -> bool:
    """Whether what the log keeps of a person is only stored, not used."""
    return PersonKey.objects.filter(person=person, blocked_at__isnull=False).exists()


def drop_statements(kept: Sequence[PersonalValue]) -> int:
    """Destroy single statements whose term is over, while the person's key stays for others."""
    return PersonalValue.objects.filter(pk__in=[each.pk for each in kept]).delete()[0]


def destroy_key(person: str, *, at: datetime) -> int:
    """Destroy a person's key and every statement under it; returns how many there were.

    The row stays, empty, so that nothing can be sealed for the person again.
    """
    PersonKey.objects.get_or_create(person=person, defaults={"made_at": at, "erased_at": at})
    PersonKey.objects.filter(person=person, erased_at=None).update(
        wrapped_key="", key_id="", erased_at=at
    )
    return PersonalValue.objects.filter(key_id=person).delete()[0]


def rotate_person_keys(*, destroy_old: bool = False) -> tuple[str, int]:
    """Make a new wrapping key and wrap every person's key under it; return its id and how many.

    With `destroy_old` the older wrapping keys go: persons erased before then cannot be read any
    more from any copy of the database, however old. No other process may be making keys of persons
    meanwhile: what it wraps under an older key that goes in the same moment would be lost.
    """
    ring = person_ring()
    newest = ring.rotate()
    done = rewrap_person_keys()
    if destroy_old:
        for key_id in ring.versions[:-1]:
            if not PersonKey.objects.filter(key_id=key_id).exists():
                ring.destroy(key_id)
    return newest, done


def rewrap_person_keys() -> int:
    """Wrap what lies under an older wrapping key under the newest; may be repeated at will."""
    ring = person_ring()
    waiting = PersonKey.objects.filter(erased_at=None).exclude(key_id=ring.newest)
    done, after = 0, ""
    while batch := list(waiting.filter(person__gt=after).order_by("person")[:BATCH]):
        for key in batch:
            wrapped, key_id = ring.rewrap(key.wrapped_key, key.key_id, PURPOSE, key.person)
            same = PersonKey.objects.filter(person=key.person, wrapped_key=key.wrapped_key)
            done += same.update(wrapped_key=wrapped, key_id=key_id)
        after = batch[-1].person
    return done


def scrub_journal() -> None:
    """Empty SQLite's journal, where pages from before a deletion would stay for a while."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _key_of(person: str, at: datetime) -> tuple[PersonKey, Secret | None]:
    """Return a person's key, made on first need; no secret once the person was erased."""
    ring = person_ring()
    key = PersonKey.objects.filter(person=person).first()
    if key is None:
        secret, wrapped, key_id = ring.generate(PURPOSE, person)
        try:
            with transaction.atomic():
                made = PersonKey.objects.create(
                    person=person, wrapped_key=wrapped, key_id=key_id, made_at=at
                )
        except IntegrityError:  # made meanwhile by somebody else, whose key counts
            key = PersonKey.objects.get(person=person)
        else:
            return made, secret
    return key, (_unwrap(ring, key) if key.wrapped_key else None)


def _unwrap(ring: KeyRing, key: PersonKey) -> Secret:
    return ring.unwrap(key.wrapped_key, key.key_id, PURPOSE, key.person)


def _bound(entry: UUID, name: str, person: str) -> bytes:
    return f"{entry}|{name}|{person}".encode()
