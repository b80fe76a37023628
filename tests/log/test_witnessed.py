"""A checkpoint is shown with the cosignatures it got, marked as such, and asked for again."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings as django_settings

from audit.log import publishing
from audit.log.cosigning import Cosigned
from audit.log.heads import LogFrozen
from audit.log.inspection import inspect
from audit.log.models import Checkpoint, Cosignature
from audit.log.publishing import publish
from audit.log.queries import alarms, latest_checkpoint
from audit.log.receipts import receipt_for
from tests.log.writing import write_entries
from verify.checkpoint import TreeHead
from verify.encoding import write_base64

Say = Callable[..., None]


def line_of(name: str, at: datetime) -> str:
    stamp = int(at.timestamp()).to_bytes(8, "big") + bytes(64)
    return f"— {name} {write_base64(name.encode()[:4] + stamp)}"


@pytest.fixture
def folder(db: None) -> Path:
    return Path(django_settings.AUDIT_LOG_DIR) / "2026"


@pytest.fixture
def say(monkeypatch: pytest.MonkeyPatch) -> Say:
    """Let the witnesses answer this from now on; asked heads are kept in `say.asked`."""
    asked: list[int] = []

    def answer(**what: object) -> None:
        def collect(head: TreeHead, _note: str, *, prove: object, at: datetime) -> Cosigned:
            asked.append(head.size)
            return Cosigned(**what)  # type: ignore[arg-type]

        monkeypatch.setattr(publishing, "collect", collect)

    answer.asked = asked  # type: ignore[attr-defined]
    return answer


def test_cosignatures_are_shown_and_enclosed(folder: Path, at: datetime, say: Say) -> None:
    lines = [line_of("one.example/w", at), line_of("two.example/w", at)]
    say(lines=lines, satisfied=True)
    [entry] = write_entries(1, at)

    checkpoint = publish(at=at)

    assert checkpoint
    assert checkpoint.witnessed
    shown = (folder / "checkpoint").read_text()
    assert shown == checkpoint.note + "".join(f"{line}\n" for line in lines)
    assert receipt_for(entry).endswith("\n" + shown)
    assert list(Cosignature.objects.values_list("name", "key_id", "at")) == [
        ("one.example/w", b"one.".hex(), at),
        ("two.example/w", b"two.".hex(), at),
    ]
    assert inspect().findings == []
    assert publish(at=at + timedelta(seconds=60)) is None


def test_without_quorum_it_is_shown_marked_and_asked_again(
    folder: Path, at: datetime, say: Say
) -> None:
    first, second = line_of("one.example/w", at), line_of("two.example/w", at)
    say(lines=[first], failures=["two.example/w: did not answer in time"])
    write_entries(1, at)

    checkpoint = publish(at=at)

    assert checkpoint
    assert not checkpoint.witnessed
    assert (folder / "checkpoint").read_text() == f"{checkpoint.note}{first}\n"
    say(lines=[first, second], satisfied=True)
    assert publish(at=at + timedelta(seconds=9)) is None
    again = publish(at=at + timedelta(seconds=10))
    assert again == checkpoint
    assert again.witnessed
    assert (folder / "checkpoint").read_text() == f"{checkpoint.note}{first}\n{second}\n"
    assert (Checkpoint.objects.count(), Cosignature.objects.count()) == (1, 2)
    assert inspect().findings == []


def test_receipts_prefer_a_cosigned_checkpoint(folder: Path, at: datetime, say: Say) -> None:
    say(lines=[line_of("one.example/w", at)], satisfied=True)
    [entry] = write_entries(1, at)
    witnessed = publish(at=at)
    say(failures=["one.example/w: did not answer in time"])
    [younger] = write_entries(1, at, first=1)
    publish(at=at)

    assert witnessed
    assert receipt_for(entry).endswith(witnessed.published_note)
    newest = latest_checkpoint()
    assert newest
    assert not newest.witnessed
    assert receipt_for(younger).endswith(newest.published_note)


def test_a_closed_log_still_gets_its_quorum(folder: Path, at: datetime, say: Say) -> None:
    say(failures=["one.example/w: did not answer in time"])
    write_entries(1, at)
    publish(at=at)
    later = at + timedelta(days=60)
    publish(at=later)
    say(lines=[line_of("one.example/w", later)], satisfied=True)

    publish(at=later + timedelta(seconds=10))

    for period in ("2026", "2027"):
        last = Checkpoint.objects.filter(log__period=period).order_by("-pk")[0]
        assert last.witnessed
        assert (folder.parent / period / "checkpoint").read_text() == last.published_note
    assert inspect().findings == []


def test_a_checkpoint_of_our_key_that_contradicts_us_freezes_the_log(
    folder: Path, at: datetime, say: Say
) -> None:
    say(conflicts=["localhost/audit/2026\n9\n…"])
    write_entries(1, at)

    with pytest.raises(LogFrozen, match="our own key signed"):
        publish(at=at)

    assert not Checkpoint.objects.exists()
    assert not (folder / "checkpoint").exists()
    [alarm] = alarms()
    assert "localhost/audit/2026\n9" in alarm


def test_alarms_end_when_publishing_succeeds(folder: Path, at: datetime, say: Say) -> None:
    say(conflicts=["a"])
    write_entries(1, at)
    with pytest.raises(LogFrozen):
        publish(at=at)
    assert alarms()
    say(satisfied=True)

    publish(at=at)

    assert alarms() == []
