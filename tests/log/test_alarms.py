"""Why nothing is signed is kept beside the log's files, and told in words until it is over."""

import json
import logging
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.utils import translation

from audit.log.alarms import current_alarms, end_alarm, raise_alarm
from audit.log.heads import HeadLock, LogFrozen
from audit.log.tiles import LogDamaged
from verify.checkpoint import TreeHead


@pytest.fixture
def folder(db: None, settings: Any, tmp_path: Path) -> Path:
    settings.AUDIT_LOG_DIR = tmp_path / "not" / "there" / "yet"
    return tmp_path / "not" / "there" / "yet"


def sign(folder: Path) -> HeadLock:
    """Let the log of 2026 be signed, though the database knows nothing of it."""
    lock = HeadLock.of_period("2026")
    lock.advance(None, TreeHead("localhost/audit/2026", 3, b"r" * 32))
    return lock


def test_an_alarm_is_kept_with_time_kind_and_words(
    folder: Path, at: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    raise_alarm(LogDamaged("树 is broken"), at=at)

    text = (folder / "alarm").read_bytes().decode("utf-8")
    assert json.loads(text) == {
        "at": "2026-11-23T06:00:00+00:00",
        "kind": "LogDamaged",
        "words": "树 is broken",
    }
    assert "树" in text
    [logged] = caplog.records
    assert (logged.name, logged.levelno) == ("audit.log.alarms", logging.ERROR)
    assert logged.getMessage() == "the log is not published: 树 is broken"
    assert current_alarms() == [
        "Nothing is published since 2026-11-23T06:00:00+00:00: 树 is broken"
    ]


def test_a_later_alarm_takes_the_place_of_the_first(folder: Path, at: datetime) -> None:
    raise_alarm(LogDamaged("first"), at=at)
    raise_alarm(LogFrozen("second"), at=at.replace(hour=7))

    assert current_alarms() == ["Nothing is published since 2026-11-23T07:00:00+00:00: second"]


def test_an_alarm_that_cannot_be_kept_is_logged(
    settings: Any, tmp_path: Path, at: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way")
    settings.AUDIT_LOG_DIR = tmp_path / "file" / "audit"

    raise_alarm(LogDamaged("lost"), at=at)

    assert [record.getMessage() for record in caplog.records] == [
        "the log is not published: lost",
        "the alarm could not be kept",
    ]
    assert caplog.records[1].exc_info


def test_an_alarm_ends_and_may_end_twice(folder: Path, at: datetime) -> None:
    raise_alarm(LogDamaged("over soon"), at=at)

    end_alarm()
    end_alarm()

    assert not (folder / "alarm").exists()
    assert current_alarms() == []


@pytest.mark.parametrize("content", [b"", b"[]", b'{"at": "now"}', b"\xff", b'{"words": "w"}'])
def test_a_damaged_alarm_is_an_alarm_all_the_same(folder: Path, content: bytes) -> None:
    folder.mkdir(parents=True)
    (folder / "alarm").write_bytes(content)

    assert current_alarms() == ["Nothing is published since ?: ?"]


def test_a_database_that_lacks_what_was_signed_is_told_first(folder: Path, at: datetime) -> None:
    sign(folder)
    raise_alarm(LogFrozen("kept words"), at=at)

    frozen, kept = current_alarms()

    assert frozen == (
        "The log is frozen: The database has no log, but that of 2026 was signed: nothing is "
        "sequenced or signed until its entries are back (manage.py heal_log)."
    )
    assert kept.endswith(": kept words")
    end_alarm()
    assert current_alarms() == [frozen]


def test_a_lock_that_cannot_be_read_is_told(folder: Path) -> None:
    sign(folder).path.write_bytes(b"no database, but long enough to be looked at" * 30)

    assert current_alarms() == ["The last signed head cannot be read: file is not a database"]


def test_alarms_are_told_in_the_language_of_whoever_looks(folder: Path, at: datetime) -> None:
    raise_alarm(LogDamaged("words"), at=at)

    with translation.override("zh-hans"):
        [told] = current_alarms()

    assert not told.startswith("Nothing")
    assert told.endswith("words")
    assert "2026-11-23T06:00:00+00:00" in told


def test_the_folder_of_the_settings_is_the_one(folder: Path, at: datetime) -> None:
    raise_alarm(LogDamaged("x"), at=at)

    assert (Path(django_settings.AUDIT_LOG_DIR) / "alarm").is_file()
