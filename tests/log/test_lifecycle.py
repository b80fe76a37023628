"""Tables of steps made here and now, and everything that `advance` hands back."""

import json
import os
from datetime import datetime
from pathlib import Path

import pytest
from django.db import connection
from django.db.models import F, TextChoices, Value
from django.db.models.functions import Concat

from audit.log.actors import Actor
from audit.log.errors import WrongState
from audit.log.events import Event, Ref, event
from audit.log.lifecycle import Lifecycle, Step, advance, begin
from audit.log.models import Entry
from audit.log.services import Posting
from audit.log.signing import generate_key, get_signer
from audit.rulebook.models import RulePack
from audit.rulebook.states import PACK, PackState

CLERK = Actor.system("clerk")


class Mood(TextChoices):
    CALM = "CALM"
    CROSS = "CROSS"
    ASLEEP = "ASLEEP"


@event("log.test.stepped", label="step")
class Stepped(Event):
    pack: Ref


@pytest.fixture
def moods(monkeypatch: pytest.MonkeyPatch) -> Lifecycle:
    monkeypatch.setattr(Lifecycle, "registry", {})
    return Lifecycle(
        "mood",
        Mood,
        initial=Mood.CALM,
        annoy=Step({Mood.CALM}, Mood.CROSS),
        sleep=Step([Mood.CALM, Mood.CROSS], Mood.ASLEEP),
    )


@pytest.fixture
def pack(db: None, at: datetime) -> RulePack:
    return RulePack.objects.create(
        reference="demo@2026-01-01",
        kind="demo",
        effective_on=at.date(),
        sha256="0" * 64,
        created_at=at,
    )


def test_a_table_of_steps_knows_itself(moods: Lifecycle) -> None:
    assert Lifecycle.registry == {"mood": moods}
    assert (moods.kind, moods.states, moods.initial) == ("mood", Mood, "CALM")
    assert moods.steps == {
        "annoy": Step({"CALM"}, "CROSS", "annoy"),
        "sleep": Step({"CALM", "CROSS"}, "ASLEEP", "sleep"),
    }
    assert moods.annoy is moods.steps["annoy"]
    assert moods.sleep.sources == frozenset({"CALM", "CROSS"})
    assert [moods.allowed(mood) for mood in Mood.values] == [["annoy", "sleep"], ["sleep"], []]
    assert moods.final == {"ASLEEP"}
    with pytest.raises(AttributeError, match=r"^wake$"):
        moods.wake  # noqa: B018  asked for and not there


def test_what_advance_leaves_in_the_object(pack: RulePack, at: datetime) -> None:
    entry = advance(
        pack,
        PACK.publish,
        event=Stepped(pack=pack.reference),
        by=CLERK,
        at=at,
        sha256="1" * 64,
        kind=Concat(F("kind"), Value("-new")),
    )

    assert (pack.status, pack.sha256, pack.kind) == ("PUBLISHED", "1" * 64, "demo-new")
    assert RulePack.objects.values_list("status", "sha256", "kind").get() == (
        "PUBLISHED",
        "1" * 64,
        "demo-new",
    )
    assert entry == Entry.objects.get()
    assert (entry.actor, entry.occurred_at) == ("system:clerk", at)


def test_what_is_computed_is_read_and_nothing_else(pack: RulePack, at: datetime) -> None:
    RulePack.objects.update(effective_on="2001-01-01")

    advance(
        pack,
        PACK.publish,
        event=Stepped(pack=pack.reference),
        by=CLERK,
        at=at,
        kind=Concat(F("kind"), Value("-new")),
    )

    assert pack.kind == "demo-new"
    assert pack.effective_on == at.date()  # as it was read, for it was not computed


def test_a_refused_step_says_what_is_possible(pack: RulePack, at: datetime) -> None:
    RulePack.objects.update(status=PackState.PUBLISHED)

    with pytest.raises(WrongState) as refusal:
        advance(pack, PACK.publish, event=Stepped(pack=pack.reference), by=CLERK, at=at)

    assert (refusal.value.subject, refusal.value.current, refusal.value.allowed) == (
        "demo@2026-01-01",
        "PUBLISHED",
        PACK.allowed("PUBLISHED"),
    )
    assert refusal.value.allowed
    assert pack.status == "DRAFT"


def test_a_state_that_was_never_read_is_asked_for(pack: RulePack, at: datetime) -> None:
    pack.status = "NO SUCH STATE"

    entry = advance(pack, PACK.publish, event=Stepped(pack=pack.reference), by=CLERK, at=at)

    assert json.loads(bytes(entry.data))["state"]["from"] == "DRAFT"


@pytest.mark.django_db(transaction=True)
def test_alone_a_step_is_a_transaction(pack: RulePack, at: datetime) -> None:
    assert not connection.in_atomic_block

    entry = advance(
        pack, PACK.publish, event=Stepped(pack=pack.reference), by=CLERK, at=at, sha256="2" * 64
    )

    assert not connection.in_atomic_block
    assert (entry.actor, entry.occurred_at, entry.subject) == ("system:clerk", at, pack.reference)
    assert RulePack.objects.values_list("status", "sha256").get() == ("PUBLISHED", "2" * 64)


def test_what_comes_into_being_may_move_balances(pack: RulePack, at: datetime) -> None:
    entry = begin(
        pack,
        event=Stepped(pack=pack.reference),
        by=CLERK,
        at=at,
        postings=[Posting(account="ORG-1:AVAILABLE:CNY", amount="1.00")],
    )

    assert json.loads(bytes(entry.data))["moves"] == [
        {"account": "ORG-1:AVAILABLE:CNY", "amount": "1.00"}
    ]


def test_a_key_is_made_where_only_its_owner_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    linked: list[tuple[Path, Path]] = []
    link = os.link

    def watched(source: str, target: Path) -> None:
        linked.append((Path(source), target))
        link(source, target)

    monkeypatch.setattr(os, "link", watched)
    path = tmp_path / "a" / "keys" / "log.pem"

    pem = generate_key(path)

    assert path.read_bytes() == pem
    assert pem.startswith(b"-----BEGIN PRIVATE KEY-----")
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    [(draft, target)] = linked
    assert (draft.parent, target) == (path.parent, path)
    assert draft.name.startswith(".key-")
    assert list(path.parent.iterdir()) == [path]


def test_a_key_that_another_process_made_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "keys" / "log.pem"
    path.parent.mkdir()
    path.write_bytes(b"made by another")

    assert generate_key(path) == b"made by another"
    assert list(path.parent.iterdir()) == [path]


def test_keys_of_parties_are_made_in_production_too(
    tmp_path: Path, settings: pytest.FixtureRequest
) -> None:
    settings.KEYS_DIR = tmp_path  # type: ignore[attr-defined]
    settings.GENERATE_KEYS = False  # type: ignore[attr-defined]

    signer = get_signer("party/ORG-1")

    assert (tmp_path / "party" / "ORG-1.pem").exists()
    assert signer.name.endswith("/party/ORG-1")
