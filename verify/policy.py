"""Policies: which logs' keys, and how many of which witnesses, make a checkpoint believed.

The file format is C2SP tlog-policy: a line for each log, witness and group, and one for the quorum.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from verify.checkpoint import SignedHead, verify_signed
from verify.cosignature import Cosignature, Cosigner, parse_cosigner, read_cosignatures
from verify.encoding import parse_decimal
from verify.errors import VerificationError
from verify.note import Verifier, parse_vkey

MAX_POLICY_BYTES = 1024 * 1024
MAX_LINES = 1024
NONE = "none"
CLOCK_SKEW = timedelta(seconds=30)
_BLANKS = re.compile(r"[ \t]+")


@dataclass(frozen=True)
class Log:
    """A log whose signature is accepted."""

    key: Verifier
    url: str = ""


@dataclass(frozen=True)
class Witness:
    """A witness as the policy names it."""

    name: str
    key: Cosigner
    url: str = ""


@dataclass(frozen=True)
class Group:
    """Names of witnesses and groups, of which `threshold` must have cosigned."""

    name: str
    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True)
class Witnessed(SignedHead):
    """A tree head that satisfies a policy, and the cosignatures under it that count."""

    cosignatures: tuple[Cosignature, ...] = ()


@dataclass(frozen=True)
class Policy:
    """Whom to believe about a log. `quorum` names a witness, a group, or none for no witness."""

    logs: tuple[Log, ...]
    witnesses: Mapping[str, Witness] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    quorum: str = NONE

    @classmethod
    def of_keys(cls, keys: Iterable[Verifier]) -> "Policy":
        """Return the policy that asks for the signature of one of these keys and no witness."""
        return cls(logs=tuple(map(Log, keys)))

    @property
    def log(self) -> Verifier:
        """The key of the first log named."""
        return self.logs[0].key

    @property
    def log_url(self) -> str:
        """The address of the first log named, or nothing."""
        return self.logs[0].url

    def check(
        self, note: bytes, *, now: datetime | None = None, max_age: timedelta | None = None
    ) -> Witnessed:
        """Return the head that `note` states if the log signed it and the quorum cosigned it.

        With `now`, a cosignature counts only from `max_age` ago until half a minute ahead; if no
        witness is asked for, the log's own time stamp must lie within this window.
        """
        signed = verify_signed(note, [log.key for log in self.logs])
        keys = [witness.key for witness in self.witnesses.values()]
        cosignatures = tuple(
            cosignature
            for cosignature in read_cosignatures(note, signed.head, keys)
            if _is_fresh(cosignature.at, now, max_age)
        )
        if self.quorum != NONE:
            counted = {cosignature.cosigner.public_key for cosignature in cosignatures}
            if not self.is_satisfied(counted):
                raise VerificationError(
                    f"checkpoint is cosigned by {len(counted)} of {len(keys)} known witnesses"
                    f"{' in time' if now else ''}, which is no quorum"
                )
        elif max_age and not (signed.signed_at and _is_fresh(signed.signed_at, now, max_age)):
            raise VerificationError("checkpoint is not dated by its log, or too old")
        return Witnessed(signed.head, signed.signed_at, cosignatures)

    def is_satisfied(self, keys: Iterable[bytes]) -> bool:
        """Whether cosignatures by these public keys make a quorum."""
        present = frozenset(keys)
        names = {name for name, each in self.witnesses.items() if each.key.public_key in present}
        for name, group in self.groups.items():  # members are defined before their group
            if sum(member in names for member in group.members) >= group.threshold:
                names.add(name)
        return self.quorum == NONE or self.quorum in names


def parse_policy(text: str | bytes) -> Policy:
    """Read a policy file strictly: lines end with a newline, items are set apart by blanks."""
    lines = _lines_of(text)
    reading = _Reading()
    for number, line in enumerate(lines, start=1):
        kind, *items = _BLANKS.split(line.strip(" \t"))
        if not kind or kind.startswith("#"):
            continue
        try:
            reading.take(kind, items)
        except VerificationError as error:
            raise VerificationError(f"policy, line {number}: {error}") from error
    return reading.finish()


class _Reading:
    """What the lines of a policy have defined so far."""

    def __init__(self) -> None:
        self.logs: list[Log] = []
        self.witnesses: dict[str, Witness] = {}
        self.groups: dict[str, Group] = {}
        self.members: set[str] = set()
        self.quorum: str | None = None

    def take(self, kind: str, items: Sequence[str]) -> None:
        match (kind, *items):
            case ("log", vkey, *url) if len(url) <= 1:
                self._take_log(Log(parse_vkey(vkey), *url))
            case ("witness", name, vkey, *url) if len(url) <= 1:
                self._take_witness(Witness(name, parse_cosigner(vkey), *url))
            case ("group", name, threshold, *members) if members:
                self._take_group(name, threshold, members)
            case ("quorum", name):
                self._take_quorum(name)
            case _:
                raise VerificationError("this is no log, witness, group or quorum line")

    def finish(self) -> Policy:
        if self.quorum is None:
            raise VerificationError("policy has no quorum line")
        if not self.logs:
            raise VerificationError("policy names no log")
        own = {log.key.public_key for log in self.logs}
        if any(witness.key.public_key in own for witness in self.witnesses.values()):
            raise VerificationError("policy takes the log's own key for a witness")
        return Policy(tuple(self.logs), self.witnesses, self.groups, self.quorum)

    def _take_log(self, log: Log) -> None:
        for other in self.logs:
            if other.key.public_key == log.key.public_key:
                raise VerificationError("this log's key is named twice")
            _tell_apart(other.key, log.key)
        self.logs.append(log)

    def _take_witness(self, witness: Witness) -> None:
        self._check_new(witness.name)
        for other in self.witnesses.values():
            if other.key.public_key == witness.key.public_key:
                raise VerificationError("this witness's key is named twice")
            _tell_apart(other.key, witness.key)
        self.witnesses[witness.name] = witness

    def _take_group(self, name: str, threshold: str, members: Sequence[str]) -> None:
        self._check_new(name)
        for member in members:
            self._check_known(member)
            if member in self.members:
                raise VerificationError(f"{member!r} is a member twice")
            self.members.add(member)
        needed = {"all": len(members), "any": 1}.get(threshold)
        if needed is None:
            needed = parse_decimal(threshold, "threshold")
        if not 1 <= needed <= len(members):
            raise VerificationError("threshold is not between 1 and the number of members")
        self.groups[name] = Group(name, needed, tuple(members))

    def _take_quorum(self, name: str) -> None:
        if self.quorum is not None:
            raise VerificationError("there is a quorum line already")
        if name != NONE:
            self._check_known(name)
        self.quorum = name

    def _check_new(self, name: str) -> None:
        if name == NONE or name in self.witnesses or name in self.groups:
            raise VerificationError(f"the name {name!r} is taken")

    def _check_known(self, name: str) -> None:
        if name not in self.witnesses and name not in self.groups:
            raise VerificationError(f"{name!r} is not defined above")


def _lines_of(text: str | bytes) -> list[str]:
    try:
        content = text if isinstance(text, str) else text.decode("utf-8")
        size = len(content.encode("utf-8"))
    except UnicodeError as error:
        raise VerificationError("policy is not UTF-8") from error
    if size > MAX_POLICY_BYTES:
        raise VerificationError("policy is too large")
    if any((c < " " and c not in "\t\n") or c == "\x7f" for c in content):
        raise VerificationError("policy holds control characters")
    if content.startswith("\ufeff"):
        raise VerificationError("policy begins with a byte order mark")
    *lines, rest = content.split("\n")
    if rest:
        raise VerificationError("the last line of the policy does not end")
    if len(lines) > MAX_LINES:
        raise VerificationError("policy has too many lines")
    return lines


def _tell_apart(one: Verifier | Cosigner, other: Verifier | Cosigner) -> None:
    if (one.name, one.key_id) == (other.name, other.key_id):
        raise VerificationError("two keys cannot be told apart by name and identifier")


def _is_fresh(at: datetime, now: datetime | None, max_age: timedelta | None) -> bool:
    if now is None:
        return True
    return at <= now + CLOCK_SKEW and (max_age is None or at >= now - max_age)
