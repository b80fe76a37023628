"""The command line of a witness."""

import os
import signal
import sqlite3
import sys
import threading
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from verify.errors import VerificationError
from verify.note import check_name

from .keys import ALGORITHMS, KeyUnusable, WitnessKey, load_key
from .logs import KnownLogs
from .serving import WitnessServer, application_of
from .state import Evidence, Kind, State
from .witness import Witness

STATE_FILE = "witness.sqlite3"
_WORDS = {
    Kind.FORK: "FORK: the log signed two trees of one size",
    Kind.DOUBT: "DOUBT: the log signed this, but the proof sent with it did not hold",
}


def add_arguments(parser: ArgumentParser) -> None:
    """Declare what a witness is told."""
    parser.add_argument("--name", required=True, help="its name, e.g. witness.example/w1")
    parser.add_argument(
        "--log", nargs="+", action="extend", default=[], metavar="VKEY",
        help="verifier key of a log to know; several for one log while it changes its key",
    )  # fmt: skip
    parser.add_argument(
        "--following-years", action="store_true",
        help="a key of PREFIX/2026 also speaks for PREFIX/2027 and later",
    )  # fmt: skip
    parser.add_argument("--state", required=True, type=Path, help="folder for keys and state")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8700, help="0 takes a free one")
    parser.add_argument("--url", default="", help="how others reach it; default: host and port")
    parser.add_argument("--key-type", choices=[*ALGORITHMS, "both"], default="ed25519")
    parser.add_argument(
        "--policy", action="store_true", help="print the keys and lines for a policy, and end"
    )
    parser.add_argument(
        "--evidence", action="store_true",
        help="print what is held against logs, and end: 0 nothing, 1 a fork, 3 doubts only",
    )  # fmt: skip
    parser.add_argument("--leash", action="store_true", help="end when the standard input closes")


def run(options: Namespace, *, out: TextIO, err: TextIO) -> int:
    """Do what the command line says; return the exit status."""
    try:
        check_name(options.name)
        logs = KnownLogs.parse(options.log, following_years=options.following_years)
        options.state.mkdir(parents=True, exist_ok=True, mode=0o700)
        kinds = list(ALGORITHMS) if options.key_type == "both" else [options.key_type]
        keys = [load_key(options.state, options.name, kind) for kind in kinds]
        state = State(options.state / STATE_FILE)
    except (VerificationError, KeyUnusable, OSError, sqlite3.Error) as error:
        err.write(f"The witness cannot start: {error}\n")
        return 2
    try:
        if options.evidence:
            return _print_evidence(state.evidence(), out)
        if options.policy:
            url = options.url or _url(options.host, options.port)
            out.write(policy_lines(options.name, keys, url))
            return 0
        if not logs.keys:
            err.write("The witness cannot start: it knows no log; give --log VKEY\n")
            return 2

        def report(evidence: Evidence) -> None:
            err.write(write_evidence(evidence))
            err.flush()

        return _serve(Witness(keys, logs, state, time.time, report), options, out, err)
    finally:
        state.close()


def policy_lines(name: str, keys: Sequence[WitnessKey], url: str) -> str:
    """Return the lines that name this witness in a policy; two keys make one witness."""
    if len(keys) == 1:
        return f"witness {name} {keys[0].vkey} {url}\n"
    names = [f"{name}/{kind}" for kind in ALGORITHMS]
    lines = [f"witness {each} {key.vkey} {url}\n" for each, key in zip(names, keys, strict=True)]
    return "".join(lines) + f"group {name} any {' '.join(names)}\n"


def write_evidence(evidence: Evidence) -> str:
    """Return both notes, as they were signed, with what they prove."""
    when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(evidence.at))
    return (
        f"{_WORDS[evidence.kind]}: {evidence.head.origin}, size {evidence.head.size}, {when}\n"
        f"--- received\n{evidence.note.decode()}"
        f"--- cosigned before\n{evidence.against.decode()}"
        "---\n"
    )


def main() -> int:
    """Run from the command line."""
    parser = ArgumentParser(prog="python3 -m audit.witness", description="Run a witness of logs.")
    add_arguments(parser)
    return run(parser.parse_args(), out=sys.stdout, err=sys.stderr)


def _serve(witness: Witness, options: Namespace, out: TextIO, err: TextIO) -> int:
    try:
        server = WitnessServer(options.host, options.port, application_of(witness))
    except (OSError, OverflowError) as error:
        err.write(f"The witness cannot listen on {options.host}, port {options.port}: {error}\n")
        return 2
    url = options.url or _url(options.host, server.server_port)
    out.write(policy_lines(options.name, witness.keys, url))
    out.write(f"Witness {options.name} listens on {_url(options.host, server.server_port)}\n")
    out.flush()

    def stop(*_signal: object) -> None:
        threading.Thread(target=server.shutdown, daemon=True).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    if options.leash:
        threading.Thread(target=_wait_for_the_end, args=(stop,), daemon=True).start()
    with server:
        server.serve_forever()
    return 0


def _wait_for_the_end(stop: Callable[[], None]) -> None:
    """Stop when whoever holds the other end of the standard input is gone."""
    with suppress(OSError):
        while os.read(0, 4096):
            pass
    stop()


def _print_evidence(held: Sequence[Evidence], out: TextIO) -> int:
    out.writelines(map(write_evidence, held))
    if not held:
        out.write("Nothing is held against any log.\n")
        return 0
    return 1 if any(evidence.kind is Kind.FORK for evidence in held) else 3


def _url(host: str, port: int) -> str:
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"
