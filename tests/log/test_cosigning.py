"""Collecting cosignatures: from real witnesses over HTTP, and from servers that mean ill."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from django.conf import LazySettings

from audit.log import cosigning
from audit.log.cosigning import Cosigned, collect
from audit.log.signing import get_signer
from audit.witness.serving import WitnessServer, application_of
from tests.witness.making import ED25519_KEY, MLDSA44_KEY, NAME, NOON, Bench, Tree, make_witness
from verify.note import write_vkey
from verify.policy import parse_policy

pytestmark = pytest.mark.django_db
AT = datetime.fromtimestamp(NOON, UTC)
LOG_NAME = "exchange.example/audit/2026"


class Scene:
    """A log signed by our own key, witnesses of it, and the policy that names them."""

    def __init__(self, folder: Path, settings: LazySettings) -> None:
        self.folder, self.settings = folder, settings
        signer = get_signer("log")
        self.vkey = write_vkey(LOG_NAME, signer.public_key_bytes)
        self.log = Tree(origin=LOG_NAME, key=signer._key)
        self.fork = Tree("forked", fork_at=20, origin=LOG_NAME, key=signer._key)
        self.asked: list[tuple[int, int]] = []
        self.running = ExitStack()

    def witness(self, label: str, *, pq: bool = False) -> tuple[Bench, str]:
        """Run a witness; return it and its address."""
        folder = self.folder / label
        folder.mkdir()
        bench = make_witness(folder, self.vkey, pq=pq)
        self.running.callback(bench.state.close)
        server = WitnessServer("127.0.0.1", 0, application_of(bench.witness))
        url = self.running.enter_context(running(server))
        return bench, url

    def policy(self, *lines: str) -> None:
        path = self.folder / "policy.txt"
        path.write_text("\n".join([f"log {self.vkey}", *lines]) + "\n")
        self.settings.AUDIT_POLICY_FILE = str(path)

    def collect(self, size: int, log: Tree | None = None) -> Cosigned:
        log = log or self.log

        def prove(old: int, new: int) -> list[bytes]:
            self.asked.append((old, new))
            return log.proof(old, new)

        return collect(log.head(size), log.note(size), prove=prove, at=AT)


@contextmanager
def running(server: ThreadingHTTPServer | WitnessServer) -> Iterator[str]:
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


Behavior = Callable[[BaseHTTPRequestHandler, bytes], None]


@contextmanager
def pretending(behavior: Behavior) -> Iterator[str]:
    """Run a server that answers every request as `behavior` does."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            behavior(self, self.rfile.read(length))

        do_GET = do_POST  # noqa: N815  named by the server

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    with running(server) as url:
        yield url


def say(status: int, body: str, **headers: str) -> Behavior:
    def behavior(request: BaseHTTPRequestHandler, _body: bytes) -> None:
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(body.encode())

    return behavior


@pytest.fixture
def scene(tmp_path: Path, settings: LazySettings) -> Iterator[Scene]:
    cosigning._sizes.clear()
    cosigning._asking.clear()
    settings.AUDIT_WITNESS_DEADLINE = 10
    made = Scene(tmp_path, settings)
    with made.running:
        yield made


def test_no_policy_asks_nobody(scene: Scene) -> None:
    assert scene.collect(10) == Cosigned(satisfied=True)


def test_two_witnesses_cosign_and_the_policy_accepts_the_note(scene: Scene) -> None:
    _one, first = scene.witness("one")
    _two, second = scene.witness("two", pq=True)
    scene.policy(
        f"witness one {ED25519_KEY.vkey} {first}",
        f"witness two {MLDSA44_KEY.vkey} {second}",
        "group both all one two",
        "quorum both",
    )

    for size in (10, 20, 20, 33):
        cosigned = scene.collect(size)

        assert cosigned.satisfied
        assert (cosigned.failures, cosigned.conflicts) == ([], [])
        assert [line.split()[1] for line in cosigned.lines] == [NAME, NAME]
        note = scene.log.note(size) + "".join(f"{line}\n" for line in cosigned.lines)
        policy = parse_policy(Path(scene.settings.AUDIT_POLICY_FILE).read_text())
        assert len(policy.check(note.encode(), now=AT).cosignatures) == 2
    assert sorted(set(scene.asked)) == [(10, 20), (20, 20), (20, 33)]


def test_a_witness_with_two_keys_at_one_address_is_asked_once(scene: Scene) -> None:
    bench, url = scene.witness("two", pq=True)
    scene.policy(
        f"witness old {ED25519_KEY.vkey} {url}",
        f"witness new {MLDSA44_KEY.vkey} {url}",
        "group one any old new",
        "quorum one",
    )

    cosigned = scene.collect(10)

    assert len(cosigned.lines) == 2
    assert cosigned.failures == []
    assert bench.stored(LOG_NAME) == 10


def test_a_witness_that_is_elsewhere_says_where(scene: Scene) -> None:
    bench, url = scene.witness("one")
    scene.policy(f"witness one {ED25519_KEY.vkey} {url}", "quorum one")
    bench.send(scene.log.submission(0, 7))

    assert scene.collect(12).satisfied  # knew nothing of it
    bench.send(scene.log.submission(12, 15))
    assert scene.collect(20).satisfied  # knew something older

    assert scene.asked == [(7, 12), (12, 20), (15, 20)]


def test_one_away_is_named_and_there_is_no_quorum(scene: Scene) -> None:
    _bench, url = scene.witness("one")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        away = f"http://127.0.0.1:{taken.getsockname()[1]}/"
    scene.policy(
        f"witness here {ED25519_KEY.vkey} {url}",
        f"witness away {MLDSA44_KEY.vkey} {away}",
        "group both all here away",
        "quorum both",
    )

    cosigned = scene.collect(10)

    assert not cosigned.satisfied
    assert len(cosigned.lines) == 1
    assert len(cosigned.failures) == 1
    assert cosigned.failures[0].startswith("away: ")
    assert cosigned.conflicts == []


def test_one_of_two_is_enough_where_the_policy_says_so(scene: Scene) -> None:
    _bench, url = scene.witness("one")
    scene.policy(
        f"witness here {ED25519_KEY.vkey} {url}",
        f"witness nowhere {MLDSA44_KEY.vkey}",
        "group some 1 here nowhere",
        "quorum some",
    )

    cosigned = scene.collect(10)

    assert cosigned.satisfied
    assert cosigned.failures == ["nowhere: the policy gives no address for it"]


def test_a_silent_witness_costs_the_deadline_and_no_more(scene: Scene) -> None:
    _bench, url = scene.witness("one")
    free = threading.Event()
    with pretending(lambda _request, _body: free.wait(10) and None) as silent:
        scene.policy(
            f"witness here {ED25519_KEY.vkey} {url}",
            f"witness silent {MLDSA44_KEY.vkey} {silent}",
            "group both all here silent",
            "quorum both",
        )
        scene.settings.AUDIT_WITNESS_DEADLINE = 0.3

        first = scene.collect(10)
        again = scene.collect(11)
        free.set()

    assert first.failures == ["silent: did not answer in time"]
    assert len(first.lines) == len(again.lines) == 1
    assert not first.satisfied
    assert len(again.failures) == 1
    assert again.failures[0].startswith("silent: ")


def test_a_quorum_does_not_wait_long_for_the_others(scene: Scene) -> None:
    _bench, url = scene.witness("one")
    free = threading.Event()
    with pretending(lambda _request, _body: free.wait(30) and None) as silent:
        scene.policy(
            f"witness here {ED25519_KEY.vkey} {url}",
            f"witness silent {MLDSA44_KEY.vkey} {silent}",
            "group some any here silent",
            "quorum some",
        )
        scene.settings.AUDIT_WITNESS_DEADLINE = 30
        cosigning_patience, cosigning._PATIENCE = cosigning._PATIENCE, 0.001
        try:
            started = time.monotonic()
            cosigned = scene.collect(10)
            took = time.monotonic() - started
        finally:
            cosigning._PATIENCE = cosigning_patience
            free.set()

    assert cosigned.satisfied
    assert took < 20  # of the 30 that it may
    assert cosigned.failures == ["silent: did not answer in time"]


def cosign(key: object, head: object, at: int = NOON) -> str:
    return key.cosign(head, at)  # type: ignore[attr-defined]


FALSE: dict[str, Callable[[Scene], Behavior]] = {
    "its clock is wrong": lambda scene: say(
        200, cosign(ED25519_KEY, scene.log.head(10), NOON - 600)
    ),
    "does not fit the note": lambda scene: say(200, cosign(ED25519_KEY, scene.log.head(11))),
    "cosigned twice": lambda scene: say(200, 2 * cosign(ED25519_KEY, scene.log.head(10))),
    "without a cosignature by its key": lambda scene: say(
        200, cosign(MLDSA44_KEY, scene.log.head(10))
    ),
    "signature line is not written": lambda _scene: say(200, "thanks\n"),
    "no signature lines": lambda _scene: say(200, ""),
    "too large": lambda _scene: say(200, "x" * 2**20),
    "does not know this log": lambda _scene: say(404, ""),
    "does not trust this log's key": lambda _scene: say(403, ""),
    "answered 302": lambda scene: say(302, "", Location=scene.folder.as_uri()),
    "answered 500 a fault": lambda _scene: say(500, "a\nfault"),
    "answered 999": lambda _scene: say(999, ""),
    "answered 409": lambda _scene: say(409, "0\n"),
    "not a plain decimal": lambda _scene: say(409, "many\n"),
    "has seen 1000 entries": lambda _scene: say(409, "1000\n"),
    "finds that the log does not continue": lambda _scene: say(422, ""),
    "utf-8": lambda _scene: (
        lambda request, _body: request.wfile.write(b"HTTP/1.0 200 OK\r\n\r\n\xff\xfe") and None
    ),
    "nonsense": lambda _scene: (
        lambda request, _body: request.wfile.write(b"nonsense\r\n\r\n") and None
    ),
}


@pytest.mark.parametrize("reason", FALSE)
def test_what_a_witness_says_is_checked(scene: Scene, reason: str) -> None:
    with pretending(FALSE[reason](scene)) as url:
        scene.policy(f"witness w {ED25519_KEY.vkey} {url}", "quorum w")

        cosigned = scene.collect(10)

    assert not cosigned.satisfied
    assert cosigned.lines == []
    assert cosigned.conflicts == []
    (failure,) = cosigned.failures
    assert failure.startswith("w: ")
    assert reason in failure


def test_redirects_are_not_followed(scene: Scene) -> None:
    asked = []

    def note_down(request: BaseHTTPRequestHandler, _body: bytes) -> None:
        asked.append(request.path)
        say(200, cosign(ED25519_KEY, scene.log.head(10)))(request, b"")

    with (
        pretending(note_down) as elsewhere,
        pretending(say(307, "", Location=f"{elsewhere}add-checkpoint")) as url,
    ):
        scene.policy(f"witness w {ED25519_KEY.vkey} {url}", "quorum w")
        cosigned = scene.collect(10)

    assert asked == []
    assert not cosigned.satisfied


def test_a_fork_comes_back_with_the_note_that_proves_it(scene: Scene) -> None:
    bench, url = scene.witness("one")
    scene.policy(f"witness one {ED25519_KEY.vkey} {url}", "quorum one")
    bench.send(scene.log.submission(0, 40))

    same, larger = scene.collect(40, scene.fork), scene.collect(50, scene.fork)

    for cosigned in (same, larger):
        assert not cosigned.satisfied
        assert cosigned.failures == ["one: finds that the log does not continue what it saw before"]
        (conflict,) = cosigned.conflicts
        assert conflict.startswith(scene.log.note(40))
    assert len(bench.reported) == 2


def test_a_rollback_comes_back_with_the_note_that_proves_it(scene: Scene) -> None:
    bench, url = scene.witness("one")
    scene.policy(f"witness one {ED25519_KEY.vkey} {url}", "quorum one")
    assert scene.collect(40).satisfied

    cosigned = scene.collect(30)

    assert cosigned.failures == ["one: has seen 40 entries of this log, which now shows 30"]
    (conflict,) = cosigned.conflicts
    assert conflict.startswith(scene.log.note(40))
    assert bench.stored(LOG_NAME) == 40


@pytest.mark.parametrize("forge", ["key", "consistent"])
def test_a_witness_cannot_invent_a_conflict(scene: Scene, forge: str) -> None:
    notes = {
        "key": Tree("forked", origin=LOG_NAME, key=Tree().key).note(10),  # not signed by us
        "consistent": scene.log.note(5),  # ours, and continued by what we show
    }

    def behave(request: BaseHTTPRequestHandler, _body: bytes) -> None:
        if request.command == "POST":
            say(422, "a fork!")(request, b"")
        else:
            say(200, notes[forge])(request, b"")

    with pretending(behave) as url:
        scene.policy(f"witness w {ED25519_KEY.vkey} {url}", "quorum w")
        cosigned = scene.collect(10)

    assert not cosigned.satisfied
    assert cosigned.conflicts == []


@pytest.mark.parametrize(
    "url", ["", "ftp://127.0.0.1/", "file:///etc/passwd", "http://user@127.0.0.1/", "http://"]
)
def test_only_web_addresses_are_asked(scene: Scene, url: str) -> None:
    scene.policy(f"witness w {ED25519_KEY.vkey} {url}", "quorum w")

    cosigned = scene.collect(10)

    assert not cosigned.satisfied
    assert cosigned.failures
    assert "address" in cosigned.failures[0]


@pytest.mark.parametrize("content", ["quorum\n", "\x00", ""])
def test_a_policy_that_cannot_be_read_is_no_quorum(scene: Scene, content: str) -> None:
    scene.policy()
    Path(scene.settings.AUDIT_POLICY_FILE).write_text(content)

    cosigned = scene.collect(10)

    assert not cosigned.satisfied
    assert "policy" in cosigned.failures[0]


def test_a_missing_policy_is_no_quorum(scene: Scene) -> None:
    scene.settings.AUDIT_POLICY_FILE = str(scene.folder / "missing")

    assert not scene.collect(10).satisfied


def test_a_proof_that_cannot_be_made_is_the_failure_of_that_request(scene: Scene) -> None:
    bench, url = scene.witness("one")
    scene.policy(f"witness one {ED25519_KEY.vkey} {url}", "quorum one")
    bench.send(scene.log.submission(0, 7))

    def prove(_old: int, _new: int) -> list[bytes]:
        raise RuntimeError("a tile is gone")

    cosigned = collect(scene.log.head(9), scene.log.note(9), prove=prove, at=AT)

    assert not cosigned.satisfied
    assert cosigned.failures == ["one: a tile is gone"]
