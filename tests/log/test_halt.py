"""What `verify_log` finds keeps the publisher from signing, wherever in the log it is."""

from datetime import datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from audit.log.halt import why_halted
from audit.log.models import Checkpoint, Entry
from audit.log.publishing import publish
from audit.log.tiles import LogDamaged
from tests.log.writing import write_entries
from tests.triggers import lifted


def _damage(data: bytes) -> bytes:
    entry = Entry.objects.get(leaf__index=3)
    with lifted():
        Entry.objects.filter(pk=entry.pk).update(data=data)
    return bytes(entry.data)


def test_a_finding_halts_the_signing_until_the_log_is_sound(db: None, at: datetime) -> None:
    write_entries(300, at)
    publish(at=at)
    good = _damage(b"{}")
    with pytest.raises(CommandError):
        call_command("verify_log", stdout=StringIO())
    write_entries(2, at, first=300)

    with pytest.raises(LogDamaged, match=r"found 2 contradictions, first .*\(index 3\)"):
        publish(at=at)
    assert Checkpoint.objects.count() == 1
    assert "tile/entries/000" in (why_halted() or "")

    _damage(good)
    with pytest.raises(LogDamaged):
        publish(at=at)
    call_command("verify_log", stdout=StringIO())
    checkpoint = publish(at=at)

    assert why_halted() is None
    assert checkpoint is not None
    assert checkpoint.size == 302


def test_a_sound_log_is_not_halted(db: None, at: datetime) -> None:
    write_entries(3, at)
    publish(at=at)

    call_command("verify_log", stdout=StringIO())

    assert why_halted() is None
