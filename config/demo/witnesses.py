"""Two witnesses beside the demo, each a process of its own, and the policy that names them.

They end with the demo, also when that is killed: each hangs on a pipe that only the demo holds.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

from audit.log.signing import get_signer

_ENDS_WITHIN = 10  # seconds


@dataclass
class WitnessProcess:
    """One witness: its name, the kind of its key, and the process while there is one."""

    name: str
    kind: str
    state: Path
    port: int = 0
    policy_lines: str = ""
    process: subprocess.Popen[str] | None = field(default=None, repr=False)

    @property
    def address(self) -> str:
        """Where it listens, on this machine."""
        return f"http://127.0.0.1:{self.port}/"

    def start(self) -> None:
        """Start it, where it was before if it had a place."""
        command = [
            sys.executable, "-m", "audit.witness", "--name", self.name, "--key-type", self.kind,
            "--log", get_signer("log").verifier_key, "--following-years",
            "--state", str(self.state), "--port", str(self.port), "--leash",
        ]  # fmt: skip
        self.process = subprocess.Popen(  # noqa: S603  fixed words, own paths
            command,
            cwd=settings.ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,  # Ctrl-C is for the demo, which then ends its witnesses
        )

    def wait_until_ready(self) -> None:
        """Read what it says of itself until it listens."""
        said: list[str] = []
        for line in self._running().stdout or ():
            if " listens on " in line:
                self.port = int(line.strip().rstrip("/").rpartition(":")[2])
                self.policy_lines = "".join(said)
                return
            said.append(line)
        self.stop()
        msg = f"The witness {self.name} did not start."
        raise RuntimeError(msg)

    def stop(self) -> None:
        """End it and wait for its end."""
        process, self.process = self.process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(_ENDS_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe:
                pipe.close()

    def _running(self) -> subprocess.Popen[str]:
        if self.process is None:
            msg = f"The witness {self.name} is not running."
            raise RuntimeError(msg)
        return self.process


@dataclass(frozen=True)
class Witnesses:
    """The two of them, and the policy that asks for both."""

    one: WitnessProcess
    two: WitnessProcess
    policy: Path


@contextmanager
def witnesses() -> Iterator[Witnesses]:
    """Run two witnesses, one for each kind of key, and publish under their policy meanwhile."""
    folder = settings.VAR / "witnesses"
    folder.mkdir(exist_ok=True, mode=0o700)
    one = WitnessProcess("witness.demo.example/one", "ed25519", folder / "one")
    two = WitnessProcess("witness.demo.example/two", "ml-dsa-44", folder / "two")
    with ExitStack() as running:
        for each in (one, two):
            running.callback(each.stop)
            each.start()
        for each in (one, two):
            each.wait_until_ready()
        policy = folder / "policy.txt"
        policy.write_text(
            f"log {get_signer('log').verifier_key}\n{one.policy_lines}{two.policy_lines}"
            f"group both all {one.name} {two.name}\nquorum both\n",
            encoding="utf-8",
        )
        running.enter_context(_published_under(policy))
        yield Witnesses(one, two, policy)


@contextmanager
def _published_under(policy: Path) -> Iterator[None]:
    """Let this process and those it starts publish under `policy`."""
    before = settings.AUDIT_POLICY_FILE
    settings.AUDIT_POLICY_FILE = os.environ["AUDIT_POLICY_FILE"] = str(policy)
    try:
        yield
    finally:
        settings.AUDIT_POLICY_FILE = before
        del os.environ["AUDIT_POLICY_FILE"]
