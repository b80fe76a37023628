"""Command line: receipt, checkpoint, consistency, log, bundle, monitor. One line is the verdict.

Exit status 0 proved, 1 refuted, 2 misuse, 3 not checked, because something could not be fetched.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from verify.bundle import verify_bundle
from verify.chain import across_periods, is_chain, verify_chain
from verify.checkpoint import SignedHead, verify_checkpoint
from verify.errors import Contradiction, Unavailable, VerificationError
from verify.log import LogReport, Progress, verify_log
from verify.monitor import Follower, Sighting
from verify.note import MAX_NOTE_BYTES
from verify.options import Misuse, add_access, add_trust, policy_of, source_of
from verify.policy import NONE, Policy, Witnessed
from verify.receipt import HEADER, MAX_RECEIPT_BYTES, parse_receipt, verify_receipt
from verify.source import read_checkpoint
from verify.tile import MAX_ENTRY_BYTES
from verify.tree import Fork, Tiles, check_continuation

PROVED, REFUTED, MISUSE, NOT_CHECKED = range(4)
INTERRUPTED = 130
_LONGEST_SECONDS = 10 * 365 * 86_400
_NO_TRUTH = "that entries tell the truth, or that everything was recorded"
_NO_CONTENTS = "what the entries say: their hashes were checked, the entries were not read"
_NO_VIEW = (
    "that nobody was shown another log: compare checkpoints with others, or ask for witnesses "
    "with --policy"
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one check and print one line that says what is proved."""
    options = _parser().parse_args(arguments)
    return run(options.run, options)


def run(command: Callable[[argparse.Namespace, Policy], int], options: argparse.Namespace) -> int:
    """Run a command and return its exit status; whatever goes wrong is said in one line."""
    try:
        return command(options, policy_of(options))
    except Misuse as error:
        sys.stderr.write(f"{error}\n")
        return MISUSE
    except VerificationError as error:
        return _say_not(error)
    except OSError as error:
        sys.stderr.write(f"{error.filename}: {error.strerror}\n")
        return MISUSE
    except KeyboardInterrupt:
        return INTERRUPTED


def _say_not(error: VerificationError) -> int:
    if isinstance(error, Unavailable):
        sys.stdout.write(f"NOT CHECKED: {error}.\n")
        return NOT_CHECKED
    if isinstance(error, Contradiction):
        kept = f", kept in {error.folder}" if error.folder else ""
        sys.stdout.write(f"CONTRADICTION: {error}. The log signed both of these{kept}:\n\n")
        sys.stdout.write(f"{error.kept.decode()}\n{error.seen.decode()}")
    else:
        sys.stdout.write(f"REFUTED: {error}.\n")
    return REFUTED


def _receipt(options: argparse.Namespace, policy: Policy) -> int:
    entry = _read(options.entry, MAX_ENTRY_BYTES) if options.entry else None
    content = _read(options.file, MAX_RECEIPT_BYTES)
    proved = verify_receipt(content, across_periods(policy), entry)
    signed = proved.signed
    return _say(
        f"{_describe(proved.entry)} is entry {proved.index} of the {signed.head.size} in the log "
        f"{signed.head.origin}, {_signed(signed)}.",
        _NO_TRUTH,
        policy,
    )


def _bundle(options: argparse.Namespace, policy: Policy) -> int:
    report = verify_bundle(options.file, across_periods(policy))
    return _say(f"{report.proved}.", report.not_proved, policy)


def _checkpoint(options: argparse.Namespace, policy: Policy) -> int:
    if options.file.startswith(("http://", "https://")):
        note = read_checkpoint(source_of(options, options.file))
    else:
        note = _read(Path(options.file), MAX_NOTE_BYTES)
    signed = across_periods(policy).check(
        note, now=_now() if options.max_age else None, max_age=_age(options)
    )
    return _say(
        f"the log {signed.head.origin} had {signed.head.size} entries and the root "
        f"{signed.head.root.hex()}, {_signed(signed)}.",
        "that the log behind it is sound (python -m verify log)",
        policy,
    )


def _consistency(options: argparse.Namespace, policy: Policy) -> int:
    policy = across_periods(policy)
    keys = Policy(policy.logs)
    notes = [_note_in(_read(path, MAX_RECEIPT_BYTES)) for path in options.checkpoints]
    heads = [verify_checkpoint(note, keys).head for note in notes]
    source = source_of(options, options.log)
    present = read_checkpoint(source)
    newest = verify_checkpoint(present, policy)
    tiles = Tiles(source, newest.head.size)
    for note, head in zip(notes, heads, strict=True):
        try:
            check_continuation(tiles, old=head, new=newest.head)
        except Fork as fork:
            raise Contradiction(str(fork), kept=note, seen=present) from fork
    sizes = ", ".join(str(head.size) for head in heads)
    return _say(
        f"the log at {options.log}, of {newest.head.size} entries, continues the checkpoints of "
        f"size {sizes}; nothing before them was changed; {_signed(newest)}.",
        "what was added since, or what the entries say",
        policy,
    )


def _note_in(content: bytes) -> bytes:
    """Return a checkpoint, or that in a receipt: whoever holds either can compare them."""
    return parse_receipt(content).checkpoint if content.startswith(HEADER.encode()) else content


def _log(options: argparse.Namespace, policy: Policy) -> int:
    started = time.monotonic()
    source = source_of(options, options.log)
    if is_chain(source):
        return _chain(options, policy)
    report = verify_log(source, policy, contents=options.contents, progress=_progress())
    return _say(
        f"{_extent(report)} at {options.log} are those of the log {report.signed.head.origin}, "
        f"root {report.signed.head.root.hex()}, {_signed(report.signed)}; checked in "
        f"{time.monotonic() - started:.1f} s.",
        _NO_TRUTH if report.contents else _NO_CONTENTS,
        policy,
    )


def _chain(options: argparse.Namespace, policy: Policy) -> int:
    source = source_of(options, options.log)
    report = verify_chain(source, policy, contents=options.contents, progress=_progress())
    logs = "; ".join(
        f"{_extent(each)} are those of the log {each.signed.head.origin}, {_signed(each.signed)}"
        for each in report.logs
    )
    links = (
        "each log begins with the hash of the one before it"
        if report.linked
        else ("whether the logs continue one another was not checked, since entries were not read")
    )
    return _say(
        f"at {options.log}, {logs}; {links}.",
        _NO_TRUTH if report.linked else _NO_CONTENTS,
        policy,
    )


def run_monitor(options: argparse.Namespace, policy: Policy) -> int:
    """Follow the log, once, or for as long as it does not contradict itself."""
    source = source_of(options, options.url)
    watch = Follower(source, policy, options.state, contents=options.contents)
    while True:
        status = _look(watch, options)
        if not options.every:
            return status
        time.sleep(options.every)


def _look(watch: Follower, options: argparse.Namespace) -> int:
    now = _now()
    sys.stdout.write(f"{now:%Y-%m-%dT%H:%M:%SZ} ")
    try:
        sightings = watch.look(now=now, max_age=_age(options))
    except Contradiction:
        raise  # it ends the watch
    except VerificationError as error:
        status = _say_not(error)
    else:
        sys.stdout.write(f"PROVED: {'; '.join(map(_seen, sightings))}.\n")
        status = PROVED
    sys.stdout.flush()
    return status


def _seen(sighting: Sighting) -> str:
    head = sighting.signed.head
    since = "first seen now" if sighting.before is None else f"continues that of {sighting.before}"
    entries = (
        f"entries up to {sighting.entries} were read and give it"
        if sighting.contents
        else "entries were not read"
    )
    return f"{head.origin} of {head.size} entries, {since}; {entries}"


def add_monitor_arguments(parser: argparse.ArgumentParser, *, state: Path | None = None) -> None:
    """Take what the monitor needs; `state` is where it remembers unless told."""
    parser.add_argument("url", help="address of the log, or a folder with it")
    parser.add_argument(
        "--state",
        type=Path,
        default=state,
        required=state is None,
        help="folder in which the monitor remembers",
    )
    often = parser.add_mutually_exclusive_group()
    often.add_argument("--once", action="store_true", help="look once, which is the default")
    often.add_argument("--every", type=_seconds, metavar="SECONDS", help="look again and again")
    _add_age(parser)
    add_access(parser)
    add_trust(parser)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m verify",
        description="Check the exchange's log and receipts without the exchange.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    receipt = commands.add_parser("receipt", help="an entry stands in the log")
    receipt.add_argument("file", type=Path, help="the receipt (.tlog-proof)")
    receipt.add_argument("--entry", type=Path, help="the entry's exact bytes, if not enclosed")
    receipt.set_defaults(run=_receipt)
    checkpoint = commands.add_parser("checkpoint", help="a checkpoint is signed and witnessed")
    checkpoint.add_argument("file", help="the checkpoint, or the address of the log")
    _add_age(checkpoint)
    checkpoint.set_defaults(run=_checkpoint)
    consistency = commands.add_parser("consistency", help="the log continues earlier checkpoints")
    consistency.add_argument("checkpoints", type=Path, nargs="+", help="checkpoints kept earlier")
    consistency.add_argument("--log", required=True, help="folder or address of the log")
    consistency.set_defaults(run=_consistency)
    log = commands.add_parser("log", help="a whole log, or those of all periods, is sound")
    log.add_argument("log", help="folder or address with checkpoint and tile/, or that above it")
    add_access(log)
    log.set_defaults(run=_log)
    bundle = commands.add_parser("bundle", help="an evidence bundle is whole and holds")
    bundle.add_argument("file", type=Path, help="the bundle (.zip)")
    bundle.set_defaults(run=_bundle)
    for command in (receipt, checkpoint, consistency, log, bundle):
        add_trust(command)
    watch = commands.add_parser("monitor", help="follow a log from outside")
    add_monitor_arguments(watch)
    watch.set_defaults(run=run_monitor)
    return parser


def _add_age(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--max-age",
        type=_seconds,
        metavar="SECONDS",
        help="refuse a checkpoint that witnesses (or its log, without any) dated longer ago",
    )


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds <= _LONGEST_SECONDS:
        raise ValueError
    return seconds


def _age(options: argparse.Namespace) -> timedelta | None:
    return timedelta(seconds=options.max_age) if options.max_age else None


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251  the command line is where the clock is read


def _read(path: Path, limit: int) -> bytes:
    """Return a file, cut where it is longer than anything that can be right."""
    with path.open("rb") as file:
        return file.read(limit + 1)


def _say(proved: str, not_proved: str, policy: Policy) -> int:
    if policy.quorum == NONE:
        not_proved += f"; {_NO_VIEW}"
    sys.stdout.write(f"PROVED: {proved} Not proved: {not_proved}.\n")
    return PROVED


def _signed(signed: SignedHead) -> str:
    """Say who signed, and when by their own clocks."""
    text = "signed with the given key"
    if signed.signed_at:
        text += f" at {signed.signed_at:%Y-%m-%d %H:%M:%S} UTC by its own clock"
    if isinstance(signed, Witnessed) and signed.cosignatures:
        text += ", cosigned by " + ", ".join(
            f"{each.cosigner.name} at {each.at:%Y-%m-%d %H:%M:%S} UTC"
            for each in signed.cosignatures
        )
    return text


def _extent(report: LogReport) -> str:
    return f"all {report.entries} {'entries' if report.contents else 'leaf hashes'}"


def _describe(entry: bytes) -> str:
    """Name an entry by what it says about itself, as far as it does."""
    try:
        document = json.loads(entry)
        kind, identity, time_stamp = document["type"], document["id"], document["ts"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return f"a record of {len(entry)} bytes"
    words = f"{kind} {identity} of {time_stamp}"
    return words if words.isprintable() else f"a record of {len(entry)} bytes"


def _progress() -> Progress | None:
    if not sys.stderr.isatty():
        return None

    def show(done: int, total: int) -> None:
        sys.stderr.write(f"\r{done:,} of {total:,} entries" + ("\n" if done == total else ""))

    return show
