"""Logs that continue one another: one for each period, the next beginning with the last's hash.

The last entry of a closed log is `log.period.closed`, the first of the next `log.period.opened`,
which names the origin, size and note of the log before it.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from verify.checkpoint import TreeHead
from verify.errors import Missing, VerificationError
from verify.log import LogReport, Progress, verify_log
from verify.policy import Log, Policy
from verify.source import Folder, Source, read_checkpoint

CLOSED = "log.period.closed"
OPENED = "log.period.opened"
_MOST_PERIODS = 100
_PERIOD_DIGITS = 4


@dataclass(frozen=True)
class ChainReport:
    """The logs that were checked, the oldest first, and whether their links could be read."""

    logs: tuple[LogReport, ...]
    linked: bool


def verify_chain(
    place: Source | Path,
    policy: Policy,
    *,
    contents: bool | None = None,
    progress: Progress | None = None,
) -> ChainReport:
    """Check the logs of all periods at `place`, and that each continues the one before."""
    source = Folder(place) if isinstance(place, Path) else place
    reports: list[LogReport] = []
    for name in _periods(source, policy):
        log = source.below(name)
        trusted = for_period(policy, name)
        try:
            report = verify_log(log, trusted, contents=contents, progress=progress)
            if reports and reports[-1].contents and report.contents:
                before = reports[-1]
                _check_closed(before.last)
                check_link(before.note, before.signed.head, report.first)
        except VerificationError as error:
            raise type(error)(f"{name}: {error}") from error
        reports.append(report)
    if not reports:
        raise VerificationError(f"there is no log below {source}")
    linked = all(report.contents for report in reports)
    return ChainReport(tuple(reports), linked=linked)


def for_period(policy: Policy, name: str) -> Policy:
    """Return the policy with the log's keys under the name that they have in another period.

    The same keys sign under a name of their own in each period; a key for `example/audit/2026` is
    therefore believed for `example/audit/2027`, and for nothing outside `example/audit`.
    """
    logs = tuple(
        replace(log, key=log.key.renamed(f"{log.key.name.rpartition('/')[0]}/{name}"))
        for log in policy.logs
    )
    return replace(policy, logs=logs)


def across_periods(policy: Policy) -> Policy:
    """Return the policy with the log's keys under their names in the periods around, as well."""
    names = {log.key.name for log in policy.logs}
    added: list[Log] = []
    for log in policy.logs:
        prefix, _slash, period = log.key.name.rpartition("/")
        if not _is_period(period):
            continue
        number = int(period)
        around = range(max(number - _MOST_PERIODS, 0), number + _MOST_PERIODS)
        added += [
            replace(log, key=log.key.renamed(name))
            for name in (f"{prefix}/{other}" for other in around)
            if name not in names
        ]
    return replace(policy, logs=(*policy.logs, *added))


def period_of(policy: Policy) -> str:
    """Return the period in the name of the log's key."""
    return policy.log.name.rpartition("/")[2]


def is_chain(source: Source) -> bool:
    """Whether logs lie below this place, rather than at it."""
    names = source.names()
    if names is not None:
        return bool(names) and not source.may_hold("tile")
    try:
        read_checkpoint(source)
    except Missing:
        return True
    return False


def _periods(source: Source, policy: Policy) -> Sequence[str]:
    """Return the names of the logs below; of a server, those around the year of the key."""
    names = source.names()
    if names is not None:
        return names
    known = period_of(policy)
    number = _number(known)
    return [*reversed(_existing(source, number - 1, -1)), known, *_existing(source, number + 1, 1)]


def _existing(source: Source, first: int, step: int) -> list[str]:
    found: list[str] = []
    for number in range(_MOST_PERIODS):
        name = str(first + step * number)
        try:
            read_checkpoint(source.below(name))
        except Missing:
            break
        found.append(name)
    return found


def check_link(note: bytes, head: TreeHead, first: bytes | None) -> None:
    """Refuse a log whose first entry does not continue the log that ended with this note."""
    kind, body = _read(first)
    if kind != OPENED:
        raise VerificationError("its first entry is not the opening of a period")
    stated = (body.get("previous_origin"), body.get("previous_size"))
    if stated != (head.origin, head.size):
        raise VerificationError(
            f"it continues {stated[0]} of {stated[1]} entries, not {head.origin} of {head.size}"
        )
    if body.get("previous_note") not in _digests(note):
        raise VerificationError(f"it continues another last checkpoint than that of {head.origin}")


def _check_closed(last: bytes | None) -> None:
    if _read(last)[0] != CLOSED:
        raise VerificationError("the log before it was never closed")


def later_periods(source: Source, name: str) -> list[str]:
    """Return the names of the logs after that of this name."""
    names = source.names()
    if names is not None:
        return [each for each in names if each > name]
    return _existing(source, _number(name) + 1, 1)


def _digests(note: bytes) -> set[str]:
    """Return the hashes of the note with its first signatures; cosignatures may follow the log's.

    The entry names the note as its log signed it, before witnesses added their lines.
    """
    text, blank, lines = note.rpartition(b"\n\n")
    found: set[str] = set()
    own = text + blank
    for line in lines.splitlines(keepends=True):
        own += line
        found.add(hashlib.sha256(own).hexdigest())
    return found


def _is_period(name: str) -> bool:
    return name.isascii() and name.isdigit() and len(name) <= _PERIOD_DIGITS


def _number(period: str) -> int:
    if not _is_period(period):
        raise VerificationError(f"{period!r} is no period, so those beside it cannot be asked")
    return int(period)


def _read(entry: bytes | None) -> tuple[object, dict[str, object]]:
    """Return an entry's kind and body, as far as it has them."""
    try:
        document = json.loads(entry or b"null")
        kind, body = document["type"], document["body"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None, {}
    return kind, body if isinstance(body, dict) else {}
