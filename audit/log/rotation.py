"""Rotation of the log's key: for a while both keys sign, then the old one is retired.

While `<key>.next.pem` lies beside the log's key, each checkpoint carries the lines of both, under
the same name. Whoever knows only the old key goes on verifying until the rotation is finished,
and finds the new key in the log itself, in an entry under the old key's signature. Public halves
of retired keys are kept beside it in `<key>.retired`; receipts made with them stay valid.
"""

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from verify.encoding import parse_base64, write_base64
from verify.note import Verifier, parse_note, parse_vkey, write_vkey

from .actors import Actor
from .events import Event, Ref, event
from .models import Entry
from .periods import period_of
from .queries import current_log, latest_checkpoint
from .services import record
from .signing import Signer, generate_key, get_signer, key_path, load_signer


@event("log.key.introduced", label=_("new key of the log introduced"))
class KeyIntroduced(Event):
    """From now on checkpoints carry the signatures of both keys."""

    period: Ref
    old_key: str
    new_key: str


@event("log.key.rotated", label=_("key of the log rotated"))
class KeyRotated(Event):
    """The old key signs nothing any more."""

    period: Ref
    old_key: str
    new_key: str


class NoRotation(RuntimeError):
    """What was asked for does not fit the present stage of the rotation."""


@dataclass(frozen=True)
class Keys:
    """The verifier keys of a rotation, under the newest log's name."""

    old: str
    new: str


def log_signers(origin: str) -> list[Signer]:
    """Return the keys that sign a log's checkpoints at present: one, or two while rotating."""
    signers = [get_signer("log", origin=origin)]
    if _next_path().exists():
        signers.append(load_signer("log", origin, _next_path()))
    return signers


def log_verifiers(origin: str) -> list[Verifier]:
    """Return every key that signs this log or once did, the present one first."""
    found = [signer.verifier for signer in log_signers(origin)]
    for line in _retired():
        key = parse_vkey(write_vkey(origin, parse_base64(line, "retired key")))
        if key not in found:
            found.append(key)
    return found


def begin_rotation(*, given: Path | None = None, by: Actor, at: datetime) -> Keys:
    """Let a new key sign beside the old one: one made here, or the one in the file `given`."""
    path = _next_path()
    if path.exists():
        raise NoRotation("A rotation is under way already; finish it first.")
    period, old = _present(at)
    if given is None:
        generate_key(path)
    else:
        draft = path.with_suffix(".draft")
        draft.write_bytes(given.read_bytes())
        draft.chmod(0o600)
        try:
            load_signer("log", old.name, draft)  # refuses what is no key
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
    _sync(path)
    new = load_signer("log", old.name, path)
    if new.public_key_bytes == old.public_key_bytes:
        path.unlink()
        raise NoRotation("This is the key the log has already.")
    keys = Keys(old.verifier_key, new.verifier_key)
    with transaction.atomic(durable=True):
        introduced = KeyIntroduced(period=period, old_key=keys.old, new_key=keys.new)
        record(introduced, by=by, at=at)
    return keys


def finish_rotation(*, by: Actor, at: datetime) -> Keys:
    """Retire the old key; a crash on the way is made good by asking again.

    Refused until a checkpoint with both signatures is published.
    """
    path = _next_path()
    if not path.exists():
        raise NoRotation("No rotation is under way.")
    period, old = _present(at)
    new = load_signer("log", old.name, path)
    newest = latest_checkpoint(current_log())
    signed = parse_note(newest.note.encode()).signatures if newest else ()
    if {old.verifier.key_id, new.verifier.key_id} - {line.key_id for line in signed}:
        raise NoRotation("No checkpoint carries both signatures yet; publish one first.")
    keys = Keys(old.verifier_key, new.verifier_key)
    with transaction.atomic(durable=True):
        rotated = KeyRotated(period=period, old_key=keys.old, new_key=keys.new)
        last = Entry.objects.filter(name=KeyRotated.name).order_by("-position").first()
        if last is None or keys.new.encode() not in bytes(last.data):
            record(rotated, by=by, at=at)
    retired = write_base64(old.public_key_bytes)
    if retired not in _retired():
        with _retired_path().open("a", encoding="ascii") as file:
            file.write(f"{retired}\n")
            file.flush()
            os.fsync(file.fileno())
    path.replace(key_path("log"))
    _sync(path)
    return keys


def _present(at: datetime) -> tuple[str, Signer]:
    log = current_log()
    return (log.period if log else period_of(at)), get_signer("log")


def _next_path() -> Path:
    path = key_path("log")
    return path.with_name(f"{path.stem}.next.pem")


def _retired_path() -> Path:
    path = key_path("log")
    return path.with_name(f"{path.stem}.retired")


def _retired() -> list[str]:
    try:
        return _retired_path().read_text(encoding="ascii").split()
    except FileNotFoundError:
        return []


def _sync(path: Path) -> None:
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
