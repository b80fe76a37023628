"""Command line: receipt, log, consistency. Exit status 0 proved, 1 refuted, 2 misuse."""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from verify.checkpoint import verify_checkpoint
from verify.errors import VerificationError
from verify.log import Progress, verify_log
from verify.note import Verifier, parse_vkey
from verify.receipt import verify_receipt

_NOT_PROVED = (
    "Not proved: that the entry tells the truth, that everything was recorded, or that nobody "
    "was shown another log; for the last, compare checkpoints with others."
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one check and print one line that says what is proved."""
    options = _parser().parse_args(arguments)
    try:
        log = parse_vkey(_key(options.key))
    except (VerificationError, OSError) as error:
        sys.stderr.write(f"--key: {error}\n")
        return 2
    try:
        line = options.run(options, log)
    except VerificationError as error:
        sys.stdout.write(f"REFUTED: {error}.\n")
        return 1
    except OSError as error:
        sys.stderr.write(f"{error.filename}: {error.strerror}\n")
        return 2
    sys.stdout.write(f"PROVED: {line} {_NOT_PROVED}\n")
    return 0


def _receipt(options: argparse.Namespace, log: Verifier) -> str:
    entry = options.entry.read_bytes() if options.entry else None
    proved = verify_receipt(options.file.read_bytes(), log, entry)
    head = proved.head
    return (
        f"{_describe(proved.entry)} is entry {proved.index} of the {head.size} in the log "
        f"{head.origin}, signed with the given key{_dated(proved.signed_at)}."
    )


def _log(options: argparse.Namespace, log: Verifier) -> str:
    started = time.monotonic()
    report = verify_log(options.folder, log, progress=_progress())
    return (
        f"all {report.entries} entries under {options.folder} are those of the log "
        f"{report.signed.head.origin}, root {report.signed.head.root.hex()}, signed with the given "
        f"key{_dated(report.signed.signed_at)}; checked in {time.monotonic() - started:.1f} s."
    )


def _consistency(options: argparse.Namespace, log: Verifier) -> str:
    heads = [verify_checkpoint(path.read_bytes(), log).head for path in options.checkpoints]
    report = verify_log(options.log, log, earlier=heads, progress=_progress())
    sizes = ", ".join(str(head.size) for head in heads)
    return (
        f"the log under {options.log}, of {report.entries} entries, continues the checkpoints of "
        f"size {sizes}; nothing before them was changed."
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m verify",
        description="Check the exchange's log and receipts without the exchange.",
    )
    commands = parser.add_subparsers(required=True, metavar="receipt | log | consistency")
    receipt = commands.add_parser("receipt", help="an entry stands in the log")
    receipt.add_argument("file", type=Path, help="the receipt (.tlog-proof)")
    receipt.add_argument("--entry", type=Path, help="the entry's exact bytes, if not enclosed")
    receipt.set_defaults(run=_receipt)
    log = commands.add_parser("log", help="a copy of the whole log is complete and unchanged")
    log.add_argument("folder", type=Path, help="folder with checkpoint and tile/")
    log.set_defaults(run=_log)
    consistency = commands.add_parser("consistency", help="the log continues earlier checkpoints")
    consistency.add_argument("checkpoints", type=Path, nargs="+", help="checkpoints kept earlier")
    consistency.add_argument("--log", type=Path, required=True, help="folder with the log's copy")
    consistency.set_defaults(run=_consistency)
    for command in (receipt, log, consistency):
        command.add_argument(
            "--key", required=True, help="the log's verifier key, name+id+key, or a file with it"
        )
    return parser


def _key(text: str) -> str:
    return text if "+" in text else Path(text).read_text(encoding="utf-8", errors="replace").strip()


def _describe(entry: bytes) -> str:
    """Name an entry by what it says about itself, as far as it does."""
    try:
        document = json.loads(entry)
        kind, identity, time_stamp = document["type"], document["id"], document["ts"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return f"a record of {len(entry)} bytes"
    words = f"{kind} {identity} of {time_stamp}"
    return words if words.isprintable() else f"a record of {len(entry)} bytes"


def _dated(at: datetime | None) -> str:
    return f" at {at:%Y-%m-%d %H:%M:%S} UTC by its own clock" if at else ""


def _progress() -> Progress | None:
    if not sys.stderr.isatty():
        return None

    def show(done: int, total: int) -> None:
        sys.stderr.write(f"\r{done:,} of {total:,} entries" + ("\n" if done == total else ""))

    return show


if __name__ == "__main__":
    sys.exit(main())
