"""Publishing with witnesses: cosigned checkpoints, one away, and a log that is not what it was."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings

from audit.log import cosigning
from audit.log.heads import HeadLock, LogFrozen
from audit.log.models import Checkpoint, Cosignature, Entry, EntryRef, Leaf, Log, Pending
from audit.log.publishing import publish
from audit.log.queries import alarms
from audit.log.receipts import receipt_for
from audit.log.signing import get_signer
from audit.log.tiles import CHECKPOINT, TileStore
from audit.witness.serving import WitnessServer, application_of
from audit.witness.state import Kind
from tests.log.writing import write_entries
from tests.triggers import lifted
from verify.errors import VerificationError
from verify.policy import Policy, Witnessed, parse_policy
from verify.receipt import verify_receipt

from .making import ED25519_KEY, MLDSA44_KEY, NOON, Bench, make_witness

pytestmark = pytest.mark.django_db
AT = datetime.fromtimestamp(NOON, UTC)  # in 2027
PERIOD = "2027"


class Scene:
    """Two witnesses of this exchange's log, and the policy that asks for both."""

    def __init__(self, folder: Path, settings: LazySettings) -> None:
        self.running = ExitStack()
        self.benches: list[Bench] = []
        self.servers: list[WitnessServer] = []
        self.key = get_signer("log", origin=f"localhost/audit/{PERIOD}").verifier_key
        lines = [f"log {self.key}"]
        for name, key in [("one", ED25519_KEY), ("two", MLDSA44_KEY)]:
            (folder / name).mkdir()
            bench = make_witness(folder / name, self.key, pq=name == "two")
            self.benches.append(bench)
            self.running.callback(bench.state.close)
            lines.append(f"witness {name} {key.vkey} {self.serve(bench)}")
        lines += ["group both all one two", "quorum both"]
        path = folder / "policy.txt"
        path.write_text("\n".join(lines) + "\n")
        settings.AUDIT_POLICY_FILE = str(path)
        settings.AUDIT_WITNESS_DEADLINE = 10
        self.policy: Policy = parse_policy(path.read_text())

    def serve(self, bench: Bench, port: int = 0) -> str:
        server = WitnessServer("127.0.0.1", port, application_of(bench.witness))
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        self.running.callback(thread.join)
        self.running.callback(server.server_close)
        self.running.callback(server.shutdown)
        self.servers.append(server)
        return f"http://127.0.0.1:{server.server_port}/"

    def publish(self, minutes: int = 0) -> Checkpoint:
        for bench in self.benches:
            bench.clock.now = NOON + 60 * minutes
        checkpoint = publish(at=AT + timedelta(minutes=minutes))
        assert checkpoint is not None
        checkpoint.refresh_from_db()
        return checkpoint

    def shown(self) -> bytes:
        note = TileStore.of_period(PERIOD).read(CHECKPOINT)
        assert note is not None
        return note


@pytest.fixture
def scene(tmp_path: Path, settings: LazySettings) -> Iterator[Scene]:
    cosigning._sizes.clear()
    cosigning._asking.clear()
    made = Scene(tmp_path, settings)
    with made.running:
        yield made


def test_what_is_shown_is_cosigned_by_both(scene: Scene) -> None:
    for minutes, size in enumerate([3, 10, 300]):
        write_entries(size - Leaf.objects.count(), AT, first=Leaf.objects.count())

        checkpoint = scene.publish(minutes)

        assert checkpoint.witnessed
        assert checkpoint.size == size
        assert scene.policy.check(scene.shown()).head.size == size
        lines = checkpoint.cosignatures.values_list("name", "key_id")
        expected = {(key.cosigner.name, key.cosigner.key_id.hex()) for key in KEYS}
        assert set(lines) == expected
        assert scene.shown() == checkpoint.published_note.encode()
    receipt = receipt_for(Entry.objects.get(leaf__index=7)).encode()
    proved = verify_receipt(receipt, scene.policy).signed
    assert isinstance(proved, Witnessed)
    assert len(proved.cosignatures) == 2


KEYS = (ED25519_KEY, MLDSA44_KEY)


def test_a_checkpoint_without_quorum_is_published_and_marked(scene: Scene) -> None:
    write_entries(3, AT)
    away = scene.servers[1]
    away.shutdown()
    away.server_close()

    checkpoint = scene.publish()

    assert not checkpoint.witnessed
    assert checkpoint.cosignatures.count() == 1
    assert scene.shown() == checkpoint.published_note.encode()
    with pytest.raises(VerificationError, match="no quorum"):
        scene.policy.check(scene.shown())

    assert publish(at=AT + timedelta(seconds=1)) is None
    scene.serve(scene.benches[1], away.server_port)
    again = scene.publish(1)

    assert again.witnessed
    assert again.size == 3
    assert scene.policy.check(scene.shown()).head.size == 3


def test_a_quorum_of_none_is_asked_all_the_same(scene: Scene, settings: LazySettings) -> None:
    path = Path(settings.AUDIT_POLICY_FILE)
    path.write_text(path.read_text().replace("quorum both", "quorum none"))
    write_entries(3, AT)

    assert scene.publish().cosignatures.count() == 2


def test_without_a_policy_nobody_is_asked(scene: Scene, settings: LazySettings) -> None:
    settings.AUDIT_POLICY_FILE = ""
    write_entries(3, AT)

    scene.publish()

    assert not Cosignature.objects.exists()


def go_back() -> None:
    """Restore the whole machine from before the first entry: rows, files and lock."""
    with lifted():
        for model in (Cosignature, Checkpoint, Pending, Leaf, EntryRef, Entry, Log):
            model.objects.all()._raw_delete("default")
    shutil.rmtree(TileStore.of_period(PERIOD).folder)
    HeadLock.of_period(PERIOD).path.unlink()


@pytest.mark.parametrize(
    ("first", "count", "kinds"),
    [(100, 5, {Kind.FORK}), (100, 9, {Kind.DOUBT}), (0, 4, set()), (100, 3, set())],
    ids=["fork of the same size", "larger fork", "rollback", "smaller fork"],
)
def test_our_publisher_freezes_where_witnesses_hold_another_history(
    scene: Scene, first: int, count: int, kinds: set[Kind]
) -> None:
    """T05: nothing here remembers what was signed; the witnesses do."""
    write_entries(5, AT)
    scene.publish()
    go_back()
    write_entries(count, AT, first=first)

    for minute in range(2):
        with pytest.raises(LogFrozen):
            publish(at=AT + timedelta(minutes=minute))
        write_entries(2, AT, first=200 + 2 * minute)

    assert TileStore.of_period(PERIOD).read(CHECKPOINT) is None  # nothing was shown
    assert not Checkpoint.objects.exists()
    assert alarms()
    for bench in scene.benches:
        assert kinds <= {evidence.kind for evidence in bench.state.evidence()}
        assert bench.stored(f"localhost/audit/{PERIOD}") == 5


def test_a_rival_that_went_on_is_no_conflict(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """While one publisher asks, another has signed more and had it cosigned."""
    write_entries(5, AT)
    scene.publish()
    write_entries(2, AT, first=5)
    collect = cosigning.collect

    def after_the_rival(*args: object, **named: object) -> object:
        monkeypatch.undo()
        write_entries(3, AT, first=7)
        assert scene.publish().size == 10
        return collect(*args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr("audit.log.publishing.collect", after_the_rival)

    publish(at=AT)

    assert alarms() == []
    assert scene.policy.check(scene.shown()).head.size == 10
