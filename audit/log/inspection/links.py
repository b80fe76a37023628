"""How the logs of the periods hold on to each other."""

import json
from collections.abc import Sequence
from typing import Any

from audit.log.heads import HeadLock
from audit.log.inspection.report import Report
from audit.log.models import Entry, Log
from audit.log.periods import PeriodClosed, PeriodOpened, hash_of_note
from audit.log.queries import latest_checkpoint
from audit.log.states import PeriodState
from audit.log.tiles import CHECKPOINT, TileStore


def check_links(logs: Sequence[Log], report: Report) -> None:
    """Check that each log begins where the one before ended, and names its last checkpoint."""
    end = 0
    for number, log in enumerate(logs):
        if log.first != end:
            report.add(f"log {log.period}", f"begins at index {log.first}, not at {end}")
        end = log.end
        if log.status != PeriodState.OPEN:
            _check_last_entry(log, report)
        following = logs[number + 1] if number + 1 < len(logs) else None
        if following:
            _check_handover(log, following, report)
        elif log.status == PeriodState.CLOSED:
            report.add(f"log {log.period}", "is closed, but no log continues it")
    known = {log.period for log in logs}
    for lock in HeadLock.all():
        if lock.period not in known:
            report.add(str(lock.path), "a log of this period was signed; the database has none")


def _check_last_entry(log: Log, report: Report) -> None:
    said = _body_at(log.end - 1, PeriodClosed.name)
    if said != {"period": log.period, "origin": log.origin, "entries": log.size}:
        report.add(f"log {log.period}", "its last entry does not close it")


def _check_handover(log: Log, following: Log, report: Report) -> None:
    place = f"log {following.period}"
    last = latest_checkpoint(log)
    if log.status != PeriodState.CLOSED:
        report.add(place, f"follows that of {log.period}, which is not closed")
        return
    if last is None or last.size != log.size:
        report.add(f"log {log.period}", "is closed, but its last checkpoint does not cover it")
        return
    digest = hash_of_note(last.note)
    if digest != bytes(log.closing_hash):
        report.add(f"log {log.period}", "column closing_hash is not that of its last checkpoint")
    expected = {
        "period": following.period,
        "origin": following.origin,
        "previous_origin": log.origin,
        "previous_size": log.size,
        "previous_note": digest.hex(),
    }
    if _body_at(following.first, PeriodOpened.name) != expected:
        report.add(place, f"its first entry does not continue the log of {log.period}")
    shown = TileStore.of_period(log.period).read(CHECKPOINT)
    if shown is not None and not shown.startswith(last.note.encode()):
        report.add(f"log {log.period}", "shows another checkpoint than its last")


def _body_at(index: int, name: str) -> Any:
    data = Entry.objects.filter(leaf__index=index, name=name).values_list("data", flat=True).first()
    try:
        return json.loads(bytes(data))["body"] if data else None
    except (ValueError, KeyError, TypeError):
        return None
