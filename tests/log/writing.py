"""Writing entries for tests of the log."""

import json
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from audit.log.actors import Actor
from audit.log.events import Event, Ref, event
from audit.log.models import Entry, EntryRef, Pending
from audit.log.services import record

CLERK = Actor.system("clerk")


@event("log.test.counted", label=_("test"))
class Counted(Event):
    """Something was counted."""

    product: Ref
    order: Ref = ""
    number: int


_WRITTEN: dict[tuple[int, datetime, int], list[Entry]] = {}


def write_entries(count: int, at: datetime, *, first: int = 0) -> list[Entry]:
    """Record `count` entries, two to a transaction; the same ones again are copied, for speed."""
    key = (count, at, first)
    if key in _WRITTEN:
        return _copy(_WRITTEN[key])
    entries: list[Entry] = []
    for number in range(first, first + count, 2):
        with transaction.atomic():
            for each in range(number, min(number + 2, first + count)):
                counted = Counted(product=f"P-{each}", order=f"O-{each % 7}", number=each)
                entries.append(record(counted, by=CLERK, at=at))
    _WRITTEN[key] = entries
    return entries


@transaction.atomic
def _copy(written: list[Entry]) -> list[Entry]:
    fields = [field.attname for field in Entry._meta.fields if not field.primary_key]
    entries = Entry.objects.bulk_create(
        Entry(**{name: getattr(entry, name) for name in fields}) for entry in written
    )
    EntryRef.objects.bulk_create(
        EntryRef(entry=entry, kind=kind, reference=reference)
        for entry in entries
        for kind, reference in json.loads(entry.data)["body"].items()
        if kind in Counted.references
    )
    Pending.objects.bulk_create(Pending(entry=entry) for entry in entries)
    return entries
