"""Collecting the cosignatures of witnesses for a tree head that is about to be published.

Every witness of the policy is asked at the same time, at the address the policy gives and nowhere
else. What one answers is checked before it is believed; what one fails to answer is named. The
log is published with or without them, and says which.
"""

import hashlib
import queue
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from http.client import HTTPException
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from verify.checkpoint import TreeHead, parse_body
from verify.cosignature import Cosigner, read_cosignatures
from verify.encoding import parse_decimal, write_base64
from verify.errors import VerificationError
from verify.merkle import check_consistency
from verify.note import Note, Verifier, key_id_of, parse_note, verify_note
from verify.policy import CLOCK_SKEW, Policy, Witness, parse_policy

from .asking import Answer, ask
from .signing import get_signer

Prove = Callable[[int, int], list[bytes]]
"""The consistency proof between two sizes of the log."""

_ATTEMPTS = 3  # one that learns the witness's size, one that uses it, one for a rival publisher
_PATIENCE = 0.25  # of the deadline, for the others once there is a quorum
_OLDEST = timedelta(minutes=5)
_SHOWN = 120
_REASONS: dict[int, str] = {
    HTTPStatus.NOT_FOUND: "does not know this log",
    HTTPStatus.FORBIDDEN: "does not trust this log's key",
    HTTPStatus.UNPROCESSABLE_ENTITY: "finds that the log does not continue what it saw before",
}


@dataclass(frozen=True, kw_only=True)
class Cosigned:
    """What the witnesses said about one tree head; `lines` are theirs, without line ends.

    `conflicts` are checkpoints that witnesses hold, signed by this log's own key, which do not
    agree with the head: another root at one size, or a larger size. Whoever sees one may not go
    on publishing unless a later head than this one was agreed to meanwhile.
    """

    lines: list[str] = field(default_factory=list)
    satisfied: bool = False
    failures: list[str] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)


class _Refused(Exception):
    """A witness did not cosign; with the checkpoints it holds against us, if it does."""

    def __init__(self, reason: str, conflicts: Iterable[str] = ()) -> None:
        super().__init__(reason)
        self.conflicts = list(conflicts)


@dataclass(frozen=True)
class _Reply:
    """What came back from one address."""

    url: str
    lines: dict[Cosigner, str]
    failures: list[str]
    conflicts: list[str]


_sizes: dict[tuple[str, str], int] = {}  # by address and origin, what a witness saw last
_asking: dict[str, threading.Thread] = {}  # by address, so that a stuck one is not asked again


def current_policy() -> Policy | None:
    """Return the policy this log is published under, or None when it has no witnesses.

    Raises VerificationError when the file is not there or not a policy.
    """
    if not settings.AUDIT_POLICY_FILE:
        return None
    try:
        return parse_policy(Path(settings.AUDIT_POLICY_FILE).read_bytes())
    except OSError as error:
        raise VerificationError(f"the policy file cannot be read: {error}") from error


def collect(head: TreeHead, note: str, *, prove: Prove, at: datetime) -> Cosigned:
    """Ask all witnesses for their cosignature over `head`, which the log signed as `note`.

    Returns within AUDIT_WITNESS_DEADLINE, and soon after the quorum is reached.
    """
    try:
        policy = current_policy()
    except VerificationError as error:
        return Cosigned(failures=[str(error)])
    if policy is None:
        return Cosigned(satisfied=True)
    deadline = time.monotonic() + settings.AUDIT_WITNESS_DEADLINE
    asked, failures = _by_address(policy)
    replies: queue.SimpleQueue[_Reply] = queue.SimpleQueue()
    public_key = get_signer("log").public_key_bytes
    own = Verifier(head.origin, key_id_of(head.origin, public_key), public_key)
    request = _Request(head, note, own, _once(prove), at, deadline)
    waiting = set()
    for url, witnesses in asked.items():
        if (earlier := _asking.get(url)) and earlier.is_alive():
            failures.append(f"{witnesses[0].name}: has still not answered an earlier request")
            continue
        _asking[url] = threading.Thread(
            target=lambda url=url, witnesses=witnesses: replies.put(request.put_to(url, witnesses)),
            name=f"witness {url}",
            daemon=True,
        )
        _asking[url].start()
        waiting.add(url)
    lines: dict[Cosigner, str] = {}
    conflicts: list[str] = []
    while waiting:
        try:
            reply = replies.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            break
        waiting.remove(reply.url)
        lines |= reply.lines
        failures += reply.failures
        conflicts += reply.conflicts
        if _is_satisfied(policy, lines):
            patience = _PATIENCE * settings.AUDIT_WITNESS_DEADLINE
            deadline = min(deadline, time.monotonic() + patience)
    failures += [f"{asked[url][0].name}: did not answer in time" for url in sorted(waiting)]
    known = (witness.key for witness in policy.witnesses.values())
    return Cosigned(
        lines=[lines[key] for key in known if key in lines],
        satisfied=_is_satisfied(policy, lines),
        failures=failures,
        conflicts=conflicts,
    )


def _by_address(policy: Policy) -> tuple[dict[str, list[Witness]], list[str]]:
    """Return the witnesses by address, for one may have several keys; and those without one."""
    asked: dict[str, list[Witness]] = {}
    failures = []
    for witness in policy.witnesses.values():
        if witness.url:
            asked.setdefault(witness.url, []).append(witness)
        else:
            failures.append(f"{witness.name}: the policy gives no address for it")
    return asked, failures


def _is_satisfied(policy: Policy, lines: Iterable[Cosigner]) -> bool:
    return policy.is_satisfied(key.public_key for key in lines)


def _once(prove: Prove) -> Prove:
    """Return `prove` for several threads at once: witnesses mostly ask for the same proof."""
    lock, made = threading.Lock(), dict[tuple[int, int], list[bytes]]()

    def proved(old: int, new: int) -> list[bytes]:
        with lock:
            if (old, new) not in made:
                made[old, new] = prove(old, new)
            return made[old, new]

    return proved


@dataclass(frozen=True)
class _Request:
    """One tree head put before the witnesses."""

    head: TreeHead
    note: str
    own: Verifier
    prove: Prove
    at: datetime
    deadline: float

    def put_to(self, url: str, witnesses: Sequence[Witness]) -> _Reply:
        """Ask the witness at `url`; whatever goes wrong is its failure, never ours."""
        keys = [witness.key for witness in witnesses]
        try:
            lines = self._read(self._add_checkpoint(url), keys)
        except _Refused as refused:
            return _Reply(url, {}, [f"{witnesses[0].name}: {refused}"], refused.conflicts)
        except (OSError, HTTPException, VerificationError, ValueError, RuntimeError) as error:
            reason = str(error) or type(error).__name__
            return _Reply(url, {}, [f"{witnesses[0].name}: {reason}"], [])
        missing = [
            f"{witness.name}: answered without a cosignature by its key"
            for witness in witnesses
            if witness.key not in lines
        ]
        return _Reply(url, lines, missing, [])

    def _add_checkpoint(self, url: str) -> Answer:
        """Submit the head, from the size the witness saw last; it says so if it was another."""
        old = _sizes.get((url, self.head.origin), 0)
        if old > self.head.size:
            old = 0
        for _attempt in range(_ATTEMPTS):
            answer = ask(url, "add-checkpoint", deadline=self.deadline, body=self._submission(old))
            if answer.status == HTTPStatus.OK:
                _sizes[url, self.head.origin] = self.head.size
                return answer
            if answer.status != HTTPStatus.CONFLICT:
                break
            stored = parse_decimal(answer.body.removesuffix("\n"), "size in the witness's answer")
            if stored > self.head.size:
                raise _Refused(
                    f"has seen {stored} entries of this log, which now shows {self.head.size}",
                    self._conflicts(url),
                )
            if stored == old:
                break
            old = stored
        raise _Refused(
            _REASONS.get(answer.status) or _told(answer),
            self._conflicts(url) if answer.status in _CONTRADICTED else (),
        )

    def _submission(self, old: int) -> bytes:
        proof = self.prove(old, self.head.size) if old else []
        lines = [f"old {old}", *map(write_base64, proof)]
        return ("\n".join(lines) + "\n\n" + self.note).encode()

    def _read(self, answer: Answer, keys: Sequence[Cosigner]) -> dict[Cosigner, str]:
        """Return the signature lines of `keys`, each checked; others are ignored."""
        note = parse_note(f"{self.head.body}\n{answer.body}".encode())
        lines: dict[Cosigner, str] = {}
        for cosignature in read_cosignatures(note, self.head, keys):
            latest = max(self.at, timezone.now()) + CLOCK_SKEW  # `at` is when the beat began
            if not self.at - _OLDEST <= cosignature.at <= latest:
                raise VerificationError(f"its clock is wrong: it cosigned at {cosignature.at}")
            lines[cosignature.cosigner] = _line_of(note, cosignature.cosigner)
        return lines

    def _conflicts(self, url: str) -> list[str]:
        """Return the checkpoint the witness holds, if our own key signed it and it is not ours."""
        name = hashlib.sha256(self.head.origin.encode()).hexdigest()
        try:
            answer = ask(url, f"{name}/checkpoint", deadline=self.deadline)
            if answer.status != HTTPStatus.OK:
                return []
            text, _signed = verify_note(answer.body.encode(), [self.own])
            other = parse_body(text)
        except (OSError, HTTPException, VerificationError, ValueError):
            return []
        return [answer.body] if self._contradicts(other) else []

    def _contradicts(self, other: TreeHead) -> bool:
        if other.origin != self.head.origin:
            return False
        if other.size > self.head.size:
            return True
        try:
            check_consistency(
                old_size=other.size,
                new_size=self.head.size,
                old_root=other.root,
                new_root=self.head.root,
                proof=self.prove(other.size, self.head.size),
            )
        except VerificationError:
            return True
        return False


_CONTRADICTED = {HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY}


def _line_of(note: Note, cosigner: Cosigner) -> str:
    signature = next(
        line.signature
        for line in note.signatures
        if (line.name, line.key_id) == (cosigner.name, cosigner.key_id)
    )
    return f"\u2014 {cosigner.name} {write_base64(cosigner.key_id + signature)}"


def _told(answer: Answer) -> str:
    said = " ".join(answer.body.split())[:_SHOWN]
    return f"answered {answer.status} {said}".rstrip()
